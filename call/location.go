package call

// location is where a number is from; empty where that is not known. It is asked for once for each number of a call,
// before the call begins.
func (r *router) location(number string) string {
	for n := len(number); n > 0; n-- {
		if name, ok := r.routes.Locations[number[:n]]; ok {
			return name
		}
	}
	return ""
}
