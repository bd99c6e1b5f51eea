package guard

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"log/slog"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// admitted counts how many of n messages pass, sent evenly in d.
func admitted(g *Guard, a netip.Addr, n int, d time.Duration) int {
	passed := 0
	for range n {
		if _, why := g.admit(a); why == fine {
			passed++
		}
		time.Sleep(d / time.Duration(n))
	}
	return passed
}

func TestLanes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(Config{})
		g.SetAllowed([]netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")})
		g.AuthPassed(phoneAddr, "1001")
		for _, ca := range []struct {
			name     string
			addr     netip.Addr
			min, max int // of 10000 in one second
		}{
			{"stranger", attackerAddr, 79, 81},
			{"known", phoneAddr, 1499, 1501},
			{"allowed", trunkAddr, 9999, 10000},
		} {
			if n := admitted(g, ca.addr, 10000, time.Second); n < ca.min || n > ca.max {
				t.Errorf("%s: %d passed", ca.name, n)
			}
		}
		time.Sleep(2 * time.Hour)
		if n := admitted(g, phoneAddr, 10000, time.Second); n > 81 {
			t.Errorf("forgotten: %d passed", n)
		}
	})
}

// A flood of 10,000 a second from forged sources, more than the tables can hold, takes no more memory once it has filled
// them, and phones and trunks don't feel it.
func TestSpoofedFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(Config{})
		g.SetAllowed([]netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")})
		g.AuthPassed(phoneAddr, "1001")
		var before int64
		passed := 0
		for i := range 200_000 {
			if i == 100_000 {
				before = heap()
			}
			var b [4]byte
			binary.BigEndian.PutUint32(b[:], uint32(i)*7919+1<<30)
			if _, why := g.admit(netip.AddrFrom4(b)); why == fine {
				passed++
			}
			if i%10 == 0 {
				g.AuthFailed(netip.AddrFrom4(b), fmt.Sprint(i))
			}
			if i%10_000 == 0 {
				time.Sleep(time.Second)
				if _, why := g.admit(phoneAddr); why != fine {
					t.Fatalf("the phone is dropped: %v", why)
				}
				if _, why := g.admit(trunkAddr); why != fine {
					t.Fatalf("the trunk is dropped: %v", why)
				}
			}
		}
		if passed > 22_000+1 { // 20 s at 1000/s and a burst
			t.Errorf("%d strangers' messages passed", passed)
		}
		if grown := heap() - before; grown > 1<<20 {
			t.Errorf("%d bytes more than before", grown)
		}
		runtime.KeepAlive(g)
	})
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestAdmitDoesNotAllocate(t *testing.T) {
	g := newGuard(Config{})
	if n := testing.AllocsPerRun(1000, func() { g.admit(attackerAddr) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestConnectionLimits(t *testing.T) {
	g := newGuard(Config{MaxConns: 30, MaxConnsStranger: 2, MaxConnsKnown: 5})
	g.SetAllowed([]netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")})
	g.AuthPassed(phoneAddr, "1001")
	for _, step := range []struct {
		addr netip.Addr
		n    int
		want reason // of the next after n
	}{{attackerAddr, 2, tooManyFrom}, {phoneAddr, 5, tooManyFrom}, {trunkAddr, 23, tooManyConns}} {
		for i := range step.n {
			if why := g.connect(step.addr); why != fine {
				t.Fatalf("connection %d of %v: %v", i, step.addr, why)
			}
		}
		if why := g.connect(step.addr); why != step.want {
			t.Errorf("one too many from %v: %v", step.addr, why)
		}
	}
	g.disconnect(trunkAddr)
	if why := g.connect(netip.MustParseAddr("203.0.113.1")); why != fine {
		t.Errorf("after one has gone: %v", why)
	}
	for range 2 {
		g.disconnect(attackerAddr)
	}
	if len(g.conns) != 3 {
		t.Errorf("%d sources are kept", len(g.conns))
	}
}

func TestDropLogLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		g := newGuard(Config{})
		g.log = slog.New(slog.NewTextHandler(&out, nil))
		for range 20_000 {
			g.drop("udp", malformed, attackerAddr)
			time.Sleep(time.Millisecond)
		}
		if n := strings.Count(out.String(), "SIP input dropped"); n != 2 {
			t.Errorf("%d lines in 20 s:\n%s", n, out.String())
		}
		if !strings.Contains(out.String(), "count=10000") {
			t.Errorf("what was dropped meanwhile is not said:\n%s", out.String())
		}
	})
}

// BenchmarkPass is the cost of a message of a known source before the parser sees it.
func BenchmarkPass(b *testing.B) {
	loud := Rate{PerSecond: 1e9, Burst: 1e9}
	g := newGuard(Config{Known: loud})
	g.AuthPassed(phoneAddr, "1001")
	c := newPacketConn(g, nil)
	data := []byte(options + "Content-Length: 0\r\n\r\n")
	b.ReportAllocs()
	for b.Loop() {
		if !c.pass(data, 32768, phoneAddr) {
			b.Fatal("dropped")
		}
	}
}

// BenchmarkFlood is the cost of a message of a forged source that is dropped.
func BenchmarkFlood(b *testing.B) {
	g := newGuard(Config{})
	c := newPacketConn(g, nil)
	data := []byte(options + "Content-Length: 0\r\n\r\n")
	b.ReportAllocs()
	for i := uint32(0); b.Loop(); i++ {
		var a [4]byte
		binary.BigEndian.PutUint32(a[:], i*7919)
		c.pass(data, 32768, netip.AddrFrom4(a))
	}
}
