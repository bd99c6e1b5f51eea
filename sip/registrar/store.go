package registrar

import (
	"slices"
	"time"

	"github.com/emiago/sipgo/sip"
)

// Store keeps bindings by extension. The Registrar calls it with a lock held: from one goroutine at a time.
type Store interface {
	// Get returns the bindings of an extension. They are not changed by who gets them.
	Get(extension string) []Record
	// Put replaces the bindings of an extension; none deletes it.
	Put(extension string, records []Record)
	// Each calls f for every extension until f is false. f does not change the store.
	Each(f func(extension string, records []Record) bool)
}

// Record is a binding with what only the registrar needs.
type Record struct {
	Binding
	CallID  string           // of the REGISTER
	CSeq    uint32           // of the REGISTER
	Params  sip.HeaderParams // of the Contact, to be told again in answers
	Updated time.Time        // when the phone registered last

	NextProbe time.Time // when OPTIONS is due
	Missed    int       // OPTIONS unanswered in a row
}

// memory is a Store that lives as long as the process.
type memory map[string][]Record

// NewMemory makes a Store that lives as long as the process.
func NewMemory() Store { return make(memory) }

// Get implements Store.
func (m memory) Get(extension string) []Record { return m[extension] }

// Put implements Store.
func (m memory) Put(extension string, records []Record) {
	if len(records) == 0 {
		delete(m, extension)
		return
	}
	m[extension] = slices.Clone(records)
}

// Each implements Store.
func (m memory) Each(f func(extension string, records []Record) bool) {
	for extension, records := range m {
		if !f(extension, records) {
			return
		}
	}
}
