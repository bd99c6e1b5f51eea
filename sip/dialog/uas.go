package dialog

import (
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"
)

// refreshProvisional is, in T1, how often a 1xx is sent again lest a proxy gives up: every minute (RFC 3261 section
// 13.3.1.1).
const refreshProvisional = 120

// invited is an INVITE or re-INVITE that we received, until its ACK. It belongs to the dialog's goroutine.
type invited struct {
	req       *sip.Request
	tx        *sip.ServerTx
	seq       uint32
	lateOffer bool // the INVITE had no SDP: the ACK brings the answer
	final     bool // a final response was sent, or the transaction is over
	cancelled atomic.Bool
	timer     *time.Timer
	whenAcked func() // what waits for the ACK, or its time-out
}

// Open takes the INVITE: 100 is sent at once, and the returned dialog awaits Provisional, Answer or Hangup. Its events
// begin after the Handler's Invite returned. Only the first call counts.
func (in *Incoming) Open(o Options, obs Observer) *Dialog {
	t, req := in.Transaction, in.Request
	id := ID{CallID: req.CallID().Value(), LocalTag: t.tag, RemoteTag: fromTag(req)}
	d := t.s.newDialog(o, obs, id)
	d.queue.pause()
	d.rec = answering(req, o, t.Flow)
	d.uas = &invited{req: req, tx: t.tx, seq: req.CSeq().SeqNo, lateOffer: in.sdp == nil}
	d.publish()
	if !t.answer() || !t.s.add(d) {
		d.stillborn()
		return d
	}
	t.opened = d
	d.watch(d.uas, func() { d.uasOver(d.uas) })
	_ = d.uas.respond(d, t.s.response(req, 100, ""))
	return d
}

// watch has over queued when the transaction is cancelled or breaks off. sipgo answers the CANCEL.
func (d *Dialog) watch(inv *invited, over func()) {
	alive := inv.tx.OnCancel(func(cancel *sip.Request) {
		inv.cancelled.Store(true)
		reason := headerValue(cancel, "Reason")
		d.post(func() { d.cancelled(inv, reason) })
	})
	alive = inv.tx.OnTerminate(func(string, error) { d.post(over) }) && alive
	if !alive {
		d.post(over)
	}
}

// cancelled takes the peer's CANCEL; sipgo sent 487.
func (d *Dialog) cancelled(inv *invited, reason string) {
	if inv.final {
		return
	}
	inv.final = true
	if inv == d.uas {
		d.end(Ended{Why: Cancelled, Remote: true, Code: 487, Reason: reason})
		return
	}
	d.offers.withdrawn(inv)
}

// uasOver is called when the transaction of the first INVITE ended.
func (d *Dialog) uasOver(inv *invited) {
	switch {
	case inv.final:
	case errors.Is(inv.tx.Err(), sip.ErrTransactionCanceled):
		d.cancelled(inv, "")
	default: // its connection broke
		inv.final = true
		d.end(Ended{Why: Transport, Remote: true, Code: 503, Err: ErrUnreachable})
	}
}

func (inv *invited) respond(d *Dialog, res *sip.Response) error {
	if inv.cancelled.Load() {
		return sip.ErrTransactionCanceled
	}
	return respond(inv.tx, res, func() *sip.Response { return d.s.response(inv.req, 487, "") })
}

// Provisional answers the peer's INVITE with a 1xx; sdp may be nil.
func (d *Dialog) Provisional(code int, sdp []byte, headers ...sip.Header) {
	d.post(func() { d.provisional(code, sdp, headers) })
}

func (d *Dialog) provisional(code int, sdp []byte, headers []sip.Header) {
	inv := d.uas
	if inv == nil || inv.final || d.ended {
		return
	}
	res := d.s.response(inv.req, code, "", slices.Concat([]sip.Header{d.contact()}, headers)...)
	setSDP(res, sdp)
	_ = inv.respond(d, res)
	if inv.timer != nil {
		inv.timer.Stop()
	}
	inv.timer = d.after(refreshProvisional*d.s.c.Timers.T1, func() { d.provisional(code, sdp, headers) })
}

// contact is ours as the peer can reach it.
func (d *Dialog) contact() sip.Header {
	l, err := d.s.listener(d.rec.flow.Transport, d.rec.flow.Remote)
	if err != nil { // the peer reached us, so there is one
		l = d.s.listeners[0]
	}
	return l.contact(d.rec.contactUser)
}

// Answer answers the peer's INVITE with 200. sdp is the answer, or the offer where the INVITE had none.
func (d *Dialog) Answer(sdp []byte, headers ...sip.Header) {
	d.post(func() {
		if d.uas == nil || d.ended || d.uas.final {
			return
		}
		if d.accept(d.uas, sdp, headers) {
			d.established = true
			d.offers.local = sdp
			d.offers.remote, _ = sdpOf(d.uas.req)
		}
	})
}

// accept answers an INVITE with 200, and sees to it until the ACK comes.
func (d *Dialog) accept(inv *invited, sdp []byte, headers []sip.Header) bool {
	res := d.s.response(inv.req, 200, "", d.contact(), sip.NewHeader("Allow", d.s.Allow()),
		sip.NewHeader("Supported", d.supported()))
	for _, h := range slices.Concat(d.session.accept(inv.req), d.o.Headers, headers) {
		res.AppendHeader(sip.HeaderClone(h))
	}
	setSDP(res, sdp)
	if inv.timer != nil {
		inv.timer.Stop()
	}
	switch err := inv.respond(d, res); {
	case errors.Is(err, sip.ErrTransactionCanceled):
		return false // which we are told of
	case err != nil:
		inv.final = true
		d.end(Ended{Why: Transport, Remote: true, Code: 503, Err: err})
		return false
	}
	inv.final = true
	d.hold()
	d.unacked[inv.seq] = inv
	d.repeat(inv, res, d.s.c.Timers.T1, 64*d.s.c.Timers.T1)
	return true
}

// repeat sends the 2xx again until its ACK comes (RFC 3261 section 13.3.1.4), over any transport: the ACK may be lost
// further on.
func (d *Dialog) repeat(inv *invited, res *sip.Response, wait, left time.Duration) {
	inv.timer = d.after(min(wait, left), func() {
		if d.unacked[inv.seq] != inv {
			return
		}
		if left <= wait {
			d.neverAcked(inv)
			return
		}
		d.s.metrics.retransmissions.WithLabelValues("out").Inc()
		_ = inv.tx.Connection().WriteMsg(res) // sipgo's transaction may be over by then
		d.repeat(inv, res, min(2*wait, d.s.c.Timers.T2), left-wait)
	})
}

// neverAcked ends the dialog: the peer may be gone, or does not know that it was answered.
func (d *Dialog) neverAcked(inv *invited) {
	over := d.ended
	d.acked(inv, nil)
	if !over {
		d.hangup(0, nil, Ended{Why: NoAck, Remote: true, Code: 408})
	}
}

// onAck takes the ACK of a 2xx. One that comes again is nothing new.
func (d *Dialog) onAck(req *sip.Request) {
	inv, ok := d.unacked[req.CSeq().SeqNo]
	if !ok {
		return
	}
	sdp, _ := sdpOf(req)
	if !inv.lateOffer {
		sdp = nil
	} else if sdp != nil {
		d.offers.remote = sdp
	}
	d.acked(inv, func() {
		if inv == d.uas {
			d.emit(Confirmed{SDP: sdp})
		} else if sdp != nil {
			d.emit(OfferAnswered{SDP: sdp})
		}
	})
}

// acked ends the wait for an ACK and goes on with what waited.
func (d *Dialog) acked(inv *invited, tell func()) {
	inv.timer.Stop()
	delete(d.unacked, inv.seq)
	d.release()
	if tell != nil {
		tell()
	}
	if next := inv.whenAcked; next != nil {
		inv.whenAcked = nil
		next()
	}
	d.offers.next()
}

// reject answers an INVITE with a final response of 300 or more.
func (inv *invited) reject(d *Dialog, code int, headers []sip.Header) {
	if inv.final {
		return
	}
	inv.final = true
	if inv.timer != nil {
		inv.timer.Stop()
	}
	_ = inv.respond(d, d.s.response(inv.req, code, "", headers...))
}
