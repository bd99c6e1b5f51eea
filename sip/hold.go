package sip

import (
	"errors"

	"seatbridge/sip/dialog"
	"seatbridge/sip/sdp"
)

// errNoAnswer says that the far end took our offer without an answer in its 200.
var errNoAnswer = errors.New("sip: no SDP in the answer to a re-INVITE")

// hold is what the far end is to know of its being on hold. The leg's mu guards it.
type hold struct {
	want     bool // what call control says
	offered  bool // what the re-INVITE under way says
	told     bool // what the far end has agreed to
	underWay bool
}

// direction is what we offer: a far end on hold hears our music.
func (h *hold) direction(held bool) sdp.Direction {
	if held {
		return sdp.SendOnly
	}
	return sdp.SendRecv
}

// Hold tells a carrier whose trunk wants it that its side is on hold, or taken back.
func (l *sipLeg) Hold(on bool) {
	l.mu.Lock()
	l.hold.want = on
	l.mu.Unlock()
	l.tellHold()
}

// tellHold sends the re-INVITE that is due, unless one is under way: what is due is looked at again after it.
func (l *sipLeg) tellHold() {
	l.mu.Lock()
	d, h := l.dialog, &l.hold
	talking := d != nil && !l.answered.IsZero() && l.closing == nil
	due := l.profile.holdReinvite && talking && h.want != h.told && !h.underWay
	h.underWay = h.underWay || due
	l.mu.Unlock()
	if due {
		d.ReinviteWith(l.offerHold, l.holdAnswered)
	}
}

// offerHold makes the offer for what is wanted by now; nil where that is what the far end knows.
func (l *sipLeg) offerHold() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	h := &l.hold
	if h.want == h.told {
		return nil
	}
	h.offered = h.want
	l.session.SetDirection(h.direction(h.offered))
	return l.session.Offer()
}

// holdAnswered takes the answer to a hold. A refusal leaves the call as it was: the far end hears the music, or the
// other side, all the same.
func (l *sipLeg) holdAnswered(r dialog.Result) {
	l.mu.Lock()
	peer := l.peer
	l.mu.Unlock()
	err := errNoAnswer
	if r.OK() && r.SDP != nil {
		err = l.accepted(r.SDP, peer)
	}
	l.mu.Lock()
	h := &l.hold
	h.underWay = false
	if err == nil {
		h.told = h.offered
	} else {
		l.session.Withdraw()
		l.session.SetDirection(h.direction(h.told && h.want))
	}
	held := h.told
	l.mu.Unlock()
	l.log.Debug("hold told", "status", r.Code, "held", held)
	if err == nil {
		l.tellHold()
		l.tellHeld()
	}
}
