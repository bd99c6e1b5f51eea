package sip

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/sip/digest"
	"seatbridge/sip/sdp"
	"seatbridge/sip/trunk"
)

func TestCallFromPhone(t *testing.T) {
	g := newGateway(t)
	p := newPeer(t, "1001", g.udp)
	c := p.calls("%2A97%23;phone-context=x")
	c.local = fmt.Sprintf(`"Ann \"The\" \\ Phone" <sip:1001@%s>;tag=1`, realm)
	c.prove("INVITE", p.sdp("8 0 111 101"), "User-Agent: test")
	a := g.arrived()
	if a.From != (leg.Identity{Number: "1001", Name: `Ann "The" \ Phone`}) || a.To != "*97#" || a.Account != "1001" ||
		a.Trunk != "" || a.Leg.Kind() != leg.KindPhone || !slices.Equal(a.Codecs, []codec.ID{codec.PCMA, codec.PCMU}) {
		t.Errorf("%+v", a.Incoming)
	}
	p.expect("SIP/2.0 100")
	a.Leg.Ring()
	if ringing := p.expect("SIP/2.0 180"); ringing.body() != "" {
		t.Error(ringing)
	}
	a.Leg.Progress(codec.PCMU)
	early := p.expect("SIP/2.0 183")
	if codecsOf(early.body()) != "0 101" {
		t.Error(early)
	}
	a.Leg.Progress(codec.PCMA) // changes nothing: the answer is made
	a.Leg.Accept(codec.PCMA)
	a.Leg.Accept(codec.PCMA)
	if res := c.answered("200", ""); res.body() != early.body() {
		t.Errorf("183 had another answer than 200:\n%s\n%s", early, res)
	}
	if e := want[leg.Answered](a.w); e.Codec != codec.PCMU {
		t.Errorf("%+v", e)
	}
	info := a.Leg.Info()
	if info.CallID != c.id || info.Remote != "1001" || info.Codec != "PCMU" || info.Answered.IsZero() || info.ID != a.Leg.ID() {
		t.Errorf("%+v", info)
	}
	c.send("BYE", "")
	p.find("SIP/2.0 200")
	if cause := a.w.ended(leg.Normal); !cause.Remote {
		t.Errorf("%+v", cause)
	}
}

// The challenge is sent once, and nothing is kept: the same request gets another one.
func TestChallengeIsStateless(t *testing.T) {
	g := newGateway(t)
	p := newPeer(t, "1001", g.udp)
	c := p.calls("200")
	m := c.send("INVITE", p.sdp("0"))
	first := p.expect("SIP/2.0 401")
	for again := first; again.get("WWW-Authenticate") == first.get("WWW-Authenticate"); {
		p.send(m)
		select {
		case again = <-p.in:
			if again == first {
				t.Fatal("the answer was kept")
			}
		case <-time.After(testT1): // it came while the first was still being handled
		}
	}
	if n := g.gauge("seatbridge_sip_dialogs", ""); n != 0 {
		t.Errorf("%v dialogs", n)
	}
}

// Nobody learns from our answers whether a user exists.
func TestUnknownUserIsAnsweredAlike(t *testing.T) {
	g := newGateway(t)
	random := regexp.MustCompile(`(nonce="|tag=|branch=|rport=|SIP/2.0/UDP |Call-ID: |CSeq: )[^";\r]*`)
	var known []string
	for _, name := range []string{"1001", "6666"} {
		p := newPeer(t, name, g.udp)
		c := p.calls("200")
		var answers []string
		for range 3 { // without credentials, then with a wrong password twice
			m := c.request("INVITE", p.sdp("0"))
			if c.challenge != "" {
				wrong := "Authorization: " + c.credentials("INVITE", "wrong")
				c.challenge = ""
				m = c.request("INVITE", p.sdp("0"), wrong)
			}
			p.send(m)
			res := p.expect("SIP/2.0 401")
			c.challenge = res.get("WWW-Authenticate")
			answers = append(answers, strings.ReplaceAll(random.ReplaceAllString(string(res), "$1"), name, "USER"))
		}
		if known == nil {
			known = answers
		} else if !slices.Equal(known, answers) {
			t.Errorf("known user:\n%q\nunknown user:\n%q", known, answers)
		}
	}
}

func TestWrongUserIsForbidden(t *testing.T) {
	g := newGateway(t)
	p := newPeer(t, "1001", g.udp)
	c := p.calls("200")
	c.local = "<sip:1002@" + realm + ">;tag=x"
	c.prove("INVITE", p.sdp("0"))
	c.answered("403", "")
	if len(g.incoming) > 0 {
		t.Error("the call came through")
	}
}

func TestAnonymousPhone(t *testing.T) {
	g := newGateway(t)
	p := newPeer(t, "1001", g.udp)
	c := p.calls("200")
	c.local = `"Anonymous" <sip:anonymous@anonymous.invalid>;tag=x`
	c.prove("INVITE", p.sdp("0"))
	if a := g.arrived(); a.Account != "1001" || a.From != (leg.Identity{}) {
		t.Errorf("%+v", a.Incoming)
	}
}

// A user whose password was guessed at too often gets no answer at all; others at the same address do.
func TestBannedUserIsIgnored(t *testing.T) {
	g := newGateway(t, func(c *Config) { c.Guard.BanAfter = 3 })
	g.phone("1002") // makes the address a known one
	p := newPeer(t, "1001", g.udp)
	c := p.calls("200")
	c.send("INVITE", p.sdp("0"))
	c.challenge = p.expect("SIP/2.0 401").get("WWW-Authenticate")
	challenge := c.challenge
	for range 3 {
		wrong := "Authorization: " + c.credentials("INVITE", "wrong")
		c.challenge = ""
		c.send("INVITE", p.sdp("0"), wrong)
		p.expect("SIP/2.0 401")
		c.challenge = challenge
	}
	c.send("INVITE", p.sdp("0")) // the right one
	c.challenge = ""
	c.send("OPTIONS", "") // comes after it
	p.expect("SIP/2.0 200")
	p.nothing()
	newPeer(t, "1003", g.udp).register()
}

func TestNumbers(t *testing.T) {
	g := newGateway(t)
	p := newPeer(t, "1001", g.udp)
	for uri, want := range map[string]string{
		"sip:+4930123@" + g.udp:                         "+4930123",
		"sip:*100*5%23@" + g.udp:                        "*100*5#",
		"sip:0049-30-1;phone-context=+49@" + g.udp:      "0049-30-1",
		"tel:+49-30-1234;phone-context=example.com":     "+49-30-1234",
		"sip:%31%30%30%32@" + g.udp:                     "1002",
		"sip:12%0d%0aX-Evil:%201@" + g.udp:              "",
		"sip:12%ff@" + g.udp:                            "",
		"sip:" + g.udp:                                  "",
		"sips:+4930123;user=phone@" + g.udp + ";x=y":    "+4930123",
		"sip:+4930123@" + g.udp + ";user=phone?Subj=no": "+4930123",
	} {
		c := p.calls("x")
		c.target = uri
		c.prove("INVITE", p.sdp("0"))
		if a := g.arrived(); a.To != want {
			t.Errorf("%s: %q, want %q", uri, a.To, want)
		}
	}
}

func carrier() trunk.Config {
	return trunk.Config{
		Name: "carrier", Trusted: true, CallerIDs: []string{"+4930100"},
		RewriteIn: []trunk.Rule{{Match: `0([1-9].*)`, Replace: `+49${1}`}},
	}
}

func TestCallFromTrunkByAddress(t *testing.T) {
	g := newGateway(t, func(c *Config) {
		t := carrier()
		t.Inbound = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
		withTrunk(t)(c)
	})
	p := newPeer(t, "04012345", g.udp)
	c := p.calls("030100")
	c.send("INVITE", p.sdp("111 0"), `P-Asserted-Identity: "Ms Customer" <sip:04055555@carrier.test>`)
	a := g.arrived()
	if a.From != (leg.Identity{Number: "+494055555", Name: "Ms Customer"}) || a.To != "+4930100" || a.Trunk != "carrier" ||
		a.Account != "" || a.Leg.Kind() != leg.KindTrunk || !slices.Equal(a.Codecs, []codec.ID{codec.PCMU}) {
		t.Errorf("%+v", a.Incoming)
	}
	a.Leg.Accept(codec.None)
	c.answered("200", "")
	want[leg.Answered](a.w)
	if info := a.Leg.Info(); info.Remote != "carrier" {
		t.Errorf("%+v", info)
	}
	a.Leg.Hangup(leg.Cause{Reason: leg.Normal})
	if bye := p.ok("BYE"); !strings.Contains(bye.get("Reason"), "Q.850;cause=16") {
		t.Error(bye)
	}
	a.w.ended(leg.Normal)
}

func TestCallFromTrunkByDigest(t *testing.T) {
	g := newGateway(t, func(c *Config) {
		t := carrier()
		t.Account, t.Secret = "carrier-login", secretOf("carrier-login")
		withTrunk(t)(c)
	})
	p := newPeer(t, "04012345", g.udp)
	c := p.calls("030100")
	c.user = "carrier-login"
	c.local = `"Anonymous" <sip:anonymous@anonymous.invalid>;tag=x`
	c.prove("INVITE", p.sdp("0"))
	if a := g.arrived(); a.Trunk != "carrier" || a.From.Number != "" || a.To != "+4930100" || a.Account != "" {
		t.Errorf("%+v", a.Incoming)
	}
}

func TestAccountsOfTrunks(t *testing.T) {
	e := &Endpoint{accounts: newAccounts([]Account{{Extension: "1001"}}), c: Config{Algorithm: digest.SHA256}}
	sha256 := digest.Secret{HA1: digest.HA1(digest.SHA256, "x", realm, password), Algorithm: digest.SHA256}
	for name, c := range map[string]trunk.Config{
		"a phone has it":         {Name: "t", Account: "1001", Secret: sha256},
		"not what is challenged": {Name: "t", Account: "x", Secret: secretOf("x")},
	} {
		if _, err := e.newTrunks([]trunk.Config{c}); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := e.newTrunks([]trunk.Config{{Name: "t", Account: "x", Secret: sha256}}); err != nil {
		t.Error(err)
	}
}

// The caller sends no offer: ours is in the 200, and the call is answered when the ACK brings the answer.
func TestLateOffer(t *testing.T) {
	g := newGateway(t)
	p := newPeer(t, "1001", g.udp)
	c := p.calls("200")
	c.prove("INVITE", "")
	a := g.arrived()
	if !slices.Equal(a.Codecs, []codec.ID{codec.PCMU, codec.PCMA}) {
		t.Errorf("%v", a.Codecs)
	}
	a.Leg.Progress(codec.None) // nothing can be heard yet
	if m := p.find("SIP/2.0 180"); m.body() != "" {
		t.Error(m)
	}
	a.Leg.Accept(codec.None)
	res := c.answered("200", p.sdp("8"))
	if codecsOf(res.body()) != "0 8 101" {
		t.Error(res)
	}
	if e := want[leg.Answered](a.w); e.Codec != codec.PCMA {
		t.Errorf("%+v", e)
	}
	c.send("BYE", "")
	a.w.ended(leg.Normal)
}

func TestLateOfferWithoutUsableAnswer(t *testing.T) {
	g := newGateway(t)
	for name, answer := range map[string]string{"none": "", "another codec": sdpAt(4000, "9"), "nonsense": "v=1\r\n"} {
		p := newPeer(t, "1001", g.udp)
		c := p.calls("200")
		c.prove("INVITE", "")
		a := g.arrived()
		a.Leg.Accept(codec.None)
		c.answered("200", answer)
		p.ok("BYE")
		if cause := a.w.ended(leg.NoCodec); cause.Remote {
			t.Errorf("%s: %+v", name, cause)
		}
	}
}

// What can't be answered is refused at once: nobody is rung for it.
func TestUnusableOffer(t *testing.T) {
	g := newGateway(t, func(c *Config) { c.Accounts[2].SRTP = sdp.SRTPRequired })
	for _, ca := range []struct{ name, user, offer, status string }{
		{"not SDP", "1001", "hello", "400"},
		{"no media", "1001", "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n", "400"},
		{"no address", "1001", "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n", "400"},
		{"a name for an address", "1001", strings.Replace(sdpAt(4000, "0"), "c=IN IP4 127.0.0.1", "c=IN IP4 evil.test", 1), "400"},
		{"audio switched off", "1001", sdpAt(0, "0"), "488"},
		{"video alone", "1001", strings.Replace(sdpAt(4000, "31"), "m=audio", "m=video", 1), "488"},
		{"unknown codecs", "1001", sdpAt(4000, "3 9 18"), "488"},
		{"a codec that the phone may not use", "1001", sdpAt(4000, "111"), "488"},
		{"no keys where SRTP is required", "1003", sdpAt(4000, "0"), "488"},
		{"keys where SRTP is off", "1001", strings.Replace(sdpAt(4000, "0"), "RTP/AVP", "RTP/SAVP", 1), "488"},
	} {
		t.Run(ca.name, func(t *testing.T) {
			p := newPeer(t, ca.user, g.udp)
			c := p.calls("200")
			c.prove("INVITE", ca.offer)
			c.answered(ca.status, "")
			if len(g.incoming) > 0 {
				t.Error("the call came through")
			}
		})
	}
}

// pair is a pair of RTP ports that the test holds, so that they are there and taken.
func pair(t *testing.T) (port uint16) {
	t.Helper()
	for range 100 {
		rtp, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(loopback))
		if err != nil {
			t.Fatal(err)
		}
		port := rtp.LocalAddr().(*net.UDPAddr).AddrPort().Port()
		rtcp, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: int(port) + 1})
		if err == nil && port%2 == 0 {
			t.Cleanup(func() {
				_ = rtp.Close()
				_ = rtcp.Close()
			})
			return port
		}
		_ = rtp.Close()
		if err == nil {
			_ = rtcp.Close()
		}
	}
	t.Fatal("no pair of ports")
	return 0
}

func TestNoRTPPort(t *testing.T) {
	g := newGateway(t, func(c *Config) {
		c.RTP.MinPort = pair(t)
		c.RTP.MaxPort = c.RTP.MinPort + 1
	})
	p := g.phone("1001")
	c := p.calls("200")
	c.prove("INVITE", p.sdp("0"))
	if res := c.answered("503", ""); res.get("Retry-After") == "" {
		t.Error(res)
	}
	_, w := g.dial(leg.Dial{To: leg.Destination{Extension: "1001"}})
	w.ended(leg.Congestion)
}

func TestRefusals(t *testing.T) {
	g := newGateway(t, func(c *Config) {
		c.Handler.(*gateway).answer = func(in leg.Incoming) *leg.Cause { return &leg.Cause{Reason: leg.Reason(in.To)} }
	})
	p := newPeer(t, "1001", g.udp)
	for r, status := range map[leg.Reason]int{
		leg.Busy: 486, leg.Rejected: 603, leg.NotFound: 404, leg.Unavailable: 480, leg.Forbidden: 403, leg.NoCodec: 488,
		leg.Congestion: 503, leg.Shutdown: 503, leg.TrunkFailed: 502, leg.Failed: 500, leg.NoAnswer: 480,
		leg.Cancelled: 487, leg.Gone: 480, leg.Normal: 480,
	} {
		c := p.calls(string(r))
		c.prove("INVITE", p.sdp("0"))
		res := c.answered(strconv.Itoa(status), "")
		if (res.get("Retry-After") != "") != (status == 503) {
			t.Errorf("%s: %s", r, res)
		}
	}
}

func TestOptions(t *testing.T) {
	g := newGateway(t)
	p := newPeer(t, "stranger", g.udp)
	p.calls("x").send("OPTIONS", "")
	if res := p.expect("SIP/2.0 200"); res.get("Allow") == "" || res.get("Accept") != "application/sdp" {
		t.Error(res)
	}
}

// TestUnknownMethod wants 405 with what is allowed (RFC 3261 section 8.2.1), through the guard.
func TestUnknownMethod(t *testing.T) {
	g := newGateway(t)
	for _, method := range []string{"FROB", "MESSAGE", "F-R.O!B"} {
		p := newPeer(t, "stranger", g.udp)
		p.calls("x").send(method, "")
		if res := p.expect("SIP/2.0 405"); !strings.Contains(res.get("Allow"), "INVITE") {
			t.Error(res)
		}
	}
}

func TestAlgorithmOfUnknownUsers(t *testing.T) {
	g := newGateway(t, func(c *Config) { c.Algorithm = digest.SHA256 })
	p := newPeer(t, "6666", g.udp)
	p.calls("x").send("INVITE", p.sdp("0"))
	if res := p.expect("SIP/2.0 401"); !strings.Contains(res.get("WWW-Authenticate"), "algorithm=SHA-256") {
		t.Error(res)
	}
}
