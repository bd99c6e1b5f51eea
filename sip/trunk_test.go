package sip

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/sip/trunk"
)

// shorter makes a gateway that says nothing be given up sooner.
func shorter(c *Config) { c.times.gateway = 100 * time.Millisecond }

func outside(trunks ...string) leg.Dial {
	return leg.Dial{To: leg.Destination{Number: "+4940123", Trunks: trunks}}
}

func TestDialTrunk(t *testing.T) {
	p := newPeer(t, "carrier", "")
	g := newGateway(t, func(c *Config) {
		t := carrier()
		t.RewriteOut = []trunk.Rule{{Match: `\+49(.*)`, Replace: `0${1}`}}
		withTrunk(t, p.addr)(c)
	})
	p.gateway = g.udp
	d := outside("carrier")
	d.From = leg.Identity{Number: "1001", Name: `Ann "The"` + "\r\nX-Evil: 1"}
	d.CallerID = "+4930100"
	d.Codecs = []codec.ID{codec.PCMA}
	l, w := g.dial(d)
	invite := p.find("INVITE")
	_, port, _ := strings.Cut(p.addr, ":")
	if invite.uri() != "sip:040123@"+p.addr || invite.get("To") != "<sip:040123@127.0.0.1>" ||
		!strings.HasPrefix(invite.get("From"), `"Ann TheX-Evil: 1" <sip:030100@127.0.0.1>;tag=`) ||
		invite.get("P-Asserted-Identity") != `"Ann \"The\"X-Evil: 1" <sip:030100@127.0.0.1>` || port == "" ||
		codecsOf(invite.body()) != "8 0 101" || invite.get("X-Evil") != "" {
		t.Error(invite)
	}
	p.reply(invite, "183 Session Progress", "t", p.sdp("8 101"))
	want[leg.EarlyMedia](w)
	p.reply(invite, "200 OK", "t", p.sdp("8 101"))
	want[leg.Answered](w)
	if info := l.Info(); info.Remote != "carrier" || info.Kind != leg.KindTrunk || info.Codec != "PCMA" {
		t.Errorf("%+v", info)
	}
	l.Hangup(leg.Cause{Reason: leg.Normal})
	p.ok("BYE")
	w.ended(leg.Normal)
}

func TestOddNumbers(t *testing.T) {
	p := newPeer(t, "carrier", "")
	g := newGateway(t, withTrunk(trunk.Config{Name: "carrier"}, p.addr))
	p.gateway = g.udp
	for number, user := range map[string]string{"*100*5#": "*100*5%23", "112": "112", "+49#": "+49%23"} {
		d := outside("carrier")
		d.To.Number = number
		l, w := g.dial(d)
		invite := p.find("INVITE")
		if invite.uri() != "sip:"+user+"@"+p.addr || !strings.Contains(invite.get("From"), "<sip:anonymous@") {
			t.Error(invite)
		}
		l.Hangup(leg.Cause{Reason: leg.Cancelled})
		w.ended(leg.Cancelled)
	}
	for _, number := range []string{"12 34", "1@evil.test", "12;x", "1\r\nX: y", "sip:1", "+", strings.Repeat("1", 40)} {
		d := outside("carrier")
		d.To.Number = number
		_, w := g.dial(d)
		w.ended(leg.NotFound)
	}
}

func TestCallerIDs(t *testing.T) {
	p, q := newPeer(t, "one", ""), newPeer(t, "two", "")
	g := newGateway(t,
		withTrunk(trunk.Config{Name: "one", CallerIDs: []string{"+491", "+492"}}, p.addr),
		withTrunk(trunk.Config{Name: "two", CallerIDs: []string{"+493"}}, q.addr))
	p.gateway, q.gateway = g.udp, g.udp
	for _, ca := range []struct{ wanted, first, second string }{
		{"", "+491", "+493"}, {"+492", "+492", "+493"}, {"+493", "+491", "+493"},
	} {
		d := outside("one", "two")
		d.CallerID = ca.wanted
		l, w := g.dial(d)
		invite := p.find("INVITE")
		p.reply(invite, "503 Service Unavailable", "t", "")
		second := q.find("INVITE")
		if !strings.Contains(invite.get("From"), "<sip:"+ca.first+"@") || !strings.Contains(second.get("From"), "<sip:"+ca.second+"@") {
			t.Errorf("%s:\n%s\n%s", ca.wanted, invite, second)
		}
		l.Hangup(leg.Cause{Reason: leg.Cancelled})
		w.ended(leg.Cancelled)
	}
	d := outside("one", "two")
	d.CallerID = "+494" // nobody's
	_, w := g.dial(d)
	w.ended(leg.Forbidden)
}

func TestFailover(t *testing.T) {
	for _, ca := range []struct {
		status string
		next   bool
		want   leg.Reason
	}{
		{"503 Service Unavailable", true, leg.TrunkFailed},
		{"500 Server Internal Error", true, leg.TrunkFailed},
		{"502 Bad Gateway", true, leg.TrunkFailed},
		{"504 Server Time-out", true, leg.TrunkFailed},
		{"486 Busy Here", false, leg.Busy},
		{"404 Not Found", false, leg.NotFound},
		{"403 Forbidden", false, leg.Forbidden},
		{"480 Temporarily Unavailable", false, leg.Unavailable},
		{"603 Decline", false, leg.Rejected},
		{"302 Moved Temporarily", false, leg.TrunkFailed},
		{"407 Proxy Authentication Required", false, leg.TrunkFailed},
	} {
		t.Run(ca.status, func(t *testing.T) {
			p, q := newPeer(t, "one", ""), newPeer(t, "two", "")
			g := newGateway(t, withTrunk(trunk.Config{Name: "carrier"}, p.addr, q.addr))
			p.gateway, q.gateway = g.udp, g.udp
			_, w := g.dial(outside("carrier"))
			p.reply(p.find("INVITE"), ca.status, "t", "")
			if ca.next {
				invite := q.find("INVITE")
				q.reply(invite, ca.status, "t", "")
			}
			if cause := w.ended(ca.want); !cause.Remote || cause.SIP == 0 {
				t.Errorf("%+v", cause)
			}
			q.nothing("ACK")
		})
	}
}

// A gateway that says nothing is given up; what it says later is seen to, and changes nothing.
func TestSilentGateway(t *testing.T) {
	p, q := newPeer(t, "one", ""), newPeer(t, "two", "")
	g := newGateway(t, shorter, withTrunk(trunk.Config{Name: "carrier"}, p.addr, q.addr))
	p.gateway, q.gateway = g.udp, g.udp
	l, w := g.dial(outside("carrier"))
	late := p.find("INVITE")
	invite := q.find("INVITE")
	if late.get("Call-ID") == invite.get("Call-ID") || between(late.get("From"), "tag=", ";") == between(invite.get("From"), "tag=", ";") {
		t.Error("both gateways have the same call")
	}
	p.reply(late, "180 Ringing", "p", "")
	p.ok("CANCEL")
	p.reply(late, "200 OK", "p", p.sdp("0"))
	p.find("ACK")
	p.ok("BYE")
	q.reply(invite, "180 Ringing", "q", "")
	want[leg.Ringing](w)
	q.reply(invite, "200 OK", "q", q.sdp("0"))
	want[leg.Answered](w)
	if l.Info().CallID != invite.get("Call-ID") {
		t.Errorf("%+v", l.Info())
	}
	l.Hangup(leg.Cause{Reason: leg.Normal})
	w.ended(leg.Normal)
	q.ok("BYE")
}

// A gateway that said "trying" has all the time that the call has.
func TestSlowGateway(t *testing.T) {
	t.Parallel()
	p, q := newPeer(t, "one", ""), newPeer(t, "two", "")
	soon := func(c *Config) { c.times.gateway = time.Second }
	g := newGateway(t, soon, withTrunk(trunk.Config{Name: "carrier"}, p.addr, q.addr))
	p.gateway, q.gateway = g.udp, g.udp
	d := outside("carrier")
	d.Timeout = 2 * time.Second
	_, w := g.dial(d)
	p.reply(p.find("INVITE"), "100 Trying", "", "")
	w.ended(leg.NoAnswer)
	q.nothing()
}

func TestAllGatewaysDown(t *testing.T) {
	t.Parallel()
	p, q := newPeer(t, "one", ""), newPeer(t, "two", "")
	g := newGateway(t, shorter,
		withTrunk(trunk.Config{Name: "one"}, p.addr), withTrunk(trunk.Config{Name: "two"}, q.addr))
	p.gateway, q.gateway = g.udp, g.udp
	_, w := g.dial(outside("one", "two"))
	p.find("INVITE")
	q.reply(q.find("INVITE"), "503 Service Unavailable", "t", "")
	if cause := w.ended(leg.TrunkFailed); !cause.Remote {
		t.Errorf("%+v", cause)
	}
	_, w = g.dial(outside("one")) // alone it has the whole time of the transaction
	p.find("INVITE")
	if cause := w.ended(leg.TrunkFailed); !cause.Remote || cause.SIP != 408 {
		t.Errorf("%+v", cause)
	}
	up := func() (all []bool) {
		for _, s := range g.Trunks() {
			all = append(all, s.Gateways[0].Up)
		}
		return all
	}
	if got := up(); !slices.Equal(got, []bool{false, true}) { // twice silent; the other one answered
		t.Errorf("up: %v", got)
	}
	_, w = g.dial(outside("one")) // there is no other; it answers at last
	p.reply(p.find("INVITE"), "486 Busy Here", "t", "")
	w.ended(leg.Busy)
	if got := up(); !got[0] {
		t.Error("still down")
	}
	_, w = g.dial(leg.Dial{To: leg.Destination{Number: "112", Trunks: []string{"no such trunk"}}})
	w.ended(leg.TrunkFailed)
}

func TestUnreachableGateway(t *testing.T) {
	p := newPeer(t, "two", "")
	g := newGateway(t, func(c *Config) {
		withTrunk(trunk.Config{Name: "carrier"}, "127.0.0.1:1", p.addr)(c) // nothing listens there
		c.Trunks[0].Gateways[0].Transport = "tcp"
	})
	p.gateway = g.udp
	l, w := g.dial(outside("carrier"))
	invite := p.find("INVITE") // the connection to the first was refused
	l.Hangup(leg.Cause{Reason: leg.Cancelled})
	w.ended(leg.Cancelled)
	p.reply(invite, "487 Request Terminated", "t", "")
}

// The next trunk has other codecs, SRTP and media networks than the first: its INVITE is its own, also where the first
// had sent early media.
func TestFailoverToAnotherTrunk(t *testing.T) {
	p, q := newPeerAt(t, "one", "", "127.0.0.2"), newPeerAt(t, "two", "", "127.0.0.3")
	media := newPeerAt(t, "media", "", "127.0.0.4")
	g := newGateway(t,
		withTrunk(trunk.Config{Name: "one", NAT: true, Codecs: []codec.ID{codec.PCMU}}, p.addr),
		withTrunk(trunk.Config{
			Name: "two", Codecs: []codec.ID{codec.PCMA, codec.Opus}, Ptime: 30 * time.Millisecond,
			Inbound: []netip.Prefix{netip.MustParsePrefix("127.0.0.4/32")},
		}, q.addr))
	p.gateway, q.gateway = g.udp, g.udp
	d := outside("one", "two")
	d.Codecs = []codec.ID{codec.Opus}
	l, w := g.dial(d)
	h := hears(t, l)
	first := p.find("INVITE")
	if codecsOf(first.body()) != "0 101" {
		t.Error(first)
	}
	p.reply(first, "183 Session Progress", "t", p.sdp("0"))
	want[leg.EarlyMedia](w)
	p.hears(l)
	p.reply(first, "503 Service Unavailable", "t", "")
	second := q.find("INVITE")
	if codecsOf(second.body()) != "111 8 110 101" || !strings.Contains(second.body(), "a=ptime:30") {
		t.Error(second)
	}
	if info := l.Info(); info.Remote != "two" || info.Codec != "" || l.Port().Ears[0].Accepts(codec.PCMU) {
		t.Errorf("something of the first trunk is left: %+v", info)
	}
	q.reply(second, "200 OK", "q", q.sdp("8"))
	want[leg.Answered](w)
	media.talk(second.body(), 8, 8) // from another address of the trunk
	h.something()
	if pt := q.hears(l).PayloadType; pt != 8 {
		t.Errorf("payload type %d", pt)
	}
	if _, err := p.listen(time.Millisecond); err == nil {
		t.Error("the first trunk still hears the call")
	}
	l.Hangup(leg.Cause{Reason: leg.Normal})
	w.ended(leg.Normal)
}

func TestFailoverToSecureTrunk(t *testing.T) {
	p, q := newPeer(t, "one", ""), newPeer(t, "two", "")
	g := newGateway(t, withTrunk(trunk.Config{Name: "one", SRTP: trunk.SRTPRequired}, p.addr),
		withTrunk(trunk.Config{Name: "two"}, q.addr))
	p.gateway, q.gateway = g.udp, g.udp
	l, w := g.dial(outside("one", "two"))
	first := p.find("INVITE")
	if !strings.Contains(first.body(), "RTP/SAVP") {
		t.Error(first)
	}
	p.reply(first, "503 Service Unavailable", "t", "")
	second := q.find("INVITE")
	if !strings.Contains(second.body(), "RTP/AVP") || strings.Contains(second.body(), "crypto") {
		t.Error(second)
	}
	q.reply(second, "200 OK", "q", q.sdp("0"))
	want[leg.Answered](w)
	if l.Info().Secure {
		t.Errorf("%+v", l.Info())
	}
}

func TestTrunkAsksForCredentials(t *testing.T) {
	p := newPeer(t, "carrier", "")
	g := newGateway(t, withTrunk(trunk.Config{Name: "carrier", Username: "us", Password: "pass"}, p.addr))
	p.gateway = g.udp
	_, w := g.dial(outside("carrier"))
	challenge := `Proxy-Authenticate: Digest realm="carrier.test", nonce="abc", qop="auth"`
	first := p.find("INVITE")
	p.reply(first, "407 Proxy Authentication Required", "t", "", challenge)
	p.find("ACK")
	second := p.find("INVITE")
	if !strings.Contains(second.get("Proxy-Authorization"), `username="us"`) || second.seq() != first.seq()+1 {
		t.Error(second)
	}
	p.reply(second, "200 OK", "t", p.sdp("0"))
	want[leg.Answered](w)

	_, w = g.dial(outside("carrier")) // refused twice
	for range 2 {
		p.reply(p.find("INVITE"), "407 Proxy Authentication Required", "t", "", challenge)
	}
	w.ended(leg.TrunkFailed)
}
