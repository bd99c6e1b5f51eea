package trunk

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"seatbridge/sip/dialog"
	"seatbridge/sip/digest"
)

// carrier answers requests outside dialogs, or is silent.
type carrier struct {
	mu     sync.Mutex
	silent map[string]bool // by destination
	asked  []string
	answer func(dialog.RequestConfig) (*sip.Response, error) // of REGISTER
}

func (c *carrier) Do(ctx context.Context, r dialog.RequestConfig) (*sip.Response, error) {
	c.mu.Lock()
	c.asked = append(c.asked, fmt.Sprintf("%s %s %s", r.Method, r.URI.String(), r.Flow.Remote))
	silent, answer := c.silent[r.Flow.Remote], c.answer
	c.mu.Unlock()
	if silent {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if r.Method == sip.REGISTER && answer != nil {
		return answer(r)
	}
	return sip.NewResponse(404, "Not Found"), nil
}

func (c *carrier) hush(destination string, silent bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.silent == nil {
		c.silent = make(map[string]bool)
	}
	c.silent[destination] = silent
}

func (c *carrier) took() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	asked := c.asked
	c.asked = nil
	return asked
}

func newManager(t *testing.T, c *carrier, configs ...Config) *Manager {
	t.Helper()
	var trunks []*Trunk
	for _, cfg := range configs {
		trunks = append(trunks, mustNew(t, cfg))
	}
	return NewManager(ManagerConfig{
		Trunks: trunks, Requester: c, Log: slog.New(slog.DiscardHandler), Metrics: NewMetrics(prometheus.NewRegistry()),
	})
}

func destinations(targets []Target) string {
	var all []string
	for _, t := range targets {
		all = append(all, strings.TrimPrefix(t.Destination, "198.51.100."))
	}
	return strings.Join(all, " ")
}

func twoGateways(name string) Config {
	return Config{Name: name, Gateways: []Gateway{
		{Host: "198.51.100.2", Priority: 2}, {Host: "198.51.100.1", Priority: 1},
	}}
}

func TestHealth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &carrier{}
		m := newManager(t, c, twoGateways("a"))
		if got := destinations(m.Pick("a")); got != "1:5060 2:5060" {
			t.Errorf("before any probe: %s", got)
		}
		m.Start()
		defer m.Close()
		time.Sleep(time.Minute)
		asked := c.took()
		if n := len(asked); n < 6 || n > 10 || !slices.Contains(asked, "OPTIONS sip:198.51.100.1 198.51.100.1:5060") {
			t.Errorf("asked %q", asked)
		}

		c.hush("198.51.100.1:5060", true)
		gone := time.Now()
		for destinations(m.Pick("a")) != "2:5060" {
			time.Sleep(100 * time.Millisecond)
		}
		if d := time.Since(gone); d > 32*time.Second {
			t.Errorf("marked down after %v", d)
		}
		if s := m.Status()[0].Gateways[1]; s.Up || s.Address != "198.51.100.1:5060;udp" || time.Since(s.Since) > time.Second {
			t.Errorf("status %+v", s)
		}

		c.hush("198.51.100.2:5060", true)
		time.Sleep(time.Minute)
		if got := destinations(m.Pick("a")); got != "1:5060 2:5060" {
			t.Errorf("all down: %s", got)
		}

		c.hush("198.51.100.1:5060", false)
		time.Sleep(7 * time.Second)
		if got := destinations(m.Pick("a")); got != "1:5060" {
			t.Errorf("one answers again: %s", got)
		}
	})
}

func TestPassiveMarks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &carrier{}
		probed, unprobed := twoGateways("probed"), twoGateways("unprobed")
		unprobed.Probe = -1
		m := newManager(t, c, probed, unprobed)
		m.Start()
		defer m.Close()
		synctest.Wait()
		c.took()

		target := m.Pick("unprobed")[0]
		m.Failed(target)
		if got := destinations(m.Pick("unprobed")); got != "1:5060 2:5060" {
			t.Errorf("after one failure: %s", got)
		}
		m.Answered(target)
		m.Failed(target)
		m.Failed(target)
		if got := destinations(m.Pick("unprobed")); got != "2:5060" {
			t.Errorf("after two failures: %s", got)
		}
		time.Sleep(62 * time.Second)
		if got := destinations(m.Pick("unprobed")); got != "1:5060 2:5060" {
			t.Errorf("not tried again: %s", got)
		}
		for _, a := range c.took() {
			if !strings.HasPrefix(a, "OPTIONS") {
				t.Error(a)
			}
		}

		// A failure has the gateway asked at once.
		c.hush("198.51.100.1:5060", true)
		m.Failed(m.Pick("probed")[0])
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if got := destinations(m.Pick("probed")); got != "2:5060" {
			t.Errorf("3 s after a failed call: %s", got)
		}
	})
}

func TestPickOrder(t *testing.T) {
	c := &carrier{}
	m := newManager(t, c, twoGateways("a"), Config{
		Name: "b", Username: "gw", Gateways: []Gateway{{Host: "198.51.100.3", Transport: "tls"}},
	})
	got := m.Pick("b", "unknown", "a")
	if destinations(got) != "3:5061 1:5060 2:5060" {
		t.Errorf("%s", destinations(got))
	}
	if got[0].Credentials == nil || got[1].Credentials != nil {
		t.Error("credentials of the wrong trunk")
	}
	want := dialog.Flow{Transport: "tls", Remote: "198.51.100.3:5061", ServerName: "198.51.100.3"}
	if got[0].Flow() != want {
		t.Errorf("flow %+v", got[0].Flow())
	}
	if len(m.Pick()) != 0 {
		t.Error("a target without a trunk")
	}
}

func TestShuffle(t *testing.T) {
	gateways := []*gateway{
		{Gateway: Gateway{Host: "backup", Priority: 1, Weight: 1}},
		{Gateway: Gateway{Host: "heavy", Weight: 3}},
		{Gateway: Gateway{Host: "light", Weight: 1}},
		{Gateway: Gateway{Host: "never first", Weight: 0}},
	}
	first := make(map[string]int)
	for n := range 4 {
		order := shuffle(gateways, func(total int) int { return n % total })
		first[order[0].Host]++
		if len(order) != 4 || order[3].Host != "backup" || order[2].Host != "never first" {
			t.Errorf("order %v", order)
		}
	}
	if first["heavy"] != 3 || first["light"] != 1 {
		t.Errorf("first were %v", first)
	}
}

func TestMatch(t *testing.T) {
	registered := Config{
		Name: "registered", Gateways: []Gateway{{Host: "198.51.100.1"}}, Register: true, Username: "acc1",
	}
	numbers := Config{Name: "numbers", Gateways: []Gateway{{Host: "198.51.100.1"}}, CallerIDs: []string{"+4930200"}}
	m := newManager(t, &carrier{}, registered, numbers,
		Config{Name: "listed", Inbound: []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}},
		Config{Name: "stream", Gateways: []Gateway{{Host: "2001:db8::1", Transport: "tcp"}}})
	for _, ca := range []struct {
		source, transport, uri string
		want                   string
	}{
		{"198.51.100.1:5060", "UDP", "sip:+4930100@x", "registered"},
		{"198.51.100.1:5060", "UDP", "sip:+4930200@x", "numbers"},
		{"198.51.100.1:5060", "UDP", "sip:acc1@x", "registered"},
		{"[::ffff:198.51.100.1]:5060", "UDP", "sip:acc1@x", "registered"},
		{"198.51.100.1:5070", "UDP", "sip:acc1@x", ""},
		{"198.51.100.1:40000", "TCP", "sip:acc1@x", ""},
		{"203.0.113.77:1234", "UDP", "sip:x@x", "listed"},
		{"203.0.114.77:1234", "UDP", "sip:x@x", ""},
		{"[2001:db8::1]:40000", "TCP", "sip:x@x", "stream"},
		{"[2001:db8::1]:40000", "UDP", "sip:x@x", ""},
		{"[2001:db8::2]:5060", "TCP", "sip:x@x", ""},
	} {
		req := invite(t, ca.uri, "<sip:1@y>", "<sip:2@y>")
		req.SetTransport(ca.transport)
		got := ""
		if tr, ok := m.Match(netip.MustParseAddrPort(ca.source), req); ok {
			got = tr.Name
		}
		if got != ca.want {
			t.Errorf("%s %s %s: %q, want %q", ca.source, ca.transport, ca.uri, got, ca.want)
		}
	}
}

func TestAccountTrunk(t *testing.T) {
	m := newManager(t, &carrier{}, Config{
		Name: "pbx", Account: "pbx1", Secret: digest.Secret{HA1: "x"}, Gateways: []Gateway{{Host: "198.51.100.1"}},
	})
	req := invite(t, "sip:1@x", "<sip:1@y>", "<sip:2@y>")
	if tr, ok := m.Match(netip.MustParseAddrPort("198.51.100.1:5060"), req); ok {
		t.Errorf("%s found by its address", tr.Name)
	}
	if tr, ok := m.Account("pbx1"); !ok || tr.Name != "pbx" || tr.Secret.HA1 != "x" {
		t.Error("not found by its account")
	}
	if _, ok := m.Account(""); ok {
		t.Error("found without account")
	}
	if tr, ok := m.Trunk("pbx"); !ok || tr.Name != "pbx" {
		t.Error("not found by name")
	}
	if _, ok := m.Trunk("x"); ok {
		t.Error("an unknown one is found")
	}
}

// Credentials go to the trunk's addresses and nowhere else (the digest leak, CVE-2021-41158).
func TestCredentialsStayWithTheTrunk(t *testing.T) {
	cfg := twoGateways("a")
	cfg.Username, cfg.Password = "gw", "secret"
	cfg.Inbound = []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}
	auth := newManager(t, &carrier{}, cfg).Pick("a")[0].Credentials
	for address, want := range map[string]bool{
		"198.51.100.1:5060": true, "198.51.100.2:9999": true, "203.0.113.7:5060": true, "198.51.100.3:5060": false,
	} {
		req := sip.NewRequest(sip.BYE, sip.Uri{Scheme: "sip", Host: "h"})
		req.SetDestination(address)
		res := sip.NewResponse(407, "Proxy Authentication Required")
		res.SetSource(address)
		res.AppendHeader(sip.NewHeader("Proxy-Authenticate", `Digest realm="r", nonce="n"`))
		if err := auth.Authorize(req, res); (err == nil) != want || len(req.GetHeaders("Proxy-Authorization")) > 0 != want {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestAddresses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := twoGateways("a")
		cfg.Inbound = []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}
		cfg.Gateways = append(cfg.Gateways, Gateway{Host: "2001:db8::1"})
		m := newManager(t, &carrier{}, cfg)
		var got string
		m.cfg.Addresses = func(p []netip.Prefix) { got = fmt.Sprint(p) }
		m.Start()
		defer m.Close()
		if want := "[203.0.113.0/24 198.51.100.2/32 198.51.100.1/32 2001:db8::1/128]"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	})
}

func TestResolve(t *testing.T) {
	told := make(chan []netip.Prefix, 10)
	m := newManager(t, &carrier{}, Config{Name: "a", Probe: -1, Gateways: []Gateway{{Host: "localhost"}}})
	m.cfg.Addresses = func(p []netip.Prefix) { told <- p }
	if got := m.Pick("a"); len(got) != 0 {
		t.Errorf("picked before it was resolved: %v", got)
	}
	m.Start()
	defer m.Close()
	if first := <-told; len(first) != 0 {
		t.Errorf("told %v at first", first)
	}
	if p := <-told; !p[0].Addr().IsLoopback() {
		t.Errorf("told %v", p)
	}
	if got := m.Pick("a"); len(got) != 1 || got[0].Destination != "127.0.0.1:5060" {
		t.Errorf("picked %v", got)
	}
}

func TestMetrics(t *testing.T) {
	reg := prometheus.NewRegistry()
	cfg := twoGateways("a")
	cfg.Register, cfg.Username = true, "acc1"
	m := NewManager(ManagerConfig{
		Trunks: []*Trunk{mustNew(t, cfg)}, Log: slog.New(slog.DiscardHandler), Metrics: NewMetrics(reg),
	})
	target := m.Pick("a")[0]
	m.Failed(target)
	m.Failed(target)
	if _, err := m.Enter(target.Trunk, false); err != nil {
		t.Fatal(err)
	}
	const want = `
# HELP seatbridge_sip_trunk_calls Calls that a trunk carries, both ways, with those that are being tried.
# TYPE seatbridge_sip_trunk_calls gauge
seatbridge_sip_trunk_calls{trunk="a"} 1
# HELP seatbridge_sip_trunk_gateway_up Whether a trunk's gateway answers.
# TYPE seatbridge_sip_trunk_gateway_up gauge
seatbridge_sip_trunk_gateway_up{gateway="198.51.100.1:5060;udp",trunk="a"} 0
seatbridge_sip_trunk_gateway_up{gateway="198.51.100.2:5060;udp",trunk="a"} 1
# HELP seatbridge_sip_trunk_registered Whether we are registered at a trunk.
# TYPE seatbridge_sip_trunk_registered gauge
seatbridge_sip_trunk_registered{trunk="a"} 0
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want)); err != nil {
		t.Error(err)
	}
	if problems, err := testutil.GatherAndLint(reg); err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
}
