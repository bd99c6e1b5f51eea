package sip

import (
	"strings"
	"testing"

	"seatbridge/codec"
	"seatbridge/leg"
)

// replaces is the header that names the peer's dialog with us: its to-tag is ours.
func (c *call) replaces() string {
	return "Replaces: " + c.id + ";to-tag=" + tagIn(c.remote) + ";from-tag=" + tagIn(c.local)
}

func tagIn(value string) string { return between(value+";", ";tag=", ";") }

// A phone takes over its account's calls from another device, those that are answered and those that ring.
func TestReplaces(t *testing.T) {
	g := newGateway(t)
	p, second := g.phone("1001"), newPeer(t, "1001", g.udp)
	for name, begin := range map[string]func() (*call, string){
		"a call that it made": func() (*call, string) {
			c, a := g.talking(p, "0")
			return c, a.Leg.ID()
		},
		"a call that it took": func() (*call, string) {
			c, l, _ := g.connected(p, leg.Dial{To: leg.Destination{Extension: "1001"}}, "0")
			return c, l.ID()
		},
		"a call that rings": func() (*call, string) {
			l, w := g.dial(leg.Dial{To: leg.Destination{Extension: "1001"}})
			invite := p.find("INVITE")
			p.reply(invite, "180 Ringing", "t", "")
			want[leg.Ringing](w)
			return p.taken(invite, "t"), l.ID()
		},
	} {
		t.Run(name, func(t *testing.T) {
			old, id := begin()
			extra := []string{old.replaces(), "Require: replaces"}
			if name == "a call that rings" {
				extra[0] += ";early-only"
			}
			c := second.calls("1001")
			c.prove("INVITE", second.sdp("0"), extra...)
			a := g.arrived()
			if a.Replaces != id || a.Account != "1001" {
				t.Errorf("%+v replaces leg %s", a.Incoming, id)
			}
			a.Leg.Accept(codec.None)
			c.answered("200", "")
			want[leg.Answered](a.w)
			c.send("BYE", "")
			a.w.ended(leg.Normal)
		})
	}
}

func TestReplacesRefused(t *testing.T) {
	g := newGateway(t)
	p, other := g.phone("1001"), newPeer(t, "1002", g.udp)
	established, _ := g.talking(p, "0")
	ringing := p.calls("200") // the phone calls: nobody but it may end that
	ringing.prove("INVITE", p.sdp("0"))
	g.arrived().Leg.Ring()
	ringing.remote = ringing.find("SIP/2.0 180").get("To")
	for _, ca := range []struct {
		what   string
		by     *peer
		extra  []string
		status string
	}{
		{"no such dialog", p, []string{"Replaces: abc;to-tag=1;from-tag=2"}, "481"},
		{"a wrong tag", p, []string{strings.Replace(established.replaces(), "from-tag=", "from-tag=x", 1)}, "481"},
		{"the tags the wrong way round", p, []string{"Replaces: " + established.id + ";to-tag=" + tagIn(established.local) +
			";from-tag=" + tagIn(established.remote)}, "481"},
		{"a dialog of another account", other, []string{established.replaces()}, "481"},
		{"one that rings at the far end", p, []string{ringing.replaces()}, "481"},
		{"an answered one where only a ringing one is wanted", p, []string{established.replaces() + ";early-only"}, "486"},
		{"two", p, []string{established.replaces(), ringing.replaces()}, "400"},
		{"nonsense", p, []string{"Replaces: abc"}, "400"},
	} {
		c := ca.by.calls("1001")
		if ca.status == "400" { // before anybody is asked who it is
			c.send("INVITE", ca.by.sdp("0"), ca.extra...)
		} else {
			c.prove("INVITE", ca.by.sdp("0"), ca.extra...)
		}
		c.answered(ca.status, "")
		if len(g.incoming) > 0 {
			t.Fatalf("%s: the call came through", ca.what)
		}
	}
}

// A dialog that has just ended, while its BYE waits for an answer, is declined.
func TestReplacesTooLate(t *testing.T) {
	g := newGateway(t)
	p := g.phone("1001")
	old, a := g.talking(p, "0")
	a.Leg.Hangup(leg.Cause{Reason: leg.Normal})
	bye := p.find("BYE")
	c := p.calls("1001")
	c.prove("INVITE", p.sdp("0"), old.replaces())
	c.answered("603", "")
	p.reply(bye, "200 OK", "", "")
	a.w.ended(leg.Normal)
}
