package sip

import (
	"fmt"
	"testing"

	"seatbridge/leg"
)

// rings answers an INVITE with 180 and wants it to be told.
func rings(w *watcher, p *peer, invite message, extra ...string) {
	w.t.Helper()
	p.reply(invite, "180 Ringing", "t", "", extra...)
	want[leg.Ringing](w)
}

// byHand has the phone that rings be answered by its user, and hang up.
func byHand(w *watcher, p *peer, invite message) {
	w.t.Helper()
	p.reply(invite, "200 OK", "t", p.sdp("0"))
	p.find("ACK")
	want[leg.Answered](w)
	p.taken(invite, "t").send("BYE", "")
	w.ended(leg.Normal)
}

// A phone that rings is told to answer in its early dialog: by its tag, target, route set and the next CSeq.
func TestPickup(t *testing.T) {
	g := newGateway(t)
	p := g.phone("1001")
	l, w := g.dial(to("1001"))
	invite := p.find("INVITE")
	if l.Pickup() {
		t.Error("a phone was picked up that does not ring")
	}
	rings(w, p, invite, "Allow-Events: conference,Talk", "allow-events: hold", "Record-Route: <sip:edge.test;lr>")
	for range 2 { // the second finds the first under way
		if !l.Pickup() {
			t.Fatal("not picked up")
		}
	}
	notify := p.find("NOTIFY")
	for name, want := range map[string]string{
		"Event": "talk", "Subscription-State": "active", "Content-Length": "0", "Content-Type": "",
		"Call-ID": invite.get("Call-ID"), "From": invite.get("From"), "To": invite.get("To") + ";tag=t",
		"CSeq": fmt.Sprintf("%d NOTIFY", invite.seq()+1), "Route": "<sip:edge.test;lr>",
		"Contact": invite.get("Contact"),
	} {
		if got := notify.get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if notify.uri() != "sip:1001@"+p.addr {
		t.Error(notify)
	}
	p.reply(notify, "200 OK", "", "")
	p.reply(invite, "200 OK", "t", p.sdp("0"))
	p.find("ACK")
	want[leg.Answered](w)
	if l.Pickup() {
		t.Error("an answered phone was picked up")
	}
	l.Hangup(leg.Cause{Reason: leg.Normal})
	if bye := p.ok("BYE"); bye.seq() != invite.seq()+2 {
		t.Error(bye)
	}
	w.ended(leg.Normal)
	p.nothing("ACK", "BYE")
}

func TestPickupNotAllowed(t *testing.T) {
	for name, ca := range map[string]struct {
		tag    string
		header []string
	}{
		"not said":        {"t", nil},
		"other events":    {"t", []string{"Allow-Events: hold, talkative"}},
		"no early dialog": {"", []string{"Allow-Events: talk"}},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGateway(t)
			p := g.phone("1001")
			l, w := g.dial(to("1001"))
			invite := p.find("INVITE")
			p.reply(invite, "180 Ringing", ca.tag, "", ca.header...)
			want[leg.Ringing](w)
			if l.Pickup() {
				t.Error("picked up")
			}
			byHand(w, p, invite)
			p.nothing("ACK", "SIP/2.0")
		})
	}
}

// What a carrier's far end says of itself is not believed: it is not our phone.
func TestPickupTrunk(t *testing.T) {
	far := newPeer(t, "carrier", "")
	g := newGateway(t, withTrunk(carrier(), far.addr))
	far.gateway = g.udp
	l, w := g.dial(outside("carrier"))
	invite := far.find("INVITE")
	rings(w, far, invite, "Allow-Events: talk")
	if l.Pickup() {
		t.Error("picked up")
	}
	byHand(w, far, invite)
	far.nothing("ACK", "SIP/2.0")
}

// A phone that refuses, or says nothing, goes on ringing, and is not asked again.
func TestPickupRefused(t *testing.T) {
	for _, status := range []string{"481 Call/Transaction Does Not Exist", "489 Bad Event", ""} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			g := newGateway(t)
			p := g.phone("1001")
			l, w := g.dial(to("1001"))
			invite := p.find("INVITE")
			rings(w, p, invite, "Allow-Events: talk")
			if !l.Pickup() {
				t.Fatal("not picked up")
			}
			if notify := p.find("NOTIFY"); status != "" {
				p.reply(notify, status, "", "")
			}
			want[leg.PickupRefused](w)
			if l.Pickup() {
				t.Error("asked again")
			}
			byHand(w, p, invite)
		})
	}
}

// What is said to the NOTIFY once the handset was lifted, or the call is over, means nothing.
func TestPickupTooLate(t *testing.T) {
	g := newGateway(t)
	p := g.phone("1001")
	l, w := g.dial(to("1001"))
	invite := p.find("INVITE")
	rings(w, p, invite, "Allow-Events: talk")
	l.Pickup()
	notify := p.find("NOTIFY")
	p.reply(invite, "200 OK", "t", p.sdp("0"))
	p.find("ACK")
	want[leg.Answered](w)
	p.reply(notify, "481 Call/Transaction Does Not Exist", "", "")
	p.taken(invite, "t").send("BYE", "")
	w.ended(leg.Normal)

	l, w = g.dial(to("1001"))
	invite = p.find("INVITE")
	rings(w, p, invite, "u: talk")
	l.Pickup()
	l.Hangup(leg.Cause{Reason: leg.Cancelled})
	w.ended(leg.Cancelled)
	p.ok("CANCEL")
	p.reply(invite, "487 Request Terminated", "t", "")
	p.reply(p.find("NOTIFY"), "481 Call/Transaction Does Not Exist", "", "")
	if l.Pickup() {
		t.Error("picked up after the end")
	}
}

// Of several phones the first that allows it is told to answer, not the first that rings.
func TestPickupFork(t *testing.T) {
	g := newGateway(t)
	a, b := g.phone("1001"), g.phone("1001")
	l, w, ia, ib := fork(t, g, a, b)
	rings(w, a, ia)
	b.reply(ib, "180 Ringing", "b", "", "Allow-Events: talk")
	b.reply(ib, "183 Session Progress", "b", b.sdp("0"))
	want[leg.EarlyMedia](w) // so the 180 was seen
	if !l.Pickup() {
		t.Fatal("not picked up")
	}
	b.ok("NOTIFY")
	b.reply(ib, "200 OK", "b", b.sdp("0"))
	b.find("ACK")
	want[leg.Answered](w)
	a.ok("CANCEL")
	a.reply(ia, "487 Request Terminated", "t", "")
	a.find("ACK")
	a.nothing("SIP/2.0")
	b.taken(ib, "b").send("BYE", "")
	w.ended(leg.Normal)
}
