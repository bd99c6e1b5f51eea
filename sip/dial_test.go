package sip

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/sip/sdp"
)

func to(extension string) leg.Dial { return leg.Dial{To: leg.Destination{Extension: extension}} }

func TestDialPhone(t *testing.T) {
	g := newGateway(t)
	p := g.phone("1001")
	d := to("1001")
	d.From = leg.Identity{Number: "+4930123", Name: "Customer"}
	d.Codecs = []codec.ID{codec.Opus, codec.PCMA}
	l, w := g.dial(d)
	invite := p.find("INVITE")
	if invite.uri() != "sip:1001@"+p.addr || !strings.HasPrefix(invite.get("From"), `"Customer" <sip:+4930123@127.0.0.1>;tag=`) ||
		invite.get("To") != "<sip:1001@127.0.0.1>" || invite.get("Call-Info")+invite.get("Alert-Info") != "" {
		t.Error(invite)
	}
	if codecsOf(invite.body()) != "8 0 101" { // what the other side has comes first; Opus is not for this phone
		t.Error(invite)
	}
	p.reply(invite, "100 Trying", "", "")
	p.reply(invite, "180 Ringing", "t", "")
	p.reply(invite, "180 Still Ringing", "t", "")
	want[leg.Ringing](w)
	p.reply(invite, "200 OK", "t", p.sdp("8"))
	p.find("ACK")
	if e := want[leg.Answered](w); e.Codec != codec.PCMA || e.Number != "1001" {
		t.Errorf("%+v", e)
	}
	if info := l.Info(); info.CallID != invite.get("Call-ID") || info.Remote != "1001" || info.Kind != leg.KindPhone {
		t.Errorf("%+v", info)
	}
	p.taken(invite, "t").send("BYE", "", `Reason: Q.850;cause=16`)
	if cause := w.ended(leg.Normal); !cause.Remote || cause.Text != "Q.850;cause=16" {
		t.Errorf("%+v", cause)
	}
}

func TestAutoAnswer(t *testing.T) {
	g := newGateway(t)
	p := g.phone("1001")
	d := to("1001")
	d.AutoAnswer = true
	l, w := g.dial(d)
	invite := p.find("INVITE")
	if invite.get("Call-Info") != "<sip:127.0.0.1>;answer-after=0" ||
		invite.get("Alert-Info") != "<http://127.0.0.1>;info=alert-autoanswer;delay=0" {
		t.Error(invite)
	}
	l.Hangup(leg.Cause{Reason: leg.Cancelled})
	w.ended(leg.Cancelled)
}

// Nothing that a party is called can break our headers.
func TestCallerIsShown(t *testing.T) {
	g := newGateway(t)
	p := g.phone("1001")
	for _, ca := range []struct {
		from leg.Identity
		want string
	}{
		{leg.Identity{}, "<sip:anonymous@127.0.0.1>"},
		{leg.Identity{Name: "Ann"}, `"Ann" <sip:anonymous@127.0.0.1>`},
		{leg.Identity{Number: "*31#+49"}, "<sip:*31%23+49@127.0.0.1>"},
		{leg.Identity{Number: "a b<c>;d?e@f%g\r\nX: y"}, "<sip:a%20b%3Cc%3E%3Bd%3Fe%40f%25g%0D%0AX%3A%20y@127.0.0.1>"},
		{leg.Identity{Number: "1", Name: `Ann "The" \ <sip:x@y>`}, `"Ann The  <sip:x@y>" <sip:1@127.0.0.1>`},
		{leg.Identity{Number: "1", Name: "Ann\r\nX-Evil: 1\x00"}, `"AnnX-Evil: 1" <sip:1@127.0.0.1>`},
		{leg.Identity{Number: "1", Name: "Łucja 客服"}, `"Łucja 客服" <sip:1@127.0.0.1>`},
	} {
		d := to("1001")
		d.From = ca.from
		l, w := g.dial(d)
		invite := p.find("INVITE")
		if from, _, _ := strings.Cut(invite.get("From"), ";tag="); from != ca.want || invite.get("X-Evil") != "" {
			t.Errorf("%+v: %s", ca.from, from)
		}
		l.Hangup(leg.Cause{Reason: leg.Cancelled})
		w.ended(leg.Cancelled)
	}
}

func TestDialNobody(t *testing.T) {
	g := newGateway(t)
	for _, d := range []leg.Dial{to("1001"), to("6666"), to(""), {To: leg.Destination{Number: "+4930", Trunks: []string{"x"}}}} {
		_, w := g.dial(d)
		if e := want[leg.Ended](w); e.Cause.Reason != leg.Unavailable && e.Cause.Reason != leg.TrunkFailed {
			t.Errorf("%+v: %+v", d, e)
		}
	}
}

// A phone on TCP that is gone can't be called: its connection was the only way.
func TestDialPhoneWithoutConnection(t *testing.T) {
	g := newGateway(t)
	p := newTCPPeer(t, "1001", g.tcp)
	p.register()
	_, w := g.dial(to("1001"))
	invite := p.find("INVITE")
	if !strings.Contains(invite.get("Via"), "SIP/2.0/TCP") {
		t.Error(invite)
	}
	_ = p.conn.Close()
	if cause := w.ended(leg.Unavailable); !cause.Remote {
		t.Errorf("%+v", cause)
	}
	_, w = g.dial(to("1001"))
	w.ended(leg.Unavailable)
}

func TestSilentPhone(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	p := g.phone("1001")
	_, w := g.dial(to("1001"))
	p.find("INVITE")
	if cause := w.ended(leg.Unavailable); !cause.Remote || cause.SIP != 408 {
		t.Errorf("%+v", cause)
	}
}

func TestRingTimeout(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	p := g.phone("1001")
	d := to("1001")
	d.Timeout = 50 * time.Millisecond
	_, w := g.dial(d)
	invite := p.find("INVITE")
	p.reply(invite, "180 Ringing", "t", "")
	if e := <-w.events; e != leg.Event(leg.Ringing{}) { // unless the time was over before
		w.events <- e
	}
	if cause := w.ended(leg.NoAnswer); cause.Remote {
		t.Errorf("%+v", cause)
	}
	if cancel := p.ok("CANCEL"); !strings.Contains(cancel.get("Reason"), "cause=19") {
		t.Error(cancel)
	}
	p.reply(invite, "487 Request Terminated", "t", "")
	p.find("ACK")
}

// The phone answers while our CANCEL is on its way.
func TestAnswerCrossesCancel(t *testing.T) {
	g := newGateway(t)
	p := g.phone("1001")
	l, w := g.dial(to("1001"))
	invite := p.find("INVITE")
	p.reply(invite, "180 Ringing", "t", "")
	want[leg.Ringing](w)
	l.Hangup(leg.Cause{Reason: leg.Cancelled})
	w.ended(leg.Cancelled)
	cancel := p.find("CANCEL")
	p.reply(invite, "200 OK", "t", p.sdp("0"))
	p.reply(cancel, "200 OK", "t", "")
	p.find("ACK")
	p.ok("BYE")
}

// Hangup and the answer at the same moment, in either order: the call is not left up, whatever the answer is like.
func TestAnswerMeetsHangup(t *testing.T) {
	g := newGateway(t)
	p := g.phone("1001")
	for i := range 40 {
		l, w := g.dial(to("1001"))
		invite := p.find("INVITE")
		var both sync.WaitGroup
		both.Go(func() { p.reply(invite, "200 OK", "t", []string{p.sdp("0"), "", "nonsense"}[i%3]) })
		both.Go(func() { l.Hangup(leg.Cause{Reason: leg.Cancelled}) })
		both.Wait()
		p.find("ACK")
		p.ok("BYE")
		for e := range w.events {
			if _, last := e.(leg.Ended); last {
				break
			}
		}
	}
}

func TestAnswerWithoutUsableSDP(t *testing.T) {
	g := newGateway(t)
	p := g.phone("1001")
	for name, answer := range map[string]string{"none": "", "nonsense": "v=1", "codec": sdpAt(4000, "9"), "refused": sdpAt(0, "0")} {
		_, w := g.dial(to("1001"))
		invite := p.find("INVITE")
		p.reply(invite, "200 OK", "t", answer)
		p.find("ACK")
		p.ok("BYE")
		if cause := w.ended(leg.NoCodec); cause.Remote || cause.Text == "" {
			t.Errorf("%s: %+v", name, cause)
		}
	}
}

func TestEarlyMedia(t *testing.T) {
	g := newGateway(t)
	p := g.phone("1001")
	l, w := g.dial(to("1001"))
	h := hears(t, l)
	invite := p.find("INVITE")
	p.reply(invite, "183 Session Progress", "t", "nonsense") // is no reason to end the call
	p.reply(invite, "180 Ringing", "t", p.sdp("8 101"))
	want[leg.Ringing](w)
	if e := want[leg.EarlyMedia](w); e.Codec != codec.PCMA {
		t.Errorf("%+v", e)
	}
	p.talk(invite.body(), 8, 1)
	h.something()
	p.hears(l)
	p.reply(invite, "183 Session Progress", "t", p.sdp("8 101"))
	p.reply(invite, "200 OK", "t", "") // the answer was in the 183
	p.find("ACK")
	if e := want[leg.Answered](w); e.Codec != codec.PCMA {
		t.Errorf("%+v", e)
	}
	p.taken(invite, "t").send("BYE", "")
	w.ended(leg.Normal)
}

// fork registers two phones under one extension and calls it.
func fork(t *testing.T, g *gateway, a, b *peer) (leg.Leg, *watcher, message, message) {
	t.Helper()
	l, w := g.dial(to("1001"))
	return l, w, a.find("INVITE"), b.find("INVITE")
}

func TestFirstAnswerWins(t *testing.T) {
	g := newGateway(t)
	a, b := g.phone("1001"), g.phone("1001")
	l, w, ia, ib := fork(t, g, a, b)
	a.reply(ia, "180 Ringing", "a", "")
	want[leg.Ringing](w)
	b.reply(ib, "180 Ringing", "b", "")
	b.reply(ib, "200 OK", "b", b.sdp("0"))
	b.find("ACK")
	want[leg.Answered](w)
	if cancel := a.ok("CANCEL"); cancel.get("Reason") != `SIP;cause=200;text="Call completed elsewhere"` {
		t.Error(cancel)
	}
	a.reply(ia, "487 Request Terminated", "a", "")
	a.find("ACK")
	if l.Info().CallID != ib.get("Call-ID") {
		t.Errorf("%+v", l.Info())
	}
	b.taken(ib, "b").send("BYE", "")
	w.ended(leg.Normal)
}

// Both phones are picked up at the same moment: one gets the call, the other is told goodbye.
func TestBothAnswer(t *testing.T) {
	g := newGateway(t)
	a, b := g.phone("1001"), g.phone("1001")
	for range 20 {
		l, w, ia, ib := fork(t, g, a, b)
		var both sync.WaitGroup
		both.Go(func() { a.reply(ia, "200 OK", "a", a.sdp("0")) })
		both.Go(func() { b.reply(ib, "200 OK", "b", b.sdp("0")) })
		both.Wait()
		a.find("ACK")
		b.find("ACK")
		want[leg.Answered](w)
		loser := a.taken(ia, "a")
		if l.Info().CallID == loser.id {
			loser = b.taken(ib, "b")
		}
		if bye := loser.ok("BYE"); !strings.Contains(bye.get("Reason"), "elsewhere") {
			t.Error(bye)
		}
		l.Hangup(leg.Cause{Reason: leg.Normal})
		w.ended(leg.Normal)
	}
}

// One phone refuses at the moment at which the other answers: that is no reason to end the call.
func TestOneAnswersAndOneFails(t *testing.T) {
	g := newGateway(t)
	a, b := g.phone("1001"), g.phone("1001")
	for range 40 {
		l, w, ia, ib := fork(t, g, a, b)
		var both sync.WaitGroup
		both.Go(func() { a.reply(ia, "200 OK", "a", a.sdp("0")) })
		both.Go(func() { b.reply(ib, "486 Busy Here", "b", "") })
		both.Wait()
		a.find("ACK")
		want[leg.Answered](w)
		l.Hangup(leg.Cause{Reason: leg.Normal})
		w.ended(leg.Normal)
		a.ok("BYE")
	}
}

// All phones refuse at the same moment: the leg ends once.
func TestAllFailAtOnce(t *testing.T) {
	g := newGateway(t)
	a, b := g.phone("1001"), g.phone("1001")
	for range 40 {
		_, w, ia, ib := fork(t, g, a, b)
		var both sync.WaitGroup
		both.Go(func() { a.reply(ia, "486 Busy Here", "a", "") })
		both.Go(func() { b.reply(ib, "486 Busy Here", "b", "") })
		both.Wait()
		w.ended(leg.Busy)
	}
}

func TestBestFailure(t *testing.T) {
	g := newGateway(t)
	a, b := g.phone("1001"), g.phone("1001")
	for _, ca := range []struct {
		a, b string
		rang bool
		want leg.Reason
	}{
		{"486 Busy Here", "503 Service Unavailable", false, leg.Busy},
		{"503 Service Unavailable", "486 Busy Here", false, leg.Busy},
		{"486 Busy Here", "403 Forbidden", false, leg.Rejected},
		{"480 Temporarily Unavailable", "488 Not Acceptable Here", false, leg.NoCodec},
		{"480 Temporarily Unavailable", "500 Oops", false, leg.Unavailable},
		{"480 Temporarily Unavailable", "500 Oops", true, leg.NoAnswer},
		{"408 Request Timeout", "302 Moved Temporarily", true, leg.NoAnswer},
		{"404 Not Found", "404 Not Found", false, leg.NotFound},
		{"400 Bad Request", "420 Bad Extension", false, leg.Unavailable},
	} {
		t.Run(fmt.Sprintf("%s and %s, rang %v", ca.a, ca.b, ca.rang), func(t *testing.T) {
			_, w, ia, ib := fork(t, g, a, b)
			if ca.rang {
				a.reply(ia, "180 Ringing", "a", "")
				want[leg.Ringing](w)
			}
			a.reply(ia, ca.a, "a", "")
			a.find("ACK") // so that the order is known
			b.reply(ib, ca.b, "b", "")
			if cause := w.ended(ca.want); !cause.Remote || cause.SIP == 0 {
				t.Errorf("%+v", cause)
			}
		})
	}
}

// A user who declines at one phone declines for all of them (RFC 3261 section 16.7 item 5).
func TestDecliningEndsAll(t *testing.T) {
	g := newGateway(t)
	a, b := g.phone("1001"), g.phone("1001")
	_, w, ia, ib := fork(t, g, a, b)
	b.reply(ib, "180 Ringing", "b", "")
	want[leg.Ringing](w)
	a.reply(ia, "603 Decline", "a", "")
	if cause := w.ended(leg.Rejected); !cause.Remote || cause.SIP != 603 {
		t.Errorf("%+v", cause)
	}
	if cancel := b.ok("CANCEL"); cancel.get("Reason") != "" {
		t.Error(cancel)
	}
	b.reply(ib, "487 Request Terminated", "b", "")
}

// Early media of one phone gives way to that of another, and then to the one that is picked up. Each is behind its own
// NAT: what its SDP says leads nowhere, and its sound is believed from where its SIP comes from.
func TestEarlyMediaOfForks(t *testing.T) {
	g := newGateway(t)
	a, b := newPeerAt(t, "1001", g.udp, "127.0.0.2"), newPeerAt(t, "1001", g.udp, "127.0.0.3")
	a.register()
	b.register()
	private := func(p *peer) string {
		return strings.Replace(p.sdp("0"), "c=IN IP4 "+p.host, "c=IN IP4 10.9.8.7", 1)
	}
	l, w, ia, ib := fork(t, g, a, b)
	h := hears(t, l)
	works := func(p *peer) {
		t.Helper()
		for len(h.frames) > 0 {
			<-h.frames
		}
		p.talk(ia.body(), 0, 8) // the first four are the proof
		h.something()
		p.hears(l)
	}
	a.reply(ia, "183 Session Progress", "a", private(a))
	want[leg.EarlyMedia](w)
	works(a)
	b.reply(ib, "183 Session Progress", "b", private(b)) // is not told again
	b.reply(ib, "180 Ringing", "b", "")
	want[leg.Ringing](w)
	works(b)
	a.reply(ia, "200 OK", "a", private(a))
	want[leg.Answered](w)
	works(a)
	b.ok("CANCEL")
	b.reply(ib, "487 Request Terminated", "b", "")
	l.Hangup(leg.Cause{Reason: leg.Normal})
	w.ended(leg.Normal)
	a.ok("BYE")
}

func TestSecurePhone(t *testing.T) {
	g := newGateway(t, func(c *Config) { c.Accounts[0].SRTP = sdp.SRTPRequired })
	p := g.phone("1001")
	l, w := g.dial(to("1001"))
	invite := p.find("INVITE")
	if !strings.Contains(invite.body(), "RTP/SAVP") {
		t.Error(invite)
	}
	key := between(invite.body(), "inline:", "\r\n")
	secure := strings.Replace(p.sdp("0", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:"+key), "RTP/AVP", "RTP/SAVP", 1)
	p.reply(invite, "200 OK", "t", secure)
	want[leg.Answered](w)
	if !l.Info().Secure {
		t.Errorf("%+v", l.Info())
	}
}
