package test

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"seatbridge/test/peers"
)

// scene is a customer, behind the carrier, who has called an agent and talks to it. Each party has a tone of its own,
// and so has the music.
type scene struct {
	t        *testing.T
	g        *peers.Gateway
	k        *peers.Carrier
	customer *peers.RTPPhone
	agent    peers.Party // whom the customer hears
	page     *peers.Page // of the agent: its device or not
	id       string      // of the session
	token    string      // for operations
}

// The tones of a scene.
func customerTone() peers.Option   { return tone(0) }
func agentTone() peers.Option      { return tone(1) }
func supervisorTone() peers.Option { return tone(2) }
func targetTone() peers.Option     { return tone(3) }
func music() float64               { return peers.Tones()[4] }

// The agents' devices.
const (
	browser  = "browser"
	desk     = "desk phone" // of our own
	linphone = "linphone"
	baresip  = "baresip"
)

// phone is a desk phone, registered for an extension.
func (s *scene) phone(device, extension string, options ...peers.Option) peers.Party {
	account := s.g.Phone(extension)
	switch device {
	case linphone:
		return peers.Linphone(s.t, account, options...)
	case baresip:
		return peers.Baresip(s.t, account, options...)
	}
	return peers.RTP(s.t, account, options...)
}

// begin sets a scene with an agent at a device. The YAML is laid over the configuration.
func begin(t *testing.T, device, yaml string) *scene {
	t.Helper()
	s := &scene{t: t, k: peers.Kamailio(t)}
	wav := filepath.Join(t.TempDir(), "music.wav")
	if err := peers.WriteWAV(wav, peers.Sine(music(), 10*time.Second)); err != nil {
		t.Fatal(err)
	}
	yaml = fmt.Sprintf("sounds: {hold: %q}\n", wav) + yaml
	s.g = suite.Gateway(t, peers.Config{Carrier: s.k, LogLevel: "debug", YAML: yaml})
	s.customer = peers.RTP(t, s.k.Subscriber("+15550198"), customerTone())
	number := "+15550111"
	switch device {
	case browser:
		number = "+15550100"
		s.page = suite.Browser(t).Page(s.g, "alice", agentTone())
		s.agent = s.page
	default:
		s.agent = s.phone(device, "1011", agentTone(), peers.Manual)
		s.page = suite.Browser(t).Page(s.g, "erin")
	}
	s.customer.Dial(number)
	s.agent.WaitRinging()
	s.agent.Answer()
	s.customer.WaitEstablished()
	s.agent.WaitEstablished()
	s.page.WaitEstablished()
	s.id, s.token = s.page.Session(), token(t, s.g, "sam")
	s.together(s.agent)
	return s
}

// together wants the customer and a party to hear each other, and nobody else.
func (s *scene) together(with peers.Party) {
	s.t.Helper()
	peers.WantAllHear(s.t, map[peers.Ear][]float64{s.customer: {with.Tone()}, with: {s.customer.Tone()}})
}

// do has a page give a command that must not be refused.
func (s *scene) do(page *peers.Page, kind, members string) {
	s.t.Helper()
	if code := page.Command(kind, members); code != "" {
		s.t.Fatalf("%s: %s was refused: %s", page, kind, code)
	}
}

// about is the member that names the scene's session.
func (s *scene) about() string { return fmt.Sprintf("{sessionId: %q}", s.id) }

// end hangs the customer up and wants nothing to be left; these parties are told.
func (s *scene) end(told ...peers.Party) {
	s.t.Helper()
	s.customer.Hangup()
	for _, p := range told {
		p.WaitClosed()
	}
	empty(s.g)
}

// party is one of a session's as the API shows it.
type party struct {
	ID, Role, User, Sound string
	Left, Muted           bool
	Hears                 []string
	Leg                   struct {
		Received struct{ Packets int }
	}
}

// parties asks the API, by role, supervisors but the first by user; those that are gone are left out.
func (s *scene) parties() map[string]party {
	s.t.Helper()
	_, body := fetch(s.t, s.g, "/api/v1/sessions/"+s.id, s.token)
	var session struct{ Parties []party }
	if err := json.Unmarshal([]byte(body), &session); err != nil {
		s.t.Fatalf("%v: %s", err, body)
	}
	roles := map[string]party{}
	for _, p := range session.Parties {
		switch _, taken := roles[p.Role]; {
		case p.Left:
		case taken && p.Role == "supervisor":
			roles[p.User] = p
		default:
			roles[p.Role] = p
		}
	}
	return roles
}

// shows wants the API to come to say that just these roles are there and who hears whom of them: roles with spaces
// between them, in the order of the ears, or a sound.
func (s *scene) shows(want map[string]string) {
	s.t.Helper()
	var got map[string]string
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
		if got = s.hearing(); maps.Equal(got, want) {
			return
		}
		<-time.After(50 * time.Millisecond)
	}
	s.t.Fatalf("the API says %v, want %v", got, want)
}

func (s *scene) hearing() map[string]string {
	s.t.Helper()
	all := s.parties()
	got := map[string]string{}
	for role, p := range all {
		heard := []string{}
		for _, id := range p.Hears {
			for other, o := range all {
				if o.ID == id {
					heard = append(heard, other)
				}
			}
		}
		if p.Role != "supervisor" { // the order matters to its ears alone
			slices.Sort(heard)
		}
		got[role] = strings.TrimSpace(strings.Join(heard, " ") + " " + p.Sound)
	}
	return got
}
