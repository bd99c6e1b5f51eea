package dialog

import (
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
)

// The peer transfers us and hangs up at once; it is told of the new call nevertheless.
func TestReferOutlivesTheCall(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	subs := make(chan *Subscription, 1)
	w.react = func(_ *Dialog, e Event) {
		if r, ok := e.(Refer); ok {
			subs <- r.Accept()
		}
	}
	b.answers(w, Options{})
	p := newPeer(t, "alice", b.udp)
	s := p.call("100")
	want[Confirmed](w)
	refer, bye := s.request("REFER", "", "Refer-To: <sip:200@gw>"), s.request("BYE", "")
	p.send(refer)
	p.send(bye)
	r := want[Refer](w)
	if r.To.User != "200" || r.Replaces != nil {
		t.Errorf("%+v", r)
	}
	want[Ended](w)
	p.find("SIP/2.0 202")
	notify := p.find("NOTIFY")
	if bodyOf(notify) != "SIP/2.0 100 Trying\r\n" || get(notify, "Event") != "refer;id="+strings.Fields(get(refer, "CSeq"))[0] ||
		!strings.HasPrefix(get(notify, "Subscription-State"), "active;expires=") ||
		get(notify, "Content-Type") != "message/sipfrag;version=2.0" {
		t.Error(notify)
	}
	sub := <-subs
	sub.Notify(180)
	sub.Notify(200)
	sub.Notify(200) // after the last
	p.reply(notify, "200 OK", "", "")
	ringing := p.find("NOTIFY")
	if bodyOf(ringing) != "SIP/2.0 180 Ringing\r\n" {
		t.Error(ringing)
	}
	p.reply(ringing, "200 OK", "", "")
	last := p.expect("NOTIFY")
	if bodyOf(last) != "SIP/2.0 200 OK\r\n" || get(last, "Subscription-State") != "terminated;reason=noresource" {
		t.Error(last)
	}
	p.reply(last, "200 OK", "", "")
	eventually(t, "dialog forgotten", func() bool { return b.count("seatbridge_sip_dialogs") == 0 })
	p.silent(2 * testT1)
}

func TestReferRefusedAndMalformed(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	b.answers(w, Options{})
	p := newPeer(t, "alice", b.udp)
	s := p.call("100")
	want[Confirmed](w)
	for _, extra := range [][]string{{}, {"Refer-To: <sip:a@b>", "r: <sip:c@d>"}, {"Refer-To: <sip:a@b?Replaces=x>"},
		{"Refer-To: <sip:a@b?Replaces=%ZZ>"}} {
		s.send("REFER", "", extra...)
		p.expect("SIP/2.0 400")
	}
	w.quiet()
	s.send("REFER", "", "Refer-To: <sip:a@b>") // the observer does nothing
	p.expect("SIP/2.0 603")
	want[Refer](w).Accept() // too late
	p.silent(2 * testT1)
	s.send("BYE", "")
	p.expect("SIP/2.0 200")
	eventually(t, "dialog forgotten", func() bool { return b.count("seatbridge_sip_dialogs") == 0 })
}

func TestReferWithoutSubscription(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	w.react = func(_ *Dialog, e Event) {
		if r, ok := e.(Refer); ok {
			r.Accept().Notify(200)
		}
	}
	b.answers(w, Options{})
	p := newPeer(t, "alice", b.udp)
	s := p.call("100")
	s.send("REFER", "", "Refer-To: <sip:a@b>", "Refer-Sub: false")
	if res := p.expect("SIP/2.0 202"); get(res, "Refer-Sub") != "false" {
		t.Error(res)
	}
	p.silent(2 * testT1)
}

// Our BYE waits until the peer was told what became of its transfer, but not for long; its own BYE makes it needless.
func TestByeAfterNotify(t *testing.T) {
	for _, ca := range []string{"told", "silent", "faster"} {
		t.Run(ca, func(t *testing.T) {
			b := newBench(t)
			w := newWatcher(t)
			w.react = func(d *Dialog, e Event) {
				if r, ok := e.(Refer); ok {
					r.Accept().Notify(200)
					d.Hangup(0)
				}
			}
			b.answers(w, Options{})
			p := newPeer(t, "alice", b.udp)
			s := p.call("100")
			want[Confirmed](w)
			s.send("REFER", "", "Refer-To: <sip:200@gw>")
			want[Refer](w)
			want[Ended](w)
			p.find("SIP/2.0 202")
			first := p.expect("NOTIFY")
			if ca == "silent" {
				p.reply(p.find("BYE"), "200 OK", "", "")
				p.reply(first, "200 OK", "", "")
				p.reply(p.find("NOTIFY"), "200 OK", "", "")
				return
			}
			p.reply(first, "200 OK", "", "")
			last := p.expect("NOTIFY")
			if ca == "faster" {
				s.send("BYE", "")
				p.expect("SIP/2.0 200")
			}
			p.reply(last, "200 OK", "", "")
			if ca == "told" {
				p.reply(p.expect("BYE"), "200 OK", "", "")
			}
			eventually(t, "dialog forgotten", func() bool { return b.count("seatbridge_sip_dialogs") == 0 })
			p.silent(2 * testT1)
		})
	}
}

// A peer that does not know the subscription any more is told nothing more.
func TestReferForgotten(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	subs := make(chan *Subscription, 1)
	w.react = func(_ *Dialog, e Event) {
		if r, ok := e.(Refer); ok {
			subs <- r.Accept()
		}
	}
	b.answers(w, Options{})
	p := newPeer(t, "alice", b.udp)
	s := p.call("100")
	s.send("REFER", "", "Refer-To: <sip:200@gw>")
	p.find("SIP/2.0 202")
	p.reply(p.find("NOTIFY"), "481 Subscription Does Not Exist", "", "")
	s.send("BYE", "")
	p.expect("SIP/2.0 200")
	eventually(t, "dialog forgotten", func() bool { return b.count("seatbridge_sip_dialogs") == 0 })
	sub := <-subs
	sub.Notify(180)
	sub.Notify(200)
	p.silent(2 * testT1)
}

// We transfer the peer, to take over another dialog.
func TestReferByUs(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	p := newPeer(t, "bob", b.udp)
	d, s := b.connect(p, w)
	result := make(chan Result, 1)
	d.Refer(sip.Uri{Scheme: "sip", User: "200", Host: "gw"}, &Replaces{CallID: "a@b", ToTag: "1", FromTag: "2"},
		func(r Result) { result <- r })
	refer := p.expect("REFER")
	if get(refer, "Refer-To") != "<sip:200@gw?Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2>" ||
		get(refer, "Referred-By") != "<sip:gw@gw.test>" {
		t.Error(refer)
	}
	p.reply(refer, "202 Accepted", "", "")
	if r := <-result; r.Code != 202 {
		t.Errorf("%+v", r)
	}
	for _, c := range []struct {
		body, state string
		status      string
		want        ReferProgress
	}{
		{"SIP/2.0 100 Trying\r\n", "active;expires=60", "200", ReferProgress{100, false}},
		{"nonsense", "active", "400", ReferProgress{}},
		{"SIP/2.0 200 OK", "terminated;reason=noresource", "200", ReferProgress{200, true}},
	} {
		s.send("NOTIFY", c.body, "Event: refer", "Subscription-State: "+c.state, "Content-Type: message/sipfrag")
		p.expect("SIP/2.0 " + c.status)
		if c.status == "200" {
			if n := want[ReferProgress](w); n != c.want {
				t.Errorf("%+v", n)
			}
		}
	}
}

func TestParseReplaces(t *testing.T) {
	for _, c := range []struct {
		value string
		want  Replaces
	}{
		{"a@b;to-tag=1;from-tag=2", Replaces{"a@b", "1", "2", false}},
		{" x ; From-Tag = 2 ; TO-TAG=1;early-only;other=3", Replaces{"x", "1", "2", true}},
	} {
		r, err := ParseReplaces(c.value)
		if err != nil || r != c.want {
			t.Errorf("%q: %+v %v", c.value, r, err)
		}
		if again, err := ParseReplaces(r.String()); err != nil || again != r {
			t.Errorf("%q: %+v %v", r.String(), again, err)
		}
	}
	for _, value := range []string{"", "a", "a;to-tag=1", ";to-tag=1;from-tag=2", "a;to-tag=1;from-tag=2\r\nX: y"} {
		if r, err := ParseReplaces(value); err == nil {
			t.Errorf("%q: %+v", value, r)
		}
	}
}

// An INVITE with Replaces finds the dialog that it is to take over.
func TestInviteWithReplaces(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	dialogs := b.answers(w, Options{})
	p := newPeer(t, "alice", b.udp)
	s := p.call("100")
	old := <-dialogs
	found := make(chan *Dialog, 1)
	b.onInvite(func(in *Incoming) {
		found <- b.Lookup(in.Replaces.ID())
		_ = in.Respond(486, "")
	})
	r := Replaces{CallID: s.callID, ToTag: tagOf(s.remote), FromTag: tagOf(s.local)}
	p.script("100").send("INVITE", "offer", "Replaces: "+r.String())
	if d := <-found; d != old {
		t.Errorf("%v is not %v", d, old)
	}
	r.FromTag = "other"
	if d := b.Lookup(r.ID()); d != nil {
		t.Error("found with a wrong tag")
	}
}
