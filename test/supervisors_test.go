package test

import (
	"testing"

	"seatbridge/test/peers"
)

// inspectors are quinn and mia, at the desk phones 1013 and 1015.
const inspectors = `
staff:
  - {user: quinn, name: Quinn, role: inspector, device: staffExtensionSeat, extension: "1013"}
  - {user: mia, name: Mia, role: inspector, device: staffExtensionSeat, extension: "1015"}
phones: [{extension: "1013", algorithm: md5}, {extension: "1014", srtp: "off"}]
`

// hearing is what each ear is to hear.
type hearing map[peers.Ear][]float64

// at adds what a page is to hear: one tone on each of its ears, from the first on, and nothing on the others. A tone of
// 0 is silence.
func (h hearing) at(page *peers.Page, tones ...float64) hearing {
	for ear := range 3 {
		h[page.Ear(ear)] = nil
		if ear < len(tones) && tones[ear] != 0 {
			h[page.Ear(ear)] = []float64{tones[ear]}
		}
	}
	return h
}

// TestSeveralSupervisors has three of them on one session, each in a mode of its own, and wants all five parties to hear
// just what they should.
func TestSeveralSupervisors(t *testing.T) {
	t.Parallel()
	s := begin(t, desk, inspectors)
	sam := suite.Browser(t).Page(s.g, "sam", tone(2))
	quinn, first := suite.Browser(t).Page(s.g, "quinn"), peers.RTP(t, s.g.Phone("1013"), tone(3))
	mia, second := suite.Browser(t).Page(s.g, "mia"), peers.RTP(t, s.g.Phone("1015"), tone(5))
	c, a, q, m := s.customer.Tone(), s.agent.Tone(), first.Tone(), second.Tone()
	for _, page := range []*peers.Page{sam, quinn, mia} {
		s.do(page, "monitor", s.about())
	}
	for _, p := range []peers.Party{sam, first, second} {
		p.WaitEstablished()
	}
	sam.Talk()
	both, none := []float64{c, a}, 0.0
	for _, step := range []struct {
		by              *peers.Page
		command         string
		customer, agent []float64
		quinn, mia      []float64
		third           float64 // on sam's third ear
	}{
		{quinn, "monitor", []float64{a}, []float64{c}, both, both, none},
		{quinn, "whisper", []float64{a}, []float64{c, q}, both, both, none},
		{mia, "barge", []float64{a, m}, []float64{c, q, m}, []float64{c, a, m}, both, m},
		{mia, "whisper", []float64{a}, []float64{c, q, m}, both, both, none},
		{quinn, "barge", []float64{a, q}, []float64{c, q, m}, both, []float64{c, a, q}, q},
		{quinn, "monitor", []float64{a}, []float64{c, m}, both, both, none},
	} {
		s.do(step.by, step.command, s.about())
		want := hearing{s.customer: step.customer, s.agent: step.agent, first: step.quinn, second: step.mia}
		peers.WantAllHear(t, want.at(sam, c, a, step.third))
	}
	s.do(mia, "leave", s.about())
	second.WaitClosed()
	first.Hangup()
	quinn.WaitClosed()
	peers.WantAllHear(t, hearing{s.customer: {a}, s.agent: {c}}.at(sam, c, a))
	s.shows(map[string]string{"customer": "agent", "agent": "customer", "supervisor": "customer agent"})
	s.end(s.agent, sam)
}

// TestMonitorFollows has a supervisor at a browser and one at a desk phone listen to a call through hold, a consultation
// that is swapped and completed, hold by the second agent and a blind transfer to a third, until it ends.
func TestMonitorFollows(t *testing.T) {
	t.Parallel()
	s := begin(t, desk, inspectors)
	sam := suite.Browser(t).Page(s.g, "sam", tone(2))
	quinn, phone := suite.Browser(t).Page(s.g, "quinn"), peers.RTP(t, s.g.Phone("1013"), tone(5))
	frank, second := suite.Browser(t).Page(s.g, "frank"), s.target()
	third := peers.RTP(t, s.g.Phone("1014"), tone(6), peers.Manual)
	c, a, x, z, m := s.customer.Tone(), s.agent.Tone(), second.Tone(), third.Tone(), music()
	hear := func(what string, talk hearing, tones ...float64) {
		t.Helper()
		t.Log(what)
		talk[phone] = tones
		peers.WantAllHear(t, talk.at(sam, tones...))
	}
	s.do(sam, "monitor", s.about())
	s.do(quinn, "monitor", s.about())
	sam.WaitEstablished()
	phone.WaitEstablished()
	sam.Talk()
	hear("talk", hearing{s.customer: {a}, s.agent: {c}}, c, a)
	s.do(s.page, "hold", "")
	hear("hold", hearing{s.customer: {m}, s.agent: nil}, c, a)
	s.do(s.page, "consult", `{to: "1012"}`)
	second.WaitRinging()
	second.Answer()
	hear("consultation", hearing{s.customer: {m}, s.agent: {x}, second: {a}}, c, a, x)
	s.do(s.page, "swap", "")
	hear("swapped", hearing{s.customer: {a}, s.agent: {c}, second: {m}}, c, a, x)
	s.do(s.page, "completeTransfer", "")
	s.gone()
	hear("completed", hearing{s.customer: {x}, second: {c}}, c, x)
	s.shows(map[string]string{
		"customer": "agent", "agent": "customer", "supervisor": "customer agent", "quinn": "customer agent",
	})
	sam.Reload()
	sam.WaitReady()
	sam.WaitFor("seatbridge.state.current.mode === 'monitor' && seatbridge.state.current.with === 'frank'")
	hear("the supervisor's page is loaded anew", hearing{s.customer: {x}, second: {c}}, c, x)
	frank.WaitEstablished()
	s.do(frank, "hold", "")
	hear("hold by the second agent", hearing{s.customer: {m}, second: nil}, c, x)
	s.do(frank, "unhold", "")
	s.do(frank, "transfer", `{to: "1014"}`)
	third.WaitRinging()
	third.Answer()
	second.WaitClosed()
	hear("transferred blindly", hearing{s.customer: {z}, third: {c}}, c, z)
	third.Hangup()
	for _, p := range []peers.Party{s.customer, sam, phone, quinn, frank} {
		p.WaitClosed()
	}
	if sent := sam.Errors(); len(sent) > 0 {
		t.Errorf("the supervisor's page logged %q", sent)
	}
	empty(s.g)
}

// TestLateMonitor has a supervisor come in while the customer's phone holds, and wants the customer to have the first
// ear all the same once it is heard.
func TestLateMonitor(t *testing.T) {
	t.Parallel()
	s := supervise(t, desk, browser, "")
	s.customer.Hold()
	s.page.WaitReady()
	s.do(s.page, "monitor", s.about())
	s.voice.WaitEstablished()
	c, a, m := s.customer.Tone(), s.agent.Tone(), music()
	peers.WantAllHear(t, hearing{s.agent: {m}}.at(s.page, 0, a))
	s.customer.Resume()
	peers.WantAllHear(t, hearing{s.agent: {c}, s.customer: {a}}.at(s.page, c, a))
	s.end(s.agent, s.voice)
}
