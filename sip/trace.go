package sip

import (
	"slices"
	"sync"

	"seatbridge/sip/dialog"
)

// How much of the past is kept for ladders.
const (
	tracedCalls    = 2000
	tracedMessages = 200 // of one call
	untracedRecent = 512 // messages that belong to no call, or to none yet
)

// Trace keeps the SIP messages of the latest calls by their Call-ID. A call is kept from its first message on, though
// it is only known to be one when a leg opens: until then messages wait in a small ring that strangers share.
type Trace struct {
	mu     sync.Mutex
	calls  map[string][]dialog.Message
	order  []string // Call-IDs, oldest first
	recent [untracedRecent]dialog.Message
	next   int
}

func newTrace() *Trace { return &Trace{calls: map[string][]dialog.Message{}} }

// open begins to keep a call.
func (t *Trace) open(callID string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, ok := t.calls[callID]; ok {
		return
	}
	messages := []dialog.Message{}
	for i := range t.recent {
		if m := t.recent[(t.next+i)%untracedRecent]; m.CallID == callID {
			messages = append(messages, m)
		}
	}
	t.calls[callID] = messages
	t.order = append(t.order, callID)
	if len(t.order) > tracedCalls {
		delete(t.calls, t.order[0])
		t.order = t.order[1:]
	}
}

// add takes a message from the wire.
func (t *Trace) add(m dialog.Message) {
	t.mu.Lock()
	defer t.mu.Unlock()
	messages, ok := t.calls[m.CallID]
	switch {
	case !ok:
		t.recent[t.next] = m
		t.next = (t.next + 1) % untracedRecent
	case len(messages) < tracedMessages:
		t.calls[m.CallID] = append(messages, m)
	}
}

// Messages returns what was kept of the given calls, in the order of time.
func (t *Trace) Messages(callIDs []string) []dialog.Message {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []dialog.Message
	for _, id := range callIDs {
		all = append(all, t.calls[id]...)
	}
	slices.SortStableFunc(all, func(a, b dialog.Message) int { return a.At.Compare(b.At) })
	return all
}
