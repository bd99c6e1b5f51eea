package rtpsock

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"seatbridge/media"
	"seatbridge/sip/sdp"
)

// TestTwoWay speaks both ways over IPv4 and IPv6, plain.
func TestTwoWay(t *testing.T) {
	for _, addr := range []netip.Addr{loopback, netip.IPv6Loopback()} {
		t.Run(addr.String(), func(t *testing.T) {
			s, k := open(t, newPool(t, PoolConfig{Address: addr}, nil), Config{})
			p := newPhone(t, addr, s.LocalAddr())
			configure(t, s, negotiated(p.addr()), addr)
			p.say("a", "b", "c")
			k.expect(t, "a", "b", "c")
			speak(s, 1, "x")
			speak(s, 2, "y")
			first, second := p.hear(), p.hear()
			if string(first.Payload) != "x" || string(second.Payload) != "y" ||
				second.SequenceNumber != first.SequenceNumber+1 || first.SSRC != second.SSRC || first.PayloadType != 0 {
				t.Errorf("heard %v and %v", first, second)
			}
			if st := s.Stats(); st.Remote != p.addr() || st.Learned || st.Secure || st.Local != s.LocalAddr() {
				t.Errorf("%+v", st)
			}
		})
	}
}

// TestDeaf receives and sends nothing before anything was negotiated.
func TestDeaf(t *testing.T) {
	s, k := newTestSocket(t, Config{Learn: LearnSignalling}, nil)
	p := newPhone(t, loopback, s.LocalAddr())
	p.say("a", "b", "c", "d", "e")
	waitFor(t, func() bool { return s.Stats().Dropped.WrongSource == 5 })
	speak(s, 1, "x")
	p.nothing()
	if len(k.frames) != 0 {
		t.Error("heard something")
	}
}

// TestLearnBehindNAT is baresip: its SDP names another interface than its packets come from.
func TestLearnBehindNAT(t *testing.T) {
	s, k := newTestSocket(t, Config{Learn: LearnSignalling}, nil)
	p := newPhone(t, loopback, s.LocalAddr())
	configure(t, s, negotiated(netip.MustParseAddrPort("192.0.2.2:10140")), loopback)
	speak(s, 1, "x")
	if st := s.Stats(); st.NotSent != 1 || st.SendErrors != 0 || st.Remote.IsValid() {
		t.Fatalf("sent off loopback: %+v", st)
	}
	p.say("1", "2", "3", "4", "5")
	k.expect(t, "4", "5")
	speak(s, 2, "y")
	if got := p.hear(); string(got.Payload) != "y" {
		t.Errorf("heard %v", got)
	}
	if st := s.Stats(); !st.Learned || st.Remote != p.addr() || st.Dropped.Learning != 3 {
		t.Errorf("%+v", st)
	}
}

// TestNATRebind moves the phone to another port of its address: it must be silent for 2 s first.
func TestNATRebind(t *testing.T) {
	ck := &clock{now: time.Now()}
	s, k := newTestSocket(t, Config{Learn: LearnSameIP}, ck)
	old, fresh := newPhone(t, loopback, s.LocalAddr()), newPhone(t, loopback, s.LocalAddr())
	configure(t, s, negotiated(old.addr()), netip.Addr{})
	old.say("1", "2", "3", "4")
	k.expect(t, "1", "2", "3", "4")
	fresh.seq = old.seq
	ck.advance(1999 * time.Millisecond)
	fresh.say("no", "no", "no", "no")
	settle(t, s)
	speak(s, 1, "x")
	old.hear()
	fresh.nothing()
	ck.advance(time.Millisecond)
	fresh.say("5", "6", "7", "8", "9")
	k.expect(t, "8", "9")
	speak(s, 2, "y")
	if got := fresh.hear(); string(got.Payload) != "y" {
		t.Errorf("heard %v", got)
	}
	old.nothing()
	old.say("no")
	settle(t, s)
	if len(k.frames) != 0 {
		t.Error("the old port is still heard")
	}
}

// TestDirections keeps our packets back when the far end does not want them, and gives it an unbroken sequence after.
func TestDirections(t *testing.T) {
	for _, ca := range []struct {
		d     sdp.Direction
		count uint16
	}{{sdp.RecvOnly, 5}, {sdp.RecvOnly, 2000}, {sdp.Inactive, 5}, {sdp.Inactive, 2000}} {
		t.Run(fmt.Sprint(ca), func(t *testing.T) {
			s, _ := newTestSocket(t, Config{}, nil)
			p := newPhone(t, loopback, s.LocalAddr())
			n := negotiated(p.addr())
			configure(t, s, n, netip.Addr{})
			speak(s, 1, "before")
			before := p.hear()
			held := n
			held.Direction, held.Held = ca.d, true
			configure(t, s, held, netip.Addr{})
			for i := range ca.count {
				speak(s, 2+i, "held")
			}
			p.nothing()
			if st := s.Stats(); st.NotSent != uint64(ca.count) {
				t.Errorf("%+v", st)
			}
			configure(t, s, n, netip.Addr{})
			speak(s, 2+ca.count, "after")
			if after := p.hear(); string(after.Payload) != "after" || after.SequenceNumber != before.SequenceNumber+1 {
				t.Errorf("before %v, after %v", before, after)
			}
		})
	}
}

// TestGapsPass lets the speaker's small gaps through, which are loss to conceal, and no large ones.
func TestGapsPass(t *testing.T) {
	s, _ := newTestSocket(t, Config{}, nil)
	p := newPhone(t, loopback, s.LocalAddr())
	configure(t, s, negotiated(p.addr()), netip.Addr{})
	h := headerOf(s)
	var last uint16
	for i, ca := range []struct{ in, want uint16 }{
		{40000, 1}, {40001, 1}, {40004, 3}, {41005, 1}, {10, 1}, {11, 1}, {11, 1},
	} {
		h.SequenceNumber = ca.in
		if _, err := s.out.WriteRTP(&h, []byte("x")); err != nil {
			t.Fatal(err)
		}
		got := p.hear().SequenceNumber
		if i > 0 && got-last != ca.want {
			t.Errorf("%d: step %d, want %d", ca.in, got-last, ca.want)
		}
		if i == 0 && got > 1<<15 {
			t.Errorf("the sequence begins at %d", got)
		}
		last = got
	}
	if h.SequenceNumber != 11 {
		t.Error("the caller's header was changed")
	}
}

func TestPaddingAndExtensions(t *testing.T) {
	s, k := newTestSocket(t, Config{}, nil)
	p := newPhone(t, loopback, s.LocalAddr())
	configure(t, s, negotiated(p.addr()), netip.Addr{})
	padded := append(p.packet("padded"), 0, 0, 0, 4)
	padded[0] |= 0x20
	p.send(padded)
	extended := p.packet("")
	extended[0] |= 0x11 // one CSRC and an extension
	p.send(append(extended, append([]byte{1, 2, 3, 4, 0xbe, 0xde, 0, 1, 0x10, 9, 0, 0}, "extended"...)...))
	for _, bad := range [][]byte{{0, 0, 0, 0}, {0, 0, 0, 200}, {}} {
		b := append(p.packet(""), bad...)
		b[0] |= 0x20
		p.send(b)
		p.seq-- // no gap, or the Receiver would wait
	}
	p.say("end")
	k.expect(t, "padded", "extended", "end")
	if st := s.Stats(); st.Dropped.Short != 3 {
		t.Errorf("%+v", st.Dropped)
	}
}

// TestUnknownType passes types that were not negotiated on to the Receiver, to keep its sequence whole, and counts
// them; they prove nothing.
func TestUnknownType(t *testing.T) {
	s, k := newTestSocket(t, Config{Learn: LearnSameIP}, nil)
	p := newPhone(t, loopback, s.LocalAddr())
	n := negotiated(p.addr())
	configure(t, s, n, netip.Addr{})
	p.say("1", "2", "3", "4")
	p.pt = 96
	p.say("no")
	p.pt = 13 // comfort noise is expected of everybody
	p.say("no")
	p.pt = 0
	p.say("5")
	k.expect(t, "1", "2", "3", "4", "5")
	if in := s.Port().In.Stats(); in.UnknownType != 1 || in.ComfortNoise != 1 || in.Lost != 0 {
		t.Errorf("%+v", in)
	}
	other := newPhone(t, loopback, s.LocalAddr())
	n.Remote = netip.AddrPortFrom(loopback, 9)
	configure(t, s, n, netip.Addr{})
	other.pt = 96
	other.say("1", "2", "3", "4", "5")
	settle(t, s)
	if st := s.Stats(); st.Learned || st.Dropped.UnknownType != 6 {
		t.Errorf("%+v", st)
	}
}

func TestConfigureRefuses(t *testing.T) {
	s, k := newTestSocket(t, Config{}, nil)
	p := newPhone(t, loopback, s.LocalAddr())
	n := negotiated(p.addr())
	configure(t, s, n, netip.Addr{})
	bad := n
	bad.SRTP = &sdp.SRTP{Suite: sdp.AES80, Send: make(sdp.Key, 30), Receive: make(sdp.Key, 3)}
	err := s.Configure(bad, netip.Addr{})
	if !errors.Is(err, errKey) {
		t.Errorf("short key: %v", err)
	}
	p.say("still plain")
	k.expect(t, "still plain")
	s.Close()
	s.Close()
	if err := s.Configure(n, netip.Addr{}); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	speak(s, 1, "late")
	if _, err := s.out.WriteRTP(new(headerOf(s)), nil); !errors.Is(err, ErrNotSent) {
		t.Errorf("write after Close: %v", err)
	}
}

// TestCloseWhileBusy closes sockets in the middle of everything.
func TestCloseWhileBusy(t *testing.T) {
	pool := newPool(t, PoolConfig{}, nil)
	for i := range 10 {
		s, err := pool.Open(Config{Learn: LearnSameIP, RTCPInterval: time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		p := newPhone(t, loopback, s.LocalAddr())
		configure(t, s, negotiated(p.addr()), netip.Addr{})
		s.Port().In.SetSink(discard{})
		done := make(chan struct{})
		go func() {
			defer close(done)
			for j := range uint16(200) {
				p.say(fmt.Sprint(j))
				speak(s, j, "x")
				_ = s.Stats()
			}
		}()
		if i%2 == 0 {
			<-done
		}
		s.Close()
		<-done
	}
}

type discard struct{}

func (discard) Frame(*media.Frame) {}
func (discard) Event(*media.Event) {}

// TestTrust changes the rule between two attempts to reach a far end.
func TestTrust(t *testing.T) {
	s, k := newTestSocket(t, Config{Learn: LearnNever}, nil)
	p := newPhone(t, loopback, s.LocalAddr())
	configure(t, s, negotiated(netip.AddrPortFrom(loopback, 9)), netip.Addr{})
	p.say("1", "2", "3", "4")
	settle(t, s)
	if st := s.Stats(); st.Dropped.WrongSource != 5 {
		t.Errorf("%+v", st.Dropped)
	}
	s.Trust(LearnSameIP, nil)
	p.say("5", "6", "7", "8")
	k.expect(t, "8")
}
