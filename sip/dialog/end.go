package dialog

import (
	"errors"

	"github.com/emiago/sipgo/sip"
)

// emitEnded tells the end. A panic of the observer must not keep us from saying BYE.
func (d *Dialog) emitEnded(e Ended) {
	defer func() {
		if p := recover(); p != nil {
			d.s.panicked("observer", p)
		}
	}()
	d.observer(d, e)
}

// end tells that the dialog is over and stops all that belongs to the call. It is false where it was over before.
func (d *Dialog) end(e Ended) bool {
	if d.ended {
		return false
	}
	d.session.stop()
	d.offers.fail()
	d.requests.fail()
	d.offers.refusePeer()
	d.ended = true
	d.publish()
	d.emitEnded(e)
	return true
}

func (d *Dialog) hold()    { d.holds++ }
func (d *Dialog) release() { d.holds-- }

// maybeForget lets go of a dialog that is over and has nothing left to say.
func (d *Dialog) maybeForget() {
	if d.ended && d.holds <= 0 {
		d.forget()
	}
}

// forget takes the dialog out of the Stack. Requests that wait in the queue are still answered.
func (d *Dialog) forget() {
	if d.queue.close() {
		d.s.remove(d)
		close(d.done)
	}
}

// close ends the dialog without a word to the peer.
func (d *Dialog) close() {
	d.post(func() {
		d.end(Ended{Why: Closed, Err: ErrClosed})
		d.holds = 0
	})
}

// failed ends the dialog after a fault on the wire.
func (d *Dialog) failed(err error) {
	if errors.Is(err, ErrTimeout) {
		d.end(Ended{Why: Timeout, Remote: true, Code: 408, Err: err})
		return
	}
	d.end(Ended{Why: Transport, Remote: true, Code: 503, Err: err})
}

// checkLost ends the dialog where a request in it was not answered, or answered by one who does not know it (RFC 5057
// section 5.1). The peer gets a BYE nevertheless: it may only have been out of reach. A connection that broke is no
// reason: a phone opens another one and goes on.
func (d *Dialog) checkLost(r Result) {
	var e Ended
	switch {
	case d.ended:
		return
	case r.Code == 408:
		e = Ended{Why: Timeout, Remote: true, Code: 408, Response: r.Response}
	case r.Code == 481:
		e = Ended{Why: Lost, Remote: true, Code: 481, Response: r.Response}
	default:
		return
	}
	if r.Response != nil {
		e.Reason = r.Response.Reason
	} else {
		e.Err = ErrTimeout
	}
	d.end(e)
	d.byeWhenDue(nil)
}

// Hangup ends the dialog in the way that is due: the final response code to a peer's INVITE (0 means 480), CANCEL for
// ours (held back until a 1xx came), else BYE. Ended follows at once; what remains to be said on the wire is seen to.
func (d *Dialog) Hangup(code int, headers ...sip.Header) {
	d.post(func() { d.hangup(code, headers, Ended{}) })
}

// hangup ends the dialog; e may say why.
func (d *Dialog) hangup(code int, headers []sip.Header, e Ended) {
	if d.ended {
		return
	}
	why := func(w Why) {
		if e.Why == "" {
			e.Why = w
		}
	}
	switch {
	case d.established:
		why(Hungup)
		d.end(e)
		d.byeWhenDue(headers)
	case d.outgoing:
		why(Cancelled)
		d.end(e)
		d.uac.giveUp(headers)
	default:
		if code == 0 {
			code = 480
		}
		why(Rejected)
		e.Code = code
		d.uas.reject(d, code, headers)
		d.end(e)
	}
}

// byeWhenDue sends BYE, but not before our 2xx was acknowledged (RFC 3261 section 15).
func (d *Dialog) byeWhenDue(headers []sip.Header) {
	if d.uas != nil && d.unacked[d.uas.seq] == d.uas {
		d.hold()
		d.uas.whenAcked = func() {
			d.release()
			d.bye(headers)
		}
		return
	}
	d.bye(headers)
}

// farewellPatience is, in T1, how long a BYE waits for the NOTIFYs before it: 2 s.
const farewellPatience = 4

// bye sends BYE, but not before the peer was told what became of its transfer: phones take a BYE that overtakes the last
// NOTIFY for a failure.
func (d *Dialog) bye(headers []sip.Header) {
	if !d.requests.owes() {
		d.sendBye(headers)
		return
	}
	d.hold()
	d.requests.farewell = func() { d.sendBye(headers) }
	d.after(farewellPatience*d.s.c.Timers.T1, d.requests.sayFarewell)
}

// sendBye sends BYE. Whatever is answered to it, the dialog is over.
func (d *Dialog) sendBye(headers []sip.Header) {
	d.exchange(d.rec.request(sip.BYE), headers, func(*sip.Response, error) {})
}
