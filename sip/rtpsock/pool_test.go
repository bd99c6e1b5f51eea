package rtpsock

import (
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// ownAddress is a loopback address that nobody else on this machine binds ports on.
func ownAddress() netip.Addr {
	return netip.AddrFrom4([4]byte{127, byte(100 + rand.IntN(100)), byte(rand.IntN(256)), byte(1 + rand.IntN(250))})
}

func TestNewPoolRange(t *testing.T) {
	for _, ca := range []struct {
		min, max uint16
		pairs    int // -1: refused
	}{
		{10000, 10001, 1}, {10000, 10003, 2}, {10001, 10003, 1}, {10001, 10002, -1}, {10000, 10000, -1}, {10001, 10001, -1},
		{10002, 10001, -1}, {0, 1, -1}, {0, 3, 1}, {65534, 65535, 1}, {65535, 65535, -1}, {1, 65535, 32767}, {0, 0, 0},
	} {
		p, err := NewPool(PoolConfig{Address: loopback, MinPort: ca.min, MaxPort: ca.max})
		switch {
		case ca.pairs < 0:
			if err == nil {
				t.Errorf("%d to %d was taken", ca.min, ca.max)
			}
		case err != nil:
			t.Errorf("%d to %d: %v", ca.min, ca.max, err)
		case len(p.free) != ca.pairs:
			t.Errorf("%d to %d: %d pairs", ca.min, ca.max, len(p.free))
		}
	}
}

// TestPairs opens a whole range: even ports with the odd ones above them, in no order, each once, and then no more.
func TestPairs(t *testing.T) {
	const pairs = 40
	addr := ownAddress()
	registry := prometheus.NewRegistry()
	p := newPool(t, PoolConfig{
		Address: addr, MinPort: 20000, MaxPort: 20000 + 2*pairs - 1, Metrics: NewMetrics(registry),
	}, nil)
	foreign, err := listenUDP(netip.AddrPortFrom(addr, 20011)) // somebody else's
	if err != nil {
		t.Fatal(err)
	}
	defer foreign.Close()
	var ports []uint16
	for range pairs - 1 {
		s, _ := open(t, p, Config{})
		local, control := s.LocalAddr(), pair{rtp: s.pair.rtcp}.addr()
		if local.Addr() != addr || local.Port()%2 != 0 || control != netip.AddrPortFrom(addr, local.Port()+1) {
			t.Errorf("RTP on %v, RTCP on %v", local, control)
		}
		if local.Port() < 20000 || control.Port() >= 20000+2*pairs || slices.Contains(ports, local.Port()) {
			t.Errorf("%v is out of range, or was given twice", local)
		}
		ports = append(ports, local.Port())
	}
	if slices.IsSorted(ports) || slices.Contains(ports, 20010) {
		t.Errorf("ports in order, or one of somebody else: %v", ports)
	}
	if _, err := p.Open(Config{}); !errors.Is(err, ErrExhausted) {
		t.Errorf("one more: %v", err)
	}
	foreign.Close()
	open(t, p, Config{})
	if _, err := p.Open(Config{}); !errors.Is(err, ErrExhausted) {
		t.Errorf("one more: %v", err)
	}
	err = testutil.GatherAndCompare(registry, strings.NewReader(`
# HELP seatbridge_rtp_port_pairs RTP and RTCP port pairs that are bound, by state: used or draining.
# TYPE seatbridge_rtp_port_pairs gauge
seatbridge_rtp_port_pairs{state="draining"} 0
seatbridge_rtp_port_pairs{state="used"} 40
# HELP seatbridge_rtp_ports_exhausted_total Legs that got no RTP port.
# TYPE seatbridge_rtp_ports_exhausted_total counter
seatbridge_rtp_ports_exhausted_total 2
`), "seatbridge_rtp_port_pairs", "seatbridge_rtp_ports_exhausted_total")
	if err != nil {
		t.Error(err)
	}
}

func TestKernelPicks(t *testing.T) {
	for _, addr := range []netip.Addr{loopback, netip.IPv6Loopback()} {
		p := newPool(t, PoolConfig{Address: addr}, nil)
		for range 20 {
			s, _ := open(t, p, Config{})
			local, control := s.LocalAddr(), pair{rtp: s.pair.rtcp}.addr()
			if local.Addr() != addr || local.Port()%2 != 0 || control.Port() != local.Port()+1 {
				t.Errorf("RTP on %v, RTCP on %v", local, control)
			}
		}
	}
}

func TestOpenFails(t *testing.T) {
	p := newPool(t, PoolConfig{Address: netip.MustParseAddr("192.0.2.1"), MinPort: 20000, MaxPort: 20009}, nil)
	if _, err := p.Open(Config{}); err == nil || errors.Is(err, ErrExhausted) {
		t.Errorf("an address that is not ours: %v", err)
	}
	p = newPool(t, PoolConfig{}, nil)
	p.Close()
	if _, err := p.Open(Config{}); !errors.Is(err, ErrClosed) {
		t.Errorf("a closed pool: %v", err)
	}
}

// TestDrain ends a call whose far end goes on sending: its port is not given again while it does, and nothing of it
// reaches the next call.
func TestDrain(t *testing.T) {
	addr := ownAddress()
	registry := prometheus.NewRegistry()
	metrics := NewMetrics(registry)
	config := PoolConfig{Address: addr, MinPort: 20000, MaxPort: 20001, DrainQuiet: time.Hour, Metrics: metrics}
	p := newPool(t, config, nil)
	s, k := open(t, p, Config{Learn: LearnSameIP})
	stale := newPhone(t, loopback, s.LocalAddr())
	configure(t, s, negotiated(stale.addr()), netip.Addr{})
	stale.say("1", "2")
	k.expect(t, "1", "2")
	s.Close()
	stale.say("3", "4")
	if _, err := p.Open(Config{}); !errors.Is(err, ErrExhausted) {
		t.Errorf("a draining port was given: %v", err)
	}
	if _, err := bindPair(netip.AddrPortFrom(addr, 20000)); err == nil {
		t.Error("a draining port is not bound")
	}
	if got := testutil.ToFloat64(metrics.pairs[draining]); got != 1 {
		t.Errorf("%v draining", got)
	}
	p.Close()
	if got := testutil.ToFloat64(metrics.pairs[draining]) + testutil.ToFloat64(metrics.pairs[inUse]); got != 0 {
		t.Errorf("%v ports left", got)
	}
	if len(k.frames) != 0 {
		t.Error("the closed call heard something")
	}

	config.DrainQuiet, config.Metrics = 20*time.Millisecond, nil
	p = newPool(t, config, nil)
	s, _ = open(t, p, Config{})
	s.Close()
	var next *Socket
	waitFor(t, func() bool {
		var err error
		next, err = p.Open(Config{Learn: LearnSameIP})
		return err == nil
	})
	defer next.Close()
	k = &sink{frames: make(chan heard, 100)}
	next.Port().In.SetSink(k)
	good := newPhone(t, loopback2, next.LocalAddr())
	configure(t, next, negotiated(good.addr()), netip.Addr{})
	stale.say("stale", "stale", "stale", "stale", "stale")
	good.say("good")
	k.expect(t, "good")
}

// TestUntilQuiet drains streams of all kinds in a time of their own.
func TestUntilQuiet(t *testing.T) {
	const quiet, limit = 30 * time.Second, 10 * time.Minute
	for _, ca := range []struct {
		name    string
		packets time.Duration // between two packets; 0: none
		count   int
		fail    error // of the first read
		want    time.Duration
	}{
		{"silent", 0, 0, nil, quiet},
		{"a few more packets", 20 * time.Millisecond, 50, nil, time.Second + quiet},
		{"a packet now and then", 29 * time.Second, 10, nil, 290*time.Second + quiet},
		{"too seldom to matter", 31 * time.Second, 10, nil, quiet},
		{"for ever", 20 * time.Millisecond, 1 << 30, nil, limit},
		{"for ever, slowly", 29 * time.Second, 1 << 30, nil, limit},
		{"closed", 0, 0, os.ErrClosed, 0},
	} {
		t.Run(ca.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				sent := 0
				untilQuiet(func(deadline time.Time) error {
					if ca.fail != nil {
						return ca.fail
					}
					next := begin.Add(time.Duration(sent+1) * ca.packets)
					if sent == ca.count || next.After(deadline) {
						time.Sleep(time.Until(deadline))
						return os.ErrDeadlineExceeded
					}
					time.Sleep(time.Until(next))
					sent++
					return nil
				}, quiet, limit)
				if got := time.Since(begin); got != ca.want {
					t.Errorf("%v, want %v", got, ca.want)
				}
			})
		})
	}
}

// TestPoolClosedFirst closes a pool under its sockets.
func TestPoolClosedFirst(t *testing.T) {
	p, err := NewPool(PoolConfig{Address: loopback, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	s, err := p.Open(Config{})
	if err != nil {
		t.Fatal(err)
	}
	p.Close()
	s.Close()
	pr, err := bindPair(s.LocalAddr())
	if err != nil {
		t.Fatalf("the port is still bound: %v", err)
	}
	pr.close()
}
