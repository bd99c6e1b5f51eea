package test

import (
	"fmt"
	"path/filepath"
	"testing"

	"seatbridge/test/peers"
)

// target is a phone of frank's, 1012, that rings until it is answered.
func (s *scene) target() *peers.RTPPhone {
	return peers.RTP(s.t, s.g.Phone("1012"), targetTone(), peers.Manual)
}

// gone wants the agent to be out of the call, and told why.
func (s *scene) gone() {
	s.t.Helper()
	s.agent.WaitClosed()
	s.page.WaitEvent("e.event === 'sessionEnded' && e.reason === 'transferred'")
}

// TestBlindTransfer wants the customer and an extension to talk once that answers, and the customer to be back with
// the agent where it does not.
func TestBlindTransfer(t *testing.T) {
	for _, ca := range []struct {
		name   string
		device string
		status string // that the target refuses with
	}{
		{"answered, from a desk phone", desk, ""},
		{"answered, from a browser", browser, ""},
		{"busy", desk, "486 Busy Here"},
		{"rejected", browser, "603 Decline"},
	} {
		t.Run(ca.name, func(t *testing.T) {
			t.Parallel()
			s := begin(t, ca.device, "")
			target := s.target()
			s.do(s.page, "transfer", `{to: "1012"}`)
			target.WaitRinging()
			s.shows(map[string]string{"customer": "ringback", "agent": ""})
			peers.WantSilence(t, s.agent)
			if ca.status != "" {
				target.Reject(ca.status)
				s.page.WaitEvent("e.event === 'transfer' && e.state === 'failed'")
				s.together(s.agent)
				s.end(s.agent)
				return
			}
			target.Answer()
			target.WaitEstablished()
			s.gone()
			s.together(target)
			s.end(target)
		})
	}
}

// TestTransferOutside wants the customer and a number behind the carrier to talk, to be recorded as its outbound rule
// says, and a number that the agent may not call to be refused.
func TestTransferOutside(t *testing.T) {
	t.Parallel()
	s := begin(t, desk, fmt.Sprintf("recordings: {dir: %q}\noutbound: [{prefix: \"+1555\", record: true}]\n",
		filepath.Join(t.TempDir(), "recordings")))
	target := peers.RTP(t, s.k.Subscriber("+15550199"), targetTone(), peers.Manual)
	if code := s.page.Command("transfer", `{to: "+4930123456"}`); code != "forbidden" {
		t.Errorf("a transfer to a number that nobody may call was answered %q", code)
	}
	s.do(s.page, "transfer", `{to: "+15550199"}`)
	target.WaitRinging()
	target.Answer()
	target.WaitEstablished()
	s.gone()
	s.together(target)
	s.end(target)
	s.g.WaitMetric(1, "seatbridge_recordings_total", `result="complete"`)
	left, right := s.recording()
	for side, sound := range map[string]peers.Sound{"left": left, "right": right} {
		want := map[string]float64{"left": s.customer.Tone(), "right": target.Tone()}[side]
		if heard := peers.Analyse(sound); !heard.Just(want) {
			t.Errorf("%s: %v is recorded, want just %v Hz", side, heard, want)
		}
	}
}

// TestConsultation wants agent and target to talk while the customer has music, the other way round after a swap, and
// then the customer with the one that is left.
func TestConsultation(t *testing.T) {
	for _, ca := range []struct {
		name, device string
		complete     bool
	}{{"completed", browser, true}, {"cancelled", desk, false}} {
		t.Run(ca.name, func(t *testing.T) {
			t.Parallel()
			s := begin(t, ca.device, "")
			target := s.target()
			c, a, x, m := s.customer.Tone(), s.agent.Tone(), target.Tone(), music()
			s.do(s.page, "consult", `{to: "1012"}`)
			target.WaitRinging()
			peers.WantHears(t, s.customer, m)
			target.Answer()
			target.WaitEstablished()
			consulting := map[peers.Ear][]float64{s.customer: {m}, s.agent: {x}, target: {a}}
			peers.WantAllHear(t, consulting)
			s.shows(map[string]string{"customer": "hold", "agent": "consulted", "consulted": "agent"})
			s.do(s.page, "swap", "")
			peers.WantAllHear(t, map[peers.Ear][]float64{s.customer: {a}, s.agent: {c}, target: {m}})
			s.do(s.page, "swap", "")
			peers.WantAllHear(t, consulting)
			if ca.complete {
				s.do(s.page, "completeTransfer", "")
				s.gone()
				s.together(target)
				s.end(target)
				return
			}
			s.do(s.page, "cancelTransfer", "")
			target.WaitClosed()
			s.together(s.agent)
			s.end(s.agent)
		})
	}
}

// TestReloadInTransfer wants a page that is loaded anew while it hands its call over to know how far that is, and its
// buttons to go on with it.
func TestReloadInTransfer(t *testing.T) {
	t.Parallel()
	s := begin(t, browser, "")
	target := s.target()
	c, a, x, m := s.customer.Tone(), s.agent.Tone(), target.Tone(), music()
	again := func(transfer string) {
		t.Helper()
		s.page.Reload()
		s.page.WaitReady()
		s.page.WaitFor("seatbridge.state.current.transferTo === 'frank' && seatbridge.state.current." + transfer)
	}
	s.do(s.page, "transfer", `{to: "1012"}`)
	target.WaitRinging()
	s.page.WaitEvent("e.event === 'transfer' && e.state === 'ringing'")
	again("transfer === 'ringing' && !seatbridge.state.current.consult")
	s.page.Click(`[data-do="cancel-transfer"]`)
	target.WaitClosed()
	s.together(s.agent)
	s.do(s.page, "consult", `{to: "1012"}`)
	target.WaitRinging()
	target.Answer()
	s.page.WaitEvent("e.event === 'transfer' && e.state === 'answered'")
	s.do(s.page, "swap", "")
	again("transfer === 'answered' && seatbridge.state.current.consult && seatbridge.state.current.swapped")
	peers.WantAllHear(t, hearing{s.customer: {a}, s.agent: {c}, target: {m}})
	s.page.Click(`[data-do="swap"]`)
	peers.WantAllHear(t, hearing{s.customer: {m}, s.agent: {x}, target: {a}})
	s.page.WaitFor("!seatbridge.state.current.swapped")
	s.page.Click(`[data-do="complete"]`)
	s.gone()
	s.together(target)
	s.end(target)
}
