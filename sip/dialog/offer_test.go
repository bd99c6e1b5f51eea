package dialog

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/emiago/sipgo/sip"
)

// An INVITE without SDP: the 200 has our offer, the ACK the answer.
func TestLateOffer(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	offered := make(chan []byte, 1)
	b.onInvite(func(in *Incoming) {
		offered <- in.SDP()
		in.Open(Options{}, w.observe).Answer([]byte("our offer"))
	})
	p := newPeer(t, "alice", b.udp)
	s := p.script("100")
	s.send("INVITE", "")
	if sdp := <-offered; sdp != nil {
		t.Errorf("%q", sdp)
	}
	res := p.find("SIP/2.0 200")
	if bodyOf(res) != "our offer" {
		t.Error(res)
	}
	s.established(res)
	s.send("ACK", "their answer")
	if e := want[Confirmed](w); string(e.SDP) != "their answer" {
		t.Errorf("%+v", e)
	}
}

func TestReinviteFromThePeer(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	p := newPeer(t, "bob", b.udp)
	d, s := b.connect(p, w)

	s.send("INVITE", "offer 2") // accepted
	p.expect("SIP/2.0 100")
	o := want[Offer](w)
	if string(o.SDP) != "offer 2" {
		t.Errorf("%+v", o)
	}
	o.Accept([]byte("answer 2"))
	if res := p.expect("SIP/2.0 200"); bodyOf(res) != "answer 2" || get(res, "Contact") != "<sip:"+b.udp+">" {
		t.Error(res)
	}
	s.send("ACK", "")

	s.send("INVITE", "offer 3") // refused
	p.expect("SIP/2.0 100")
	want[Offer](w).Reject(488)
	res := p.expect("SIP/2.0 488")
	p.send(edit(s.request("ACK", ""), "Via: "+get(res, "Via")))

	s.send("INVITE", "") // we are to offer
	p.expect("SIP/2.0 100")
	o = want[Offer](w)
	if o.SDP != nil {
		t.Errorf("%+v", o)
	}
	o.Accept([]byte("our offer"))
	p.expect("SIP/2.0 200")
	s.send("UPDATE", "offer 4") // in between: our offer has no answer yet
	p.expect("SIP/2.0 491")
	s.send("ACK", "their answer")
	if e := want[OfferAnswered](w); string(e.SDP) != "their answer" {
		t.Errorf("%+v", e)
	}

	invite := s.send("INVITE", "offer 5") // cancelled
	p.expect("SIP/2.0 100")
	o = want[Offer](w)
	p.send(edit(s.request("CANCEL", ""), "Via: "+get(invite, "Via"), fmt.Sprintf("CSeq: %d CANCEL", seqOf(invite))))
	p.expect("SIP/2.0 200")
	p.expect("SIP/2.0 487")
	o.Accept([]byte("too late"))
	p.send(edit(s.request("ACK", ""), "Via: "+get(invite, "Via"), fmt.Sprintf("CSeq: %d ACK", seqOf(invite))))

	d.Reinvite([]byte("offer 6"), nil) // and ours goes on
	p.reply(p.expect("INVITE"), "200 OK", "", "answer")
	p.expect("ACK")
	w.quiet()
}

func TestReinviteByUs(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	p := newPeer(t, "bob", b.udp)
	d, _ := b.connect(p, w)
	results := make(chan Result, 10)
	report := func(r Result) { results <- r }
	for _, c := range []struct {
		status string
		code   int
	}{{"200 OK", 200}, {"488 No", 488}, {"603 No", 603}, {"202 Odd", 202}} {
		d.Reinvite([]byte("offer"), report)
		invite := p.expect("INVITE")
		if get(invite, "Allow") == "" || get(invite, "Contact") == "" || tagOf(get(invite, "To")) != "a1" {
			t.Error(invite)
		}
		p.reply(invite, "100 Trying", "", "")
		p.reply(invite, "180 Ringing", "", "")
		p.reply(invite, c.status, "", "answer")
		p.expect("ACK")
		if r := <-results; r.Code != c.code || string(r.SDP) != "answer" {
			t.Errorf("%+v", r)
		}
	}
	d.Update([]byte("offer"), report)
	p.reply(p.expect("UPDATE"), "200 OK", "", "answer")
	if r := <-results; r.Code != 200 || string(r.SDP) != "answer" {
		t.Errorf("%+v", r)
	}
	d.Reinvite([]byte("offer"), report) // the peer is not ready
	first := p.expect("INVITE")
	p.reply(first, "500 Busy", "", "", "Retry-After: 0")
	p.expect("ACK")
	p.reply(p.expect("INVITE"), "200 OK", "", "answer")
	p.expect("ACK")
	if r := <-results; r.Code != 200 {
		t.Errorf("%+v", r)
	}
	d.Reinvite([]byte("offer"), report) // the end comes first
	p.expect("INVITE")
	d.Reinvite([]byte("offer"), report)
	d.Hangup(0)
	for range 2 {
		if r := <-results; r.Code != 487 {
			t.Errorf("%+v", r)
		}
	}
	want[Ended](w)
	d.Reinvite([]byte("offer"), report)
	d.Info("a/b", nil, report)
	w.quiet()
}

// Whoever asks a dialog that is over is told so.
func TestRequestsAfterTheEnd(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	p := newPeer(t, "bob", b.udp)
	d, s := b.connect(p, w)
	s.send("BYE", "")
	want[Ended](w)
	results := make(chan Result, 10)
	report := func(r Result) { results <- r }
	ask := func() {
		d.Reinvite([]byte("offer"), report)
		d.Update(nil, report)
		d.Info("a/b", nil, report)
		d.Refer(sip.Uri{}, nil, report)
		for range 4 {
			if r := <-results; r.Code != 487 {
				t.Errorf("%+v", r)
			}
		}
	}
	ask() // while the answer to its INVITE may still come again
	eventually(t, "dialog forgotten", func() bool { return b.count("seatbridge_sip_dialogs") == 0 })
	ask()
	p.expect("SIP/2.0 200")
	p.silent(testT1)
}

func TestRequestsInTheDialog(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	w.react = func(_ *Dialog, e Event) {
		if r, ok := e.(Request); ok && r.ContentType == "text/odd" {
			r.Respond(415, sip.NewHeader("Accept", "application/dtmf-relay"))
			r.Respond(200)
		}
	}
	b.answers(w, Options{})
	p := newPeer(t, "alice", b.udp)
	s := p.call("100")
	want[Confirmed](w)
	for _, c := range []struct {
		method, contentType, status, header string
	}{
		{"INFO", "Application/DTMF-Relay; x=y", "200", ""},
		{"INFO", "text/odd", "415", "Accept: application/dtmf-relay"},
		{"MESSAGE", "text/plain", "200", ""},
		{"OPTIONS", "text/plain", "200", "Allow: " + b.Allow()},
		{"NOTIFY", "text/plain", "200", ""},
	} {
		s.send(c.method, "body", "Content-Type: "+c.contentType)
		res := p.expect("SIP/2.0 " + c.status)
		if name, value, ok := strings.Cut(c.header, ": "); ok && get(res, name) != value {
			t.Error(res)
		}
		kind, _, _ := strings.Cut(strings.ToLower(c.contentType), ";")
		if r := want[Request](w); string(r.Method) != c.method || r.ContentType != kind || string(r.Body) != "body" {
			t.Errorf("%+v", r)
		}
	}
	s.send("PRACK", "")
	p.expect("SIP/2.0 405")
	s.send("UPDATE", "") // nothing but a target refresh
	p.expect("SIP/2.0 200")
	w.quiet()
}

// INFOs go one after the other: one that is lost must not be overtaken.
func TestRequestsKeepTheirOrder(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	p := newPeer(t, "bob", b.udp)
	d, _ := b.connect(p, w)
	for i := range 10 {
		d.Info("text/plain", fmt.Append(nil, i), nil)
	}
	for i := range 10 {
		m := p.expect("INFO")
		if bodyOf(m) != fmt.Sprint(i) {
			t.Fatal(m)
		}
		if i == 4 {
			p.repeated(m) // it was lost
		}
		p.reply(m, "200 OK", "", "")
	}
}

func TestEarlyMediaAndRinging(t *testing.T) {
	b := newBench(t, func(c *Config) { c.Timers = Timers{T1: testT1 / 10, T2: testT1} })
	w := newWatcher(t)
	b.onInvite(func(in *Incoming) {
		d := in.Open(Options{ContactUser: "desk", Headers: []sip.Header{sip.NewHeader("X-Ours", "1")}}, w.observe)
		d.Provisional(180, nil)
		d.Provisional(183, []byte("early"), sip.NewHeader("X-Queue", "2"))
	})
	p := newPeer(t, "alice", b.udp)
	s := p.script("100")
	s.send("INVITE", "offer")
	p.expect("SIP/2.0 100")
	ringing := p.expect("SIP/2.0 180")
	early := p.expect("SIP/2.0 183")
	if bodyOf(early) != "early" || get(early, "X-Queue") != "2" || get(early, "Contact") != "<sip:desk@"+b.udp+">" ||
		tagOf(get(early, "To")) == "" || get(early, "To") != get(ringing, "To") {
		t.Error(early)
	}
	p.repeated(early) // every 120 T1
	p.send(edit(s.request("CANCEL", ""), "Via: "+get(s.invite, "Via"), "Max-Forwards: 70", "+Reason: SIP;cause=200"))
	if ok := p.expect("SIP/2.0 200"); get(ok, "To") != get(ringing, "To") {
		t.Error(ok)
	}
	if gone := p.expect("SIP/2.0 487"); get(gone, "To") != get(ringing, "To") {
		t.Error(gone)
	}
	if e := want[Ended](w); e.Why != Cancelled || !e.Remote || e.Reason != "SIP;cause=200" {
		t.Errorf("%+v", e)
	}
}

func TestHangupRefusesAnInvite(t *testing.T) {
	b := newBench(t)
	p := newPeer(t, "alice", b.udp)
	for code, status := range map[int]string{0: "480", 486: "486", 603: "603"} {
		w := newWatcher(t)
		b.onInvite(func(in *Incoming) {
			in.Open(Options{}, w.observe).Hangup(code, sip.NewHeader("Retry-After", "5"))
		})
		s := p.script("100")
		s.send("INVITE", "offer")
		res := p.find("SIP/2.0 " + status)
		if get(res, "Retry-After") != "5" {
			t.Error(res)
		}
		p.send(edit(s.request("ACK", ""), "Via: "+get(s.invite, "Via")))
		if e := want[Ended](w); e.Why != Rejected || e.Remote || fmt.Sprint(e.Code) != status {
			t.Errorf("%+v", e)
		}
	}
}

// A dialog whose observer is stuck does not pile up what a peer sends.
func TestFloodInADialog(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	stuck := make(chan struct{})
	free := sync.OnceFunc(func() { close(stuck) })
	defer free()
	w.react = func(_ *Dialog, e Event) {
		if _, ok := e.(Request); ok {
			<-stuck
		}
	}
	b.answers(w, Options{})
	p := newPhone(t, "alice", b.tcp)
	s := p.call("100")
	for range maxQueue + 50 {
		s.send("INFO", "")
	}
	p.expect("SIP/2.0 503")
	free()
	p.find("SIP/2.0 200")
}

// A panic in the observer ends that dialog, with a BYE, and no other.
func TestPanicInTheObserver(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	w.react = func(_ *Dialog, e Event) {
		if _, ok := e.(Request); ok {
			panic("a fault")
		}
	}
	p := newPeer(t, "bob", b.udp)
	other := newWatcher(t)
	b.connect(p, other)
	_, s := b.connect(p, w)
	s.send("INFO", "")
	p.reply(p.expect("BYE"), "200 OK", "", "")
	if e := want[Ended](w); e.Why != Failed {
		t.Errorf("%+v", e)
	}
	other.quiet()
	if n := b.count("seatbridge_sip_panics_total"); n != 1 {
		t.Errorf("%v panics", n)
	}
	eventually(t, "dialog forgotten", func() bool { return b.count("seatbridge_sip_dialogs") == 1 })
}

func TestSDPInMultipart(t *testing.T) {
	body := "--b\r\nContent-Type: application/isup\r\n\r\nxyz\r\n--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n--b--\r\n"
	for _, c := range []struct {
		kind, body, sdp string
		ok              bool
	}{
		{"application/sdp", "v=0", "v=0", true},
		{"Application/SDP; charset=utf-8", "v=0", "v=0", true},
		{"multipart/mixed; boundary=b", body, "v=0\r\n", true},
		{"multipart/mixed; boundary=c", body, "", false},
		{"multipart/mixed", body, "", false},
		{"text/plain", "v=0", "", false},
		{"", "v=0", "", false},
		{"", "", "", true},
	} {
		req := sip.NewRequest(sip.INVITE, sip.Uri{})
		if c.kind != "" {
			h := sip.ContentTypeHeader(c.kind)
			req.AppendHeader(&h)
		}
		req.SetBody([]byte(c.body))
		if sdp, ok := sdpOf(req); string(sdp) != c.sdp || ok != c.ok {
			t.Errorf("%q: %q %v", c.kind, sdp, ok)
		}
	}
}
