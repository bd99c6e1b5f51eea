package sip

import (
	"net/netip"
	"strings"
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

func TestIPv6(t *testing.T) {
	at := netip.MustParseAddrPort("[::1]:0")
	six := func(p *peer) string {
		return strings.ReplaceAll(p.sdp("0"), "IN IP4 [::1]", "IN IP6 ::1")
	}
	trunkPeer := newPeerAt(t, "carrier", "", "[::1]")
	g := newGateway(t, withTrunk(trunk.Config{Name: "carrier"}, trunkPeer.addr), func(c *Config) {
		c.Listeners = []Listener{{Transport: "udp", Address: at}}
		c.RTP.Addresses = append(c.RTP.Addresses, at.Addr())
	})
	trunkPeer.gateway = g.udp
	p := newPeerAt(t, "1001", g.udp, "[::1]")
	p.register()
	c := p.calls("200")
	c.prove("INVITE", six(p))
	a := g.arrived()
	a.Leg.Accept(codec.None)
	if res := c.answered("200", ""); !strings.Contains(res.body(), "c=IN IP6 ::1\r\n") || res.get("Contact") != "<sip:200@"+g.udp+">" {
		t.Error(res)
	}
	want[leg.Answered](a.w)
	d := to("1001")
	d.AutoAnswer = true
	for d, p := range map[*leg.Dial]*peer{&d: p, {To: outside("carrier").To}: trunkPeer} {
		_, w := g.dial(*d)
		invite := p.find("INVITE")
		if !strings.Contains(invite.get("From"), "@[::1]>") || !strings.Contains(invite.body(), "c=IN IP6 ::1\r\n") ||
			d.AutoAnswer && invite.get("Call-Info") != "<sip:[::1]>;answer-after=0" {
			t.Error(invite)
		}
		p.reply(invite, "200 OK", "t", six(p))
		want[leg.Answered](w)
	}
}
