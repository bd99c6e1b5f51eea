package rtpsock

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

func headerOf(s *Socket) rtp.Header {
	return rtp.Header{Version: 2, SSRC: s.control.ssrc}
}

// TestBleed is the RTP bleed attack: someone sprays the port and hopes to be sent the audio. Before and after the
// lock, with every rule of learning, no packet goes to a host that is neither the negotiated one nor the signalling
// one.
func TestBleed(t *testing.T) {
	for _, ca := range []struct {
		name   string
		c      Config
		remote netip.Addr
		sig    netip.Addr
	}{
		{"trunk", Config{Learn: LearnNever}, loopback, loopback},
		{"trunk with networks", Config{Networks: []netip.Prefix{netip.PrefixFrom(loopback, 32)}}, loopback, loopback},
		{"phone", Config{Learn: LearnSameIP}, loopback, netip.Addr{}},
		{"phone behind NAT", Config{Learn: LearnSignalling}, loopback, loopback2},
	} {
		t.Run(ca.name, func(t *testing.T) {
			ck := &clock{now: time.Now()}
			s, k := newTestSocket(t, ca.c, ck)
			p, attacker := newPhone(t, ca.remote, s.LocalAddr()), newPhone(t, loopback3, s.LocalAddr())
			configure(t, s, negotiated(p.addr()), ca.sig)
			var said uint16
			spray := func() {
				attacker.ssrc, attacker.seq = p.ssrc, p.seq // it even knows the stream
				for range 50 {
					attacker.say("attack")
				}
				settle(t, s)
				said++
				speak(s, said, "secret")
				attacker.nothing()
				if got := p.hear(); string(got.Payload) != "secret" {
					t.Errorf("the phone heard %v", got)
				}
			}
			spray() // before anything came
			for range 3 {
				ck.advance(2 * time.Second) // through the learning window and past it
				spray()
			}
			p.say("1", "2", "3", "4")
			k.expect(t, "1", "2", "3", "4")
			spray() // locked
			ck.advance(time.Hour)
			spray() // locked and silent
			if len(k.frames) != 0 {
				t.Errorf("an injected frame was heard: %q", k.next(t).payload)
			}
			if st := s.Stats(); st.Dropped.WrongSource < 300 || st.Learned {
				t.Errorf("%+v", st)
			}
		})
	}
}

// TestInjectFromTheSameHost is an attacker who shares the phone's address. Once the phone is locked on to, nothing of
// the attacker's is heard.
func TestInjectFromTheSameHost(t *testing.T) {
	ck := &clock{now: time.Now()}
	s, k := newTestSocket(t, Config{Learn: LearnSameIP}, ck)
	p, attacker := newPhone(t, loopback, s.LocalAddr()), newPhone(t, loopback, s.LocalAddr())
	configure(t, s, negotiated(p.addr()), netip.Addr{})
	p.say("0", "1", "2", "3")
	k.expect(t, "0", "1", "2", "3")
	for range 200 {
		ck.advance(20 * time.Millisecond)
		p.say("good")
		attacker.ssrc, attacker.seq = p.ssrc, p.seq
		attacker.say("bad", "bad", "bad", "bad", "bad")
		k.expect(t, "good")
	}
	settle(t, s)
	if len(k.frames) != 0 {
		t.Errorf("heard %q", k.next(t).payload)
	}
	speak(s, 1, "secret")
	attacker.nothing()
}

// TestGarbage floods both ports from the right source and from wrong ones; the good stream keeps every packet.
func TestGarbage(t *testing.T) {
	s, k := newTestSocket(t, Config{}, nil)
	p, stranger := newPhone(t, loopback, s.LocalAddr()), newPhone(t, loopback2, s.LocalAddr())
	configure(t, s, negotiated(p.addr()), netip.Addr{})
	random := rand.New(rand.NewPCG(3, 4))
	control := netip.AddrPortFrom(s.LocalAddr().Addr(), s.LocalAddr().Port()+1)
	junk := make([]byte, 1500)
	for i := range 500 {
		for j := range junk {
			junk[j] = byte(random.Uint32())
		}
		b := junk[:random.IntN(len(junk))]
		if len(b) > 0 && b[0]>>6 == 2 {
			b[0] = byte(random.IntN(128)) // what says it is RTP is the Receiver's to judge
		}
		p.send(b)
		stranger.send(b)
		for _, from := range []*phone{p, stranger} {
			if _, err := from.conn.WriteToUDPAddrPort(b, control); err != nil {
				t.Fatal(err)
			}
		}
		p.say("good")
		if h := k.next(t); h.payload != "good" {
			t.Fatalf("%d: heard %q", i, h.payload)
		}
		if i%20 == 19 { // no more than the kernel keeps for us
			waitFor(t, func() bool { return s.Stats().Dropped.BadRTCP == uint64(2*i+2) })
		}
	}
	settle(t, s)
	st := s.Stats()
	if st.Dropped.Short != 500 || st.Dropped.WrongSource != 501 || st.RTCPReceived != 0 {
		t.Errorf("%+v", st)
	}
	if in := s.Port().In.Stats(); in.Packets != 500 || in.Lost != 0 {
		t.Errorf("%+v", in)
	}
}

// TestOversize takes no packet that may have been cut.
func TestOversize(t *testing.T) {
	s, k := newTestSocket(t, Config{}, nil)
	p := newPhone(t, loopback, s.LocalAddr())
	configure(t, s, negotiated(p.addr()), netip.Addr{})
	p.send(p.packet(string(make([]byte, 2036)))) // 2,048 with its header
	p.send(p.packet(string(make([]byte, 8000))))
	p.say("good")
	k.expect(t, "good")
	if st := s.Stats(); st.Dropped.Short != 2 {
		t.Errorf("%+v", st.Dropped)
	}
	h := headerOf(s)
	if _, err := s.out.WriteRTP(&h, make([]byte, 2037)); err == nil || s.Stats().SendErrors != 1 {
		t.Errorf("sent a packet that is too long: %v", err)
	}
}

// TestRTCPBye goes on after a BYE, whoever sends it.
func TestRTCPBye(t *testing.T) {
	s, k := newTestSocket(t, Config{}, nil)
	p := newPhone(t, loopback, s.LocalAddr())
	configure(t, s, negotiated(p.addr()), netip.Addr{})
	p.say("1")
	bye, err := rtcp.Marshal([]rtcp.Packet{&rtcp.ReceiverReport{SSRC: p.ssrc}, &rtcp.Goodbye{Sources: []uint32{p.ssrc}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.conn.WriteToUDPAddrPort(bye, netip.AddrPortFrom(loopback, s.LocalAddr().Port()+1)); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return s.Stats().RTCPReceived == 1 })
	p.say("2")
	k.expect(t, "1", "2")
}
