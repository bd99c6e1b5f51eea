package test

import (
	"fmt"
	"strings"
	"testing"

	"seatbridge/test/peers"
)

// TestSecureDigits wants the customer's digits, as telephone-events and as INFO, to reach neither the agent's phone nor
// its page, nor the gateway's log or trace, while that is switched on, and to do so again when it is not.
func TestSecureDigits(t *testing.T) {
	for _, device := range []string{desk, browser} {
		t.Run(device, func(t *testing.T) {
			t.Parallel()
			s := begin(t, device, "")
			phone, isPhone := s.agent.(*peers.RTPPhone)
			s.do(s.page, "secureDigits", "{secure: true}")
			s.press("471", "1")
			s.page.WaitFor(events("e.secure") + ".length === 4")
			s.together(s.agent)
			var told []string
			if s.page.Eval(events("e.digit")+".map((e) => e.digit)", &told); len(told) > 0 {
				t.Errorf("the page was told %q", told)
			}
			if isPhone && len(phone.DigitsHeard())+len(phone.Requests("INFO")) > 0 {
				t.Errorf("the phone got %v and %v", phone.DigitsHeard(), phone.Requests("INFO"))
			}
			if lines := s.g.Logged(`(?i)(digits?|signal|event)["']?[=:]\s*["']?[0-9*#A-D]\b`); len(lines) > 0 {
				t.Errorf("the gateway logged %q", lines)
			}
			_, trace := fetch(t, s.g, "/api/v1/sessions/"+s.id+"/trace", s.token)
			if strings.Contains(trace, "Signal=1") || !strings.Contains(trace, "INFO") {
				t.Errorf("the trace: %s", trace)
			}
			s.do(s.page, "secureDigits", "{secure: false}")
			s.press("582", "3")
			s.page.WaitFor(events("e.digit") + ".map((e) => e.digit).join('') === '5823'")
			if isPhone {
				phone.WaitDigits("5823")
			}
			s.together(s.agent)
			s.end(s.agent)
		})
	}
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
