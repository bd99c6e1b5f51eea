package sip

import (
	"strings"
	"testing"

	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/sip/trunk"
)

// carried is a call through a trunk that wants to be told of hold, or not, and that was answered.
func carried(t *testing.T, tells bool) (*gateway, *call, leg.Leg, *watcher) {
	t.Helper()
	p := newPeer(t, "carrier", "")
	g := newGateway(t, withTrunk(trunk.Config{
		Name: "one", HoldReinvite: tells, Codecs: []codec.ID{codec.PCMU, codec.PCMA},
	}, p.addr))
	p.gateway = g.udp
	c, l, w := g.connected(p, leg.Dial{To: leg.Destination{Number: "+15550199", Trunks: []string{"one"}}}, "0")
	return g, c, l, w
}

// offered takes our re-INVITE, which must offer this direction.
func (c *call) offered(direction string) message {
	c.p.t.Helper()
	m := c.p.find("INVITE")
	if !strings.Contains(m.body(), "\r\na="+direction+"\r\n") {
		c.p.t.Errorf("wanted %s:\n%s", direction, m)
	}
	return m
}

// takes answers our re-INVITE.
func (c *call) takes(m message, direction string) {
	c.p.t.Helper()
	c.p.reply(m, "200 OK", "", c.p.sdp("0", "a="+direction))
	c.p.find("ACK")
}

func TestHoldIsTold(t *testing.T) {
	_, c, l, w := carried(t, true)
	for range 3 {
		l.Hold(true)
		l.Hold(true)
		c.takes(c.offered("sendonly"), "recvonly")
		l.Hold(false)
		c.takes(c.offered("sendrecv"), "sendrecv")
	}
	c.p.nothing()
	c.send("BYE", "")
	w.ended(leg.Normal)
}

// Without the option nothing is said.
func TestHoldIsNotTold(t *testing.T) {
	_, c, l, w := carried(t, false)
	l.Hold(true)
	l.Hold(false)
	c.send("OPTIONS", "")
	c.find("SIP/2.0 200")
	c.p.nothing()
	c.send("BYE", "")
	w.ended(leg.Normal)
}

// A refusal leaves the call as it was, and the next hold is told again.
func TestHoldRefused(t *testing.T) {
	_, c, l, w := carried(t, true)
	for _, status := range []string{"488 Not Acceptable Here", "603 Decline", "500 Server Internal Error"} {
		l.Hold(true)
		c.p.reply(c.offered("sendonly"), status, "", "")
		c.p.find("ACK")
		l.Hold(false) // nothing was told, so nothing is taken back
		c.send("INVITE", c.p.sdp("0"))
		if res := c.answered("200", ""); !strings.Contains(res.body(), "a=sendrecv") {
			t.Errorf("after %s:\n%s", status, res)
		}
		c.p.nothing()
	}
	l.Hold(true)
	m := c.offered("sendonly")
	l.Hold(false) // while it is under way: taken back at once
	c.takes(m, "recvonly")
	c.takes(c.offered("sendrecv"), "sendrecv")
	l.Hold(true)
	c.takes(c.offered("sendonly"), "inactive") // it does not want our music
	if !want[leg.HeldChanged](w).Held {
		t.Error("not held")
	}
	l.Hold(false)
	c.takes(c.offered("sendrecv"), "sendrecv")
	if want[leg.HeldChanged](w).Held {
		t.Error("held")
	}
	c.send("BYE", "")
	w.ended(leg.Normal)
}

// The far end holds while our re-INVITE is in flight: each refuses the other's with 491; after the back-off both take.
func TestHoldsCross(t *testing.T) {
	_, c, l, w := carried(t, true)
	l.Hold(true)
	ours := c.offered("sendonly")
	c.send("INVITE", c.p.sdp("0", "a=inactive"))
	c.answered("491", "")
	c.p.reply(ours, "491 Request Pending", "", "")
	c.p.find("ACK")
	c.send("UPDATE", c.p.sdp("0", "a=inactive"))
	if res := c.find("SIP/2.0 200"); !strings.Contains(res.body(), "a=inactive") {
		t.Error(res)
	}
	if !want[leg.HeldChanged](w).Held {
		t.Error("not held")
	}
	again := c.offered("sendonly")
	if again.seq() <= ours.seq() {
		t.Errorf("CSeq %d after %d", again.seq(), ours.seq())
	}
	c.takes(again, "inactive")
	l.Hold(false)
	c.takes(c.offered("sendrecv"), "sendrecv")
	if want[leg.HeldChanged](w).Held {
		t.Error("held")
	}
	c.send("BYE", "")
	w.ended(leg.Normal)
}

// Hold before the answer is told with it; after the end it is not.
func TestHoldAtTheWrongTime(t *testing.T) {
	p := newPeer(t, "carrier", "")
	g := newGateway(t, withTrunk(trunk.Config{Name: "one", HoldReinvite: true}, p.addr))
	p.gateway = g.udp
	l, w := g.dial(leg.Dial{To: leg.Destination{Number: "+15550199", Trunks: []string{"one"}}})
	invite := p.find("INVITE")
	l.Hold(true)
	p.reply(invite, "200 OK", "t", p.sdp("0"))
	p.find("ACK")
	want[leg.Answered](w)
	c := p.taken(invite, "t")
	m := c.offered("sendonly")
	c.send("BYE", "")
	w.ended(leg.Normal)
	p.reply(m, "200 OK", "", p.sdp("0", "a=recvonly"))
	p.find("ACK")
	l.Hold(false)
}
