package test

import (
	"encoding/json"
	"testing"

	"seatbridge/test/peers"
)

// TestSupervisionOfPhones has a supervisor listen to, whisper and barge into, and take over a call in which no page has
// a part: between two desk phones, and from a desk phone to the carrier.
func TestSupervisionOfPhones(t *testing.T) {
	for _, ca := range []struct {
		name, device string // the supervisor's
		internal     bool
	}{
		{"desk phone to desk phone, supervisor at browser", browser, true},
		{"desk phone to desk phone, supervisor at desk phone", desk, true},
		{"desk phone to carrier, supervisor at browser", browser, false},
		{"desk phone to carrier, supervisor at desk phone", desk, false},
	} {
		t.Run(ca.name, func(t *testing.T) {
			t.Parallel()
			s := phones(t, ca.internal, ca.device)
			c, a, v := s.customer.Tone(), s.agent.Tone(), s.voice.Tone()
			s.together(s.agent)
			s.do(s.page, "monitor", s.about())
			s.voice.WaitEstablished()
			if page, ok := s.voice.(*peers.Page); ok {
				page.Talk()
			}
			for _, step := range []struct {
				mode            string
				customer, agent []float64
			}{
				{"monitor", []float64{a}, []float64{c}},
				{"whisper", []float64{a}, []float64{c, v}},
				{"barge", []float64{a, v}, []float64{c, v}},
			} {
				s.do(s.page, step.mode, s.about())
				s.hear(step.customer, step.agent, []float64{c, a})
			}
			s.do(s.page, "intercept", s.about())
			s.agent.WaitClosed()
			s.together(s.voice)
			s.end(s.voice)
		})
	}
}

// phones sets a scene without an agent's page: 1011 has called 1012, or a subscriber of the carrier. In a call between
// two extensions who calls has the customer's part.
func phones(t *testing.T, internal bool, device string) *supervisor {
	t.Helper()
	k := peers.Kamailio(t)
	yaml := ""
	if device == desk {
		yaml = deskSam
	}
	s := &supervisor{scene: &scene{t: t, k: k, g: suite.Gateway(t, peers.Config{Carrier: k, YAML: yaml})}}
	if internal {
		callee := peers.RTP(t, s.g.Phone("1012"), agentTone())
		s.customer, s.agent = peers.RTP(t, s.g.Phone("1011"), customerTone()), callee
		s.customer.Dial("1012")
	} else {
		caller := peers.RTP(t, s.g.Phone("1011"), agentTone())
		s.customer, s.agent = peers.RTP(t, k.Subscriber("+15550199"), customerTone()), caller
		caller.Dial("+15550199")
	}
	s.customer.WaitEstablished()
	s.agent.WaitEstablished()
	s.id, s.token = s.onlySession()
	if device == desk {
		s.voice = peers.RTP(t, s.g.Phone("1013"), supervisorTone())
		s.page = suite.Browser(t).Page(s.g, "sam")
		return s
	}
	s.page = suite.Browser(t).Page(s.g, "sam", supervisorTone())
	s.voice = s.page
	return s
}

// onlySession is the id of the one session that goes on, as the API tells, and the token that was used.
func (s *scene) onlySession() (id, secret string) {
	s.t.Helper()
	secret = token(s.t, s.g, "sam")
	_, body := fetch(s.t, s.g, "/api/v1/sessions", secret)
	var list struct{ Sessions []struct{ SessionID string } }
	if err := json.Unmarshal([]byte(body), &list); err != nil || len(list.Sessions) != 1 {
		s.t.Fatalf("%v: the API shows %s", err, body)
	}
	return list.Sessions[0].SessionID, secret
}
