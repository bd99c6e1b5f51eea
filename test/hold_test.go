package test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"seatbridge/test/peers"
)

// TestHold wants hold by command to give the customer music and the agent silence, at any device, and its end to give
// both their voices back.
func TestHold(t *testing.T) {
	for _, device := range []string{desk, browser, linphone} {
		t.Run(device, func(t *testing.T) {
			t.Parallel()
			s := begin(t, device, "")
			s.do(s.page, "hold", "")
			s.hears([]float64{music()}, nil)
			s.shows(map[string]string{"customer": "hold", "agent": ""})
			if code := s.page.Command("hold", ""); code != "wrongState" {
				t.Errorf("a second hold was answered %q", code)
			}
			s.do(s.page, "unhold", "")
			s.together(s.agent)
			s.shows(map[string]string{"customer": "agent", "agent": "customer"})
			if n := len(s.customer.Requests("INVITE")); n != 0 {
				t.Errorf("the carrier got %d INVITEs", n)
			}
			s.end(s.agent)
		})
	}
}

// hears wants the customer and the agent to hear these tones.
func (s *scene) hears(customer, agent []float64) {
	s.t.Helper()
	peers.WantAllHear(s.t, map[peers.Ear][]float64{s.customer: customer, s.agent: agent})
}

// TestHoldByPhone wants the customer to hear music while the agent's phone holds it, the agent while the customer's
// does, nobody anything while both do, and each other in the end.
func TestHoldByPhone(t *testing.T) {
	t.Parallel()
	s := begin(t, desk, "")
	phone := s.agent.(*peers.RTPPhone)
	m := []float64{music()}
	for _, step := range []struct {
		name            string
		do              func()
		customer, agent []float64
		event           string // that the agent's page gets
	}{
		{"the agent holds", phone.Hold, m, nil, "e.event === 'held' && e.held && e.userId === 'erin'"},
		{"both hold", s.customer.Hold, nil, nil, "e.event === 'held' && e.held && !e.userId"},
		{"the agent resumes", phone.Resume, nil, m, "e.event === 'held' && !e.held && e.userId === 'erin'"},
		{"the customer resumes", s.customer.Resume, []float64{phone.Tone()}, []float64{s.customer.Tone()},
			"e.event === 'held' && !e.held && !e.userId"},
	} {
		step.do()
		s.hears(step.customer, step.agent)
		s.page.WaitEvent(step.event)
	}
	s.end(s.agent)
}

// TestHoldByLinphone wants the same of a phone that others made.
func TestHoldByLinphone(t *testing.T) {
	t.Parallel()
	s := begin(t, linphone, "")
	phone := s.agent.(*peers.LinphonePhone)
	phone.Hold()
	peers.WantHears(t, s.customer, music())
	s.page.WaitEvent("e.event === 'held' && e.held")
	phone.Resume(1)
	s.together(phone)
	s.end(phone)
}

// TestTrunkMusic wants who is on hold in a trunk's call to hear that trunk's music, an Ogg Opus file, at a phone in
// G.711 and at a browser in Opus, and everybody else that of the gateway.
func TestTrunkMusic(t *testing.T) {
	t.Parallel()
	own := peers.Tones()[5]
	file := filepath.Join(t.TempDir(), "carrier.opus")
	if err := peers.WriteOggOpus(file, peers.Sine(own, 10*time.Second)); err != nil {
		t.Fatal(err)
	}
	s := begin(t, browser, fmt.Sprintf("trunks: [{name: carrier, hold_music: %q}]\n", file))
	s.do(s.page, "hold", "")
	s.hears([]float64{own}, nil)
	s.do(s.page, "unhold", "")
	s.together(s.agent)
	s.customer.Hold()
	s.hears(nil, []float64{own})
	s.customer.Resume()
	s.together(s.agent)
	s.end(s.agent)

	a := peers.RTP(t, s.g.Phone("1012"), tone(2))
	b := peers.RTP(t, s.g.Phone("1013"), tone(3))
	a.Dial("1013")
	a.WaitEstablished()
	b.WaitEstablished()
	a.Hold()
	peers.WantHears(t, b, music())
	a.Hangup()
	b.WaitClosed()
	empty(s.g)
}

// TestDefaultMusic wants who is on hold to hear something else than the agent where nobody said what.
func TestDefaultMusic(t *testing.T) {
	t.Parallel()
	g := suite.Gateway(t, peers.Config{})
	a := peers.RTP(t, g.Phone("1011"), tone(0))
	b := peers.RTP(t, g.Phone("1012"), tone(1))
	a.Dial("1012")
	a.WaitEstablished()
	b.WaitEstablished()
	peers.WantHears(t, b, a.Tone())
	a.Hold()
	for right, end := 0, time.Now().Add(20*time.Second); right < 3; {
		h := peers.Listen(b, 500*time.Millisecond)
		if right++; h.RMS < 200 || slices.Contains(h.Tones, a.Tone()) {
			right = 0
		}
		if time.Now().After(end) {
			t.Fatalf("on hold, %s hears %v", b, h)
		}
	}
	a.Resume()
	peers.WantAllHear(t, map[peers.Ear][]float64{a: {b.Tone()}, b: {a.Tone()}})
	a.Hangup()
	b.WaitClosed()
	empty(g)
}

// TestTwelveMinutesOnHold has a side send twelve minutes of sound in compressed time while it is not heard, and wants
// both to hear each other afterwards.
func TestTwelveMinutesOnHold(t *testing.T) {
	for name, command := range map[string]bool{"by command": true, "by phone": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := begin(t, desk, "")
			phone := s.agent.(*peers.RTPPhone)
			if command {
				s.do(s.page, "hold", "")
				s.customer.SendFast(12*time.Minute, 40)
			} else {
				phone.Hold()
				phone.SendFast(12*time.Minute, 40)
			}
			s.hears([]float64{music()}, nil)
			if command {
				s.do(s.page, "unhold", "")
			} else {
				phone.Resume()
			}
			s.together(phone)
			s.end(phone)
		})
	}
}

// TestHoldReinvite wants a carrier whose trunk says so to be told of hold by re-INVITE, whoever holds, and to get the
// music; without the option TestHold wants no re-INVITE.
func TestHoldReinvite(t *testing.T) {
	t.Parallel()
	s := begin(t, desk, "trunks: [{name: carrier, hold_reinvite: true}]")
	phone := s.agent.(*peers.RTPPhone)
	for i, step := range []struct {
		do        func()
		direction string
		hears     float64
	}{
		{func() { s.do(s.page, "hold", "") }, "sendonly", music()},
		{func() { s.do(s.page, "unhold", "") }, "sendrecv", phone.Tone()},
		{phone.Hold, "sendonly", music()},
		{phone.Resume, "sendrecv", phone.Tone()},
	} {
		step.do()
		if step.direction == "sendonly" {
			s.customer.WaitHeld()
		} else {
			s.customer.WaitResumed()
		}
		if body := s.customer.Requests("INVITE")[i]; !strings.Contains(body, "\r\na="+step.direction+"\r\n") {
			t.Errorf("re-INVITE %d is not %s:\n%s", i+1, step.direction, body)
		}
		peers.WantHears(t, s.customer, step.hears)
	}
	s.together(phone)
	if n := len(s.customer.Requests("INVITE")); n != 4 {
		t.Errorf("the carrier got %d INVITEs", n)
	}
	s.end(s.agent)
}
