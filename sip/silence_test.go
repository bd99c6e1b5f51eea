package sip

import (
	"testing"
	"time"

	"seatbridge/codec"
	"seatbridge/leg"
)

// quick makes silence count sooner.
func quick(c *Config) {
	c.times.silence = 100 * time.Millisecond
	c.RTP.Silence = 150 * time.Millisecond
}

// probed says whether the party is being asked whether it is there.
func (l *sipLeg) probed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.vigil != nil
}

func TestSilence(t *testing.T) {
	t.Parallel()
	g := newGateway(t, quick)
	p := newPeer(t, "1001", g.udp)
	c := p.calls("200")
	c.prove("INVITE", p.sdp("0"))
	a := g.arrived()
	a.Leg.Accept(codec.None)
	res := c.answered("200", "")
	want[leg.Answered](a.w)
	for range 2 {
		if e := want[leg.MediaLost](a.w); e.Reason != "no packets" {
			t.Errorf("%+v", e)
		}
		c.ok("OPTIONS")
		c.ok("OPTIONS") // it is there, and still silent
		for back := false; !back; {
			p.talk(res.body(), 0, 1)
			select {
			case e := <-a.w.events:
				if _, back = e.(leg.MediaBack); !back {
					t.Fatalf("%T%+v", e, e)
				}
			case m := <-p.in:
				if m.is("OPTIONS") {
					p.reply(m, "200 OK", "", "")
				}
			case <-time.After(10 * time.Millisecond):
			}
		}
		if l := a.Leg.(*sipLeg); l.probed() {
			t.Error("it is asked though it speaks")
		}
	}
	a.Leg.Hangup(leg.Cause{Reason: leg.Normal})
	for e := range a.w.events {
		if _, last := e.(leg.Ended); last {
			return
		}
	}
}

// A silent party that does not answer either is gone.
func TestSilentPartyIsGone(t *testing.T) {
	t.Parallel()
	g := newGateway(t, quick)
	for name, status := range map[string]string{"no answer": "", "lost": "481 Call/Transaction Does Not Exist"} {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t, "1001", g.udp)
			c, a := g.talking(p, "0")
			want[leg.MediaLost](a.w)
			probe := c.find("OPTIONS")
			if status != "" {
				p.reply(probe, status, "", "")
			}
			if cause := a.w.ended(leg.Gone); !cause.Remote {
				t.Errorf("%+v", cause)
			}
			c.ok("BYE") // it may only have been out of reach
		})
	}
}

// A party that answers OPTIONS and never speaks is given up in the end.
func TestSilentForTooLong(t *testing.T) {
	t.Parallel()
	g := newGateway(t, quick)
	p := newPeer(t, "1001", g.udp)
	c, a := g.talking(p, "0")
	want[leg.MediaLost](a.w)
	for range silencePatience {
		c.ok("OPTIONS")
	}
	bye := c.ok("BYE")
	if cause := a.w.ended(leg.MediaDead); cause.Remote || bye.get("Reason") == "" {
		t.Errorf("%+v: %s", cause, bye)
	}
}

// A party on hold need not send, so that silence is told as what it is and it is not asked whether it is there.
func TestSilenceOnHold(t *testing.T) {
	t.Parallel()
	g := newGateway(t, quick)
	p := newPeer(t, "1001", g.udp)
	c, a := g.talking(p, "0")
	c.send("INVITE", p.sdp("0", "a=sendonly"))
	c.answered("200", "")
	await := func(what string, is func(leg.Event) bool) {
		t.Helper()
		for e := range a.w.events {
			if is(e) {
				return
			}
			switch e.(type) {
			case leg.MediaLost, leg.MediaBack: // before the hold, or as it ends
			default:
				t.Fatalf("%T%+v, want %s", e, e, what)
			}
		}
	}
	lost := func(reason string) {
		t.Helper()
		await(reason, func(e leg.Event) bool { return e == leg.MediaLost{Reason: reason} })
	}
	await("hold", func(e leg.Event) bool { return e == leg.HeldChanged{Held: true} })
	lost("held")
	if l := a.Leg.(*sipLeg); l.probed() {
		t.Error("it is asked while it holds")
	}
	c.send("INVITE", p.sdp("0", "a=sendrecv"))
	c.answered("200", "")
	await("resume", func(e leg.Event) bool { return e == leg.HeldChanged{} })
	lost("no packets")
	c.send("BYE", "")
	a.w.ended(leg.Normal)
}
