package call

import (
	"errors"
	"sync"

	"seatbridge/leg"
)

// message is one thing for a session to do: a leg's event, or a command.
type message struct {
	party *party    // whose event it is
	event leg.Event // nil for a command
	do    func() error
	reply chan error // of a command; has room for one, so that answering never waits; may be nil
	must  bool       // finds room in a full mailbox
	lost  func()     // is called where the session ended before the message was taken; may be nil
}

// errLater is what a command returns that will answer by itself.
var errLater = errors.New("call: the answer follows")

// answer answers a command, once: an answer that comes after another is dropped.
func (m message) answer(err error) {
	if errors.Is(err, errLater) {
		return
	}
	select {
	case m.reply <- err: // a nil channel is never ready
	default:
	}
}

// mailbox is a bounded queue whose senders never wait. What must not be lost, the end of a leg or of the session,
// finds room beyond the limit: there are only a few of those.
type mailbox struct {
	limit int
	wake  chan struct{} // has a token while there is something to take

	mu         sync.Mutex
	queue      []message
	overflowed bool // an event found no room
	closed     bool
}

// delivery is what became of a message.
type delivery int

const (
	delivered delivery = iota
	full
	closed
)

func newMailbox(limit int) *mailbox {
	return &mailbox{limit: limit, wake: make(chan struct{}, 1)}
}

// put queues a message. Only an event that finds no room is an overflow of the mailbox: a command's sender is told and
// can try again.
func (b *mailbox) put(m message) delivery {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.closed:
		return closed
	case len(b.queue) >= b.limit && !m.must:
		b.overflowed = b.overflowed || m.event != nil
		b.wakeUp()
		return full
	}
	b.queue = append(b.queue, m)
	b.wakeUp()
	return delivered
}

func (b *mailbox) wakeUp() {
	select {
	case b.wake <- struct{}{}:
	default: // there is a token already
	}
}

// take empties the mailbox, and says whether anything was lost since the last time.
func (b *mailbox) take() (messages []message, overflowed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	messages, overflowed = b.queue, b.overflowed
	b.queue, b.overflowed = nil, false
	return messages, overflowed
}

// close refuses everything from now on, and returns what was not taken.
func (b *mailbox) close() []message {
	b.mu.Lock()
	defer b.mu.Unlock()
	left := b.queue
	b.closed, b.queue = true, nil
	return left
}
