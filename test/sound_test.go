package test

import (
	"testing"
	"time"

	"seatbridge/test/peers"
)

// TestOneWaySound wants the agent's page to be told within three seconds, and a little for a busy machine, that the
// sound of a party has stopped and why, the metric to count it, and all to be well when it is back.
func TestOneWaySound(t *testing.T) {
	for _, ca := range []struct {
		name, device string
		stop, start  func(s *scene)
		kind, reason string
	}{
		{"agent's phone", desk, func(s *scene) { s.agent.(*peers.RTPPhone).StopSending() },
			func(s *scene) { s.agent.(*peers.RTPPhone).StartSending() }, "phone", "no packets"},
		{"customer", desk, func(s *scene) { s.customer.StopSending() }, func(s *scene) { s.customer.StartSending() },
			"trunk", "no packets"},
		{"agent's browser", browser, func(s *scene) { s.page.Eval(sender+".replaceTrack(null)", nil) },
			func(s *scene) { s.page.Eval(sender+".replaceTrack(window.stopped)", nil) }, "browser", "no packets"},
	} {
		t.Run(ca.name, func(t *testing.T) {
			t.Parallel()
			s := begin(t, ca.device, "")
			s.page.WaitFor(lost + ".length === 0")
			if ca.device == browser {
				s.page.Eval("void (window.stopped = "+sender+".track)", nil)
			}
			ca.stop(s)
			stopped := time.Now()
			s.page.WaitEvent("e.event === 'mediaLost' && e.reason === '" + ca.reason + "'")
			var at time.Time
			s.page.Eval(lost+"[0].at", &at)
			after := at.Sub(stopped)
			t.Logf("told after %v", after)
			if after < 2*time.Second || after > 4*time.Second {
				t.Errorf("told after %v, want 3 s", after)
			}
			s.page.WaitFor("seatbridge.state.current.silent")
			s.g.WaitMetric(1, "seatbridge_media_lost_total", `kind="`+ca.kind+`"`, `reason="`+ca.reason+`"`)
			ca.start(s)
			s.page.WaitEvent("e.event === 'mediaBack'")
			s.page.WaitFor("!seatbridge.state.current.silent")
			s.together(s.agent)
			s.end(s.agent)
		})
	}
}

// lost are a page's events of lost sound.
const lost = "seatbridge.events.filter((e) => e.event === 'mediaLost')"

// sender is what a page sends its voice by.
const sender = "peers.connections.at(-1).getTransceivers()[0].sender"

// TestMuteByCommand wants a muted desk phone to be heard by nobody, to hear on, and to be heard again.
func TestMuteByCommand(t *testing.T) {
	t.Parallel()
	s := begin(t, desk, "")
	muted := func(want bool) {
		t.Helper()
		var told bool
		s.page.Eval("seatbridge.command('muted', {}).then(({muted}) => muted)", &told)
		if shown := s.parties()["agent"].Muted; told != want || shown != want {
			t.Errorf("muted: the page is told %v and the API shows %v, want %v", told, shown, want)
		}
	}
	muted(false)
	s.page.Mute(true)
	s.page.WaitEvent("e.event === 'muted' && e.muted")
	muted(true)
	s.hears(nil, []float64{s.customer.Tone()})
	s.shows(map[string]string{"customer": "", "agent": "customer"})
	s.page.Mute(false)
	s.page.WaitEvent("e.event === 'muted' && !e.muted")
	muted(false)
	s.together(s.agent)
	s.end(s.agent)
}
