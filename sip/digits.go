package sip

import (
	"errors"
	"time"

	"github.com/emiago/sipgo/sip"

	"seatbridge/codec"
	"seatbridge/dtmf"
	"seatbridge/leg"
	"seatbridge/sip/dialog"
	"seatbridge/sip/trunk"
)

// SendDigits sends digits by telephone-event where the far end takes it, else in the way that it is configured for.
func (l *sipLeg) SendDigits(digits []dtmf.Event, length, gap time.Duration) {
	l.mu.Lock()
	d, id, way, answered := l.dialog, l.codec, l.profile.dtmf, !l.answered.IsZero()
	l.mu.Unlock()
	ear := l.socket.Port().Ears[0]
	sent := func(ok bool) { l.emit(leg.DigitsSent{OK: ok}) }
	switch {
	case ear.TakesEvents():
		ear.Play(digits, length, gap, sent)
	case way != trunk.DTMFInfo && (id == codec.PCMU || id == codec.PCMA): // tones do not survive a speech codec
		ear.PlayTones(digits, length, gap, sent)
	case answered:
		l.sendInfo(d, digits, length, gap, sent)
	default:
		sent(false)
	}
}

// sendInfo sends each digit as one INFO (application/dtmf-relay): the next when the last was answered, and not before
// the far end has played it.
func (l *sipLeg) sendInfo(d *dialog.Dialog, digits []dtmf.Event, length, gap time.Duration, sent func(bool)) {
	if len(digits) == 0 {
		sent(true)
		return
	}
	due := time.Now().Add(length + gap)
	d.Info(dtmf.TypeRelay, dtmf.FormatInfo(dtmf.TypeRelay, digits[0], length), func(r dialog.Result) {
		if !r.OK() {
			sent(false)
			return
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.closing == nil { // else nobody waits for them any more
			next := func() { l.sendInfo(d, digits[1:], length, gap, sent) }
			l.nextDigit = time.AfterFunc(time.Until(due), next)
		}
	})
}

// pressed is told by the receiver of a digit that came as telephone-event.
func (l *sipLeg) pressed(e dtmf.Event, length time.Duration) {
	l.emit(leg.Digit{Event: e, Duration: length, Relayed: true})
}

// sounded is told by the receiver of a digit that came as a tone.
func (l *sipLeg) sounded(e dtmf.Event, length time.Duration) {
	l.emit(leg.Digit{Event: e, Duration: length, Relayed: true, Inband: true})
}

// request handles an INFO with a digit, and refuses what nobody would read; the dialog answers the rest.
func (l *sipLeg) request(r dialog.Request) {
	switch r.Method {
	case sip.INFO:
		l.info(r)
	case sip.MESSAGE:
		r.Respond(415, sip.NewHeader("Accept", "application/sdp"))
	case sip.NOTIFY:
		r.Respond(489)
	}
}

func (l *sipLeg) info(r dialog.Request) {
	digit, length, err := dtmf.ParseInfo(r.ContentType, r.Body)
	switch {
	case err == nil:
		l.emit(leg.Digit{Event: digit, Duration: length})
	case len(r.Body) == 0: // a probe (RFC 6086 section 4.2.2)
	case errors.Is(err, dtmf.ErrContentType):
		r.Respond(415, sip.NewHeader("Accept", dtmf.TypeRelay+", "+dtmf.TypePlain))
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
	l.emit(leg.Referred{To: userOf(&r.To), Replaces: replaces, Result: subscription.Notify})
}
