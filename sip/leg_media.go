package sip

import (
	"errors"
	"net/netip"

	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/sip/dialog"
	"seatbridge/sip/rtpsock"
	"seatbridge/sip/sdp"
)

// apply puts a negotiation with the far end at peer into effect. The caller holds mu.
func (l *sipLeg) apply(n sdp.Negotiated, peer netip.Addr) error {
	if err := l.socket.Configure(n, peer); err != nil {
		return err
	}
	l.peer = peer
	l.secure, l.held = n.SRTP != nil, n.Held
	if len(n.Send.Audio) > 0 {
		l.codec = n.Send.Audio[0].Codec
	}
	return nil
}

// answerTo makes the answer to an offer and puts it into effect; code is the status to refuse with, or 0.
func (l *sipLeg) answerTo(offer []byte, prefer codec.ID) (answer []byte, code int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	answer, n, err := l.session.Answer(offer, prefer)
	if err == nil {
		err = l.apply(n, l.peer)
	}
	if err != nil {
		l.log.Info("offer refused", "error", err.Error())
		return nil, statusOfOffer(err)
	}
	return answer, 0
}

// statusOfOffer is the status that refuses an offer.
func statusOfOffer(err error) int {
	switch {
	case errors.Is(err, sdp.ErrBadSDP):
		return 400
	case errors.Is(err, rtpsock.ErrClosed):
		return 481
	}
	return 488
}

// accepted takes the answer to an offer of ours from the far end at peer. After an error all is as it was before.
func (l *sipLeg) accepted(answer []byte, peer netip.Addr) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, err := l.session.Accept(answer)
	if err == nil {
		err = l.apply(n, peer)
	}
	if err != nil {
		l.log.Info("answer refused", "error", err.Error())
	}
	return err
}

// offered handles the far end's re-INVITE or UPDATE.
func (l *sipLeg) offered(d *dialog.Dialog, o dialog.Offer) {
	l.mu.Lock()
	if at, err := netip.ParseAddrPort(d.Flow().Remote); err == nil && l.profile.followFlow {
		l.peer = at.Addr().Unmap() // the phone may have moved
	}
	current := l.codec
	if o.SDP == nil {
		offer := l.session.Offer()
		l.mu.Unlock()
		o.Accept(offer)
		return
	}
	l.mu.Unlock()
	answer, code := l.answerTo(o.SDP, current)
	if code != 0 {
		o.Reject(code)
		return
	}
	o.Accept(answer)
	l.tellHeld()
}

// offerAnswered takes an answer that the dialog got for us: to our offer in a 200, or to our last description, which it
// offers again by itself to keep the session alive (RFC 4028 section 10).
func (l *sipLeg) offerAnswered(answer []byte) {
	l.mu.Lock()
	peer := l.peer
	l.mu.Unlock()
	err := l.accepted(answer, peer)
	if errors.Is(err, sdp.ErrNoOffer) {
		l.mu.Lock()
		l.session.Offer() // ours was an answer until now
		l.mu.Unlock()
		err = l.accepted(answer, peer)
	}
	if err != nil {
		l.Hangup(leg.Cause{Reason: leg.NoCodec, Text: err.Error()})
		return
	}
	l.tellHeld()
}

// tellHeld tells call control when the far end's hold changed. Before the call is answered nobody is held: carriers
// send early media as sendonly.
func (l *sipLeg) tellHeld() {
	l.mu.Lock()
	held := l.held
	changed := !l.answered.IsZero() && l.heldTold != held
	if changed {
		l.heldTold = held
	}
	l.mu.Unlock()
	if changed {
		l.emit(leg.HeldChanged{Held: held})
	}
}
