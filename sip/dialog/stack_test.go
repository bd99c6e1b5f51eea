package dialog

import (
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/prometheus/client_golang/prometheus"
)

// handler is a Handler made of functions.
type handler struct {
	mu      sync.Mutex
	invite  func(in *Incoming)
	request func(t *Transaction)
}

func (h *handler) Invite(in *Incoming) {
	h.mu.Lock()
	f := h.invite
	h.mu.Unlock()
	if f != nil {
		f(in)
	}
}

func (h *handler) Request(t *Transaction) {
	h.mu.Lock()
	f := h.request
	h.mu.Unlock()
	if f != nil {
		f(t)
		return
	}
	_ = t.Respond(200, "")
}

func (b *bench) onInvite(f func(in *Incoming)) {
	b.h.mu.Lock()
	defer b.h.mu.Unlock()
	b.h.invite = f
}

func (b *bench) onOther(f func(t *Transaction)) {
	b.h.mu.Lock()
	defer b.h.mu.Unlock()
	b.h.request = f
}

// bench is a Stack under test with one UDP and one TCP socket.
type bench struct {
	*Stack
	t        *testing.T
	h        *handler
	udp, tcp string // addresses
	reg      *prometheus.Registry
}

func newBench(t *testing.T, change ...func(*Config)) *bench {
	t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, h: &handler{}, udp: pc.LocalAddr().String(), tcp: l.Addr().String(), reg: prometheus.NewRegistry()}
	c := Config{
		Listeners: []Listener{{Transport: "udp", PacketConn: pc}, {Transport: "tcp", Listener: l}},
		Handler:   b.h,
		Timers:    Timers{T1: testT1, T2: 8 * testT1},
		Session:   SessionTimer{Off: true},
		Logger:    slog.New(slog.DiscardHandler),
		Metrics:   NewMetrics(b.reg),
	}
	for _, f := range change {
		f(&c)
	}
	if b.Stack, err = New(c); err != nil {
		t.Fatal(err)
	}
	b.Start()
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// count returns the value of a counter or gauge, summed over the labels that match.
func (b *bench) count(name string, labels ...string) float64 {
	b.t.Helper()
	families, err := b.reg.Gather()
	if err != nil {
		b.t.Fatal(err)
	}
	sum := 0.0
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			have := map[string]bool{}
			for _, l := range m.GetLabel() {
				have[l.GetValue()] = true
			}
			all := true
			for _, want := range labels {
				all = all && have[want]
			}
			if all {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return sum
}

// eventually waits until cond holds.
func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	timeout := time.After(patience)
	for !cond() {
		select {
		case <-tick.C:
		case <-timeout:
			t.Fatalf("never: %s", what)
		}
	}
}

// watcher collects a dialog's events.
type watcher struct {
	t      *testing.T
	events chan Event
	react  func(d *Dialog, e Event)
}

func newWatcher(t *testing.T) *watcher { return &watcher{t: t, events: make(chan Event, 10000)} }

func (w *watcher) observe(d *Dialog, e Event) {
	if w.react != nil {
		w.react(d, e)
	}
	w.events <- e
}

func (w *watcher) next() Event {
	w.t.Helper()
	select {
	case e := <-w.events:
		return e
	case <-time.After(patience):
		w.t.Fatal("no event")
		return nil
	}
}

// want returns the next event, which must be of this type.
func want[E Event](w *watcher) E {
	w.t.Helper()
	e := w.next()
	got, ok := e.(E)
	if !ok {
		w.t.Fatalf("wanted %T, got %T %+v", got, e, e)
	}
	return got
}

func (w *watcher) quiet() {
	w.t.Helper()
	select {
	case e := <-w.events:
		w.t.Fatalf("unexpected event %T %+v", e, e)
	default:
	}
}

// answers makes the bench answer every INVITE at once; the dialogs come on the channel.
func (b *bench) answers(w *watcher, o Options) <-chan *Dialog {
	ch := make(chan *Dialog, 1000)
	b.onInvite(func(in *Incoming) {
		d := in.Open(o, w.observe)
		d.Answer([]byte("answer"))
		ch <- d
	})
	return ch
}

// to is the config of a call to a peer.
func (p *peer) to(user string) InviteConfig {
	network := "udp"
	if p.proto == "TCP" {
		network = "tcp"
	}
	var uri sip.Uri
	_ = sip.ParseUri(uriIn(p.contact()), &uri)
	uri.User = user
	return InviteConfig{RequestURI: uri, Flow: Flow{Transport: network, Remote: p.addr, Existing: network == "tcp"},
		From: sip.FromHeader{Address: sip.Uri{Scheme: "sip", User: "gw", Host: "gw.test"}},
		To:   sip.ToHeader{Address: uri}, SDP: []byte("offer")}
}

// connect has the stack call the peer until it is connected.
func (b *bench) connect(p *peer, w *watcher, change ...func(*InviteConfig)) (*Dialog, *script) {
	b.t.Helper()
	c := p.to(p.name)
	for _, f := range change {
		f(&c)
	}
	d := b.Invite(c, w.observe)
	invite := p.expect("INVITE")
	s := p.answering(invite, "a1")
	p.reply(invite, "200 OK", "a1", "answer", "Allow: INVITE, ACK, BYE, CANCEL, UPDATE, INFO")
	p.expect("ACK")
	want[Answered](w)
	return d, s
}
