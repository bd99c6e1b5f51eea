package call

import (
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"seatbridge/bridge"
	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/media"
	"seatbridge/seat"
)

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
	ended   map[string]int // how many records there are, by session
}

// The staff of the tests: two at browsers, two at desk phones, one who may have two calls; 1030 is a phone of nobody.
func staff() []seat.Staff {
	return []seat.Staff{
		{User: "ann", Name: "Ann", Role: seat.RoleAgent, Device: seat.DeviceBrowser, Extension: "1001"},
		{User: "ben", Name: "Ben", Role: seat.RoleAgent, Device: seat.DeviceBrowser, Extension: "1002"},
		{User: "pat", Name: "Pat", Role: seat.RoleAgent, Device: seat.DevicePhone, Extension: "1010"},
		{User: "quinn", Name: "Quinn", Role: seat.RoleAgent, Device: seat.DevicePhone, Extension: "1011"},
		{User: "two", Name: "Two", Role: seat.RoleAgent, Device: seat.DevicePhone, Extension: "1020", MaxCalls: 2},
		{User: "sue", Name: "Sue", Role: seat.RoleAdministrator, Device: seat.DeviceBrowser, Extension: "1090"},
		{User: "rex", Name: "Rex", Role: seat.RoleQualityInspector, Device: seat.DevicePhone, Extension: "1091"},
		{User: "mob", Name: "Mob", Role: seat.RoleAgent, Device: seat.DeviceMobile, Mobile: "+49170111"},
		{User: "mini", Name: "Mini", Role: seat.RoleAgent, Device: seat.DeviceMiniProgram, Mobile: "+49170222"},
	}
}

func routes() Routes {
	return Routes{
		Trunks:    []Trunk{{Name: "carrier", CallerIDs: []string{"+4930100", "+4930101"}}, {Name: "spare"}},
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
			{Prefix: "+49", Trunks: []string{"carrier", "spare"}},
			{Prefix: "+49900"},
			{Prefix: "112", Trunks: []string{"carrier"}},
			{Prefix: "116117", Trunks: []string{"carrier"}},
		},
	}
}

func newGateway(t *testing.T, limits Limits) *gateway {
	t.Helper()
	return newGatewayWith(t, limits, nil, func(*Config) {})
}

// newGatewayWith has skill groups, and whatever change does to its configuration.
func newGatewayWith(t *testing.T, limits Limits, groups []seat.Group, change func(*Config)) *gateway {
	t.Helper()
	seats, err := seat.New(seat.Config{Staff: staff(), Groups: groups})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(seats.Close)
	for _, user := range seats.Users() {
		if user == "mini" { // who is logged out
			continue
		}
		if err := seats.LoggedIn(user); err != nil {
			t.Fatal(err)
		}
	}
	g := &gateway{
		t: t, seats: seats, dialer: &fakeDialer{offline: map[string]bool{}}, watch: &watch{},
		registry: prometheus.NewRegistry(), bridges: map[string]*fakeBridge{}, ended: map[string]int{},
	}
	config := Config{
		Routes: routes(), Seats: seats, Dialer: g.dialer, NewBridge: g.newBridge, Limits: limits,
		Sounds:  Sounds{Ringback: new(media.Clip), Hold: new(media.Clip)},
		Metrics: NewMetrics(g.registry), Log: slog.New(slog.DiscardHandler),
	}
	change(&config)
	told := config.Ended
	config.Ended = func(r Record) {
		g.mu.Lock()
		g.ended[r.SessionID]++
		g.mu.Unlock()
		if told != nil {
			told(r)
		}
	}
	g.Manager, err = New(config)
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
		l.kind, l.remote, in.Account, in.From = leg.KindPhone, account, account, leg.Identity{Number: account}
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
	for _, info := range g.Recent() {
		if n := g.ended[info.ID]; n != 1 {
			g.t.Errorf("session %s has %d records, want 1", info.ID, n)
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
