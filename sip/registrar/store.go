package registrar

// Store keeps bindings by extension. The Registrar changes one extension at a time.
type Store interface {
	// Get returns the bindings of an extension.
	Get(extension string) []Record
	// Put replaces the bindings of an extension; none deletes it.
	Put(extension string, records []Record)
	// Each calls f for every extension until f is false.
	Each(f func(extension string, records []Record) bool)
}

// Record is a binding with what only the registrar needs.
type Record struct {
	Binding
	CallID string // of the REGISTER
	CSeq   uint32
}

// NewMemory makes a Store that lives as long as the process.
func NewMemory() Store { return nil }
