package dialog

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/prometheus/client_golang/prometheus"
)

// 200 dialogs, set up and torn down, leave nothing behind while the Stack runs on.
func TestNothingStaysAfter200Dialogs(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	b.answers(w, Options{})
	p := newPeer(t, "peer", b.udp)
	before := runtime.NumGoroutine()
	for range 100 {
		s := p.call("100")
		want[Confirmed](w)
		s.send("BYE", "")
		p.expect("SIP/2.0 200")
		want[Ended](w)
		d, _ := b.connect(p, w)
		d.Hangup(0)
		p.reply(p.expect("BYE"), "200 OK", "", "")
		want[Ended](w)
	}
	eventually(t, "all forgotten", func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.intake.mu.Lock()
		defer b.intake.mu.Unlock()
		return len(b.dialogs)+len(b.clients)+len(b.intake.last)+len(b.intake.live)+len(b.intake.merged)+
			len(b.intake.waiting) == 0
	})
	eventually(t, "goroutines gone", func() bool { return runtime.NumGoroutine() <= before })
	if n := b.count("seatbridge_sip_dialogs"); n != 0 {
		t.Errorf("%v dialogs", n)
	}
}

func TestCloseEndsDialogs(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	p := newPeer(t, "bob", b.udp)
	b.connect(p, w)
	b.Invite(p.to("bob"), w.observe)
	p.expect("INVITE")
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	for range 2 {
		if e := want[Ended](w); e.Why != Closed || !errors.Is(e.Err, ErrClosed) {
			t.Errorf("%+v", e)
		}
	}
	b.Invite(p.to("bob"), w.observe)
	if e := want[Ended](w); e.Why != Closed {
		t.Errorf("%+v", e)
	}
	if _, err := b.Do(t.Context(), RequestConfig{Method: sip.OPTIONS, Flow: Flow{Transport: "udp", Remote: p.addr}}); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

func TestConfig(t *testing.T) {
	good := func() Config {
		l, err := net.Listen("tcp", ":0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		return Config{Listeners: []Listener{{Transport: "tcp", Listener: l, Host: "gw.test"}}, Handler: &handler{},
			Logger: slog.New(slog.DiscardHandler), Metrics: NewMetrics(prometheus.NewRegistry())}
	}
	if _, err := New(good()); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(*Config){
		"no handler":       func(c *Config) { c.Handler = nil },
		"no listener":      func(c *Config) { c.Listeners = nil },
		"no socket":        func(c *Config) { c.Listeners[0].Listener = nil },
		"no packet socket": func(c *Config) { c.Listeners[0].Transport = "udp" },
		"no address":       func(c *Config) { c.Listeners[0].Host = "" },
		"transport":        func(c *Config) { c.Listeners[0].Transport = "ws" },
	} {
		c := good()
		spoil(&c)
		if _, err := New(c); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Everything on the wire is traced, and counted.
func TestTraceAndMetrics(t *testing.T) {
	var mu sync.Mutex
	var traced []Message
	b := newBench(t, func(c *Config) {
		c.Timers = Timers{} // nothing is to come again
		c.Trace = func(m Message) {
			mu.Lock()
			defer mu.Unlock()
			traced = append(traced, m)
		}
	})
	w := newWatcher(t)
	b.answers(w, Options{})
	for _, p := range []*peer{newPeer(t, "alice", b.udp), newPhone(t, "alice", b.tcp)} {
		mu.Lock()
		traced = nil
		mu.Unlock()
		s := p.call("100")
		want[Confirmed](w)
		s.send("BYE", "")
		p.expect("SIP/2.0 200")
		want[Ended](w)
		eventually(t, "the answer to BYE is traced", func() bool {
			mu.Lock()
			defer mu.Unlock()
			return len(traced) == 6
		})
		mu.Lock()
		var ladder []string
		slices.SortFunc(traced, func(a, b Message) int { return a.At.Compare(b.At) })
		for _, m := range traced {
			arrow := "-> "
			if m.Sent {
				arrow = "<- "
			}
			start, _, _ := strings.Cut(string(m.Raw), " sip:")
			start, _, _ = strings.Cut(start, "\r\n")
			ladder = append(ladder, arrow+start)
			if m.CallID != s.callID || m.Remote != p.addr || m.Transport != strings.ToLower(p.proto) || m.At.IsZero() ||
				m.Local == "" {
				t.Errorf("%+v", m)
			}
		}
		mu.Unlock()
		ideal := "-> INVITE <- SIP/2.0 100 Trying <- SIP/2.0 200 OK -> ACK -> BYE <- SIP/2.0 200 OK"
		if got := strings.Join(ladder, " "); got != ideal {
			t.Error(got)
		}
	}
	for _, labels := range [][]string{{"INVITE", "in"}, {"ACK", "in"}, {"BYE", "in"}} {
		if n := b.count("seatbridge_sip_requests_total", labels...); n != 2 {
			t.Errorf("%v: %v", labels, n)
		}
	}
	for _, labels := range [][]string{{"INVITE", "100", "out"}, {"INVITE", "200", "out"}, {"BYE", "200", "out"}} {
		eventually(t, fmt.Sprintf("%v is counted twice", labels), func() bool {
			return b.count("seatbridge_sip_responses_total", labels...) == 2
		})
	}
}

// certificate makes one for 127.0.0.1, and the pool that trusts it.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"gw.test"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// Two Stacks call each other over TLS.
func TestTLS(t *testing.T) {
	cert, pool := certificate(t)
	secure := func(c *Config) {
		l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}})
		if err != nil {
			t.Fatal(err)
		}
		c.Listeners = append(c.Listeners, Listener{Transport: "tls", Listener: l})
		c.TLS = &tls.Config{RootCAs: pool}
	}
	a, b := newBench(t, secure), newBench(t, secure)
	wa, wb := newWatcher(t), newWatcher(t)
	dialogs := b.answers(wb, Options{})
	c := newPeer(t, "x", a.udp).to("x")
	c.Flow = Flow{Transport: "tls", Remote: b.listeners[2].local}
	d := a.Invite(c, wa.observe)
	want[Trying](wa)
	want[Answered](wa)
	want[Confirmed](wb)
	(<-dialogs).Hangup(0) // over the other's connection
	want[Ended](wb)
	if e := want[Ended](wa); e.Why != Hungup || !e.Remote {
		t.Errorf("%+v", e)
	}
	if d.Flow().Transport != "tls" {
		t.Errorf("%+v", d.Flow())
	}
	c.Flow.ServerName = "other.test"
	c.Flow.Remote = strings.Replace(c.Flow.Remote, "127.0.0.1", "localhost", 1)
	fresh := newBench(t, secure)
	fresh.Invite(c, wa.observe)
	if e := want[Ended](wa); e.Why != Transport {
		t.Errorf("%+v", e)
	}
}

// A phone's connection breaks while it rings us, and while we ring it.
func TestConnectionBreaks(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	b.onInvite(func(in *Incoming) { in.Open(Options{}, w.observe) })
	p := newPhone(t, "alice", b.tcp)
	p.send(p.script("100").request("INVITE", "offer"))
	p.expect("SIP/2.0 100")
	_ = p.stream.Close()
	if e := want[Ended](w); e.Why != Transport || !e.Remote {
		t.Errorf("%+v", e)
	}
	p = newPhone(t, "alice", b.tcp)
	p.send(p.script("gw").request("OPTIONS", ""))
	p.expect("SIP/2.0 200")
	b.Invite(p.to("alice"), w.observe)
	p.expect("INVITE")
	_ = p.stream.Close()
	if e := want[Ended](w); e.Why != Transport || !e.Remote {
		t.Errorf("%+v", e)
	}
	eventually(t, "dialogs forgotten", func() bool { return b.count("seatbridge_sip_dialogs") == 0 })
}

// A phone's connection breaks in a call; it opens another one and goes on.
func TestConnectionBreaksInACall(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	dialogs := b.answers(w, Options{FollowFlow: true})
	p := newPhone(t, "alice", b.tcp)
	s := p.call("100")
	want[Confirmed](w)
	d := <-dialogs
	_ = p.stream.Close()
	eventually(t, "connection gone", func() bool { return !b.connected("tcp", p.addr) })
	result := make(chan Result, 1)
	d.Info("text/plain", nil, func(r Result) { result <- r })
	if r := <-result; r.Code != 503 {
		t.Errorf("%+v", r)
	}
	w.quiet()
	s.p = newPhone(t, "alice", b.tcp)
	s.send("INFO", "")
	s.p.expect("SIP/2.0 200")
	want[Request](w)
	d.Hangup(0)
	s.p.reply(s.p.expect("BYE"), "200 OK", "", "")
	want[Ended](w)
}

// A phone that stops reading blocks nobody: its connection is closed, as a part of a message may have got through.
func TestPhoneThatDoesNotRead(t *testing.T) {
	b := newBench(t, func(c *Config) { c.WriteTimeout = 4 * testT1 })
	c, err := net.Dial("tcp", b.tcp)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	options := (&peer{t: t, name: "alice", addr: c.LocalAddr().String(), proto: "TCP", stack: b.tcp}).script("gw").request("OPTIONS", "")
	if _, err := c.Write([]byte(options)); err != nil { // the stack knows it
		t.Fatal(err)
	}
	eventually(t, "connection known", func() bool { return b.connected("tcp", c.LocalAddr().String()) })
	config := RequestConfig{Method: sip.MESSAGE, URI: sip.Uri{Scheme: "sip", Host: "phone"}, Body: make([]byte, 60000),
		Flow: Flow{Transport: "tcp", Remote: c.LocalAddr().String(), Existing: true}}
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() {
			if _, err := b.Do(t.Context(), config); !errors.Is(err, ErrUnreachable) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	eventually(t, "connection gone", func() bool { return !b.connected("tcp", c.LocalAddr().String()) })
}

// Keep-alives of phones over TCP are answered (RFC 5626 section 3.5.1) and are no messages.
func TestKeepAlive(t *testing.T) {
	b := newBench(t)
	c, err := net.Dial("tcp", b.tcp)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if _, err := c.Write([]byte("\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	_ = c.SetReadDeadline(time.Now().Add(patience))
	pong := make([]byte, 10)
	if n, err := c.Read(pong); err != nil || string(pong[:n]) != "\r\n" {
		t.Errorf("%q %v", pong[:n], err)
	}
	if n := b.count("seatbridge_sip_requests_total"); n != 0 {
		t.Errorf("%v requests", n)
	}
}
