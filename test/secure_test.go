package test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"seatbridge/dtmf"
	"seatbridge/test/peers"
)

// inband has the carrier's digits be tones.
const inband = "trunks: [{name: carrier, dtmf: inband}]\n"

// TestSecureDigits wants the customer's digits, as telephone-events and as INFO, to reach neither the agent's device nor
// its page, nor a supervisor who monitors, nor the gateway's log, trace or API, while that is switched on, and to do so
// again when it is not.
func TestSecureDigits(t *testing.T) {
	for agent, device := range map[string]string{desk: browser, browser: desk} {
		t.Run(fmt.Sprintf("agent at %s, supervisor at %s", agent, device), func(t *testing.T) {
			t.Parallel()
			s := supervise(t, agent, device, "")
			s.watch()
			s.do(s.scene.page, "secureDigits", "{secure: true}")
			s.press("471", "1")
			s.keptBack(4)
			_, trace := fetch(t, s.g, "/api/v1/sessions/"+s.id+"/trace", s.token)
			if strings.Contains(trace, "Signal=1") || !strings.Contains(trace, "INFO") {
				t.Errorf("the trace: %s", trace)
			}
			s.do(s.scene.page, "secureDigits", "{secure: false}")
			s.press("582", "3")
			s.scene.page.WaitFor(events("e.digit") + ".map((e) => e.digit).join('') === '5823'")
			for who, got := range map[peers.Party]string{s.agent: "5823", s.voice: "582"} { // an INFO is for the agent alone
				if phone, ok := who.(*peers.RTPPhone); ok {
					phone.WaitDigits(got)
				}
			}
			s.witness()
			s.end(s.voice)
		})
	}
}

// TestSecureTones wants the same of a customer whose digits are tones in the sound: a detector finds none in what agent
// and supervisor hear.
func TestSecureTones(t *testing.T) {
	for agent, device := range map[string]string{desk: browser, browser: desk} {
		t.Run(fmt.Sprintf("agent at %s, supervisor at %s", agent, device), func(t *testing.T) {
			t.Parallel()
			s := supervise(t, agent, device, inband)
			s.watch()
			s.do(s.scene.page, "secureDigits", "{secure: true}")
			s.witness()
			ears := map[peers.Ear]int{s.hearsCustomer(s.agent): 0, s.hearsCustomer(s.voice): 0}
			s.do(s.scene.page, "mute", "") // a detector finds nothing under the agent's own tone
			peers.WantHears(t, s.hearsCustomer(s.voice), s.customer.Tone())
			for ear := range ears {
				ears[ear] = len(ear.Sound().Samples)
			}
			for _, length := range []time.Duration{60 * time.Millisecond, 100 * time.Millisecond} {
				s.customer.DialTones(allDigits, peers.Dialled{Length: length})
			}
			s.scene.page.WaitFor(fmt.Sprintf("%s.length === %d", events("e.secure"), 2*len(allDigits)))
			for ear, from := range ears {
				if heard := tonesIn(ear.Sound().After(from)); heard != "" {
					t.Errorf("%s hears %q", ear, heard)
				}
			}
			s.do(s.scene.page, "unmute", "")
			s.keptBack(2 * len(allDigits))
			s.do(s.scene.page, "secureDigits", "{secure: false}")
			s.customer.DialTones("582", peers.Dialled{})
			s.scene.page.WaitFor(events("e.digit") + ".map((e) => e.digit).join('') === '582'")
			s.witness()
			s.end(s.voice)
		})
	}
}

// TestInbandDigits wants digits that are tones in a trunk's sound to reach the agent once: its page by an event, its
// phone by a telephone-event and not as a tone too.
func TestInbandDigits(t *testing.T) {
	for _, device := range []string{desk, browser} {
		t.Run(device, func(t *testing.T) {
			t.Parallel()
			s := begin(t, device, inband)
			from := len(s.agent.Sound().Samples)
			s.customer.DialTones(allDigits, peers.Dialled{Length: 120 * time.Millisecond})
			s.page.WaitFor(fmt.Sprintf("%s.map((e) => e.digit).join('') === %q", events("e.digit"), allDigits))
			if phone, ok := s.agent.(*peers.RTPPhone); ok {
				wantDigits(t, phone, allDigits, 120*time.Millisecond)
				if heard := tonesIn(phone.Sound().After(from)); heard != "" {
					t.Errorf("the phone hears %q as well", heard)
				}
			}
			s.together(s.agent)
			s.end(s.agent)
		})
	}
}

// watch has the supervisor monitor.
func (s *supervisor) watch() {
	s.t.Helper()
	s.do(s.page, "monitor", s.about())
	s.voice.WaitEstablished()
	s.witness()
}

// witness wants the supervisor to hear both, who hear each other.
func (s *supervisor) witness() {
	s.t.Helper()
	c, a := s.customer.Tone(), s.agent.Tone()
	s.hear([]float64{a}, []float64{c}, []float64{c, a})
}

// hearsCustomer is where a party hears the customer, alone if it has several ears.
func (s *supervisor) hearsCustomer(who peers.Party) peers.Ear {
	if page, ok := who.(*peers.Page); ok {
		return page.Ear(0)
	}
	return who
}

// keptBack waits until the agent's page was told that so many digits were pressed, and wants nobody to know which.
func (s *supervisor) keptBack(n int) {
	s.t.Helper()
	s.scene.page.WaitFor(fmt.Sprintf("%s.length === %d", events("e.secure"), n))
	s.witness()
	for _, page := range []*peers.Page{s.scene.page, s.page} {
		var told []string
		if page.Eval(events("e.digit")+".map((e) => e.digit)", &told); len(told) > 0 {
			s.t.Errorf("%s was told %q", page, told)
		}
	}
	for _, who := range []peers.Party{s.agent, s.voice} {
		if phone, ok := who.(*peers.RTPPhone); ok && len(phone.DigitsHeard())+len(phone.Requests("INFO")) > 0 {
			s.t.Errorf("%s got %v and %v", phone, phone.DigitsHeard(), phone.Requests("INFO"))
		}
	}
	if lines := s.g.Logged(`(?i)(digits?|signal|event|tone)["']?[=:]\s*["']?[0-9*#A-D]\b`); len(lines) > 0 {
		s.t.Errorf("the gateway logged %q", lines)
	}
	if _, session := fetch(s.t, s.g, "/api/v1/sessions/"+s.id, s.token); !strings.Contains(session, `"secure":true`) ||
		strings.Contains(session, `"digit"`) {
		s.t.Errorf("the API: %s", session)
	}
}

// tonesIn is the digits that a detector finds in a sound.
func tonesIn(s peers.Sound) (digits string) {
	d := dtmf.NewDetector(func(x dtmf.Detection) {
		if x.End {
			digits += string(x.Event.Digit())
		}
	})
	d.Push(s.Samples)
	d.Flush()
	return digits
}

// press has the customer's phone send digits as telephone-events and then one more by INFO.
func (s *scene) press(digits, info string) {
	s.t.Helper()
	s.customer.Digits(digits)
	body := fmt.Sprintf("Signal=%s\r\nDuration=160\r\n", info)
	if status := s.customer.Request("INFO", body, "Content-Type: application/dtmf-relay"); status != 200 {
		s.t.Errorf("INFO was answered %d", status)
	}
}

// events are those of digits that the page got, by a condition on e.
func events(condition string) string {
	return fmt.Sprintf("seatbridge.events.filter((e) => e.event === 'digit' && %s)", condition)
}
