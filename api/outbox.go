package api

import "sync"

// outbox is the bounded queue of messages to one socket.
type outbox struct {
	ready chan struct{} // has a token when there may be something to take

	mu        sync.Mutex
	messages  [][]byte
	bytes     int
	maxLength int
	maxBytes  int
	closed    bool
}

func newOutbox(maxLength, maxBytes int) *outbox {
	return &outbox{ready: make(chan struct{}, 1), maxLength: maxLength, maxBytes: maxBytes}
}

// grow makes room for n messages more, for what a socket is sent at once when it resumes.
func (o *outbox) grow(n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.maxLength += n
}

// put queues a message; it is false when the queue is full.
func (o *outbox) put(message []byte) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return true
	}
	if len(o.messages) >= o.maxLength || o.bytes+len(message) > o.maxBytes {
		return false
	}
	o.messages = append(o.messages, message)
	o.bytes += len(message)
	select {
	case o.ready <- struct{}{}:
	default:
	}
	return true
}

// take takes the oldest message.
func (o *outbox) take() ([]byte, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.messages) == 0 {
		return nil, false
	}
	m := o.messages[0]
	o.messages[0] = nil
	o.messages = o.messages[1:]
	o.bytes -= len(m)
	return m, true
}

// discard drops what waits and everything that comes.
func (o *outbox) discard() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed, o.messages, o.bytes = true, nil, 0
}
