package rtc

import "sync"

// mailbox holds what a goroutine is still to do. Putting never blocks and nothing is dropped: what is put is bounded
// by the commands of a call and by the digits that a browser's packet budget allows.
type mailbox struct {
	ready chan struct{} // holds a value while there is something to take

	mu    sync.Mutex
	items []func()
}

func newMailbox() *mailbox { return &mailbox{ready: make(chan struct{}, 1)} }

// put adds something to do.
func (m *mailbox) put(f func()) {
	m.mu.Lock()
	m.items = append(m.items, f)
	m.mu.Unlock()
	select {
	case m.ready <- struct{}{}:
	default:
	}
}

// take takes all that is there.
func (m *mailbox) take() []func() {
	m.mu.Lock()
	defer m.mu.Unlock()
	items := m.items
	m.items = nil
	return items
}
