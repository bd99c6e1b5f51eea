package rtc

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"
)

func TestKindOf(t *testing.T) {
	packet := func(b ...byte) []byte { return append(b, make([]byte, minSize)...) }
	for _, ca := range []struct {
		name   string
		packet []byte
		want   kind
	}{
		{"nothing", nil, kindOther},
		{"short", make([]byte, minSize-1), kindOther},
		{"STUN request", packet(0, 1), kindSTUN},
		{"STUN success", packet(1, 1), kindSTUN},
		{"ZRTP", packet(16, 0), kindOther},
		{"DTLS handshake", packet(22, 254), kindDTLS},
		{"TURN channel", packet(64, 0), kindOther},
		{"RTP", packet(128, 111), kindSRTP},
		{"RTP with marker", packet(128, 111|128), kindSRTP},
		{"RTP PT 126 with marker", packet(128, 126|128), kindSRTP},
		{"RTCP SR", packet(128, 200), kindSRTCP},
		{"RTCP feedback", packet(129, 206), kindSRTCP},
		{"version 3", packet(192, 0), kindOther},
	} {
		t.Run(ca.name, func(t *testing.T) {
			if got := kindOf(ca.packet); got != ca.want {
				t.Errorf("%v, not %v", got, ca.want)
			}
		})
	}
}

// fakeConn reads what it is told to.
type fakeConn struct {
	udpConn
	reads []error // nil is a packet
}

func (c *fakeConn) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	err := c.reads[0]
	c.reads = c.reads[1:]
	if err != nil {
		return 0, netip.AddrPort{}, err
	}
	return copy(b, make([]byte, 20)), netip.MustParseAddrPort("[::ffff:192.0.2.1]:4000"), nil
}

func testGuard(c udpConn) (*guard, chan netip.AddrPort) {
	abuse := make(chan netip.AddrPort, 1)
	config := Config{MaxPacketRate: 10}
	config.setDefaults()
	g := newGuard(c, &config, abuse, nil)
	g.offer(1, 0)
	return g, abuse
}

// TestGuardSurvivesReadErrors: else the first would be the end of all connections.
func TestGuardSurvivesReadErrors(t *testing.T) {
	passing := &net.OpError{Op: "read", Err: errors.New("no buffer space available")}
	g, _ := testGuard(&fakeConn{reads: []error{passing, passing, nil, net.ErrClosed}})
	n, from, err := g.ReadFrom(make([]byte, 1500))
	if n != 20 || err != nil || from.String() != "192.0.2.1:4000" {
		t.Errorf("%d %v %v", n, from, err)
	}
	if _, _, err := g.ReadFrom(make([]byte, 1500)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

func rtpFrom(ssrc byte) []byte {
	return append([]byte{128, 111, 0, 0, 0, 0, 0, 0, 0, 0, 0, ssrc}, 1, 2, 3)
}
func rtcpFrom(ssrc byte) []byte { return []byte{128, 201, 0, 1, 0, 0, 0, ssrc, 0, 0, 0, 0} }

// TestGuardBudget follows one source over some seconds.
func TestGuardBudget(t *testing.T) {
	g, abuse := testGuard(nil)
	from := netip.MustParseAddrPort("192.0.2.1:4000")
	now := time.Now()
	if g.admit(rtpFrom(1), from, now) != nil {
		t.Error("RTP of a stranger was taken")
	}
	if g.admit(make([]byte, 20), from, now) == nil {
		t.Error("STUN of a stranger was not taken")
	}
	g.know(from, now)
	second := func(what string, packets, invented, want int, reported bool) {
		t.Helper()
		taken := 0
		for i := range packets {
			ssrc := byte(1)
			if i < invented {
				ssrc = byte(2 + i)
			}
			if g.admit(rtpFrom(ssrc), from, now.Add(time.Duration(i)*time.Millisecond)) != nil {
				taken++
			}
		}
		if taken != want {
			t.Errorf("%s: %d packets taken, not %d", what, taken, want)
		}
		if got := len(abuse) > 0; got != reported {
			t.Errorf("%s: reported %t", what, got)
		}
		now = now.Add(time.Second)
	}
	second("within the budget", 10, 0, 10, false)
	second("too many packets", 15, 0, 10, false)
	second("within again", 10, 0, 10, false)
	second("invented streams", 10, 8, 2, false)
	second("still", 10, 8, 2, false)
	second("for too long", 10, 8, 2, true)
	<-abuse
	second("within at last", 10, 0, 10, false)
	for i := range 10 {
		if got, want := g.admit(rtcpFrom(byte(i)), from, now) != nil, i < maxReporters; got != want {
			t.Errorf("RTCP stream %d: taken %t", i, got)
		}
	}
}

// TestGuardOffers: an SSRC is let through as long as it is in an offer of anybody.
func TestGuardOffers(t *testing.T) {
	g, _ := testGuard(nil)
	from := netip.MustParseAddrPort("192.0.2.1:4000")
	g.know(from, time.Now())
	g.offer(2, 0)
	g.offer(2, 0)
	for i, ca := range []struct {
		ssrc, before uint32
		want         []byte
	}{
		{3, 2, []byte{1, 2, 3}},
		{0, 2, []byte{1, 3}},
		{0, 0, []byte{1, 3}},
		{3, 3, []byte{1, 3}},
		{0, 3, []byte{1}},
	} {
		g.offer(ca.ssrc, ca.before)
		for ssrc := byte(0); ssrc < 5; ssrc++ {
			got := g.admit(rtpFrom(ssrc), from, time.Now().Add(time.Duration(i)*time.Minute)) != nil
			if want := slices.Contains(ca.want, ssrc); got != want {
				t.Errorf("%d: SSRC %d taken %t", i, ssrc, got)
			}
		}
	}
}

// TestGuardForgets sources that have been silent, when new ones come.
func TestGuardForgets(t *testing.T) {
	g, _ := testGuard(nil)
	old, kept, fresh := netip.MustParseAddrPort("192.0.2.1:1"), netip.MustParseAddrPort("192.0.2.1:2"),
		netip.MustParseAddrPort("192.0.2.1:3")
	now := time.Now()
	g.know(old, now)
	g.know(kept, now)
	g.admit(rtpFrom(1), kept, now.Add(time.Minute))
	g.know(fresh, now.Add(time.Minute+time.Second))
	if len(g.sources) != 2 || g.sources[old] != nil {
		t.Errorf("%v", g.sources)
	}
}

// FuzzGuard: no packet makes the guard panic, whoever sent it.
func FuzzGuard(f *testing.F) {
	for _, p := range [][]byte{nil, make([]byte, 20), rtpFrom(1), rtcpFrom(1), make([]byte, 1600)} {
		f.Add(p)
	}
	g, _ := testGuard(nil)
	known, stranger := netip.MustParseAddrPort("192.0.2.1:1"), netip.MustParseAddrPort("192.0.2.1:2")
	g.know(known, time.Now())
	f.Fuzz(func(t *testing.T, p []byte) {
		if g.admit(p, known, time.Now()) != nil && len(p) > maxSize {
			t.Error("oversized")
		}
		if g.admit(p, stranger, time.Now()) != nil && kindOf(p) != kindSTUN {
			t.Error("stranger")
		}
	})
}
