package dialog

import (
	"fmt"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
)

// edit changes a message line by line: "Name: value" replaces, "-Name" takes away, "+line" adds.
func edit(msg string, edits ...string) string {
	head, body, _ := strings.Cut(msg, "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	for _, e := range edits {
		name, _, _ := strings.Cut(strings.TrimLeft(e, "-+"), ":")
		switch {
		case strings.HasPrefix(e, "+"):
			lines = append(lines, e[1:])
			continue
		case strings.HasSuffix(e, " SIP/2.0") || strings.HasSuffix(e, " SIP/3.0"): // a start line
			lines[0] = e
			continue
		}
		var kept []string
		for _, l := range lines {
			if k, _, _ := strings.Cut(l, ":"); !strings.EqualFold(k, name) {
				kept = append(kept, l)
			} else if !strings.HasPrefix(e, "-") {
				kept = append(kept, e)
			}
		}
		lines = kept
	}
	return strings.Join(lines, "\r\n") + "\r\n\r\n" + body
}

// Defect 17: sipgo checks nothing but Via and CSeq.
func TestDefect17Validation(t *testing.T) {
	b := newBench(t, func(c *Config) { c.Session = SessionTimer{} })
	handled := make(chan string, 100)
	b.onInvite(func(in *Incoming) {
		handled <- "INVITE"
		_ = in.Respond(486, "")
	})
	b.onOther(func(r *Transaction) {
		handled <- string(r.Request.Method)
		_ = r.Respond(200, "")
	})
	p := newPeer(t, "alice", b.udp)
	for _, c := range []struct {
		name, method string
		edits        []string
		status       int
		header       string // "Name: value" in the response
	}{
		{"good OPTIONS", "OPTIONS", nil, 200, ""},
		{"good INVITE", "INVITE", nil, 486, ""},
		{"version", "OPTIONS", []string{"OPTIONS sip:gw SIP/3.0"}, 505, ""},
		{"no From", "OPTIONS", []string{"-From"}, 400, ""},
		{"no To", "OPTIONS", []string{"-To"}, 400, ""},
		{"no Call-ID", "OPTIONS", []string{"-Call-ID"}, 400, ""},
		{"no Max-Forwards", "OPTIONS", []string{"-Max-Forwards"}, 400, ""},
		{"no From tag", "OPTIONS", []string{"From: <sip:alice@h>"}, 400, ""},
		{"two From", "OPTIONS", []string{"+From: <sip:bob@h>;tag=2"}, 400, ""},
		{"two Call-ID", "OPTIONS", []string{"+i: other"}, 400, ""},
		{"two CSeq", "OPTIONS", []string{"+CSeq: 9 OPTIONS"}, 400, ""},
		{"CSeq of another method", "OPTIONS", []string{"CSeq: 1 REGISTER"}, 400, ""},
		{"Max-Forwards 0", "INVITE", []string{"Max-Forwards: 0"}, 483, ""},
		{"Max-Forwards 300", "INVITE", []string{"Max-Forwards: 300"}, 400, ""},
		{"bare line feed", "OPTIONS", []string{"+Subject: a\nX-Evil: 1"}, 400, ""},
		{"no Contact", "INVITE", []string{"-Contact"}, 400, ""},
		{"scheme", "OPTIONS", []string{"OPTIONS http://example.com/ SIP/2.0"}, 416, ""},
		{"100rel", "INVITE", []string{"+Require: 100rel, timer"}, 420, "Unsupported: 100rel"},
		{"unknown extension", "OPTIONS", []string{"+Require: nothing", "+Require: foo, replaces"}, 420,
			"Unsupported: nothing, foo"},
		{"known extensions", "OPTIONS", []string{"+Require: replaces, timer, norefersub"}, 200, ""},
		{"unknown method", "FROB", nil, 405, "Allow: " + b.Allow()},
		{"SUBSCRIBE", "SUBSCRIBE", nil, 405, ""},
		{"MESSAGE", "MESSAGE", nil, 405, ""},
		{"REFER", "REFER", nil, 405, ""},
		{"CANCEL of nothing", "CANCEL", nil, 481, ""},
		{"BYE of nothing", "BYE", nil, 481, ""},
		{"UPDATE of nothing", "UPDATE", nil, 481, ""},
		{"To tag without dialog", "INVITE", []string{"To: <sip:gw@h>;tag=none"}, 481, ""},
		{"To tag without dialog", "BYE", []string{"To: <sip:gw@h>;tag=none"}, 481, ""},
		{"REGISTER", "REGISTER", nil, 200, ""},
		{"other body", "INVITE", []string{"+Content-Type: text/plain"}, 415, "Accept: application/sdp"},
		{"packed body", "INVITE", []string{"+Content-Type: application/sdp", "+Content-Encoding: gzip"}, 415,
			"Accept-Encoding: identity"},
		{"session timer", "INVITE", []string{"+Supported: timer", "+Session-Expires: 60"}, 422, "Min-SE: 90"},
		{"session timer from a proxy", "INVITE", []string{"+Session-Expires: 60"}, 486, ""},
		{"bad Replaces", "INVITE", []string{"+Replaces: nonsense"}, 400, ""},
		{"blanks in parameters", "OPTIONS", []string{"From: <sip:a@h> ; tag = x", "To: <sip:gw>;foo"}, 200, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := p.script("gw")
			m := s.request(c.method, "")
			if strings.HasSuffix(c.name, "body") {
				m = strings.Replace(s.request(c.method, "body"), "Content-Type: application/sdp\r\n", "", 1)
			}
			m = edit(m, c.edits...)
			if c.method == "CANCEL" {
				m = edit(m, "Via: SIP/2.0/UDP "+p.addr+";rport;branch=z9hG4bKcancel")
			}
			p.send(m)
			res := p.expect("SIP/2.0 ")
			for strings.HasPrefix(res, "SIP/2.0 100") {
				res = p.expect("SIP/2.0 ")
			}
			if !strings.HasPrefix(res, fmt.Sprintf("SIP/2.0 %d ", c.status)) {
				t.Fatalf("wanted %d, got:\n%s", c.status, res)
			}
			if name, value, ok := strings.Cut(c.header, ": "); ok && get(res, name) != value {
				t.Errorf("%s: %q, want %q", name, get(res, name), value)
			}
			passed := c.status == 200 || c.status == 486
			select {
			case got := <-handled:
				if !passed {
					t.Errorf("the handler saw %s", got)
				}
			default:
				if passed {
					t.Error("the handler did not see it")
				}
			}
			if c.status == 486 { // the ACK ends its repetition
				p.send(edit(s.request("ACK", ""), "Via: "+get(m, "Via"), "To: "+get(res, "To")))
			}
		})
	}
}

func TestMergedRequest(t *testing.T) {
	b := newBench(t)
	b.onInvite(func(in *Incoming) { in.Open(Options{}, nil) })
	p := newPeer(t, "alice", b.udp)
	s := p.script("100")
	invite := s.send("INVITE", "offer")
	p.expect("SIP/2.0 100")
	p.send(edit(invite, "Via: SIP/2.0/UDP "+p.addr+";rport;branch=z9hG4bKother"))
	p.expect("SIP/2.0 482")
	p.send(invite) // the same way once more is a retransmission
	p.silent(2 * testT1)
	if n := b.count("seatbridge_sip_retransmissions_total", "in"); n != 1 {
		t.Errorf("%v retransmissions", n)
	}
}

func TestAckIsNeverAnswered(t *testing.T) {
	b := newBench(t)
	p := newPeer(t, "alice", b.udp)
	s := p.script("100")
	s.inviteSeq = 1
	for _, m := range []string{s.request("ACK", ""), edit(s.request("ACK", ""), "-From"),
		edit(s.request("ACK", ""), "To: <sip:x@h>;tag=1"), edit(s.request("ACK", ""), "CSeq: 1 INVITE")} {
		p.send(m)
	}
	p.silent(4 * testT1)
}

func TestHandlerThatDoesNothingOrPanics(t *testing.T) {
	b := newBench(t)
	p := newPeer(t, "alice", b.udp)
	for _, f := range []func(){func() {}, func() { panic("a fault") }} {
		b.onInvite(func(*Incoming) { f() })
		b.onOther(func(*Transaction) { f() })
		p.send(p.script("100").request("OPTIONS", ""))
		p.expect("SIP/2.0 500")
		s := p.script("100")
		s.send("INVITE", "offer")
		res := p.expect("SIP/2.0 500")
		p.send(edit(s.request("ACK", ""), "Via: "+get(s.invite, "Via"), "To: "+get(res, "To")))
	}
	b.onInvite(func(in *Incoming) {
		in.Open(Options{}, nil)
		panic("after Open")
	})
	p.send(p.script("100").request("INVITE", "offer"))
	p.expect("SIP/2.0 100")
	p.expect("SIP/2.0 500")
	if n := b.count("seatbridge_sip_panics_total"); n != 3 {
		t.Errorf("%v panics", n)
	}
	eventually(t, "dialog forgotten", func() bool { return b.count("seatbridge_sip_dialogs") == 0 })
}

func TestStatelessAnswerKeepsNothing(t *testing.T) {
	b := newBench(t)
	challenge := sip.NewHeader("WWW-Authenticate", `Digest realm="x", nonce="y"`)
	b.onInvite(func(in *Incoming) { _ = in.RespondStateless(401, "", challenge) })
	p := newPeer(t, "alice", b.udp)
	s := p.script("100")
	s.send("INVITE", "offer")
	res := p.expect("SIP/2.0 401")
	if get(res, "WWW-Authenticate") == "" || tagOf(get(res, "To")) == "" {
		t.Error(res)
	}
	p.silent(6 * testT1)
	if p.again != 0 {
		t.Error("the 401 came again")
	}
	b.intake.mu.Lock()
	live := len(b.intake.live) + len(b.intake.waiting) + len(b.intake.last) + len(b.intake.merged)
	b.intake.mu.Unlock()
	if live != 0 {
		t.Errorf("%d things remembered", live)
	}
	p.send(s.invite)             // asked again, answered again
	p.expect("SIP/2.0 401")      // with another To tag: nothing was kept
	p.send(s.request("ACK", "")) // and its ACK hurts nobody
	p.silent(2 * testT1)
}

// A phone behind a NAT names its own address in Via; it is answered where it sent from, asked for (rport) or not.
func TestResponsesFindThroughNAT(t *testing.T) {
	b := newBench(t)
	p, other := newPeer(t, "alice", b.udp), newPeer(t, "other", b.udp)
	_, otherPort, _ := strings.Cut(other.addr, ":")
	m := p.script("gw").request("OPTIONS", "")
	p.send(edit(m, "Via: SIP/2.0/UDP 192.168.1.7:"+otherPort+";branch=z9hG4bKnat"))
	res := p.expect("SIP/2.0 200")
	if via := get(res, "Via"); !strings.Contains(via, "received=127.0.0.1") {
		t.Error("Via", via)
	}
	// Without a NAT the port in Via counts (RFC 3261 section 18.2.2).
	p.send(edit(m, "Via: SIP/2.0/UDP "+other.addr+";branch=z9hG4bKplain", "Call-ID: plain"))
	other.expect("SIP/2.0 200")
}
