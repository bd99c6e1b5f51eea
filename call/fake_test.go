package call

import (
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"seatbridge/bridge"
	"seatbridge/codec"
	"seatbridge/dtmf"
	"seatbridge/leg"
	"seatbridge/media"
	"seatbridge/seat"
)

// latency is how long a fake leg takes for anything.
const latency = 20 * time.Millisecond

// fakeLeg is a leg whose far end the test plays. Like a real one it answers Hangup with Ended, Accept and Pickup with
// Answered, and its events come from goroutines of its own.
type fakeLeg struct {
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
	panicOn  string // the method that panics
}

func (l *fakeLeg) ID() string       { return l.id }
func (l *fakeLeg) Kind() leg.Kind   { return l.kind }
func (l *fakeLeg) Port() media.Port { return media.Port{} }
func (l *fakeLeg) Info() leg.Info {
	return leg.Info{ID: l.id, Kind: l.kind, Remote: "remote of " + l.id}
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

// unanswered ends the leg unless it was answered: a Dial's Timeout.
func (l *fakeLeg) unanswered() {
	l.mu.Lock()
	answered := l.answered
	l.mu.Unlock()
	if !answered {
		l.end(leg.Cause{Reason: leg.NoAnswer})
	}
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
		l.kind = leg.KindPhone
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

// gateway is a Manager among fakes.
type gateway struct {
	*Manager
	t        *testing.T
	seats    *seat.Directory
	dialer   *fakeDialer
	watch    *watch
	registry *prometheus.Registry
	incoming []*fakeLeg
	calls    int

	mu      sync.Mutex
	bridges map[string]*fakeBridge
}

// The staff of the tests: two at browsers, two at desk phones, one who may have two calls; 1030 is a phone of nobody.
func staff() []seat.Staff {
	return []seat.Staff{
		{User: "ann", Name: "Ann", Role: seat.RoleAgent, Device: seat.DeviceBrowser, Extension: "1001"},
		{User: "ben", Name: "Ben", Role: seat.RoleAgent, Device: seat.DeviceBrowser, Extension: "1002"},
		{User: "pat", Name: "Pat", Role: seat.RoleAgent, Device: seat.DevicePhone, Extension: "1010"},
		{User: "quinn", Name: "Quinn", Role: seat.RoleAgent, Device: seat.DevicePhone, Extension: "1011"},
		{User: "two", Name: "Two", Role: seat.RoleAgent, Device: seat.DevicePhone, Extension: "1020", MaxCalls: 2},
		{User: "mob", Name: "Mob", Role: seat.RoleAgent, Device: seat.DeviceMobile, Mobile: "+49170111"},
		{User: "mini", Name: "Mini", Role: seat.RoleAgent, Device: seat.DeviceMiniProgram},
	}
}

func routes() Routes {
	return Routes{
		Numbering: Numbering{National: "+49"},
		Inbound: []InboundRule{
			{Number: "+4930100", User: "ann"},
			{Number: "+4930101", Extension: "1010"},
			{Number: "+4930102", Extension: "1030"},
			{Number: "+4930103", Outside: "+4989555"},
			{Number: "+4930104", User: "mob", Ring: 10 * time.Second},
			{Number: "+4930105", User: "mini"},
			{Number: "+4930106", User: "ben"},
			{Number: "+4930107", Extension: "1020"},
		},
		Outbound: []OutboundRule{
			{Prefix: "+49", Trunks: []string{"carrier", "spare"}, CallerIDs: []string{"+4930100", "+4930101"}},
			{Prefix: "+49900"},
			{Prefix: "112", Trunks: []string{"carrier"}},
			{Prefix: "116117", Trunks: []string{"carrier"}},
		},
	}
}

func newGateway(t *testing.T, limits Limits) *gateway {
	t.Helper()
	seats, err := seat.New(staff())
	if err != nil {
		t.Fatal(err)
	}
	g := &gateway{
		t: t, seats: seats, dialer: &fakeDialer{offline: map[string]bool{}}, watch: &watch{},
		registry: prometheus.NewRegistry(), bridges: map[string]*fakeBridge{},
	}
	g.Manager, err = New(Config{
		Routes: routes(), Seats: seats, Dialer: g.dialer, NewBridge: g.newBridge, Sounds: Sounds{Ringback: new(media.Clip), Hold: new(media.Clip)}, Limits: limits,
		Metrics: NewMetrics(g.registry), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	g.Watch(g.watch)
	return g
}

func (g *gateway) newBridge(session string) Bridge {
	g.mu.Lock()
	defer g.mu.Unlock()
	b := &fakeBridge{parties: map[bridge.PartyID]bool{}}
	g.bridges[session] = b
	return b
}

func (g *gateway) bridge(session string) *fakeBridge {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.bridges[session]
}

// call comes in: from a trunk where account is empty, else from that phone.
func (g *gateway) call(account, to string) (*fakeLeg, *leg.Cause) {
	g.t.Helper()
	g.calls++
	l := &fakeLeg{id: "in-" + string(rune('a'+g.calls%26)) + time.Now().Format("150405.000000000"), kind: leg.KindTrunk}
	in := leg.Incoming{Leg: l, To: to, Codecs: []codec.ID{codec.PCMA, codec.PCMU}}
	if account == "" {
		in.Trunk, in.From = "carrier", leg.Identity{Number: "+4940123", Name: "Customer"}
	} else {
		l.kind, in.Account, in.From = leg.KindPhone, account, leg.Identity{Number: account}
	}
	o, cause := g.Incoming(in)
	if cause != nil {
		return l, cause
	}
	l.mu.Lock()
	l.observer = o
	l.mu.Unlock()
	g.incoming = append(g.incoming, l)
	synctest.Wait()
	return l, nil
}

// legs are all that the gateway ever had.
func (g *gateway) legs() []*fakeLeg {
	g.dialer.mu.Lock()
	defer g.dialer.mu.Unlock()
	return slices.Concat(g.incoming, g.dialer.legs)
}

// only is the one session that goes on.
func (g *gateway) only() Info {
	g.t.Helper()
	all := g.Sessions("")
	if len(all) != 1 {
		g.t.Fatalf("%d sessions, want 1: %+v", len(all), all)
	}
	return all[0]
}

// pass lets time go by and everything that happens in it happen.
func pass(d time.Duration) {
	time.Sleep(d) // in a synctest bubble
	synctest.Wait()
}

// settle checks that nothing is left: every leg hung up and gone, bridges closed, seats free, no session, no gauge up.
func (g *gateway) settle() {
	g.t.Helper()
	pass(time.Second)
	for _, l := range g.legs() {
		if _, ended := l.is(); !ended {
			g.t.Errorf("leg %s has not ended; it was asked %v", l.id, l.asked)
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for id, b := range g.bridges {
		if !b.closed {
			g.t.Errorf("the bridge of session %s is open", id)
		}
	}
	for _, user := range g.seats.Users() {
		if s, _ := g.seats.State(user); len(s.Sessions) > 0 {
			g.t.Errorf("%s still holds %v", user, s.Sessions)
		}
	}
	if left := len(g.all()); left > 0 {
		g.t.Errorf("%d sessions are left", left)
	}
	g.gaugesAreDown()
}

func (g *gateway) gaugesAreDown() {
	g.t.Helper()
	families, err := g.registry.Gather()
	if err != nil {
		g.t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if v := m.GetGauge().GetValue(); v != 0 {
				g.t.Errorf("%s %v is %v", f.GetName(), m.GetLabel(), v)
			}
		}
	}
}
