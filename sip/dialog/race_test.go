package dialog

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
)

// The tests in this file are the races E1 to E12 of call states.

// E1: CANCEL crosses 200. Whoever wins, the called party gets ACK and BYE.
func TestE1CancelCrossesAnswer(t *testing.T) {
	b := newBench(t)
	p := newPeer(t, "bob", b.udp)
	for range 100 {
		w := newWatcher(t)
		d := b.Invite(p.to("bob"), w.observe)
		invite := p.find("INVITE")
		p.reply(invite, "180 Ringing", "x", "")
		want[Provisional](w)
		var both sync.WaitGroup
		both.Go(func() { d.Hangup(0) })
		both.Go(func() { p.reply(invite, "200 OK", "x", "answer") })
		both.Wait()
		acked, begun := false, time.Now()
		var seen []string
		for over := false; !over; {
			m := p.next()
			seen = append(seen, fmt.Sprintf("%v %s", time.Since(begun), strings.Fields(m)[0]))
			switch {
			case strings.HasPrefix(m, "CANCEL"):
				p.reply(m, "200 OK", "x", "")
			case strings.HasPrefix(m, "ACK"):
				acked = true
			case strings.HasPrefix(m, "BYE"):
				p.reply(m, "200 OK", "", "")
				over = true
			}
		}
		if !acked || time.Since(begun) > time.Second {
			t.Fatalf("ACK %v, %v", acked, seen)
		}
		for {
			if e, ok := w.next().(Ended); ok {
				if e.Remote {
					t.Fatalf("%+v", e)
				}
				break
			}
		}
	}
}

// E1 from the other side: the caller's CANCEL crosses our 200.
func TestE1CancelMeetsAnswer(t *testing.T) {
	b := newBench(t)
	p := newPeer(t, "alice", b.udp)
	opened := make(chan *Dialog, 1)
	answered, cancelled := 0, 0
	for range 100 {
		w := newWatcher(t)
		b.onInvite(func(in *Incoming) { opened <- in.Open(Options{}, w.observe) })
		s := p.script("100")
		s.send("INVITE", "offer")
		d := <-opened
		p.find("SIP/2.0 100")
		cancel := edit(s.request("CANCEL", ""), "Via: "+get(s.invite, "Via"))
		var both sync.WaitGroup
		both.Go(func() { d.Answer([]byte("answer")) })
		both.Go(func() { p.send(cancel) })
		both.Wait()
		var final string
		for final == "" {
			if m := p.next(); strings.HasSuffix(get(m, "CSeq"), "INVITE") {
				final = m
			}
		}
		s.remote = get(final, "To")
		if strings.HasPrefix(final, "SIP/2.0 200") {
			answered++
			s.target = uriIn(get(final, "Contact"))
			s.send("ACK", "")
			want[Confirmed](w)
			p.send(s.request("BYE", ""))
			want[Ended](w)
		} else {
			cancelled++
			p.send(edit(s.request("ACK", ""), "Via: "+get(s.invite, "Via")))
			if e := want[Ended](w); e.Why != Cancelled || !e.Remote {
				t.Fatalf("%+v", e)
			}
		}
		w.quiet()
	}
	t.Logf("%d answered, %d cancelled", answered, cancelled)
}

// E1: the CANCEL comes right behind the INVITE, and must not overtake it.
func TestE1CancelRightBehindInvite(t *testing.T) {
	b := newBench(t)
	p := newPeer(t, "alice", b.udp)
	for range 100 {
		w := newWatcher(t)
		b.onInvite(func(in *Incoming) { in.Open(Options{}, w.observe) })
		s := p.script("100")
		invite := s.request("INVITE", "offer")
		cancel := edit(s.request("CANCEL", ""), "Via: "+get(invite, "Via"))
		p.send(invite)
		p.send(cancel)
		for get(p.find("SIP/2.0 487"), "Call-ID") != s.callID { // one before may have come twice
			continue
		}
		p.send(edit(s.request("ACK", ""), "Via: "+get(invite, "Via")))
		if e := want[Ended](w); e.Why != Cancelled || !e.Remote {
			t.Fatalf("%+v", e)
		}
	}
	if n := b.count("seatbridge_sip_responses_total", "CANCEL", "481"); n != 0 {
		t.Errorf("%v CANCELs overtook", n)
	}
}

// E1: the CANCEL is there before the handler has made up its mind.
func TestE1CancelBeforeOpen(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	for _, decide := range []func(in *Incoming){
		func(in *Incoming) { in.Open(Options{}, w.observe).Answer([]byte("answer")) },
		func(in *Incoming) { _ = in.Respond(486, "") },
	} {
		cancelled := make(chan struct{})
		b.onInvite(func(in *Incoming) {
			select {
			case <-cancelled:
			case <-t.Context().Done():
			}
			decide(in)
		})
		p := newPeer(t, "alice", b.udp)
		s := p.script("100")
		s.send("INVITE", "offer")
		p.send(edit(s.request("CANCEL", ""), "Via: "+get(s.invite, "Via")))
		p.expect("SIP/2.0 200")
		p.expect("SIP/2.0 487")
		close(cancelled)
		for range 3 { // it comes again as it is not acknowledged
			if m := <-p.in; !strings.HasPrefix(m, "SIP/2.0 487") {
				t.Error(m)
			}
		}
		p.send(edit(s.request("ACK", ""), "Via: "+get(s.invite, "Via")))
	}
	if e := want[Ended](w); e.Why != Cancelled || !e.Remote {
		t.Errorf("%+v", e)
	}
	w.quiet()
	eventually(t, "dialogs forgotten", func() bool { return b.count("seatbridge_sip_dialogs") == 0 })
}

// E2: Hang-up before any 1xx, and none ever comes.
func TestE2NothingEverComes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := newWatcher(t)
	p := newPeer(t, "bob", b.udp)
	d := b.Invite(p.to("bob"), w.observe)
	p.expect("INVITE")
	d.Hangup(0)
	want[Ended](w)
	eventually(t, "dialog forgotten", func() bool { return b.count("seatbridge_sip_dialogs") == 0 })
	p.silent(testT1)
}

func TestE2TimeoutAndRefusal(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	p := newPeer(t, "bob", b.udp)
	w := newWatcher(t)
	b.Invite(p.to("bob"), w.observe)
	p.expect("INVITE")
	if e := want[Ended](w); e.Why != Timeout || e.Code != 408 || !e.Remote {
		t.Errorf("%+v", e)
	}
	if n := b.count("seatbridge_sip_retransmissions_total", "out"); n < 4 {
		t.Errorf("%v retransmissions", n)
	}
	w = newWatcher(t)
	b.Invite(p.to("bob"), w.observe)
	invite := p.find("INVITE")
	p.reply(invite, "503 Full", "x", "", "Retry-After: 7")
	p.expect("ACK")
	if e := want[Ended](w); e.Why != Rejected || e.Code != 503 || e.Reason != "Full" ||
		e.Response.GetHeader("Retry-After").Value() != "7" {
		t.Errorf("%+v", e)
	}
	p.reply(invite, "503 Full", "x", "", "Retry-After: 7") // its ACK was lost
	p.reply(invite, "180 Late", "x", "")
	eventually(t, "dialogs forgotten", func() bool { return b.count("seatbridge_sip_dialogs") == 0 })
	w.quiet()
}

// E3 is TestDefect11ForkedAnswers.

// E4: both re-INVITE at once. Who made the Call-ID waits longer; both get their way.
func TestE4Glare(t *testing.T) {
	for _, outgoing := range []bool{true, false} {
		t.Run(fmt.Sprint("outgoing ", outgoing), func(t *testing.T) {
			const t1 = 8 * testT1 // the peer has 4 T1 to come first
			b := newBench(t, func(c *Config) { c.Timers.T1, c.Timers.T2 = t1, t1 })
			w := newWatcher(t)
			w.react = func(_ *Dialog, e Event) {
				if o, ok := e.(Offer); ok {
					o.Accept([]byte("answer 3"))
				}
			}
			p := newPeer(t, "peer", b.udp)
			var d *Dialog
			var s *script
			if outgoing {
				d, s = b.connect(p, w)
			} else {
				dialogs := b.answers(w, Options{})
				s = p.call("100")
				d = <-dialogs
				want[Confirmed](w)
			}
			result := make(chan Result, 1)
			d.Reinvite([]byte("offer 2"), func(r Result) { result <- r })
			ours := p.expect("INVITE")
			theirs := s.send("INVITE", "offer 3")
			res := p.expect("SIP/2.0 491")
			p.send(edit(s.request("ACK", ""), "Via: "+get(theirs, "Via"), "To: "+get(res, "To")))
			refused := time.Now()
			p.reply(ours, "491 Request Pending", "", "")
			p.expect("ACK")
			if outgoing { // the peer comes first
				s.send("INVITE", "offer 3")
				want[Offer](w)
				p.expect("SIP/2.0 100")
				p.expect("SIP/2.0 200")
				s.send("ACK", "")
			}
			again := p.expect("INVITE")
			took := time.Since(refused)
			if bodyOf(again) != "offer 2" || seqOf(again) <= seqOf(ours) {
				t.Error(again)
			}
			if outgoing && took < 4*t1 {
				t.Errorf("tried again after %v", took)
			}
			p.reply(again, "200 OK", "", "answer 2")
			p.expect("ACK")
			if r := <-result; !r.OK() || string(r.SDP) != "answer 2" {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestE4GlareHasAnEnd(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	p := newPeer(t, "bob", b.udp)
	d, _ := b.connect(p, w)
	result := make(chan Result, 1)
	d.Reinvite([]byte("offer 2"), func(r Result) { result <- r })
	for range maxOfferTries {
		p.reply(p.expect("INVITE"), "491 Request Pending", "", "")
		p.expect("ACK")
	}
	if r := <-result; r.Code != 491 {
		t.Errorf("%+v", r)
	}
	p.silent(10 * testT1)
	w.quiet() // the call goes on
}

// E5 is TestDefect6LostAckOfInvite. Media may flow before the ACK, and a hang-up waits for it.
func TestE5ByeWaitsForTheAck(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	dialogs := b.answers(w, Options{})
	p := newPeer(t, "alice", b.udp)
	s := p.script("100")
	s.send("INVITE", "offer")
	s.established(p.find("SIP/2.0 200"))
	(<-dialogs).Hangup(0)
	want[Ended](w)
	p.silent(4 * testT1)
	s.send("ACK", "")
	p.reply(p.expect("BYE"), "200 OK", "", "")
	eventually(t, "dialog forgotten", func() bool { return b.count("seatbridge_sip_dialogs") == 0 })
}

// E6: the BYE is lost, unknown, or never answered.
func TestE6Bye(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{"200 OK", "481 What", "408 Timeout", "500 Oops", ""} {
		t.Run("answer "+answer, func(t *testing.T) {
			b := newBench(t)
			w := newWatcher(t)
			dialogs := b.answers(w, Options{})
			p := newPeer(t, "alice", b.udp)
			p.call("100")
			want[Confirmed](w)
			(<-dialogs).Hangup(0)
			if e := want[Ended](w); e.Why != Hungup || e.Remote {
				t.Errorf("%+v", e)
			}
			bye := p.expect("BYE")
			p.repeated(bye)
			if answer != "" {
				p.reply(bye, answer, "", "")
			}
			eventually(t, "dialog forgotten", func() bool { return b.count("seatbridge_sip_dialogs") == 0 })
			w.quiet()
		})
	}
}

func TestE6RequestThatNobodyKnows(t *testing.T) {
	t.Parallel()
	for answer, why := range map[string]Why{"481 What": Lost, "408 Timeout": Timeout, "": Timeout} {
		t.Run("answer "+answer, func(t *testing.T) {
			b := newBench(t)
			w := newWatcher(t)
			p := newPeer(t, "bob", b.udp)
			d, _ := b.connect(p, w)
			result := make(chan Result, 1)
			d.Send(sip.OPTIONS, "", nil, func(r Result) { result <- r })
			if options := p.expect("OPTIONS"); answer != "" {
				p.reply(options, answer, "", "")
			}
			if r := <-result; r.Code != 481 && r.Code != 408 {
				t.Errorf("%+v", r)
			}
			if e := want[Ended](w); e.Why != why || !e.Remote {
				t.Errorf("%+v", e)
			}
			p.find("BYE")
		})
	}
}
