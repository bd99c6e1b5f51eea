package test

import (
	"fmt"
	"testing"

	"seatbridge/test/peers"
)

// heard is who hears whom, by ears.
type heard = map[peers.Ear][]float64

// command has a page command something about a session.
func command(p *peers.Page, what, session string) {
	p.Eval(fmt.Sprintf("seatbridge.command(%q, {sessionId: %q})", what, session), nil)
}

// supervision is a call of alice, at a browser, and a desk phone, and sam, who supervises at a browser.
type supervision struct {
	g          *peers.Gateway
	session    string
	phone      *peers.RTPPhone
	alice, sam *peers.Page
}

func newSupervision(t *testing.T) *supervision {
	t.Helper()
	s := &supervision{g: suite.Gateway(t, peers.Config{})}
	s.phone = peers.RTP(t, s.g.Phone("1015"), tone(0))
	browser := suite.Browser(t)
	s.alice, s.sam = browser.Page(s.g, "alice", tone(1)), browser.Page(s.g, "sam", tone(2))
	s.alice.Dial("1015")
	s.alice.WaitEstablished()
	s.alice.Eval("seatbridge.state.calls[0].sessionId", &s.session)
	return s
}

// TestSuperviseAtBrowser goes through all modes and to the intercept, each party with its own tone.
func TestSuperviseAtBrowser(t *testing.T) {
	s := newSupervision(t)
	phone, alice, sam := s.phone.Tone(), s.alice.Tone(), s.sam.Tone()
	own, second, left, right := s.alice.Ear(0), s.alice.Ear(1), s.sam.Ear(0), s.sam.Ear(1)
	before := heard{s.phone: {alice}, own: {phone}, second: {}}
	peers.WantAllHear(t, before)
	command(s.sam, "monitor", s.session)
	s.sam.WaitEstablished()
	listening := heard{left: {alice}, right: {phone}, s.sam.Ear(2): {}}
	with := func(more heard) heard {
		all := heard{}
		for _, h := range []heard{listening, before, more} {
			for ear, tones := range h {
				all[ear] = tones
			}
		}
		return all
	}
	peers.WantAllHear(t, with(nil))
	command(s.sam, "whisper", s.session)
	peers.WantAllHear(t, with(heard{second: {sam}}))
	command(s.sam, "barge", s.session)
	peers.WantAllHear(t, with(heard{second: {sam}, s.phone: {alice, sam}}))
	command(s.sam, "monitor", s.session)
	peers.WantAllHear(t, with(nil))
	command(s.sam, "intercept", s.session)
	s.alice.WaitClosed()
	peers.WantAllHear(t, heard{s.phone: {sam}, right: {phone}, left: {}})
	s.sam.Hangup()
	s.phone.WaitClosed()
	empty(s.g)
}
