package sip

import (
	"slices"
	"sync"

	"seatbridge/sip/dialog"
)

// How much of the past is kept for ladders.
const (
	tracedLegs     = 2000
	tracedMessages = 200      // of one leg
	tracedBytes    = 64 << 20 // of all legs
	untracedRecent = 512      // messages that belong to no leg, or to none yet
)

// Trace keeps the SIP messages of the latest legs by their Call-IDs. A leg is kept from its first message on, though it
// is only known to be one when it opens: until then messages wait in a small ring that strangers share.
type Trace struct {
	mu     sync.Mutex
	calls  map[string]*tracedLeg // by Call-ID
	legs   []*tracedLeg          // oldest first
	bytes  int                   // of all messages in legs
	recent [untracedRecent]dialog.Message
	next   int
}

// tracedLeg is what a leg sent and received. It has a Call-ID for each place that was tried.
type tracedLeg struct {
	id       string
	callIDs  []string
	messages []dialog.Message
	bytes    int
}

func newTrace() *Trace { return &Trace{calls: map[string]*tracedLeg{}} }

// open begins to keep a call of a leg.
func (t *Trace) open(id, callID string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, known := t.calls[callID]; known {
		return
	}
	l := t.leg(id)
	l.callIDs = append(l.callIDs, callID)
	t.calls[callID] = l
	for i := range t.recent {
		if m := t.recent[(t.next+i)%untracedRecent]; m.CallID == callID {
			t.put(l, m)
		}
	}
	t.forget()
}

// leg finds a leg, which is one of the newest where it is known, or makes it. The caller holds mu.
func (t *Trace) leg(id string) *tracedLeg {
	for _, l := range slices.Backward(t.legs) {
		if l.id == id {
			return l
		}
	}
	l := &tracedLeg{id: id}
	t.legs = append(t.legs, l)
	return l
}

// add takes a message from the wire.
func (t *Trace) add(m dialog.Message) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l, ok := t.calls[m.CallID]
	if !ok {
		t.recent[t.next] = m
		t.next = (t.next + 1) % untracedRecent
		return
	}
	t.put(l, m)
	t.forget()
}

// put keeps a message. The caller holds mu.
func (t *Trace) put(l *tracedLeg, m dialog.Message) {
	if len(l.messages) == tracedMessages {
		return
	}
	l.messages = append(l.messages, m)
	l.bytes += len(m.Raw)
	t.bytes += len(m.Raw)
}

// forget makes room. The caller holds mu.
func (t *Trace) forget() {
	for len(t.legs) > tracedLegs || t.bytes > tracedBytes {
		for _, callID := range t.legs[0].callIDs {
			delete(t.calls, callID)
		}
		t.bytes -= t.legs[0].bytes
		t.legs = t.legs[1:]
	}
}

// Messages returns what was kept of the legs that the given calls belong to, in the order of time: also of the places
// that were tried in vain before.
func (t *Trace) Messages(callIDs []string) []dialog.Message {
	t.mu.Lock()
	defer t.mu.Unlock()
	var legs []*tracedLeg
	var all []dialog.Message
	for _, id := range callIDs {
		if l := t.calls[id]; l != nil && !slices.Contains(legs, l) {
			legs = append(legs, l)
			all = append(all, l.messages...)
		}
	}
	slices.SortStableFunc(all, func(a, b dialog.Message) int { return a.At.Compare(b.At) })
	return all
}
