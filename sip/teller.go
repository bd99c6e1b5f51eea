package sip

import (
	"sync"

	"seatbridge/leg"
)

// teller makes one stream of a leg's events, which come from several goroutines, and hands it to the observer: no lock
// is held meanwhile, so the observer may call the leg.
type teller struct {
	last func() // called after Ended was told

	mu       sync.Mutex
	observer leg.Observer
	waiting  []leg.Event
	telling  bool // somebody is at it
	ended    bool
}

// event queues an event and sees to it that it is told. What comes after Ended is dropped.
func (t *teller) event(e leg.Event) {
	t.mu.Lock()
	if t.ended {
		t.mu.Unlock()
		return
	}
	_, t.ended = e.(leg.Ended)
	t.waiting = append(t.waiting, e)
	t.mu.Unlock()
	t.run()
}

// observe sets who is told, from the first event on.
func (t *teller) observe(o leg.Observer) {
	t.mu.Lock()
	t.observer = o
	t.mu.Unlock()
	t.run()
}

// run tells what waits, unless somebody else does.
func (t *teller) run() {
	for {
		t.mu.Lock()
		if t.observer == nil || t.telling || len(t.waiting) == 0 {
			t.mu.Unlock()
			return
		}
		e := t.waiting[0]
		t.waiting = t.waiting[1:]
		t.telling = true
		t.mu.Unlock()
		t.tell(e)
	}
}

func (t *teller) tell(e leg.Event) {
	defer func() { // also after a panic, which the caller's goroutine takes care of
		t.mu.Lock()
		t.telling = false
		t.mu.Unlock()
		if _, last := e.(leg.Ended); last {
			t.last()
		}
	}()
	t.observer(e)
}
