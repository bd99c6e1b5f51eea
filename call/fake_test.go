package call

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"seatbridge/bridge"
	"seatbridge/codec"
	"seatbridge/dtmf"
	"seatbridge/leg"
	"seatbridge/media"
)

// latency is how long a fake leg takes for anything.
const latency = 20 * time.Millisecond

// fakeLeg is a leg whose far end the test plays. Like a real one it answers Hangup with Ended, Accept and Pickup with
// Answered, and its events come from goroutines of its own.
type fakeLeg struct {
	port     media.Port
	id       string
	kind     leg.Kind
	dial     leg.Dial // of a called leg
	pickable bool     // Pickup works
	stuck    bool     // never says Ended after a Hangup

	mu       sync.Mutex
	observer leg.Observer
	asked    []string // the methods that were called, in order
	hangups  []leg.Cause
	digits   []string
	early    bool
	answered bool
	ended    bool
	remote   string // the phone, where it has several legs
	packets  uint64 // of sound that came from it
	panicOn  string // the method that panics
}

func (l *fakeLeg) ID() string       { return l.id }
func (l *fakeLeg) Kind() leg.Kind   { return l.kind }
func (l *fakeLeg) Port() media.Port { return l.port }
func (l *fakeLeg) Info() leg.Info {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := leg.Info{ID: l.id, Kind: l.kind, Remote: "remote of " + l.id, CallID: "call-" + l.id}
	if l.remote != "" {
		i.Remote = l.remote
	}
	i.Receive.Packets = l.packets
	return i
}

func (l *fakeLeg) ask(method string) {
	l.mu.Lock()
	l.asked = append(l.asked, method)
	bad := l.panicOn == method
	l.mu.Unlock()
	if bad {
		panic("the fake leg was told to panic in " + method)
	}
}

func (l *fakeLeg) Ring()                    { l.ask("ring") }
func (l *fakeLeg) Progress(prefer codec.ID) { l.ask("progress " + prefer.Name()) }
func (l *fakeLeg) Accept(prefer codec.ID) {
	l.ask("accept " + prefer.Name())
	l.later(func() { l.answer(prefer) })
}

func (l *fakeLeg) Pickup() bool {
	l.ask("pickup")
	if l.pickable {
		l.later(func() { l.answer(codec.Opus) })
	}
	return l.pickable
}

func (l *fakeLeg) SendDigits(digits []dtmf.Event, length, gap time.Duration) {
	l.ask("digits")
	var text []byte
	for _, d := range digits {
		text = append(text, d.Digit())
	}
	l.mu.Lock()
	l.digits = append(l.digits, string(text))
	l.mu.Unlock()
	time.AfterFunc(time.Duration(len(digits))*(length+gap), func() { l.event(leg.DigitsSent{OK: true}) })
}

func (l *fakeLeg) Hold(on bool) { l.ask(fmt.Sprintf("hold %v", on)) }

func (l *fakeLeg) Hangup(c leg.Cause) {
	l.mu.Lock()
	l.hangups = append(l.hangups, c)
	stuck := l.stuck
	l.mu.Unlock()
	l.ask("hangup")
	if !stuck {
		l.later(func() { l.end(c) })
	}
}

func (l *fakeLeg) later(do func()) { time.AfterFunc(latency, do) }

// event tells an event, unless the leg has ended.
func (l *fakeLeg) event(e leg.Event) {
	l.mu.Lock()
	o, ended := l.observer, l.ended
	l.mu.Unlock()
	if !ended && o != nil {
		o(e)
	}
}

func (l *fakeLeg) ring() { l.event(leg.Ringing{}) }

func (l *fakeLeg) earlyMedia(c codec.ID) {
	l.mu.Lock()
	l.early = true
	l.mu.Unlock()
	l.event(leg.EarlyMedia{Codec: c})
}

func (l *fakeLeg) answer(c codec.ID) {
	l.mu.Lock()
	again := l.answered || l.ended
	l.answered = true
	l.mu.Unlock()
	if !again {
		l.event(leg.Answered{Codec: c})
	}
}

func (l *fakeLeg) end(c leg.Cause) {
	l.mu.Lock()
	again, o := l.ended, l.observer
	l.ended = true
	l.mu.Unlock()
	if !again && o != nil {
		o(leg.Ended{Cause: c})
	}
}

// hangsUp is the party's own hang-up.
func (l *fakeLeg) hangsUp() { l.end(leg.Cause{Reason: leg.Normal, Remote: true}) }

// unanswered ends the leg unless it was answered: a Dial's Timeout.
func (l *fakeLeg) unanswered() {
	l.mu.Lock()
	answered := l.answered
	l.mu.Unlock()
	if !answered {
		l.end(leg.Cause{Reason: leg.NoAnswer})
	}
}

// sounds has sound come from the party.
func (l *fakeLeg) sounds() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.packets++
}

// is says whether the leg was answered and whether it has ended.
func (l *fakeLeg) is() (answered, ended bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.answered, l.ended
}

func (l *fakeLeg) wasAsked(method string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Contains(l.asked, method)
}

// why is the Cause of the leg's one Hangup.
func (l *fakeLeg) why(t *testing.T) leg.Cause {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.hangups) != 1 {
		t.Fatalf("leg %s was hung up %d times, want once", l.id, len(l.hangups))
	}
	return l.hangups[0]
}

func (l *fakeLeg) sentDigits() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.digits)
}

// fakeDialer makes fake legs and keeps them.
type fakeDialer struct {
	mu      sync.Mutex
	legs    []*fakeLeg
	offline map[string]bool // destinations with nobody there: their legs end before Dial returns
	stuck   bool
	panics  bool
	forget  bool // legs forget their Timeout
}

func name(d leg.Destination) string { return d.Extension + d.User + d.Number }

func (f *fakeDialer) Dial(d leg.Dial, o leg.Observer) leg.Leg {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.panics {
		panic("the fake dialer was told to panic")
	}
	l := &fakeLeg{id: d.ID, dial: d, observer: o, stuck: f.stuck, kind: leg.KindTrunk}
	switch {
	case d.To.User != "":
		l.kind, l.pickable = leg.KindBrowser, true
	case d.To.Extension != "":
		l.kind, l.remote = leg.KindPhone, d.To.Extension
	}
	f.legs = append(f.legs, l)
	if f.offline[name(d.To)] {
		l.end(leg.Cause{Reason: leg.Unavailable})
	} else if d.Timeout > 0 && !f.forget {
		time.AfterFunc(d.Timeout, l.unanswered)
	}
	return l
}

// leg is the one that was dialled last to a destination, or nil.
func (f *fakeDialer) leg(to string) *fakeLeg {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, l := range slices.Backward(f.legs) {
		if name(l.dial.To) == to {
			return l
		}
	}
	return nil
}

// fakeBridge keeps the table in force.
type fakeBridge struct {
	mu      sync.Mutex
	parties map[bridge.PartyID]bool
	table   bridge.Table
	closed  bool
	panics  bool
}

func (b *fakeBridge) Add(id bridge.PartyID, _ media.Port) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.parties[id] = true
}

func (b *fakeBridge) Remove(id bridge.PartyID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.parties, id)
}

func (b *fakeBridge) Apply(t bridge.Table) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.panics {
		panic("the fake bridge was told to panic")
	}
	b.table = maps.Clone(t)
}

func (b *fakeBridge) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed, b.table = true, nil
}

// hears is what a party's row holds.
func (b *fakeBridge) hears(id string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var ids []string
	for _, s := range b.table[bridge.PartyID(id)].Speakers {
		ids = append(ids, string(s))
	}
	return ids
}

func (b *fakeBridge) sound(id string) *media.Clip {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.table[bridge.PartyID(id)].Sound
}

// watch keeps all events.
type watch struct {
	mu     sync.Mutex
	events []Event
	panics bool
}

func (w *watch) CallEvent(e Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, e)
	if w.panics {
		panic("the watcher was told to panic")
	}
}

// of are the types of the events that a user was told, in order.
func (w *watch) of(user string) []EventType {
	w.mu.Lock()
	defer w.mu.Unlock()
	var types []EventType
	for _, e := range w.events {
		if e.User == user {
			types = append(types, e.Type)
		}
	}
	return types
}

func (w *watch) last(t *testing.T, user string, what EventType) Event {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range slices.Backward(w.events) {
		if e.User == user && e.Type == what {
			return e
		}
	}
	t.Fatalf("%s was told no %s", user, what)
	return Event{}
}
