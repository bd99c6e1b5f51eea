package test

import (
	"testing"

	"seatbridge/test/peers"
)

// TestInterceptWithoutSound wants the agent to keep the call, and to be told nothing, where no sound comes from the
// supervisor's device, and the supervisor to go on listening.
func TestInterceptWithoutSound(t *testing.T) {
	for _, device := range []string{browser, desk} {
		t.Run("supervisor at "+device, func(t *testing.T) {
			t.Parallel()
			s := &supervisor{scene: begin(t, desk, deskSilent(device))}
			s.page = suite.Browser(t).Page(s.g, "sam", supervisorTone())
			s.voice = s.page
			if device == desk {
				s.voice = peers.RTP(t, s.g.Phone("1013"), peers.Behave(peers.Behaviour{NoMedia: true}))
			}
			s.do(s.page, "monitor", s.about())
			s.voice.WaitEstablished()
			c, a := s.customer.Tone(), s.agent.Tone()
			s.hear([]float64{a}, []float64{c}, []float64{c, a})
			if code := s.page.Command("intercept", s.about()); code != "unavailable" {
				t.Errorf("an intercept without sound was answered %q", code)
			}
			s.hear([]float64{a}, []float64{c}, []float64{c, a})
			s.shows(map[string]string{"customer": "agent", "agent": "customer", "supervisor": "customer agent"})
			if all := s.customer.Reception(0); all.SSRCs != 1 || all.Duplicates != 0 || all.Unknown != 0 {
				t.Errorf("the customer's stream: %+v", all)
			}
			s.scene.page.WaitFor("!seatbridge.events.some((e) => e.event === 'sessionEnded')")
			if device == desk {
				s.end(s.agent, s.voice)
				return
			}
			s.page.Eval("seatbridge.intercept()", nil) // as its button does, which sends the voice first
			s.agent.WaitClosed()
			s.together(s.voice)
			s.end(s.voice)
		})
	}
}

// deskSilent gives sam a desk phone where that is the device.
func deskSilent(device string) string {
	if device == desk {
		return deskSam
	}
	return ""
}
