package sip

import (
	"strings"
	"testing"

	"seatbridge/leg"
	"seatbridge/sip/trunk"
)

// TestTrunkLimits checks that a full trunk is passed over for the next, that the number shown is one of the trunk that
// takes the call, and what is told where none has room.
func TestTrunkLimits(t *testing.T) {
	p, q := newPeer(t, "one", ""), newPeer(t, "two", "")
	g := newGateway(t,
		withTrunk(trunk.Config{Name: "one", CallerIDs: []string{"+491", "+492"}, MaxCalls: 1}, p.addr),
		withTrunk(trunk.Config{Name: "two", CallerIDs: []string{"+493", "+494"}, MaxCalls: 1}, q.addr))
	p.gateway, q.gateway = g.udp, g.udp
	d := outside("one", "two")
	d.CallerID, d.CallerIDs = "+492", []string{"+492", "+494"}
	first, fw := g.dial(d)
	if invite := p.find("INVITE"); !strings.Contains(invite.get("From"), "<sip:+492@") {
		t.Error(invite)
	}
	d.ID = "second"
	second, sw := g.dial(d)
	if invite := q.find("INVITE"); !strings.Contains(invite.get("From"), "<sip:+494@") {
		t.Error(invite)
	}
	d.ID = "third"
	_, tw := g.dial(d)
	if c := tw.ended(leg.Congestion); c.Policy != policyTrunkCalls || c.Text == "" {
		t.Errorf("%+v", c)
	}
	d.ID, d.Emergency = "help", true
	help, hw := g.dial(d)
	p.find("INVITE")
	for l, w := range map[leg.Leg]*watcher{first: fw, second: sw, help: hw} {
		l.Hangup(leg.Cause{Reason: leg.Cancelled})
		w.ended(leg.Cancelled)
	}
	for _, s := range g.Trunks() {
		if s.Calls != 0 {
			t.Errorf("%s still counts %d calls", s.Name, s.Calls)
		}
	}
}

// TestTrunkRate checks that a second gateway of a trunk is not another call.
func TestTrunkRate(t *testing.T) {
	p, q := newPeer(t, "one", ""), newPeer(t, "two", "")
	g := newGateway(t, withTrunk(trunk.Config{Name: "one", CallsPerSecond: 1}, p.addr, q.addr))
	p.gateway, q.gateway = g.udp, g.udp
	l, w := g.dial(outside("one"))
	p.reply(p.find("INVITE"), "503 Service Unavailable", "t", "")
	q.find("INVITE")
	d := outside("one")
	d.ID = "second"
	_, other := g.dial(d)
	if c := other.ended(leg.Congestion); c.Policy != policyTrunkRate {
		t.Errorf("%+v", c)
	}
	l.Hangup(leg.Cause{Reason: leg.Cancelled})
	w.ended(leg.Cancelled)
}
