package registrar

import (
	"cmp"
	"slices"
	"time"
)

// All are the current bindings of all extensions, by extension, then the newest first.
func (r *Registrar) All() []Binding {
	now := time.Now()
	var records []record
	r.mu.Lock()
	for _, of := range r.records {
		records = append(records, live(of, now)...)
	}
	r.mu.Unlock()
	slices.SortFunc(records, func(a, b record) int {
		return cmp.Or(cmp.Compare(a.Extension, b.Extension), b.Updated.Compare(a.Updated))
	})
	bindings := make([]Binding, len(records))
	for i, rec := range records {
		bindings[i] = rec.Binding
		bindings[i].Contact = *rec.Contact.Clone()
	}
	return bindings
}
