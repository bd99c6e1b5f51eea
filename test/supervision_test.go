package test

import (
	"fmt"
	"testing"
	"time"

	"seatbridge/test/peers"
)

// supervisor is sam, at a device, who gives commands at a page.
type supervisor struct {
	*scene
	page  *peers.Page
	voice peers.Party
}

// deskSam gives sam a desk phone, 1013.
const deskSam = `
staff: [{user: sam, device: staffExtensionSeat, extension: "1013"}]
phones: [{extension: "1013", algorithm: md5}]
`

// supervise sets a scene with an agent at a device and a supervisor at another; more YAML is laid over.
func supervise(t *testing.T, agent, device, yaml string) *supervisor {
	t.Helper()
	if device != browser {
		s := &supervisor{scene: begin(t, agent, deskSam+yaml)}
		s.voice = s.phone(device, "1013", supervisorTone())
		s.page = suite.Browser(t).Page(s.g, "sam")
		return s
	}
	s := &supervisor{scene: begin(t, agent, yaml)}
	s.page = suite.Browser(t).Page(s.g, "sam", supervisorTone())
	s.voice = s.page
	return s
}

// hear wants everybody to hear these tones, a browser each on an ear of its own: the customer on the first.
func (s *supervisor) hear(customer, agent, supervisor []float64) {
	s.t.Helper()
	want := map[peers.Ear][]float64{s.customer: customer, s.agent: agent, s.voice: supervisor}
	for party, tones := range map[peers.Party][]float64{s.agent: agent, s.voice: supervisor} {
		if page, ok := party.(*peers.Page); ok {
			for ear, hz := range tones {
				want[page.Ear(ear)] = []float64{hz}
			}
		}
	}
	peers.WantAllHear(s.t, want)
}

// TestSupervision has a supervisor monitor, whisper, barge in, monitor again, and take the call over, and wants each
// party to hear just what it should each time. The first four are every pair of our devices, the others are real phones.
func TestSupervision(t *testing.T) {
	for _, ca := range []struct{ agent, supervisor string }{
		{desk, browser}, {desk, desk}, {browser, browser}, {browser, desk},
		{linphone, browser}, {baresip, browser}, {linphone, baresip}, {baresip, linphone},
	} {
		t.Run(fmt.Sprintf("agent at %s, supervisor at %s", ca.agent, ca.supervisor), func(t *testing.T) {
			t.Parallel()
			s := supervise(t, ca.agent, ca.supervisor, "")
			s.modes()
			s.intercept()
			s.end(s.voice)
		})
	}
}

// modes goes through all modes and back to monitor.
func (s *supervisor) modes() {
	s.t.Helper()
	c, a, v := s.customer.Tone(), s.agent.Tone(), s.voice.Tone()
	for i, step := range []struct {
		by              *peers.Page
		command         string
		customer, agent []float64
		sees            map[string]string
	}{
		{s.page, "monitor", []float64{a}, []float64{c},
			map[string]string{"customer": "agent", "agent": "customer", "supervisor": "customer agent"}},
		{s.page, "whisper", []float64{a}, []float64{c, v},
			map[string]string{"customer": "agent", "agent": "customer supervisor", "supervisor": "customer agent"}},
		{s.page, "barge", []float64{a, v}, []float64{c, v},
			map[string]string{"customer": "agent supervisor", "agent": "customer supervisor", "supervisor": "customer agent"}},
		{s.page, "monitor", []float64{a}, []float64{c},
			map[string]string{"customer": "agent", "agent": "customer", "supervisor": "customer agent"}},
		{s.scene.page, "hold", []float64{music()}, nil,
			map[string]string{"customer": "hold", "agent": "", "supervisor": "customer agent"}},
		{s.scene.page, "unhold", []float64{a}, []float64{c},
			map[string]string{"customer": "agent", "agent": "customer", "supervisor": "customer agent"}},
	} {
		from := len(s.customer.Packets()) - 1
		s.do(step.by, step.command, s.about())
		if i == 0 {
			s.voice.WaitEstablished()
			if page, ok := s.voice.(*peers.Page); ok {
				page.Talk() // our own page is silent while it only listens
			}
		}
		s.hear(step.customer, step.agent, []float64{c, a})
		s.shows(step.sees)
		s.t.Logf("%s: the customer's longest gap is %v", step.command, s.customer.Reception(from).LongestGap)
	}
	sent := s.parties()["supervisor"].Leg.Received.Packets
	for end := time.Now().Add(10 * time.Second); s.parties()["supervisor"].Leg.Received.Packets <= sent; {
		if time.Now().After(end) {
			s.t.Fatal("the monitor sends no sound, so that it is no wonder that nobody hears it")
		}
		<-time.After(50 * time.Millisecond)
	}
}

// intercept has the supervisor take the call over; the customer's stream and dialog go on.
func (s *supervisor) intercept() {
	s.t.Helper()
	from := len(s.customer.Packets()) - 1
	s.do(s.page, "intercept", s.about())
	s.agent.WaitClosed()
	s.scene.page.WaitEvent("e.event === 'sessionEnded' && e.reason === 'intercepted'")
	s.together(s.voice)
	s.shows(map[string]string{"customer": "agent", "agent": "customer"})
	all, r := s.customer.Reception(0), s.customer.Reception(from)
	s.t.Logf("intercept: the customer's longest gap is %v", r.LongestGap)
	if all.SSRCs != 1 || all.Duplicates != 0 || all.Unknown != 0 {
		s.t.Errorf("the customer's stream: %+v", all)
	}
	// A machine that is too busy for its tests makes gaps of its own and loses a packet or two in them.
	if r.Missing > 10 || r.Jumps != 0 || r.LongestGap > time.Second {
		s.t.Errorf("the customer's stream since the intercept: %+v", r)
	}
	for _, method := range []string{"INVITE", "UPDATE"} {
		if n := len(s.customer.Requests(method)); n != 0 {
			s.t.Errorf("the customer got %d %s", n, method)
		}
	}
}

// TestSupervisionRefused wants what may not be, or not now, to be refused by its code and to change nothing.
func TestSupervisionRefused(t *testing.T) {
	t.Parallel()
	s := supervise(t, desk, browser, "")
	for _, ca := range []struct {
		by      *peers.Page
		command string
		about   string
		want    string
	}{
		{s.scene.page, "monitor", s.about(), "forbidden"},
		{s.scene.page, "intercept", s.about(), "forbidden"},
		{s.page, "intercept", s.about(), "wrongState"},
		{s.page, "whisper", s.about(), "wrongState"},
		{s.page, "barge", s.about(), "wrongState"},
		{s.page, "monitor", `{sessionId: "nobody"}`, "notFound"},
		{s.page, "intercept", `{sessionId: "nobody"}`, "notFound"},
		{s.page, "hold", s.about(), "notFound"},
		{s.scene.page, "unhold", s.about(), "wrongState"},
	} {
		if code := ca.by.Command(ca.command, ca.about); code != ca.want {
			t.Errorf("%s: %s was answered %q, want %q", ca.by, ca.command, code, ca.want)
		}
	}
	s.together(s.agent)
	s.shows(map[string]string{"customer": "agent", "agent": "customer"})
	s.end(s.agent)
}
