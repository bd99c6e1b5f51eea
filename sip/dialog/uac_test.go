package dialog

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
)

// authorizer answers challenges with a counter.
type authorizer struct {
	calls int
	fail  error
}

func (a *authorizer) Authorize(req *sip.Request, res *sip.Response) error {
	a.calls++
	name := "Authorization"
	if res.StatusCode == 407 {
		name = "Proxy-Authorization"
	}
	req.RemoveHeader(name)
	req.AppendHeader(sip.NewHeader(name, fmt.Sprintf("Digest try=%d", a.calls)))
	return a.fail
}

func TestInviteWithChallenges(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	p := newPeer(t, "bob", b.udp)
	c := p.to("bob")
	c.Auth = &authorizer{}
	d := b.Invite(c, w.observe)
	first := p.expect("INVITE")
	p.reply(first, "407 Proxy", "x", "", `Proxy-Authenticate: Digest realm="a", nonce="1"`)
	p.expect("ACK")
	second := p.expect("INVITE")
	if get(second, "Proxy-Authorization") != "Digest try=1" || seqOf(second) != seqOf(first)+1 ||
		branchOf(second) == branchOf(first) || len(getAll(second, "Via")) != 1 || get(second, "Call-ID") != get(first, "Call-ID") ||
		get(second, "From") != get(first, "From") || tagOf(get(second, "To")) != "" {
		t.Error(second)
	}
	p.reply(second, "407 Proxy", "x", "", `Proxy-Authenticate: Digest realm="a", nonce="2", stale = TRUE`)
	p.expect("ACK")
	third := p.expect("INVITE")
	p.reply(third, "401 Unauthorized", "x", "", `WWW-Authenticate: Digest realm="b", nonce="3"`)
	p.expect("ACK")
	fourth := p.expect("INVITE")
	if get(fourth, "Proxy-Authorization") != "Digest try=2" || get(fourth, "Authorization") != "Digest try=3" {
		t.Error(fourth)
	}
	p.reply(fourth, "200 OK", "x", "answer")
	ack := p.expect("ACK")
	if get(ack, "Proxy-Authorization") != "Digest try=2" || seqOf(ack) != seqOf(fourth) {
		t.Error(ack)
	}
	want[Answered](w)
	d.Hangup(0)
	bye := p.expect("BYE")
	p.reply(bye, "407 Proxy", "", "", `Proxy-Authenticate: Digest realm="a", nonce="4"`)
	if again := p.expect("BYE"); seqOf(again) != seqOf(bye)+1 {
		t.Error(again)
	} else {
		p.reply(again, "200 OK", "", "")
	}
}

func TestInviteWithWrongCredentials(t *testing.T) {
	b := newBench(t)
	p := newPeer(t, "bob", b.udp)
	for _, c := range []struct {
		auth  Authorizer
		tries int
	}{{nil, 1}, {&authorizer{}, 2}, {&authorizer{fail: errors.New("no")}, 1}} {
		w := newWatcher(t)
		config := p.to("bob")
		config.Auth = c.auth
		b.Invite(config, w.observe)
		for range c.tries {
			p.reply(p.expect("INVITE"), "401 Unauthorized", "x", "", `WWW-Authenticate: Digest realm="a", nonce="1"`)
			p.expect("ACK")
		}
		if e := want[Ended](w); e.Why != Rejected || e.Code != 401 {
			t.Errorf("%+v", e)
		}
	}
}

func TestDo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	p := newPeer(t, "bob", b.udp)
	c := RequestConfig{Method: sip.REGISTER, URI: sip.Uri{Scheme: "sip", Host: "bob.test"}, CallID: "abc", CSeq: 7,
		Flow: Flow{Transport: "udp", Remote: p.addr}, ContactUser: "me", Auth: &authorizer{},
		From: sip.FromHeader{Address: sip.Uri{Scheme: "sip", User: "me", Host: "bob.test"}},
		To:   sip.ToHeader{Address: sip.Uri{Scheme: "sip", User: "me", Host: "bob.test"}}}
	done := make(chan *sip.Response, 1)
	go func() {
		res, err := b.Do(t.Context(), c)
		if err != nil {
			t.Error(err)
		}
		done <- res
	}()
	first := p.expect("REGISTER sip:bob.test SIP/2.0")
	p.reply(first, "100 Trying", "", "")
	p.reply(first, "401 Unauthorized", "x", "", `WWW-Authenticate: Digest realm="a", nonce="1"`)
	second := p.expect("REGISTER")
	if get(second, "CSeq") != "8 REGISTER" || get(second, "Authorization") == "" || get(second, "Call-ID") != "abc" ||
		get(second, "Contact") != "<sip:me@"+b.udp+">" {
		t.Error(second)
	}
	p.reply(second, "200 OK", "x", "", "Expires: 60")
	if res := <-done; res.StatusCode != 200 || res.CSeq().SeqNo != 8 {
		t.Error(res)
	}

	if _, err := b.Do(t.Context(), c); !errors.Is(err, ErrTimeout) { // nobody answers
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Do(ctx, c); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	c.Flow = Flow{Transport: "tcp", Remote: p.addr, Existing: true}
	if _, err := b.Do(t.Context(), c); !errors.Is(err, ErrUnreachable) {
		t.Error(err)
	}
	c.Flow = Flow{Transport: "udp", Remote: "host.invalid:5060"}
	if _, err := b.Do(t.Context(), c); !errors.Is(err, ErrUnreachable) {
		t.Error(err)
	}
	c.Flow = Flow{Transport: "udp", Remote: p.addr}
	c.Headers = []sip.Header{sip.NewHeader("X-Name", "a\r\nX-Evil: 1")}
	if _, err := b.Do(t.Context(), c); !errors.Is(err, ErrUnsafe) {
		t.Error(err)
	}
}

func TestInviteThatCannotBeSent(t *testing.T) {
	b := newBench(t)
	p := newPeer(t, "bob", b.udp)
	for name, change := range map[string]func(*InviteConfig){
		"no connection": func(c *InviteConfig) { c.Flow = Flow{Transport: "tcp", Remote: p.addr, Existing: true} },
		"refused":       func(c *InviteConfig) { c.Flow = Flow{Transport: "tcp", Remote: p.addr} },
		"no such host":  func(c *InviteConfig) { c.Flow.Remote = "host.invalid:5060" },
		"no listener":   func(c *InviteConfig) { c.Flow.Transport = "tls" },
		"bad transport": func(c *InviteConfig) { c.Flow.Transport = "sctp" },
		"other family":  func(c *InviteConfig) { c.Flow.Remote = "[::1]:5060" },
		"unsafe header": func(c *InviteConfig) { c.Headers = []sip.Header{sip.NewHeader("X", "a\nb")} },
		"unsafe number": func(c *InviteConfig) { c.RequestURI.User = "1>;x" },
		"unsafe caller": func(c *InviteConfig) { c.From.Address.User = "1\r\nX: y" },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWatcher(t)
			c := p.to("bob")
			change(&c)
			b.Invite(c, w.observe)
			if e := want[Ended](w); e.Why != Transport || e.Code != 503 || e.Err == nil {
				t.Errorf("%+v", e)
			}
		})
	}
	eventually(t, "dialogs forgotten", func() bool { return b.count("seatbridge_sip_dialogs") == 0 })
}

func TestNamesAreQuoted(t *testing.T) {
	b := newBench(t)
	p := newPeer(t, "bob", b.udp)
	c := p.to("bob")
	c.From.DisplayName = "Ann \"x\" <sip:y>\r\nX: 1\\ Lee"
	b.Invite(c, nil)
	if from := get(p.expect("INVITE"), "From"); !strings.HasPrefix(from, `"Ann x <sip:y>X: 1 Lee" <sip:gw@gw.test>;tag=`) {
		t.Error(from)
	}
}

// A Hangup need not wait until the way to the peer is found.
func TestHangupWhileConnecting(t *testing.T) {
	b := newBench(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	w := newWatcher(t)
	p := newPeer(t, "bob", b.udp)
	c := p.to("bob")
	c.Flow = Flow{Transport: "tcp", Remote: l.Addr().String()}
	b.Invite(c, w.observe).Hangup(0)
	if e := want[Ended](w); e.Why != Cancelled {
		t.Errorf("%+v", e)
	}
	eventually(t, "dialog forgotten", func() bool { return b.count("seatbridge_sip_dialogs") == 0 })
}

func TestInviteOverAConnectionOfOurs(t *testing.T) {
	b := newBench(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	c := newPeer(t, "bob", b.udp).to("bob")
	c.Flow = Flow{Transport: "tcp", Remote: l.Addr().String()}
	w := newWatcher(t)
	d := b.Invite(c, w.observe)
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	p := streamPeer(t, "bob", b.tcp, conn)
	invite := p.expect("INVITE")
	if !strings.Contains(get(invite, "Contact"), b.tcp+";transport=tcp") || !strings.HasPrefix(get(invite, "Via"), "SIP/2.0/TCP "+b.tcp) {
		t.Error(invite)
	}
	// A Contact without ";transport=tcp" that leads to the same place means this connection.
	p.reply(invite, "200 OK", "x", "answer", "Contact: <sip:bob@"+l.Addr().String()+">")
	p.expect("ACK")
	want[Answered](w)
	d.Hangup(0)
	p.reply(p.expect("BYE"), "200 OK", "", "")
	want[Ended](w)

	w = newWatcher(t) // the connection is used again
	b.Invite(c, w.observe)
	p.expect("INVITE")
	_ = conn.Close() // and breaks
	if e := want[Ended](w); e.Why != Transport {
		t.Errorf("%+v", e)
	}
}

func TestRouteSetAndTargetRefresh(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	p, proxy := newPeer(t, "bob", b.udp), newPeer(t, "proxy", b.udp)
	c := p.to("bob")
	c.Flow.Remote = proxy.addr
	c.Routes = []sip.Uri{{Scheme: "sip", Host: "edge.test", UriParams: sip.HeaderParams{{K: "lr"}}}}
	d := b.Invite(c, w.observe)
	invite := proxy.expect("INVITE sip:bob@" + p.addr)
	if got := getAll(invite, "Route"); len(got) != 1 || got[0] != "<sip:edge.test;lr>" {
		t.Error(invite)
	}
	proxy.reply(invite, "200 OK", "x", "answer", "Contact: "+p.contact(),
		"Record-Route: <sip:far.test;lr>, <sip:"+proxy.addr+";lr>")
	ack := proxy.expect("ACK sip:bob@" + p.addr)
	routes := []string{"<sip:" + proxy.addr + ";lr>", "<sip:far.test;lr>"}
	if got := getAll(ack, "Route"); strings.Join(got, " ") != strings.Join(routes, " ") {
		t.Error(ack)
	}
	want[Answered](w)
	s := p.answering(invite, "x")
	s.send("UPDATE", "", "Contact: <sip:moved@10.1.1.1>", "Record-Route: <sip:evil.test;lr>")
	if res := p.expect("SIP/2.0 200"); get(res, "Contact") != "<sip:"+b.udp+">" {
		t.Error(res)
	}
	d.Info("text/plain", []byte("x"), nil)
	info := proxy.expect("INFO sip:moved@10.1.1.1")
	if got := getAll(info, "Route"); strings.Join(got, " ") != strings.Join(routes, " ") {
		t.Error(info)
	}
}

func TestRouteSetOfACallerAndStrictRouter(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	dialogs := b.answers(w, Options{})
	p := newPeer(t, "alice", b.udp)
	s := p.script("100")
	s.send("INVITE", "offer", "Record-Route: <sip:"+p.addr+">", "Record-Route: <sip:next.test;lr>")
	s.established(p.find("SIP/2.0 200"))
	s.send("ACK", "")
	want[Confirmed](w)
	(<-dialogs).Hangup(0)
	bye := p.expect("BYE sip:" + p.addr + " SIP/2.0")
	if got := strings.Join(getAll(bye, "Route"), " "); got != "<sip:next.test;lr> "+p.contact() {
		t.Error(bye)
	}
}

// A phone behind a NAT is reached where its last request came from.
func TestFollowFlow(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	dialogs := b.answers(w, Options{FollowFlow: true})
	p, moved := newPeer(t, "alice", b.udp), newPeer(t, "alice", b.udp)
	s := p.script("100")
	s.send("INVITE", "offer", "Contact: <sip:alice@192.168.1.7>")
	s.established(p.find("SIP/2.0 200"))
	s.send("ACK", "")
	want[Confirmed](w)
	d := <-dialogs
	d.Info("text/plain", []byte("x"), nil)
	p.reply(p.expect("INFO sip:alice@192.168.1.7"), "200 OK", "", "")
	info := s.request("INFO", "") // the NAT changed its mind
	moved.send(edit(info, "Via: SIP/2.0/UDP "+moved.addr+";rport;branch=z9hG4bKmoved"))
	moved.expect("SIP/2.0 200")
	want[Request](w)
	if f := d.Flow(); f.Remote != moved.addr {
		t.Errorf("%+v", f)
	}
	d.Hangup(0)
	moved.reply(moved.expect("BYE"), "200 OK", "", "")
}
