package sip

import (
	"strings"
	"sync"
	"testing"
	"time"

	"seatbridge/codec"
	"seatbridge/dtmf"
	"seatbridge/leg"
)

func TestCancel(t *testing.T) {
	g := newGateway(t)
	for name, before := range map[string]func(leg.Leg){
		"at once":           func(leg.Leg) {},
		"while it rings":    func(l leg.Leg) { l.Ring() },
		"after early media": func(l leg.Leg) { l.Progress(codec.None) },
	} {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t, "1001", g.udp)
			c := p.calls("200")
			c.prove("INVITE", p.sdp("0"))
			a := g.arrived()
			before(a.Leg)
			c.find("SIP/2.0 1")
			c.send("CANCEL", "", `Reason: SIP;cause=200;text="Call completed elsewhere"`)
			c.find("SIP/2.0 200")
			c.answered("487", "")
			cause := a.w.ended(leg.Cancelled)
			if !cause.Remote || !strings.Contains(cause.Text, "elsewhere") {
				t.Errorf("%+v", cause)
			}
			a.Leg.Accept(codec.None) // too late for all of these
			a.Leg.Ring()
			a.Leg.Hangup(leg.Cause{Reason: leg.Normal})
		})
	}
}

// Two commands to answer at once are one answer.
func TestAcceptTwiceAtOnce(t *testing.T) {
	g := newGateway(t)
	p := newPeer(t, "1001", g.udp)
	for range 20 {
		c := p.calls("200")
		c.prove("INVITE", p.sdp("0"))
		a := g.arrived()
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() { a.Leg.Accept(codec.None) })
		}
		both.Wait()
		c.answered("200", "")
		want[leg.Answered](a.w)
		c.send("BYE", "")
		a.w.ended(leg.Normal)
	}
}

// Whatever state an incoming leg is in, Hangup ends it in the way that is due.
func TestHangupOfIncoming(t *testing.T) {
	g := newGateway(t)
	for _, ca := range []struct {
		name   string
		offer  bool
		before func(leg.Leg)
		want   string // the final response
	}{
		{"at once", true, func(leg.Leg) {}, "486"},
		{"rings", true, leg.Leg.Ring, "486"},
		{"early media", true, func(l leg.Leg) { l.Progress(codec.None) }, "486"},
		{"without offer", false, leg.Leg.Ring, "486"},
		{"answered", true, func(l leg.Leg) { l.Accept(codec.None) }, "200"},
		{"answered without offer", false, func(l leg.Leg) { l.Accept(codec.None) }, "200"},
	} {
		t.Run(ca.name, func(t *testing.T) {
			p := newPeer(t, "1001", g.udp)
			c := p.calls("200")
			offer, answer := p.sdp("0"), ""
			if !ca.offer {
				offer, answer = "", p.sdp("0")
			}
			c.prove("INVITE", offer)
			a := g.arrived()
			ca.before(a.Leg)
			a.Leg.Hangup(leg.Cause{Reason: leg.Busy, Text: "x"})
			a.Leg.Hangup(leg.Cause{Reason: leg.Normal})
			c.answered(ca.want, answer)
			if ca.want == "200" {
				p.ok("BYE")
			}
			if ca.want == "200" && ca.offer {
				want[leg.Answered](a.w)
			}
			if cause := a.w.ended(leg.Busy); cause.Remote || cause.Text != "x" {
				t.Errorf("%+v", cause)
			}
		})
	}
}

// Whatever state an outgoing leg is in, Hangup ends it at once.
func TestHangupOfOutgoing(t *testing.T) {
	g := newGateway(t)
	p := g.phone("1001")
	for _, ca := range []struct {
		name   string
		before func(invite message)
		events int
	}{
		{"nothing heard", func(message) {}, 0},
		{"trying", func(m message) { p.reply(m, "100 Trying", "", "") }, 0},
		{"rings", func(m message) { p.reply(m, "180 Ringing", "t", "") }, 1},
		{"early media", func(m message) { p.reply(m, "183 Session Progress", "t", p.sdp("0")) }, 1},
		{"answered", func(m message) { p.reply(m, "200 OK", "t", p.sdp("0")) }, 1},
	} {
		t.Run(ca.name, func(t *testing.T) {
			l, w := g.dial(leg.Dial{To: leg.Destination{Extension: "1001"}})
			invite := p.find("INVITE")
			ca.before(invite)
			for range ca.events {
				<-w.events
			}
			l.Hangup(leg.Cause{Reason: leg.Shutdown})
			l.Hangup(leg.Cause{Reason: leg.Normal})
			if cause := w.ended(leg.Shutdown); cause.Remote {
				t.Errorf("%+v", cause)
			}
			if ca.name == "answered" {
				p.find("ACK")
				p.ok("BYE")
				return
			}
			if ca.name == "nothing heard" {
				p.reply(invite, "180 Ringing", "t", "") // CANCEL waits for this (RFC 3261 section 9.1)
			}
			if cancel := p.ok("CANCEL"); !strings.Contains(cancel.get("Reason"), "Q.850;cause=41") {
				t.Error(cancel)
			}
			p.reply(invite, "487 Request Terminated", "t", "")
			p.find("ACK")
		})
	}
}

func TestHoldAndResume(t *testing.T) {
	g := newGateway(t)
	p := newPeer(t, "1001", g.udp)
	c, a := g.talking(p, "0 101")
	reinvite := func(method, sdp, direction string) {
		t.Helper()
		c.send(method, sdp)
		res := c.find("SIP/2.0 200")
		if method == "INVITE" {
			c.send("ACK", "")
		}
		if !strings.Contains(res.body(), "a="+direction+"\r\n") {
			t.Errorf("wanted %s:\n%s", direction, res)
		}
	}
	nowhere := strings.Replace(p.sdp("0 101"), "c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0", 1)
	session := strings.Replace(p.sdp("0 101"), "\r\nm=", "\r\na=sendonly\r\nm=", 1)
	unended := strings.TrimSuffix(p.sdp("0 101", "a=inactive"), "\r\n")
	for _, method := range []string{"INVITE", "UPDATE"} {
		for hold, direction := range map[string]string{
			p.sdp("0 101", "a=sendonly"): "recvonly", p.sdp("0 101", "a=inactive"): "inactive", nowhere: "recvonly",
			session: "recvonly", unended: "inactive",
		} {
			reinvite(method, hold, direction)
			if !want[leg.HeldChanged](a.w).Held {
				t.Error("taken back")
			}
			reinvite(method, hold, direction) // is told once
			reinvite(method, p.sdp("0 101", "a=sendrecv"), "sendrecv")
			if want[leg.HeldChanged](a.w).Held {
				t.Error("held")
			}
		}
	}
	c.send("BYE", "")
	a.w.ended(leg.Normal)
}

// A phone that was called answers with a hold: call control learns of the answer first.
func TestAnswerWithHold(t *testing.T) {
	g := newGateway(t)
	p := g.phone("1001")
	_, w := g.dial(leg.Dial{To: leg.Destination{Extension: "1001"}})
	invite := p.find("INVITE")
	p.reply(invite, "183 Session Progress", "t", p.sdp("0", "a=sendonly")) // one-way early media is no hold
	want[leg.EarlyMedia](w)
	p.reply(invite, "200 OK", "t", p.sdp("0", "a=sendonly"))
	want[leg.Answered](w)
	if !want[leg.HeldChanged](w).Held {
		t.Error("not held")
	}
}

func TestReinviteChangesCodec(t *testing.T) {
	g := newGateway(t)
	p := newPeer(t, "1001", g.udp)
	c, a := g.talking(p, "0 101")
	h := hears(t, a.Leg)
	c.send("INVITE", p.sdp("8"))
	res := c.answered("200", "")
	if codecsOf(res.body()) != "8" || a.Leg.Info().Codec != "PCMA" {
		t.Errorf("%s: %+v", res, a.Leg.Info())
	}
	p.talk(res.body(), 8, 2)
	h.something()
	if pt := p.hears(a.Leg).PayloadType; pt != 8 {
		t.Errorf("payload type %d", pt)
	}
	if a.Leg.Port().Ears[0].TakesEvents() {
		t.Error("telephone-event was not offered again")
	}
}

// An offer that can't be taken leaves the call as it was.
func TestReinviteRefused(t *testing.T) {
	g := newGateway(t)
	p := newPeer(t, "1001", g.udp)
	c, a := g.talking(p, "0")
	for offer, status := range map[string]string{"nonsense": "400", sdpAt(4000, "9"): "488", sdpAt(0, "0"): "488"} {
		c.send("INVITE", offer)
		c.answered(status, "")
		c.send("UPDATE", offer)
		c.find("SIP/2.0 " + status)
	}
	if info := a.Leg.Info(); info.Codec != "PCMU" {
		t.Errorf("%+v", info)
	}
	c.send("BYE", "")
	a.w.ended(leg.Normal)
}

// A re-INVITE without SDP asks for our offer; the ACK brings the answer.
func TestReinviteWithoutOffer(t *testing.T) {
	g := newGateway(t)
	p := newPeer(t, "1001", g.udp)
	c, a := g.talking(p, "0")
	c.send("INVITE", "")
	if res := c.answered("200", p.sdp("8", "a=sendonly")); codecsOf(res.body()) != "0 8 101" {
		t.Error(res)
	}
	if !want[leg.HeldChanged](a.w).Held || a.Leg.Info().Codec != "PCMA" {
		t.Errorf("%+v", a.Leg.Info())
	}
	c.send("INVITE", "")
	c.answered("200", sdpAt(4000, "9"))
	p.ok("BYE")
	a.w.ended(leg.NoCodec)
}

// We refresh the session by re-INVITE with what was our answer until then.
func TestSessionRefresh(t *testing.T) {
	t.Parallel()
	g := newGateway(t, func(c *Config) { c.SessionExpires, c.times.minSE = time.Minute, time.Second })
	p := newPeer(t, "1001", g.udp)
	c := p.calls("200")
	c.prove("INVITE", p.sdp("0 8 101"), "Supported: timer", "Session-Expires: 2;refresher=uas")
	a := g.arrived()
	a.Leg.Accept(codec.None)
	accepted := c.answered("200", "")
	want[leg.Answered](a.w)
	refresh := p.find("INVITE")
	if refresh.body() != accepted.body() {
		t.Errorf("%s", refresh)
	}
	p.reply(refresh, "200 OK", "", p.sdp("0", "a=sendonly"), "Session-Expires: 90;refresher=uac", "Require: timer")
	p.find("ACK")
	if !want[leg.HeldChanged](a.w).Held {
		t.Error("not held")
	}
	c.send("BYE", "")
	a.w.ended(leg.Normal)
}

// The phone moves to another address and says so by re-INVITE: its sound is believed from there.
func TestPhoneMoves(t *testing.T) {
	g := newGateway(t)
	p := newPeer(t, "1001", g.udp)
	c, a := g.talking(p, "0")
	h := hears(t, a.Leg)
	moved := newPeerAt(t, "1001", g.udp, "127.0.0.2")
	c.p = moved
	private := strings.Replace(moved.sdp("0"), "c=IN IP4 127.0.0.2", "c=IN IP4 10.1.2.3", 1)
	c.send("INVITE", private)
	res := c.answered("200", "")
	moved.talk(res.body(), 0, 6)
	h.something()
	moved.hears(a.Leg)
	a.Leg.Hangup(leg.Cause{Reason: leg.Normal})
	moved.ok("BYE")
}

// The observer may call the leg from within.
func TestObserverMayCallTheLeg(t *testing.T) {
	g := newGateway(t)
	p := g.phone("1001")
	var l leg.Leg
	ready := make(chan struct{})
	w := g.watch()
	l = g.Dial(leg.Dial{ID: "x", To: leg.Destination{Extension: "1001"}}, func(e leg.Event) {
		<-ready
		w.observe(e)
		switch e.(type) {
		case leg.Ringing:
			l.SendDigits([]dtmf.Event{1}, time.Millisecond, time.Millisecond)
		case leg.DigitsSent:
			l.Info()
			l.Hangup(leg.Cause{Reason: leg.Cancelled})
		}
	})
	close(ready)
	invite := p.find("INVITE")
	p.reply(invite, "180 Ringing", "t", "")
	want[leg.Ringing](w)
	if want[leg.DigitsSent](w).OK {
		t.Error("sent")
	}
	w.ended(leg.Cancelled)
	p.ok("CANCEL")
	p.reply(invite, "487 Request Terminated", "t", "")
}

// A panic of the observer costs that event, and nothing else.
func TestObserverPanics(t *testing.T) {
	ended := false
	tell := &teller{last: func() { ended = true }}
	tell.event(leg.Ringing{})
	tell.event(leg.Ended{})
	tell.event(leg.Ringing{}) // after the end
	var told []leg.Event
	observe := func() {
		defer func() { _ = recover() }()
		tell.observe(func(e leg.Event) {
			told = append(told, e)
			panic("oh")
		})
	}
	observe()
	observe()
	if len(told) != 2 || !ended {
		t.Errorf("%v, ended %v", told, ended)
	}
}

func TestPickupAndKind(t *testing.T) {
	g := newGateway(t)
	l, w := g.dial(leg.Dial{ID: "d", To: leg.Destination{Extension: "1001"}})
	cause := w.ended(leg.Unavailable)
	if !cause.Remote || l.ID() != "d" || l.Kind() != leg.KindPhone || l.Info().Remote != "1001" || l.Pickup() {
		t.Errorf("%+v %+v", cause, l.Info())
	}
	l.Ring() // nothing of this does anything
	l.Progress(codec.PCMU)
	l.Accept(codec.PCMU)
	l.SendDigits(nil, 0, 0)
	l.Hangup(leg.Cause{})
	if l.Port().In == nil || len(l.Port().Ears) != 1 {
		t.Error("no port")
	}
	p := newPeer(t, "1001", g.udp)
	_, a := g.talking(p, "0")
	if a.Leg.Pickup() {
		t.Error("picked up")
	}
	if at := a.Leg.Info().Report.At; !at.IsZero() {
		t.Errorf("a report of %v", at)
	}
}
