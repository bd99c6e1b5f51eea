package dialog

import (
	"strings"
	"testing"
)

func TestAnswerAndBye(t *testing.T) {
	for _, proto := range []string{"udp", "tcp"} {
		t.Run(proto, func(t *testing.T) {
			b := newBench(t)
			w := newWatcher(t)
			b.answers(w, Options{})
			var p *peer
			if proto == "udp" {
				p = newPeer(t, "alice", b.udp)
			} else {
				p = newPhone(t, "alice", b.tcp)
			}
			s := p.call("100")
			if !strings.Contains(s.target, "100@127.0.0.1:") {
				t.Error("Contact", s.target)
			}
			want[Confirmed](w)
			s.send("BYE", "", `Reason: Q.850;cause=16`)
			p.expect("SIP/2.0 200")
			e := want[Ended](w)
			if e.Why != Hungup || !e.Remote || e.Reason != "Q.850;cause=16" || e.Request == nil {
				t.Errorf("%+v", e)
			}
			eventually(t, "dialog forgotten", func() bool { return b.count("seatbridge_sip_dialogs") == 0 })
			w.quiet()
		})
	}
}

func TestOutgoingAnsweredAndBye(t *testing.T) {
	b := newBench(t)
	w := newWatcher(t)
	p := newPeer(t, "bob", b.udp)
	d, _ := b.connect(p, w)
	d.Hangup(0)
	want[Ended](w)
	bye := p.expect("BYE")
	if uri := strings.Fields(bye)[1]; uri != "sip:bob@"+p.addr {
		t.Error("Request-URI", uri)
	}
	p.reply(bye, "200 OK", "", "")
}
