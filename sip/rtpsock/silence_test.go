package rtpsock

import (
	"net/netip"
	"testing"
	"time"

	"seatbridge/sip/sdp"
)

// TestSilence tells of each silence once, with its cause, and of its end.
func TestSilence(t *testing.T) {
	for _, ca := range []struct {
		name string
		keys bool
		drop func(t *testing.T, s *Socket, p *phone)
		want SilenceCause
	}{
		{"nothing comes", false, func(*testing.T, *Socket, *phone) {}, NoPackets},
		{"from elsewhere", false, func(t *testing.T, s *Socket, p *phone) {
			newPhone(t, loopback2, s.LocalAddr()).say("1", "2", "3")
		}, WrongSource},
		{"a candidate that proves nothing", false, func(t *testing.T, s *Socket, p *phone) {
			newPhone(t, loopback, s.LocalAddr()).say("1", "2", "3")
		}, WrongSource},
		{"without keys", true, func(t *testing.T, s *Socket, p *phone) {
			plain := *p
			plain.seal = nil
			plain.say("1", "2", "3")
		}, AuthFailed},
		{"no RTP", false, func(t *testing.T, s *Socket, p *phone) {
			for range 3 {
				p.send([]byte("hello"))
			}
		}, NotRTP},
		{"another payload type", false, func(t *testing.T, s *Socket, p *phone) {
			odd := *p
			odd.pt = 9
			odd.say("1", "2", "3")
		}, UnknownType},
	} {
		t.Run(ca.name, func(t *testing.T) {
			told := make(chan Silence, 10)
			ck := &clock{now: time.Now()}
			s, k := newTestSocket(t, Config{Learn: LearnSameIP, OnSilence: func(s Silence) { told <- s }}, ck)
			p := newPhone(t, loopback, s.LocalAddr())
			n := negotiated(p.addr())
			if ca.keys {
				n.SRTP = newKeys(sdp.GCM)
				p.secure(n.SRTP)
			}
			configure(t, s, n, netip.Addr{})
			s.Watch(3 * time.Second)
			for range 10 { // is no reason for a silence after it
				p.send(nil)
				newPhone(t, loopback2, s.LocalAddr()).say("early")
			}
			p.say("good")
			k.expect(t, "good")
			s.checkSilence(ck.Now())
			before := sum(s)
			ca.drop(t, s, p)
			if ca.want != NoPackets {
				waitFor(t, func() bool { return sum(s) >= before+3 })
			}
			ck.advance(3*time.Second - 1)
			s.checkSilence(ck.Now())
			if len(told) != 0 {
				t.Fatalf("too early: %v", <-told)
			}
			ck.advance(1)
			if got := next(t, told); got != (Silence{Cause: ca.want}) { // told by the socket's own goroutine
				t.Errorf("%+v", got)
			}
			ck.advance(time.Hour)
			s.checkSilence(ck.Now())
			p.say("back")
			if got := next(t, told); got != (Silence{Back: true}) {
				t.Errorf("%+v", got)
			}
			s.checkSilence(ck.Now())
			if len(told) != 0 {
				t.Errorf("told once more: %v", <-told)
			}
		})
	}
}

func sum(s *Socket) uint64 {
	d := s.Stats().Dropped
	return d.WrongSource + d.Learning + d.Short + d.Auth + d.Replay + d.UnknownType
}

func next(t *testing.T, told chan Silence) Silence {
	t.Helper()
	select {
	case s := <-told:
		return s
	case <-time.After(patience):
		t.Fatal("nothing was told")
		return Silence{}
	}
}

// TestNoSilence says nothing where silence is to be expected, and counts anew after.
func TestNoSilence(t *testing.T) {
	var in inbound
	begin := time.Unix(1e9, 0)
	at := func(s int) time.Time { return begin.Add(time.Duration(s) * time.Second) }
	n := negotiated(netip.AddrPortFrom(loopback, 4000))
	held := n
	held.Direction, held.Held = sdp.RecvOnly, true
	for i, ca := range []struct {
		second  int
		do      func()
		want    Silence
		changed bool
	}{
		{0, func() { in.configure(n, netip.Addr{}, at(0)) }, Silence{}, false},
		{100, func() {}, Silence{}, false}, // not answered yet
		{100, func() { in.watch.start(3*time.Second, at(100)) }, Silence{}, false},
		{102, func() {}, Silence{}, false},
		{103, func() {}, Silence{Cause: NoPackets}, true},
		{104, func() { in.watch.start(2*time.Second, at(104)) }, Silence{}, false}, // still silent
		{105, func() { in.configure(held, netip.Addr{}, at(105)) }, Silence{Back: true}, true},
		{500, func() {}, Silence{}, false},
		{501, func() { in.configure(n, netip.Addr{}, at(501)) }, Silence{}, false},
		{502, func() {}, Silence{}, false},
		{503, func() {}, Silence{Cause: NoPackets}, true},
		{504, func() { in.watch.start(0, at(504)) }, Silence{}, false},
		{900, func() {}, Silence{}, false},
		{900, func() { in.watch.start(2*time.Second, at(900)) }, Silence{}, false},
		{901, func() { in.watch.heard = at(901) }, Silence{}, false},
		{902, func() {}, Silence{}, false},
		{903, func() {}, Silence{Cause: NoPackets}, true},
	} {
		ca.do()
		told, changed := in.check(at(ca.second))
		if told != ca.want || changed != ca.changed {
			t.Errorf("%d, second %d: %+v, %v", i, ca.second, told, changed)
		}
	}
}

// TestWatchOpensTheWindow lets a phone that sends late, after 183 and a long ring, be learned at its answer.
func TestWatchOpensTheWindow(t *testing.T) {
	ck := &clock{now: time.Now()}
	l := latch{learn: LearnSignalling, sendTo: reach{local: netip.MustParseAddr("203.0.113.1")}}
	s := &Socket{now: ck.Now, in: &inbound{latch: l}}
	s.in.latch.expect(ap(phoneAddr), netip.AddrPort{}, ap(sipAddr).Addr(), ck.Now())
	ck.advance(time.Minute)
	if got := s.in.latch.judge(ap(sipAddr), ck.Now()); got != stranger {
		t.Errorf("after the window: %v", got)
	}
	s.Watch(time.Second)
	ck.advance(4 * time.Second)
	if got := s.in.latch.judge(ap(sipAddr), ck.Now()); got != hopeful {
		t.Errorf("after the answer: %v", got)
	}
}
