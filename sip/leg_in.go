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
	case l.prepare(d, in, prefer):
		d.Provisional(183, in.answer)
	}
}

// Accept sends 200 with our answer, or with our offer where the INVITE had none.
func (l *sipLeg) Accept(prefer codec.ID) {
	d, in := l.pending()
	if d == nil {
		return
	}
	if in.offer == nil {
		l.mu.Lock()
		offer := l.session.Offer()
		l.mu.Unlock()
		d.Answer(offer)
		l.established(d, "")
		return
	}
	if l.prepare(d, in, prefer) {
		d.Answer(in.answer)
		l.established(d, "")
	}
}

// prepare makes the answer to the caller's offer once; where that is impossible the call is refused.
func (l *sipLeg) prepare(d *dialog.Dialog, in *incoming, prefer codec.ID) bool {
	in.once.Do(func() {
		answer, held, code := l.answerTo(in.offer, prefer)
		if code != 0 {
			l.Hangup(leg.Cause{Reason: leg.NoCodec, Text: "no usable media in the offer"})
			return
		}
		in.answer = answer
		l.setHeld(held)
	})
	return in.answer != nil
}
