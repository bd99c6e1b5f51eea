package sip

import (
	"testing"

	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/sip/trunk"
)

// Close ends every leg, whatever it is at, and nothing begins after it.
func TestCloseWithCallsUp(t *testing.T) {
	carrier, spare := newPeer(t, "carrier", ""), newPeer(t, "spare", "")
	g := newGateway(t, withTrunk(trunk.Config{Name: "carrier"}, carrier.addr, spare.addr))
	carrier.gateway = g.udp
	p := g.phone("1001")
	c := p.calls("200")
	c.prove("INVITE", p.sdp("0"))
	ringing := g.arrived()
	ringing.Leg.Ring()
	_, talking := g.talking(newPeer(t, "1002", g.udp), "0")
	_, _, called := g.connected(p, to("1001"), "0")
	_, calling := g.dial(to("1001"))
	p.find("INVITE")
	_, outgoing := g.dial(outside("carrier"))
	carrier.find("INVITE")
	c2 := newPeer(t, "1003", g.udp).calls("200")
	c2.prove("INVITE", "")
	late := g.arrived()
	late.Leg.Accept(codec.None)
	c2.find("SIP/2.0 200")
	g.Close()
	for _, w := range []*watcher{ringing.w, talking.w, called, calling, outgoing, late.w} {
		if cause := w.ended(leg.Shutdown); cause.Remote {
			t.Errorf("%+v", cause)
		}
	}
	_, w := g.dial(to("1001"))
	w.ended(leg.Shutdown)
}
