package rtpsock

import (
	"net/netip"
	"testing"
	"time"

	"seatbridge/codec"
	"seatbridge/media"
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

// TestSilenceSuppression has more patience with a far end that has said that it falls silent, or does so as a habit,
// and no less with any other.
func TestSilenceSuppression(t *testing.T) {
	const short, long = 3 * time.Second, 30 * time.Second
	say := func(pt uint8, marker bool, payload string) func(*testing.T, *Socket, *phone, *clock) {
		return func(_ *testing.T, _ *Socket, p *phone, _ *clock) {
			p.pt, p.mark = pt, marker
			p.say(payload)
		}
	}
	pause := func(_ *testing.T, _ *Socket, _ *phone, ck *clock) { ck.advance(500 * time.Millisecond) }
	lose := func(_ *testing.T, _ *Socket, p *phone, _ *clock) { p.seq++ }
	hold := func(t *testing.T, s *Socket, p *phone, ck *clock) {
		n := both(p.addr())
		n.Direction, n.Held = sdp.Inactive, true
		configure(t, s, n, netip.Addr{})
		ck.advance(time.Second)
		configure(t, s, both(p.addr()), netip.Addr{})
	}
	for _, ca := range []struct {
		name string
		do   []func(*testing.T, *Socket, *phone, *clock)
		want time.Duration
	}{
		{"G.711", steps(say(0, false, "sound")), short},
		{"very short G.711", steps(say(0, false, "s")), short},
		{"comfort noise", steps(say(13, false, "F")), long},
		{"sound after comfort noise", steps(say(13, false, "F"), say(0, false, "sound")), short},
		{"Opus", steps(say(111, false, "\x78and more")), short},
		{"Opus DTX", steps(say(111, false, "\x78")), long},
		{"Opus DTX of two bytes", steps(say(111, false, "\x78\x00")), long},
		{"a talkspurt", steps(pause, say(0, true, "sound")), long},
		{"and what follows it", steps(pause, say(0, true, "sound"), say(0, false, "sound")), long},
		{"a marker without a pause", steps(say(0, true, "sound")), short},
		{"a pause without a marker", steps(pause, say(0, false, "sound")), short},
		{"a marker after a loss", steps(pause, lose, say(0, true, "sound")), short},
		{"a marker after a hold", steps(hold, say(0, true, "sound")), short},
	} {
		t.Run(ca.name, func(t *testing.T) {
			told := make(chan Silence, 10)
			ck := &clock{now: time.Now()}
			s, _ := newTestSocket(t, Config{Learn: LearnSameIP, OnSilence: func(s Silence) { told <- s }}, ck)
			p := newPhone(t, loopback, s.LocalAddr())
			configure(t, s, both(p.addr()), netip.Addr{})
			s.Watch(short)
			ck.advance(time.Millisecond)
			p.say("first")
			for _, do := range ca.do {
				settle(t, s)
				do(t, s, p, ck)
			}
			settle(t, s)
			for len(told) > 0 {
				<-told
			}
			ck.advance(ca.want - 1)
			s.checkSilence(ck.Now())
			if len(told) != 0 {
				t.Fatalf("too early: %v", <-told)
			}
			ck.advance(1)
			// The settling packets came from elsewhere.
			if got := next(t, told); got.Back || got.Cause == Held {
				t.Errorf("%+v", got)
			}
		})
	}
}

func steps(s ...func(*testing.T, *Socket, *phone, *clock)) []func(*testing.T, *Socket, *phone, *clock) {
	return s
}

// both is what is negotiated with a phone that may send PCMU and Opus.
func both(remote netip.AddrPort) sdp.Negotiated {
	n := negotiated(remote)
	n.Receive.Audio = append(n.Receive.Audio, media.AudioFormat{PT: 111, Codec: codec.Opus})
	return n
}

// TestSparsePackets keep a silence from being told, however far they are apart, as long as patience lasts.
func TestSparsePackets(t *testing.T) {
	for name, pt := range map[string]uint8{"comfort noise": 13, "Opus DTX": 111} {
		t.Run(name, func(t *testing.T) {
			ck := &clock{now: time.Now()}
			told := make(chan Silence, 10)
			s, _ := newTestSocket(t, Config{OnSilence: func(s Silence) { told <- s }}, ck)
			p := newPhone(t, loopback, s.LocalAddr())
			configure(t, s, both(p.addr()), netip.Addr{})
			s.Watch(3 * time.Second)
			p.pt = pt
			for range 30 {
				p.say("x")
				settle(t, s)
				ck.advance(4 * time.Second)
				s.checkSilence(ck.Now())
			}
			if len(told) != 0 {
				t.Errorf("told %+v", <-told)
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

// TestNoSilence says nothing where silence is to be expected, why it is on hold, and counts anew after.
func TestNoSilence(t *testing.T) {
	var in inbound
	begin := time.Unix(1e9, 0)
	at := func(s int) time.Time { return begin.Add(time.Duration(s) * time.Second) }
	n := negotiated(netip.AddrPortFrom(loopback, 4000))
	held := n
	held.Direction, held.Held = sdp.RecvOnly, true
	ours := n
	ours.Direction = sdp.SendOnly
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
		{106, func() {}, Silence{}, false},
		{107, func() {}, Silence{Cause: Held}, true},
		{500, func() {}, Silence{}, false},
		{501, func() { in.configure(n, netip.Addr{}, at(501)) }, Silence{Back: true}, true},
		{502, func() {}, Silence{}, false},
		{503, func() {}, Silence{Cause: NoPackets}, true},
		{504, func() { in.watch.start(0, at(504)) }, Silence{}, false},
		{900, func() {}, Silence{}, false},
		{900, func() { in.watch.start(2*time.Second, at(900)) }, Silence{}, false},
		{901, func() { in.watch.heard = at(901) }, Silence{}, false},
		{902, func() {}, Silence{}, false},
		{903, func() {}, Silence{Cause: NoPackets}, true},
		{904, func() { in.configure(ours, netip.Addr{}, at(904)) }, Silence{Back: true}, true},
		{999, func() {}, Silence{}, false}, // we want nothing
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
