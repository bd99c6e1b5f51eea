package rtpsock

import (
	"crypto/rand"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/srtp/v2"

	"seatbridge/sip/sdp"
)

var suites = []sdp.Suite{sdp.AES80, sdp.GCM}

func newKeys(suite sdp.Suite) *sdp.SRTP {
	k := &sdp.SRTP{Suite: suite}
	for _, key := range []*sdp.Key{&k.Send, &k.Receive} {
		*key = make(sdp.Key, suite.KeyLen()+suite.SaltLen())
		_, _ = rand.Read(*key)
	}
	return k
}

func contextOf(t testing.TB, suite sdp.Suite, key sdp.Key) *srtp.Context {
	t.Helper()
	c, err := newContext(suite, key, srtp.SRTPReplayProtection(64), srtp.SRTCPReplayProtection(64))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// secure gives the phone the far side of the keys. Its contexts are pion's alone, as strict as any phone's.
func (p *phone) secure(k *sdp.SRTP) {
	p.seal, p.open = contextOf(p.t, k.Suite, k.Receive), contextOf(p.t, k.Suite, k.Send)
}

// secureCall is a socket and a phone with keys; the phone is expected.
func secureCall(t testing.TB, suite sdp.Suite, c Config, ck *clock) (*Socket, *sink, *phone, sdp.Negotiated) {
	t.Helper()
	s, k := newTestSocket(t, c, ck)
	p := newPhone(t, loopback, s.LocalAddr())
	n := negotiated(p.addr())
	n.SRTP = newKeys(suite)
	p.secure(n.SRTP)
	configure(t, s, n, netip.Addr{})
	return s, k, p, n
}

func eachSuite(t *testing.T, f func(t *testing.T, suite sdp.Suite)) {
	for _, suite := range suites {
		t.Run(string(suite), func(t *testing.T) { f(t, suite) })
	}
}

func TestSRTP(t *testing.T) {
	eachSuite(t, func(t *testing.T, suite sdp.Suite) {
		s, k, p, n := secureCall(t, suite, Config{}, nil)
		p.say("1", "2")
		again := p.packet("3")
		p.send(again)
		p.send(again) // a replay
		p.say("4")
		p.ssrc, p.seq = 77, 9 // another stream
		p.say("5")
		k.expect(t, "1", "2", "3", "4", "5")
		speak(s, 1, "x")
		if got := p.hear(); string(got.Payload) != "x" {
			t.Errorf("heard %v", got)
		}
		configure(t, s, n, netip.Addr{}) // the same keys: the counters go on
		p.send(again)
		p.say("6")
		k.expect(t, "6")
		speak(s, 2, "y")
		if got := p.hear(); string(got.Payload) != "y" {
			t.Errorf("heard %v", got)
		}
		if st := s.Stats(); !st.Secure || st.Dropped.Replay != 2 || st.Dropped.Auth != 0 {
			t.Errorf("%+v", st)
		}
	})
}

// TestSRTPRekey changes one key at a time, and back to plain RTP.
func TestSRTPRekey(t *testing.T) {
	eachSuite(t, func(t *testing.T, suite sdp.Suite) {
		s, k, p, n := secureCall(t, suite, Config{}, nil)
		p.say("1")
		k.expect(t, "1")
		fresh := newKeys(suite)
		var before []byte
		for i, keys := range []*sdp.SRTP{
			{Suite: suite, Send: n.SRTP.Send, Receive: fresh.Receive},
			{Suite: suite, Send: fresh.Send, Receive: fresh.Receive},
		} {
			speak(s, uint16(2*i), "before")
			p.hear()
			n.SRTP = keys
			configure(t, s, n, netip.Addr{})
			if i == 0 {
				p.seal = contextOf(t, suite, keys.Receive)
			} else {
				p.open = contextOf(t, suite, keys.Send)
			}
			again := p.packet("in")
			p.send(again)
			k.expect(t, "in")
			if i == 1 { // that was our key only: theirs keeps its memory
				p.send(before)
				waitFor(t, func() bool { return s.Stats().Dropped.Replay == 1 })
			}
			before = again
			speak(s, uint16(2*i+1), "after")
			if got := p.hear(); string(got.Payload) != "after" {
				t.Errorf("heard %v", got)
			}
		}
		n.SRTP, p.seal, p.open = nil, nil, nil
		configure(t, s, n, netip.Addr{})
		p.say("plain")
		k.expect(t, "plain")
		if st := s.Stats(); st.Secure || st.Dropped.Auth != 0 || st.Dropped.Replay != 1 {
			t.Errorf("%+v", st)
		}
	})
}

// TestSRTPBeforeLearning sends perfect RTP without the key, from an address that may be learned: no packet counts.
func TestSRTPBeforeLearning(t *testing.T) {
	eachSuite(t, func(t *testing.T, suite sdp.Suite) {
		s, k := newTestSocket(t, Config{Learn: LearnSameIP}, nil)
		p, attacker := newPhone(t, loopback, s.LocalAddr()), newPhone(t, loopback, s.LocalAddr())
		n := negotiated(netip.AddrPortFrom(loopback, 9))
		n.SRTP = newKeys(suite)
		configure(t, s, n, netip.Addr{})
		attacker.say("bad", "bad", "bad", "bad", "bad", "bad") // plain
		attacker.secure(newKeys(suite))
		attacker.say("bad", "bad", "bad", "bad", "bad", "bad") // another key
		settle(t, s)
		if st := s.Stats(); st.Learned || st.Dropped.Auth != 12 {
			t.Errorf("%+v", st)
		}
		p.secure(n.SRTP)
		attacker.seal = nil
		for i := range 6 {
			p.say(fmt.Sprint(i))
			attacker.say("bad")
		}
		k.expect(t, "3", "4", "5")
		if st := s.Stats(); st.Remote != p.addr() {
			t.Errorf("%+v", st)
		}
		settle(t, s)
		if len(k.frames) != 0 {
			t.Errorf("heard %q", k.next(t).payload)
		}
	})
}

// TestBadTags has someone who spoofs the phone's address send bad tags: the call goes on, and what a bad packet left
// behind does not grow with their number.
func TestBadTags(t *testing.T) {
	eachSuite(t, func(t *testing.T, suite sdp.Suite) {
		s, k, p, _ := secureCall(t, suite, Config{}, nil)
		attacker := *p
		attacker.secure(newKeys(suite))
		const rounds = 500
		for i := range rounds {
			p.say("good")
			attacker.ssrc, attacker.seq = p.ssrc, p.seq // the stream itself, and its future
			attacker.say("bad", "bad")
			attacker.ssrc, attacker.seq = uint32(i), 0 // streams that do not exist
			attacker.say("bad", "bad")
			k.expect(t, "good")
		}
		settle(t, s)
		if st := s.Stats(); st.Dropped.Auth+st.Dropped.Replay != 4*rounds || len(k.frames) != 0 {
			t.Errorf("%+v, %d more frames", st.Dropped, len(k.frames))
		}
		s.in.mu.Lock()
		defer s.in.mu.Unlock()
		if s.in.opener.streams != 1 || s.in.opener.trials > maxTrials {
			t.Errorf("%d streams, %d trials are remembered", s.in.opener.streams, s.in.opener.trials)
		}
	})
}

// TestStreamsAreBounded is an authenticated peer with no end of SSRCs.
func TestStreamsAreBounded(t *testing.T) {
	s, k, p, _ := secureCall(t, sdp.GCM, Config{}, nil)
	for i := range uint32(maxStreams + 10) {
		p.ssrc = 1000 + i
		b := p.packet("x")
		s.arrive(b, p.addr(), time.Now())
	}
	if n := len(k.frames); n != maxStreams {
		t.Errorf("%d streams were heard", n)
	}
	p.ssrc = 1000 // an old one goes on
	p.say("old")
	for range maxStreams {
		k.next(t)
	}
	k.expect(t, "old")
}

// TestRollover goes past 32,768 and 65,536 packets, both ways.
func TestRollover(t *testing.T) {
	const packets = 66_000
	eachSuite(t, func(t *testing.T, suite sdp.Suite) {
		s, _, p, n := secureCall(t, suite, Config{}, nil)
		var heard counter
		s.Port().In.SetSink(&heard)
		h := headerOf(s)
		both := func(count int) {
			t.Helper()
			for range count {
				s.arrive(p.packet("in"), p.addr(), time.Now())
				h.SequenceNumber++
				if _, err := s.out.WriteRTP(&h, []byte("out")); err != nil {
					t.Fatal(err)
				}
				if got := p.hear(); string(got.Payload) != "out" {
					t.Fatalf("heard %v", got)
				}
			}
		}
		both(packets)
		configure(t, s, n, netip.Addr{}) // a session refresh
		both(10)
		fresh := newKeys(suite)
		n.SRTP = &sdp.SRTP{Suite: suite, Send: n.SRTP.Send, Receive: fresh.Receive}
		p.seal = contextOf(t, suite, fresh.Receive)
		configure(t, s, n, netip.Addr{}) // their key only: ours goes on counting
		both(10)
		if heard != packets+20 {
			t.Errorf("%d of %d heard; %+v", heard, packets+20, s.Stats().Dropped)
		}
	})
}

// TestGapIn is the fault of the eleventh minute: the far end's packets are lost for so long that half the sequence
// space has gone by, in every place of it, and the stream must be heard again. Packets from before the gap stay
// replays.
func TestGapIn(t *testing.T) {
	eachSuite(t, func(t *testing.T, suite sdp.Suite) {
		for _, start := range []int{1, 20_000, 32_767, 40_000, 65_530, 70_000, 100_000} {
			for _, gap := range []int{100, 32_700, 32_768, 36_000, 60_000, 65_535} {
				ck := &clock{now: time.Now()}
				s, _, p, _ := secureCall(t, suite, Config{}, ck)
				p.seq = 0
				arrived := p.skip(start, func(b []byte) { s.arrive(b, p.addr(), ck.Now()) })
				last := p.packet("last")
				s.arrive(last, p.addr(), ck.Now())
				p.skip(gap, func([]byte) {})
				ck.advance(12 * time.Minute)
				s.arrive(last, p.addr(), ck.Now()) // recorded by an attacker
				for range 5 {
					s.arrive(p.packet("back"), p.addr(), ck.Now())
				}
				s.arrive(last, p.addr(), ck.Now())
				// RFC 3711 takes a replay of 32,768 packets ago for one of the future, with a bad tag.
				d := s.Stats().Dropped
				if got := int(s.Port().In.Stats().Packets); got != arrived+1+5 || d.Auth+d.Replay != 2 || d.Replay < 1 {
					t.Fatalf("start %d, gap %d: %d of %d arrived, %+v", start, gap, got, arrived+6, d)
				}
				s.Close()
			}
		}
	})
}

// skip makes count packets but seals only one in 20,000 of them: enough to take both sides through the rollovers. It
// returns how many that were.
func (p *phone) skip(count int, sealed func([]byte)) int {
	n := 0
	for i := range count {
		if i%20_000 != 0 && i != count-1 {
			p.seq++
			continue
		}
		sealed(p.packet("x"))
		n++
	}
	return n
}

// TestHoldFor12Minutes keeps 36,000 packets of ours back and then speaks to a phone that knows nothing but RFC 3711.
func TestHoldFor12Minutes(t *testing.T) {
	eachSuite(t, func(t *testing.T, suite sdp.Suite) {
		for _, start := range []int{1, 40_000} {
			s, _, p, n := secureCall(t, suite, Config{}, nil)
			h := headerOf(s)
			speak := func(count int, want error) {
				for range count {
					h.SequenceNumber++
					if _, err := s.out.WriteRTP(&h, []byte("x")); err != want {
						t.Fatal(err)
					}
					if want == nil {
						p.hear()
					}
				}
			}
			speak(start, nil)
			held := n
			held.Direction, held.Held = sdp.Inactive, true
			configure(t, s, held, netip.Addr{})
			speak(36_000, ErrNotSent)
			configure(t, s, n, netip.Addr{})
			speak(100, nil)
		}
	})
}

// TestFirstPacketsLostAtRollover hears a stream whose first packets, before the rollover, were lost.
func TestFirstPacketsLostAtRollover(t *testing.T) {
	_, k, p, _ := secureCall(t, sdp.AES80, Config{}, nil)
	p.seq = 65533
	p.packet("lost")
	p.packet("lost")
	p.say("1", "2")
	k.expect(t, "1", "2")
}

func TestWindow(t *testing.T) {
	var last checked
	w := newWindow(&last)
	for _, ca := range []struct {
		index uint64
		want  bool
	}{
		{0, true}, {0, false}, {5, true}, {3, true}, {3, false}, {5, false}, {68, true}, {5, false}, {4, false}, {6, true},
		{1 << 40, true}, {1<<40 - 63, true}, {1<<40 - 64, false}, {68, false}, {1<<40 - 63, false},
	} {
		accept, ok := w.Check(ca.index)
		if ok != ca.want || last != (checked{ca.index, !ca.want}) {
			t.Errorf("%d: %v", ca.index, ok)
		}
		if ok {
			accept()
		}
	}
	if _, ok := w.Check(1<<40 + 1); !ok {
		t.Error("a checked index counts without being accepted")
	}
	if _, ok := w.Check(1<<40 + 1); !ok {
		t.Error("a checked index counts without being accepted")
	}
}
