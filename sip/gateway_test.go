package sip

import (
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/media"
	"seatbridge/sip/dialog"
	"seatbridge/sip/digest"
	"seatbridge/sip/guard"
	"seatbridge/sip/trunk"
)

var loopback = netip.MustParseAddrPort("127.0.0.1:0")

// gateway is an Endpoint under test, with call control played by the test.
type gateway struct {
	*Endpoint
	t        *testing.T
	udp, tcp string // addresses
	registry *prometheus.Registry
	incoming chan arrival
	answer   func(in leg.Incoming) *leg.Cause // whether to refuse; nil: never

	mu       sync.Mutex
	watchers []*watcher
}

// arrival is a leg that came in.
type arrival struct {
	leg.Incoming
	w *watcher
}

// Incoming hands a new leg to the test.
func (g *gateway) Incoming(in leg.Incoming) (leg.Observer, *leg.Cause) {
	if g.answer != nil {
		if cause := g.answer(in); cause != nil {
			return nil, cause
		}
	}
	w := g.watch()
	g.incoming <- arrival{in, w}
	return w.observe, nil
}

// newGateway makes an Endpoint with the phones 1001 to 1003.
func newGateway(t *testing.T, change ...func(*Config)) *gateway {
	t.Helper()
	g := &gateway{t: t, registry: prometheus.NewRegistry(), incoming: make(chan arrival, 100)}
	plenty := guard.Rate{PerSecond: 10000, Burst: 10000}
	c := Config{
		Listeners: []Listener{{Transport: "udp", Address: loopback}, {Transport: "tcp", Address: loopback}},
		Realm:     realm,
		RTP:       RTP{Addresses: []netip.Addr{loopback.Addr()}},
		Guard:     guard.Config{Stranger: plenty, Strangers: plenty, Known: plenty},
		Handler:   g, Log: slog.New(slog.DiscardHandler), Registry: g.registry, Media: media.NewMetrics(g.registry),
		times: times{dialogs: dialog.Timers{T1: testT1, T2: 8 * testT1}},
	}
	for _, extension := range []string{"1001", "1002", "1003"} {
		c.Accounts = append(c.Accounts, Account{
			Extension: extension, Secret: secretOf(extension), Codecs: []codec.ID{codec.PCMU, codec.PCMA},
		})
	}
	for _, f := range change {
		f(&c)
	}
	var err error
	if g.Endpoint, err = New(c); err != nil {
		t.Fatal(err)
	}
	g.udp, g.tcp = g.Addr("udp").String(), g.Addr("tcp").String()
	g.Start()
	t.Cleanup(g.close)
	return g
}

func secretOf(user string) digest.Secret {
	return digest.Secret{HA1: digest.HA1(digest.MD5, user, realm, password), Algorithm: digest.MD5}
}

// close ends what is left, and checks that everything was given back: each leg ended, once, and its port.
func (g *gateway) close() {
	g.settle()
	g.Close()
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, w := range g.watchers {
		w.mu.Lock()
		if w.ends != 1 || w.after > 0 {
			g.t.Errorf("leg %d: %d times Ended, %d events after it", i, w.ends, w.after)
		}
		w.mu.Unlock()
	}
	if n := g.gauge("seatbridge_rtp_port_pairs", "used"); n != 0 {
		g.t.Errorf("%v RTP ports are not given back", n)
	}
	if n := g.gauge("seatbridge_sip_dialogs", ""); n != 0 {
		g.t.Errorf("%v dialogs are left", n)
	}
	if n := g.gauge("seatbridge_sip_panics_total", ""); n != 0 {
		g.t.Errorf("%v panics", n)
	}
}

// settle waits until what was sent before has been read, such as an ACK: sipgo would open a socket for one that comes
// while its own is being closed.
func (g *gateway) settle() {
	g.Endpoint.mu.Lock()
	closing := g.closing
	g.Endpoint.mu.Unlock()
	if closing {
		return
	}
	host, _, _ := net.SplitHostPort(g.udp)
	p := newPeerAt(g.t, "last", g.udp, strings.Replace("["+host+"]", "[127.0.0.1]", host, 1))
	p.calls("x").send("OPTIONS", "")
	p.find("SIP/2.0 200")
}

// gauge reads a metric.
func (g *gateway) gauge(name, label string) float64 {
	families, err := g.registry.Gather()
	if err != nil {
		g.t.Error(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name && (label == "" || m.GetLabel()[0].GetValue() == label) {
				return m.GetGauge().GetValue() + m.GetCounter().GetValue()
			}
		}
	}
	return 0
}

func (g *gateway) watch() *watcher {
	g.mu.Lock()
	defer g.mu.Unlock()
	w := &watcher{t: g.t, events: make(chan leg.Event, 1000)}
	g.watchers = append(g.watchers, w)
	return w
}

// dial starts a leg.
func (g *gateway) dial(d leg.Dial) (leg.Leg, *watcher) {
	w := g.watch()
	if d.ID == "" {
		d.ID = newID()
	}
	return g.Dial(d, w.observe), w
}

// arrived waits for a leg that comes in.
func (g *gateway) arrived() arrival {
	g.t.Helper()
	select {
	case a := <-g.incoming:
		return a
	case <-time.After(patience):
		g.t.Fatal("no leg came in")
	}
	panic("not reached")
}

// phone is a registered far end.
func (g *gateway) phone(extension string) *peer {
	p := newPeer(g.t, extension, g.udp)
	p.register()
	return p
}

// talking is a call from a phone that was answered.
func (g *gateway) talking(p *peer, formats string) (*call, arrival) {
	g.t.Helper()
	c := p.calls("200")
	c.prove("INVITE", p.sdp(formats))
	a := g.arrived()
	a.Leg.Accept(codec.None)
	c.answered("200", "")
	want[leg.Answered](a.w)
	return c, a
}

// connected is a call to a phone that was answered.
func (g *gateway) connected(p *peer, d leg.Dial, formats string) (*call, leg.Leg, *watcher) {
	g.t.Helper()
	l, w := g.dial(d)
	invite := p.find("INVITE")
	p.reply(invite, "200 OK", "t", p.sdp(formats))
	p.find("ACK")
	want[leg.Answered](w)
	return p.taken(invite, "t"), l, w
}

// watcher is the observer of one leg.
type watcher struct {
	t      *testing.T
	events chan leg.Event

	mu          sync.Mutex
	ends, after int
}

func (w *watcher) observe(e leg.Event) {
	w.mu.Lock()
	if w.ends > 0 {
		w.after++
	}
	if _, ok := e.(leg.Ended); ok {
		w.ends++
	}
	w.mu.Unlock()
	w.events <- e
}

// want is the next event, which must be of this type.
func want[E leg.Event](w *watcher) E {
	w.t.Helper()
	var zero E
	select {
	case e := <-w.events:
		if e, ok := e.(E); ok {
			return e
		}
		w.t.Fatalf("wanted %T, got %T%+v", zero, e, e)
	case <-time.After(patience):
		w.t.Fatalf("no %T came", zero)
	}
	return zero
}

// ended is the last event, for this reason.
func (w *watcher) ended(reason leg.Reason) leg.Cause {
	w.t.Helper()
	e := want[leg.Ended](w)
	if e.Cause.Reason != reason {
		w.t.Errorf("ended with %+v, want %s", e.Cause, reason)
	}
	return e.Cause
}

// withTrunk adds a trunk whose gateways are at the addresses. It never probes.
func withTrunk(t trunk.Config, gateways ...string) func(*Config) {
	return func(c *Config) {
		for i, a := range gateways {
			at := netip.MustParseAddrPort(a)
			t.Gateways = append(t.Gateways, trunk.Gateway{Host: at.Addr().String(), Port: int(at.Port()), Priority: i})
		}
		t.Probe = -1
		if t.Codecs == nil {
			t.Codecs = []codec.ID{codec.PCMU, codec.PCMA}
		}
		c.Trunks = append(slices.Clone(c.Trunks), t)
	}
}
