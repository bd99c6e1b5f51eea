package dialog

import (
	"fmt"
	"testing"

	"github.com/emiago/sipgo/sip"
)

// The tests in the defects files are named after the defects of sipgo v1.7.2 that this package works round.

// Defect 0: sipgo handles every message in a goroutine of its own, so that their order is lost.
func TestDefect0RequestsKeepTheirOrder(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	b.answers(w, Options{})
	p := newPeer(t, "alice", b.udp)
	s := p.call("100")
	want[Confirmed](w)
	for i := 0; i < 200; i += 2 {
		one, two := s.request("INFO", fmt.Sprint(i)), s.request("INFO", fmt.Sprint(i+1))
		p.send(one)
		p.send(two)
		for j := range 2 {
			if got := string(want[Request](w).Body); got != fmt.Sprint(i+j) {
				t.Fatalf("INFO %s came when %d was due", got, i+j)
			}
		}
	}
}

func TestDefect0AckBeforeReinvite(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	w.react = func(_ *Dialog, e Event) {
		if o, ok := e.(Offer); ok {
			o.Accept([]byte("answer 2"))
		}
	}
	b.answers(w, Options{})
	p := newPeer(t, "alice", b.udp)
	for range 40 {
		s := p.script("100")
		s.send("INVITE", "offer")
		s.established(p.find("SIP/2.0 200"))
		ack, reinvite, bye := s.request("ACK", ""), s.request("INVITE", "offer 2"), s.request("BYE", "")
		p.send(ack)
		p.send(reinvite)
		want[Confirmed](w)
		want[Offer](w)
		p.find("SIP/2.0 200")
		p.send(bye)
		p.find("SIP/2.0 200")
		want[Ended](w)
	}
}

func TestDefect0ResponsesKeepTheirOrder(t *testing.T) {
	b := newBench(t)
	p := newPeer(t, "bob", b.udp)
	for range 40 {
		w := newWatcher(t)
		b.Invite(p.to("bob"), w.observe)
		invite := p.expect("INVITE")
		for _, status := range []string{"180 A", "181 B", "182 C", "183 D", "180 E"} {
			p.reply(invite, status, "x", "")
		}
		p.reply(invite, "200 OK", "x", "answer")
		for _, reason := range []string{"A", "B", "C", "D", "E"} {
			if e := want[Provisional](w); e.Response.Reason != reason {
				t.Fatalf("%s came when %s was due", e.Response.Reason, reason)
			}
		}
		want[Answered](w)
		p.expect("ACK")
		p.reply(invite, "180 Late", "x", "") // a late 1xx means nothing
	}
}

// Defect 1: a TCP request goes to whoever connected last.
func TestDefect1TwoPhonesOverTCP(t *testing.T) {
	b := newBench(t)
	alice, bob := newPhone(t, "alice", b.tcp), newPhone(t, "bob", b.tcp)
	for _, p := range []*peer{alice, bob} { // both are known to the stack
		p.send(p.script("gw").request("OPTIONS", ""))
		p.expect("SIP/2.0 200")
	}
	for _, p := range []*peer{alice, bob, alice} {
		w := newWatcher(t)
		d, _ := b.connect(p, w, func(c *InviteConfig) { c.FollowFlow = true })
		d.Hangup(0)
		p.reply(p.expect("BYE"), "200 OK", "", "")
		want[Ended](w)
	}
	alice.silent(4 * testT1)
	bob.silent(4 * testT1)
}

// Defect 2: requests in the dialog of a received call leave from another port where the peer's Contact is not where it
// sends from.
func TestDefect2InDialogRequestsLeaveFromTheListeningPort(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	dialogs := b.answers(w, Options{})
	p, other := newPeer(t, "alice", b.udp), newPeer(t, "elsewhere", b.udp)
	s := p.script("100")
	s.send("INVITE", "offer", "Contact: "+other.contact())
	s.established(p.find("SIP/2.0 200"))
	s.send("ACK", "")
	want[Confirmed](w)
	(<-dialogs).Hangup(0)
	other.reply(other.expect("BYE"), "200 OK", "", "")
	other.mu.Lock()
	defer other.mu.Unlock()
	if other.froms[0] != b.udp {
		t.Errorf("BYE came from %s, not from %s", other.froms[0], b.udp)
	}
}

// Defect 3: sipgo's dialogs give up after eleven responses.
func TestDefect3ManyProvisionalResponses(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	p := newPeer(t, "bob", b.udp)
	b.Invite(p.to("bob"), w.observe)
	invite := p.expect("INVITE")
	for i := range 30 {
		p.reply(invite, fmt.Sprintf("183 Queue %d", i), "x", "")
	}
	p.reply(invite, "200 OK", "x", "answer")
	for range 30 {
		want[Provisional](w)
	}
	want[Answered](w)
	p.expect("ACK")
}

// Defect 4: ACK and CANCEL have the CSeq of whatever was sent last.
func TestDefect4AckHasTheCSeqOfItsInvite(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	p := newPeer(t, "bob", b.udp)
	d, _ := b.connect(p, w)
	d.Reinvite([]byte("offer 2"), nil)
	reinvite := p.expect("INVITE")
	d.Info("application/dtmf-relay", []byte("Signal=1"), nil)
	info := p.expect("INFO")
	p.reply(info, "200 OK", "", "")
	p.reply(reinvite, "200 OK", "", "answer 2")
	ack := p.expect("ACK")
	if seqOf(info) != seqOf(reinvite)+1 || seqOf(ack) != seqOf(reinvite) {
		t.Errorf("CSeq of INVITE %d, INFO %d, ACK %d", seqOf(reinvite), seqOf(info), seqOf(ack))
	}
}

func TestDefect4CancelHasTheBranchAndCSeqOfItsInvite(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	p := newPeer(t, "bob", b.udp)
	d := b.Invite(p.to("bob"), w.observe)
	invite := p.expect("INVITE")
	p.reply(invite, "180 Ringing", "x", "")
	want[Provisional](w)
	d.Hangup(0, sip.NewHeader("Reason", "SIP;cause=200"))
	cancel := p.expect("CANCEL")
	for _, name := range []string{"Via", "From", "To", "Call-ID"} {
		if get(cancel, name) != get(invite, name) {
			t.Errorf("%s of CANCEL %q, of INVITE %q", name, get(cancel, name), get(invite, name))
		}
	}
	if seqOf(cancel) != seqOf(invite) || get(cancel, "Reason") != "SIP;cause=200" {
		t.Error(cancel)
	}
	p.reply(cancel, "200 OK", "x", "")
	p.reply(invite, "487 Request Terminated", "x", "")
	p.expect("ACK")
	if e := want[Ended](w); e.Why != Cancelled || e.Remote {
		t.Errorf("%+v", e)
	}
}
