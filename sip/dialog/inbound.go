package dialog

import (
	"math/rand/v2"
	"strconv"
	"sync/atomic"

	"github.com/emiago/sipgo/sip"
)

// deliver hands a received request to the dialog. It is false where the dialog is forgotten.
func (d *Dialog) deliver(t *Transaction) bool {
	switch d.queue.post(func() { d.receive(t) }, maxQueue) {
	case closed:
		return false
	case full:
		d.s.metrics.dropped.WithLabelValues("dialog busy").Inc()
		if t.Request.Method != sip.ACK {
			_ = t.RespondStateless(503, "")
		}
	}
	return true
}

// reply answers a request in the dialog.
func (d *Dialog) reply(t *Transaction, code int, headers ...sip.Header) {
	if err := t.tx.Respond(d.s.response(t.Request, code, "", headers...)); err != nil {
		d.log.Debug("response could not be sent", "method", t.Request.Method, "status", code, "error", err.Error())
	}
}

// receive handles a request in the dialog (RFC 3261 section 12.2.2).
func (d *Dialog) receive(t *Transaction) {
	req := t.Request
	switch {
	case req.Method == sip.ACK:
		d.onAck(req)
		return
	case d.established && fromTag(req) != d.rec.remoteTag():
		d.reply(t, 481)
		return
	case req.CSeq().SeqNo < d.rec.remoteSeq: // it was overtaken
		d.reply(t, 500)
		return
	}
	d.rec.remoteSeq = req.CSeq().SeqNo
	if d.rec.follow {
		d.rec.flow = t.Flow
		d.publish()
	}
	if d.ended && req.Method != sip.BYE { // a BYE crossed ours
		d.reply(t, 481)
		return
	}
	d.dispatch(t)
}

func (d *Dialog) dispatch(t *Transaction) {
	switch t.Request.Method {
	case sip.BYE:
		d.onBye(t)
	case sip.INVITE, sip.UPDATE:
		d.offers.receive(t)
	case sip.REFER:
		d.onRefer(t)
	case sip.NOTIFY:
		d.onNotify(t)
	default:
		d.onRequest(t)
	}
}

// onBye ends the dialog. The end is told before the BYE is answered: who has the answer may call again at once, and
// must not be found busy then.
func (d *Dialog) onBye(t *Transaction) {
	defer d.reply(t, 200)
	d.requests.dropFarewell()       // it is gone already
	for _, inv := range d.unacked { // no ACK can be expected any more
		if inv.whenAcked != nil { // and no BYE of ours is due
			inv.whenAcked = nil
			d.release()
		}
		d.acked(inv, nil)
	}
	e := Ended{Why: Hungup, Remote: true, Reason: headerValue(t.Request, "Reason"), Request: t.Request}
	switch {
	case d.established || d.ended:
	case d.outgoing: // the callee may not do that, but it seems to be gone
		d.uac.giveUp(nil)
	default: // the caller may: it is another way to CANCEL
		e.Why = Cancelled
		d.uas.reject(d, 487, nil)
	}
	d.end(e)
}

// onRequest asks the observer about a request that means nothing to the dialog itself.
func (d *Dialog) onRequest(t *Transaction) {
	req := t.Request
	var answered atomic.Bool
	respond := func(code int, headers ...sip.Header) {
		if answered.CompareAndSwap(false, true) {
			d.reply(t, code, headers...)
		}
	}
	d.emit(Request{Method: req.Method, ContentType: mediaType(req), Body: req.Body(), Request: req, Respond: respond})
	if req.Method == sip.OPTIONS {
		respond(200, sip.NewHeader("Allow", d.s.Allow()), sip.NewHeader("Supported", d.supported()),
			sip.NewHeader("Accept", "application/sdp"))
	}
	respond(200)
}

// retryAfter asks the peer to come again soon (section 14.2).
func retryAfter() sip.Header { return sip.NewHeader("Retry-After", strconv.Itoa(rand.IntN(11))) }
