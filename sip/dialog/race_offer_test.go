package dialog

import (
	"fmt"
	"strings"
	"testing"
)

// E7: re-INVITE after BYE, and a second one while the first waits.
func TestE7ReinviteAfterBye(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	b.answers(w, Options{})
	p := newPeer(t, "alice", b.udp)
	for range 20 {
		s := p.call("100")
		want[Confirmed](w)
		bye, reinvite := s.request("BYE", ""), s.request("INVITE", "offer 2")
		p.send(bye)
		p.send(reinvite)
		answers := map[string]bool{}
		for len(answers) < 2 {
			m := p.next()
			if strings.HasPrefix(m, "SIP/2.0 100") { // sipgo found us slow
				continue
			}
			answers[strings.Join(strings.Fields(m)[1:2], "")+" "+get(m, "CSeq")] = true
		}
		if !answers["200 "+get(bye, "CSeq")] || !answers["481 "+get(reinvite, "CSeq")] {
			t.Fatal(answers)
		}
		want[Ended](w)
	}
	eventually(t, "dialogs forgotten", func() bool { return b.count("seatbridge_sip_dialogs") == 0 })
}

func TestE7OverlappingOffers(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	offers := make(chan Offer, 10)
	w.react = func(_ *Dialog, e Event) {
		if o, ok := e.(Offer); ok {
			offers <- o
		}
	}
	b.answers(w, Options{})
	p := newPeer(t, "alice", b.udp)
	s := p.call("100")
	s.send("INVITE", "offer 2")
	first := <-offers
	p.expect("SIP/2.0 100")
	s.send("INVITE", "offer 3")
	if res := p.expect("SIP/2.0 500"); get(res, "Retry-After") == "" {
		t.Error(res)
	}
	s.send("UPDATE", "offer 4")
	if res := p.expect("SIP/2.0 500"); get(res, "Retry-After") == "" {
		t.Error(res)
	}
	first.Reject(488)
	p.expect("SIP/2.0 488")
	first.Accept([]byte("too late"))
	s.send("UPDATE", "offer 5")
	(<-offers).Accept([]byte("answer 5"))
	if res := p.expect("SIP/2.0 200"); bodyOf(res) != "answer 5" {
		t.Error(res)
	}
	s.seq -= 4
	s.send("INFO", "")
	p.expect("SIP/2.0 500") // a lower CSeq
}

// E7: the peer hangs up while its offer waits for an answer.
func TestE7ByeWhileAnOfferWaits(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	b.answers(w, Options{})
	p := newPeer(t, "alice", b.udp)
	s := p.call("100")
	want[Confirmed](w)
	s.send("INVITE", "offer 2")
	p.expect("SIP/2.0 100")
	o := want[Offer](w)
	s.send("BYE", "")
	p.expect("SIP/2.0 487")
	p.expect("SIP/2.0 200")
	want[Ended](w)
	o.Accept([]byte("too late"))
	p.silent(2 * testT1)
}

// The end is told before the BYE is answered, so that who has the answer is not found busy.
func TestByeIsAnsweredLast(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	answered := make(chan float64, 1)
	w.react = func(_ *Dialog, e Event) {
		if _, last := e.(Ended); last {
			answered <- b.count("seatbridge_sip_responses_total", "BYE", "200", "out")
		}
	}
	b.answers(w, Options{})
	p := newPeer(t, "alice", b.udp)
	s := p.call("100")
	want[Confirmed](w)
	s.send("BYE", "")
	p.expect("SIP/2.0 200")
	if n := <-answered; n != 0 {
		t.Errorf("%v answers before the end was told", n)
	}
}

// E10: the caller hangs up before it sent the ACK, or before we answered; CANCEL after the answer means nothing.
func TestE10EarlyBye(t *testing.T) {
	b := newBench(t, func(c *Config) { c.Timers.T1 = 8 * testT1 })
	w := newWatcher(t)
	dialogs := b.answers(w, Options{})
	p := newPeer(t, "alice", b.udp)
	s := p.script("100")
	s.send("INVITE", "offer")
	s.established(p.find("SIP/2.0 200"))
	s.send("BYE", "")
	p.expect("SIP/2.0 200")
	if e := want[Ended](w); e.Why != Hungup || !e.Remote {
		t.Errorf("%+v", e)
	}
	s.send("ACK", "")
	p.silent(20 * testT1)
	if p.again > 1 {
		t.Errorf("the 200 came %d times more", p.again)
	}
	<-dialogs

	b.onInvite(func(in *Incoming) { in.Open(Options{}, w.observe).Provisional(180, nil) })
	s = p.script("100")
	s.send("INVITE", "offer")
	s.established(p.find("SIP/2.0 180"))
	s.send("BYE", "")
	res := p.expect("SIP/2.0 487")
	p.expect("SIP/2.0 200")
	p.send(edit(s.request("ACK", ""), "Via: "+get(s.invite, "Via"), "To: "+get(res, "To")))
	if e := want[Ended](w); e.Why != Cancelled || !e.Remote {
		t.Errorf("%+v", e)
	}
	eventually(t, "dialogs forgotten", func() bool { return b.count("seatbridge_sip_dialogs") == 0 })
}

func TestE10CancelAfterAnswer(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	dialogs := b.answers(w, Options{})
	p := newPeer(t, "alice", b.udp)
	s := p.call("100")
	want[Confirmed](w)
	p.send(edit(s.request("CANCEL", ""), "Via: "+get(s.invite, "Via")))
	p.expect("SIP/2.0 200")
	p.silent(2 * testT1)
	w.quiet()
	(<-dialogs).Hangup(0)
	p.reply(p.expect("BYE"), "200 OK", "", "")
}

// Both hang up at once.
func TestByesCross(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	p := newPeer(t, "bob", b.udp)
	d, s := b.connect(p, w)
	d.Hangup(0)
	bye := p.expect("BYE")
	s.send("BYE", "")
	p.expect("SIP/2.0 200")
	p.reply(bye, "481 Gone", "", "")
	want[Ended](w)
	w.quiet()
}

// E12: a storm of hold and unhold has one offer in flight at most, and ends in the last state.
func TestE12OneOfferAtATime(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	p := newPeer(t, "bob", b.udp)
	d, _ := b.connect(p, w)
	for i := range 30 {
		d.Reinvite(fmt.Appendf(nil, "offer %d", i), nil)
	}
	for i := range 30 {
		m := p.expect("INVITE") // and no other before this one is answered
		if bodyOf(m) != fmt.Sprintf("offer %d", i) {
			t.Fatal(m)
		}
		p.reply(m, "200 OK", "", "answer")
		p.expect("ACK")
	}
}
