package dialog

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

// lostAck reads 200s until the BYE and checks how long was waited between them.
func lostAck(t *testing.T, p *peer, first string) {
	t.Helper()
	begun := time.Now()
	due, wait, times := time.Duration(0), testT1, 0
	for {
		m := <-p.in
		switch {
		case m == first:
			times++
			if due += wait; time.Since(begun) < due-testT1/2 {
				t.Errorf("200 number %d came after %v, not %v", times+1, time.Since(begun), due)
			}
			wait = min(2*wait, 8*testT1)
		case strings.HasPrefix(m, "BYE"):
			if took := time.Since(begun); took < 63*testT1 || took > 64*testT1+patience {
				t.Errorf("BYE after %v, not %v", took, 64*testT1)
			}
			if times != 10 { // T1 2 4 8 8 ... 8 makes 63, and what is left is less than a T2
				t.Errorf("200 came again %d times", times)
			}
			p.reply(m, "200 OK", "", "")
			return
		default:
			t.Fatalf("unexpected:\n%s", m)
		}
	}
}

// Defect 5: the 2xx to a re-INVITE is never sent again.
func TestDefect5LostAckOfReinvite(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := newWatcher(t)
	w.react = func(_ *Dialog, e Event) {
		if o, ok := e.(Offer); ok {
			o.Accept([]byte("answer 2"))
		}
	}
	b.answers(w, Options{})
	p := newPeer(t, "alice", b.udp)
	s := p.call("100")
	want[Confirmed](w)
	s.send("INVITE", "offer 2")
	p.expect("SIP/2.0 100")
	lostAck(t, p, p.expect("SIP/2.0 200"))
	want[Offer](w)
	if e := want[Ended](w); e.Why != NoAck {
		t.Errorf("%+v", e)
	}
}

// Defect 6: the 2xx to the first INVITE is sent again every 4 s, and never followed by BYE.
func TestDefect6LostAckOfInvite(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := newWatcher(t)
	b.answers(w, Options{})
	p := newPeer(t, "alice", b.udp)
	s := p.script("100")
	s.send("INVITE", "offer")
	p.expect("SIP/2.0 100")
	lostAck(t, p, p.expect("SIP/2.0 200"))
	if e := want[Ended](w); e.Why != NoAck {
		t.Errorf("%+v", e)
	}
}

// Defect 7: a 200 that crosses the CANCEL is neither acknowledged nor ended.
func TestDefect7CancelCrosses200(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	p := newPeer(t, "bob", b.udp)
	d := b.Invite(p.to("bob"), w.observe)
	invite := p.expect("INVITE")
	p.reply(invite, "180 Ringing", "x", "")
	want[Provisional](w)
	d.Hangup(0)
	p.reply(p.expect("CANCEL"), "200 OK", "x", "")
	p.reply(invite, "200 OK", "x", "answer")
	ack := p.expect("ACK")
	if seqOf(ack) != seqOf(invite) || tagOf(get(ack, "To")) != "x" {
		t.Error(ack)
	}
	p.reply(p.expect("BYE"), "200 OK", "", "")
	if e := want[Ended](w); e.Why != Cancelled || e.Remote {
		t.Errorf("%+v", e)
	}
	w.quiet()
}

// Defect 8: UDP messages over 1300 bytes are not sent.
func TestDefect8LargeMessagesOverUDP(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	b.answers(w, Options{})
	p := newPeer(t, "alice", b.udp)
	var routes []string
	for i := range 40 {
		routes = append(routes, fmt.Sprintf("Record-Route: <sip:proxy%d.a-long-name.example.com;lr>", i))
	}
	s := p.script("100")
	s.send("INVITE", strings.Repeat("o", 3000), routes...)
	res := p.find("SIP/2.0 200")
	if len(getAll(res, "Record-Route")) != 40 || len(res) < 2000 {
		t.Error(res)
	}
	s.established(res)
	s.send("ACK", "")
	want[Confirmed](w)

	c := p.to("bob")
	c.SDP = bytes.Repeat([]byte("s"), 4000)
	b.Invite(c, newWatcher(t).observe)
	if invite := p.expect("INVITE"); len(bodyOf(invite)) != 4000 {
		t.Error(invite)
	}
}

// Defect 9: giving up an INVITE that got no answer blocks for half a minute.
func TestDefect9HangupBeforeAnyResponse(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	p := newPeer(t, "bob", b.udp)
	d := b.Invite(p.to("bob"), w.observe)
	invite := p.expect("INVITE")
	d.Hangup(0)
	if e := want[Ended](w); e.Why != Cancelled {
		t.Errorf("%+v", e)
	}
	p.silent(6 * testT1) // no CANCEL before a 1xx
	p.reply(invite, "100 Trying", "", "")
	p.reply(p.expect("CANCEL"), "200 OK", "", "")
	p.reply(invite, "487 Request Terminated", "x", "")
	p.expect("ACK")
}

// Defect 10: the 2xx to a re-INVITE that comes again is not acknowledged again.
func TestDefect10RepeatedAnswerOfReinvite(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	p := newPeer(t, "bob", b.udp)
	d, _ := b.connect(p, w)
	answered := make(chan Result, 1)
	d.Reinvite([]byte("offer 2"), func(r Result) { answered <- r })
	reinvite := p.expect("INVITE")
	p.reply(reinvite, "200 OK", "", "answer 2")
	ack := p.expect("ACK")
	if r := <-answered; r.Code != 200 || string(r.SDP) != "answer 2" {
		t.Errorf("%+v", r)
	}
	d.Info("text/plain", []byte("x"), nil) // the ACK does not follow the dialog's CSeq
	p.reply(p.expect("INFO"), "200 OK", "", "")
	p.reply(reinvite, "200 OK", "", "answer 2")
	p.repeated(ack)
	p.reply(reinvite, "200 OK", "", "answer 2")
	p.repeated(ack)
}

// Defect 11: a second party that answers a forked INVITE is left hanging.
func TestDefect11ForkedAnswers(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	p, q := newPeer(t, "bob", b.udp), newPeer(t, "carol", b.udp)
	d := b.Invite(p.to("bob"), w.observe)
	invite := p.expect("INVITE")
	p.reply(invite, "180 Ringing", "one", "")
	p.reply(invite, "180 Ringing", "two", "")
	if a, b := want[Provisional](w), want[Provisional](w); a.Tag != "one" || b.Tag != "two" {
		t.Errorf("%+v %+v", a, b)
	}
	p.reply(invite, "200 OK", "one", "answer")
	if tagOf(get(p.expect("ACK"), "To")) != "one" {
		t.Error("ACK of the first")
	}
	want[Answered](w)
	second := p.reply(invite, "200 OK", "two", "answer", "Contact: "+q.contact())
	ack := q.expect("ACK")
	if tagOf(get(ack, "To")) != "two" || seqOf(ack) != seqOf(invite) {
		t.Error(ack)
	}
	bye := q.expect("BYE")
	if tagOf(get(bye, "To")) != "two" || seqOf(bye) <= seqOf(invite) {
		t.Error(bye)
	}
	q.reply(bye, "200 OK", "", "")
	p.send(second) // once more
	q.repeated(ack)
	w.quiet()
	d.Hangup(0)
	if tagOf(get(p.find("BYE"), "To")) != "one" {
		t.Error("BYE of the first")
	}
}
