package registrar

// Forget drops the bindings of an extension whose account is gone, or has another password. The account is changed
// first, so that the phone can't register meanwhile.
func (r *Registrar) Forget(extension string) {
	r.drop(Unregistered, func(rec record) bool { return rec.Extension == extension })
}
