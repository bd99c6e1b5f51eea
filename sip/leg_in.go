package sip

import (
	"sync"

	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/sip/dialog"
)

// incoming is a received INVITE until it is answered.
type incoming struct {
	offer  []byte // nil: the caller wants our offer
	once   sync.Once
	answer []byte // made once: 183 and 200 must carry the same (RFC 6337 section 3.1.1)
}

// pending is the dialog of a received INVITE that was not answered yet, or nil.
func (l *sipLeg) pending() (*dialog.Dialog, *incoming) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.incoming == nil || l.closing != nil {
		return nil, nil
	}
	return l.dialog, l.incoming
}

// Ring sends 180.
func (l *sipLeg) Ring() {
	if d, _ := l.pending(); d != nil {
		d.Provisional(180, nil)
	}
}

// Progress sends 183 with our answer, so that the caller hears what comes before the call is taken. A caller that
// wants our offer first can't be given any: it gets 180.
func (l *sipLeg) Progress(prefer codec.ID) {
	d, in := l.pending()
	switch {
	case d == nil:
	case in.offer == nil:
		d.Provisional(180, nil)
	case l.prepare(in, prefer):
		d.Provisional(183, in.answer)
	}
}

// Accept sends 200 with our answer. Where the INVITE had no offer it sends ours, and the leg is established when the
// ACK brings the answer.
func (l *sipLeg) Accept(prefer codec.ID) {
	d, in := l.pending()
	if d == nil || in.offer != nil && !l.prepare(in, prefer) {
		return
	}
	l.mu.Lock()
	if l.incoming == nil || l.closing != nil { // another Accept, or a Hangup, was faster
		l.mu.Unlock()
		return
	}
	l.incoming = nil
	sdp := in.answer
	if in.offer == nil {
		l.late = true
		sdp = l.session.Offer()
	}
	l.mu.Unlock()
	d.Answer(sdp)
	if in.offer != nil {
		l.established("")
	}
}

// prepare makes the answer to the caller's offer once; where that is impossible the call is refused.
func (l *sipLeg) prepare(in *incoming, prefer codec.ID) bool {
	in.once.Do(func() {
		answer, code := l.answerTo(in.offer, prefer)
		if code != 0 {
			l.Hangup(leg.Cause{Reason: leg.NoCodec, Text: "no usable media in the offer"})
			return
		}
		in.answer = answer
	})
	return in.answer != nil
}

// confirmed takes the ACK of our 200, which brings the answer where the offer was ours (RFC 3261 section 13.2.2.4).
func (l *sipLeg) confirmed(answer []byte) {
	l.mu.Lock()
	late := l.late
	l.late = false
	peer := l.peer
	l.mu.Unlock()
	if !late {
		return
	}
	if err := l.accepted(answer, peer); err != nil {
		l.Hangup(leg.Cause{Reason: leg.NoCodec, Text: err.Error()})
		return
	}
	l.established("")
}
