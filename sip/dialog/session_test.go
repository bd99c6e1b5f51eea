package dialog

import (
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
)

func shortSessions(c *Config) {
	c.Session = SessionTimer{Expires: 4 * time.Second, MinSE: time.Second}
}

// The peer takes our session timer and has us refresh, by UPDATE where its Allow has that.
func TestSessionRefreshByUs(t *testing.T) {
	t.Parallel()
	for _, allow := range []string{"INVITE, ACK, BYE, UPDATE", "INVITE, ACK, BYE"} {
		t.Run(allow, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, shortSessions)
			w := newWatcher(t)
			p := newPeer(t, "bob", b.udp)
			d := b.Invite(p.to("bob"), w.observe)
			invite := p.expect("INVITE")
			if get(invite, "Session-Expires") != "4" || get(invite, "Min-SE") != "1" ||
				!strings.Contains(get(invite, "Supported"), "timer") {
				t.Error(invite)
			}
			p.reply(invite, "200 OK", "x", "answer", "Session-Expires: 4;refresher=uac", "Require: timer", "Allow: "+allow)
			p.expect("ACK")
			want[Answered](w)
			for range 2 {
				m := p.next()
				if get(m, "Session-Expires") != "4;refresher=uac" {
					t.Error(m)
				}
				switch {
				case strings.HasPrefix(m, "UPDATE") && d.CanUpdate() && bodyOf(m) == "":
					p.reply(m, "200 OK", "", "", "Session-Expires: 4;refresher=uac")
				case strings.HasPrefix(m, "INVITE") && !d.CanUpdate() && bodyOf(m) == "offer":
					p.reply(m, "200 OK", "", "answer", "Session-Expires: 4;refresher=uac")
					p.expect("ACK")
				default:
					t.Error(m)
				}
			}
			w.quiet()
		})
	}
}

// The peer is to refresh and does not.
func TestSessionExpires(t *testing.T) {
	t.Parallel()
	b := newBench(t, shortSessions)
	w := newWatcher(t)
	b.answers(w, Options{})
	p := newPeer(t, "alice", b.udp)
	s := p.script("100")
	s.send("INVITE", "offer", "Supported: timer", "Session-Expires: 1800")
	res := p.find("SIP/2.0 200")
	if get(res, "Session-Expires") != "4;refresher=uac" || get(res, "Require") != "timer" {
		t.Error(res)
	}
	s.established(res)
	s.send("ACK", "")
	want[Confirmed](w)
	s.send("UPDATE", "", "Supported: timer", "Session-Expires: 4;refresher=uac") // one refresh
	p.expect("SIP/2.0 200")
	begun := time.Now()
	bye := p.expect("BYE")
	if took := time.Since(begun); took < 2*time.Second {
		t.Errorf("BYE after %v", took)
	}
	if !strings.Contains(get(bye, "Reason"), "408") {
		t.Error(bye)
	}
	p.reply(bye, "200 OK", "", "")
	if e := want[Ended](w); e.Why != Expired {
		t.Errorf("%+v", e)
	}
}

// The peer finds our interval too small.
func TestSessionIntervalTooSmall(t *testing.T) {
	b := newBench(t, shortSessions)
	w := newWatcher(t)
	p := newPeer(t, "bob", b.udp)
	b.Invite(p.to("bob"), w.observe)
	invite := p.expect("INVITE")
	p.reply(invite, "422 Session Interval Too Small", "x", "", "Min-SE: 300")
	p.expect("ACK")
	again := p.expect("INVITE")
	if get(again, "Session-Expires") != "300" || get(again, "Min-SE") != "300" || seqOf(again) != seqOf(invite)+1 {
		t.Error(again)
	}
	p.reply(again, "200 OK", "x", "answer") // without timer: the session has none
	p.expect("ACK")
	want[Answered](w)
}

func TestSessionTimerOff(t *testing.T) {
	b := newBench(t, shortSessions)
	w := newWatcher(t)
	p := newPeer(t, "bob", b.udp)
	c := p.to("bob")
	c.NoSessionTimer = true
	b.Invite(c, w.observe)
	if m := p.expect("INVITE"); get(m, "Session-Expires") != "" || strings.Contains(get(m, "Supported"), "timer") {
		t.Error(m)
	}
}

// A proxy asked for a session timer; the caller cannot, so we refresh.
func TestSessionTimerForAPeerWithout(t *testing.T) {
	t.Parallel()
	b := newBench(t, shortSessions)
	w := newWatcher(t)
	b.answers(w, Options{})
	p := newPeer(t, "alice", b.udp)
	s := p.script("100")
	s.send("INVITE", "offer", "Session-Expires: 4")
	res := p.find("SIP/2.0 200")
	if get(res, "Session-Expires") != "4;refresher=uas" || get(res, "Require") != "" {
		t.Error(res)
	}
	s.established(res)
	s.send("ACK", "")
	m := p.expect("INVITE")
	if bodyOf(m) != "answer" {
		t.Error(m)
	}
	p.reply(m, "200 OK", "", "offer")
	p.expect("ACK")
	want[Confirmed](w)
	w.quiet()
}

func TestSessionExpiresHeader(t *testing.T) {
	for value, want := range map[string]expires{
		"90":                       {90 * time.Second, ""},
		" 1800 ; Refresher = UAC ": {1800 * time.Second, "uac"},
		"600;x=y;refresher=uas":    {600 * time.Second, "uas"},
	} {
		req := sip.NewRequest(sip.INVITE, sip.Uri{})
		req.AppendHeader(sip.NewHeader("x", value))
		if e, ok := sessionExpires(req); !ok || e != want {
			t.Errorf("%q: %+v", value, e)
		}
	}
	for _, value := range []string{"", "-1", "a", "99999999999"} {
		req := sip.NewRequest(sip.INVITE, sip.Uri{})
		req.AppendHeader(sip.NewHeader("Session-Expires", value))
		if e, ok := sessionExpires(req); ok {
			t.Errorf("%q: %+v", value, e)
		}
	}
}
