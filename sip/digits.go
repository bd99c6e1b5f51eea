package sip

import (
	"errors"
	"time"

	"seatbridge/codec"
	"seatbridge/dtmf"
	"seatbridge/leg"
	"seatbridge/sip/dialog"
	"seatbridge/sip/trunk"
)

// SendDigits sends digits by telephone-event where the far end takes it, else in the way that it is configured for.
func (l *sipLeg) SendDigits(digits []dtmf.Event, length, gap time.Duration) {
	l.mu.Lock()
	d, id := l.dialog, l.codec
	l.mu.Unlock()
	ear := l.socket.Port().Ears[0]
	sent := func(ok bool) { l.emit(leg.DigitsSent{OK: ok}) }
	switch {
	case d == nil:
		sent(false)
	case ear.TakesEvents():
		ear.Play(digits, length, gap, sent)
	case l.profile.dtmf == trunk.DTMFInfo:
		sendInfo(d, digits, length, sent)
	case id == codec.PCMU || id == codec.PCMA:
		ear.PlayTones(digits, length, gap, sent)
	default: // tones do not survive a speech codec
		sendInfo(d, digits, length, sent)
	}
}

// sendInfo sends each digit as one INFO (application/dtmf-relay), the next when the last was answered.
func sendInfo(d *dialog.Dialog, digits []dtmf.Event, length time.Duration, sent func(bool)) {
	if len(digits) == 0 {
		sent(true)
		return
	}
	d.Info(dtmf.TypeRelay, dtmf.FormatInfo(dtmf.TypeRelay, digits[0], length), func(r dialog.Result) {
		if !r.OK() {
			sent(false)
			return
		}
		sendInfo(d, digits[1:], length, sent)
	})
}

// pressed is told by the receiver of a digit that came as telephone-event.
func (l *sipLeg) pressed(e dtmf.Event, length time.Duration) {
	l.emit(leg.Digit{Event: e, Duration: length, Relayed: true})
}

// request handles an INFO with a digit; other requests in a dialog are answered 200 by the dialog.
func (l *sipLeg) request(r dialog.Request) {
	if r.Method != "INFO" {
		return
	}
	digit, length, err := dtmf.ParseInfo(r.ContentType, r.Body)
	switch {
	case err == nil:
		l.emit(leg.Digit{Event: digit, Duration: length})
	case len(r.Body) == 0: // a probe (RFC 6086 section 4.2.2)
	case errors.Is(err, dtmf.ErrContentType):
		r.Respond(415)
	default:
		r.Respond(400)
	}
}

// refer hands a transfer request to call control.
func (l *sipLeg) refer(r dialog.Refer) {
	replaces := ""
	if r.Replaces != nil {
		replaces = r.Replaces.String()
	}
	subscription := r.Accept()
	l.emit(leg.Referred{To: r.To.User, Replaces: replaces, Result: subscription.Notify})
}
