package sip

import (
	"errors"
	"time"

	"github.com/emiago/sipgo/sip"

	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/sip/dialog"
	"seatbridge/sip/rtpsock"
	"seatbridge/sip/sdp"
)

// silenceNotice is how long an answered party may be silent before call control is told.
const silenceNotice = 3 * time.Second

// silencePatience is how many times RTP.Silence a party may be silent that still answers OPTIONS: a phone that was
// muted by its user and sends nothing.
const silencePatience = 10

// apply puts a negotiation into effect. The caller holds mu.
func (l *sipLeg) apply(n sdp.Negotiated) error {
	if err := l.socket.Configure(n, l.peer); err != nil {
		return err
	}
	l.secure = n.SRTP != nil
	if len(n.Send.Audio) > 0 {
		l.codec = n.Send.Audio[0].Codec
	}
	return nil
}

// answerTo makes the answer to an offer and puts it into effect; code is the status to refuse with, or 0.
func (l *sipLeg) answerTo(offer []byte, prefer codec.ID) (answer []byte, held bool, code int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	answer, n, err := l.session.Answer(offer, prefer)
	if err == nil {
		err = l.apply(n)
	}
	switch {
	case err == nil:
		return answer, n.Held, 0
	case errors.Is(err, sdp.ErrBadSDP):
		code = 400
	case errors.Is(err, rtpsock.ErrClosed):
		code = 481
	default:
		code = 488
	}
	l.log.Info("offer refused", "status", code, "error", err.Error())
	return nil, false, code
}

// accepted takes the answer to an offer of ours; it is false where the answer can't be used.
func (l *sipLeg) accepted(answer []byte) bool {
	l.mu.Lock()
	n, err := l.session.Accept(answer)
	if err == nil {
		err = l.apply(n)
	}
	l.mu.Unlock()
	if err != nil {
		l.log.Info("answer refused", "error", err.Error())
		l.Hangup(leg.Cause{Reason: leg.NoCodec, Text: err.Error()})
		return false
	}
	l.setHeld(n.Held)
	return true
}

// offered handles the far end's re-INVITE or UPDATE.
func (l *sipLeg) offered(o dialog.Offer) {
	if o.SDP == nil {
		l.mu.Lock()
		offer := l.session.Offer()
		l.mu.Unlock()
		o.Accept(offer)
		return
	}
	l.mu.Lock()
	current := l.codec
	l.mu.Unlock()
	answer, held, code := l.answerTo(o.SDP, current)
	if code != 0 {
		o.Reject(code)
		return
	}
	o.Accept(answer)
	l.setHeld(held)
}

// setHeld tells call control when the far end's hold changed.
func (l *sipLeg) setHeld(held bool) {
	l.mu.Lock()
	changed := l.held != held
	l.held = held
	l.mu.Unlock()
	if changed {
		l.emit(leg.HeldChanged{Held: held})
	}
}

// silence is told by the socket when an answered party's sound stops and when it is back.
func (l *sipLeg) silence(s rtpsock.Silence) {
	l.mu.Lock()
	if l.silent != nil {
		l.silent.Stop()
		l.silent = nil
	}
	if wait := l.e.c.RTP.Silence; !s.Back && wait > 0 && l.closing == nil {
		l.silent = time.AfterFunc(max(wait-silenceNotice, 0), func() { l.probe(1) })
	}
	l.mu.Unlock()
	if s.Back {
		l.emit(leg.MediaBack{})
		return
	}
	l.emit(leg.MediaLost{Reason: string(s.Cause)})
}

// probe asks a silent party whether it is there. The dialog ends by itself where it does not answer (RFC 5057); one
// that does keeps the call for a while more.
func (l *sipLeg) probe(times int) {
	l.mu.Lock()
	d, running := l.dialog, l.silent != nil
	l.mu.Unlock()
	switch {
	case d == nil || !running:
		return
	case times > silencePatience:
		l.Hangup(leg.Cause{Reason: leg.MediaDead, Text: "no RTP"})
		return
	}
	d.Send(sip.OPTIONS, "", nil, func(dialog.Result) {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.silent != nil && l.closing == nil {
			l.silent = time.AfterFunc(l.e.c.RTP.Silence, func() { l.probe(times + 1) })
		}
	})
}
