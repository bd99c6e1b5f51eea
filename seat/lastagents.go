package seat

// lastAgents remembers which seat took a customer's last call, for the last 50,000 to 100,000 customers. The zero value
// is ready.
type lastAgents struct {
	young, old map[string]string // user by number
}

const lastAgentsHalf = 50_000

func (l *lastAgents) put(number, user string) {
	if number == "" {
		return
	}
	if l.young == nil || len(l.young) >= lastAgentsHalf {
		l.young, l.old = map[string]string{}, l.young
	}
	l.young[number] = user
}

// get is empty where nobody is known.
func (l *lastAgents) get(number string) string {
	if user, ok := l.young[number]; ok {
		return user
	}
	return l.old[number]
}
