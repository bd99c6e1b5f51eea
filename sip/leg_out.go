package sip

import (
	"time"

	"seatbridge/leg"
	"seatbridge/sip/dialog"
)

// candidate is one place to send an INVITE to.
type candidate struct {
	invite dialog.InviteConfig
	// silent is how long the place may say nothing before the next is tried; 0 means as long as the transaction lasts.
	silent time.Duration
	// heard is called when the place answered anything, failed when it was silent or could not be reached.
	heard, failed func()
	// next says whether another place may do better after this failure.
	next func(e dialog.Ended) bool
}

// outgoing is the attempts to get a dialog: groups one after the other, the candidates of a group at once. A phone's
// bindings are one group; the gateways of trunks are groups of one. All of it is under the leg's mu.
type outgoing struct {
	l      *sipLeg
	groups [][]candidate
	live   map[*dialog.Dialog]*attempt
	best   *leg.Cause // the failure that says most
	timer  *time.Timer
	rang   bool
	early  bool
}

// attempt is one INVITE under way.
type attempt struct {
	candidate
	timer   *time.Timer
	givenUp bool // it was silent for too long
}

// start sends the first group's INVITEs and bounds the whole by timeout.
func (o *outgoing) start(timeout time.Duration) {
	l := o.l
	if timeout > 0 {
		l.mu.Lock()
		o.timer = time.AfterFunc(timeout, func() { l.Hangup(leg.Cause{Reason: leg.NoAnswer, Text: "ring timeout"}) })
		l.mu.Unlock()
	}
	o.advance()
}

// advance sends the next group's INVITEs, or ends the leg where there is none left.
func (o *outgoing) advance() {
	l := o.l
	l.mu.Lock()
	if len(o.live) > 0 {
		l.mu.Unlock()
		return
	}
	if len(o.groups) == 0 || l.closing != nil {
		cause := o.verdict()
		o.stop()
		l.mu.Unlock()
		l.end(cause)
		return
	}
	group := o.groups[0]
	o.groups = o.groups[1:]
	offer := l.session.Offer()
	for _, c := range group {
		o.send(c, offer)
	}
	l.mu.Unlock()
}

// send sends one INVITE. The caller holds mu, which keeps the dialog's first event waiting until it is in live.
func (o *outgoing) send(c candidate, offer []byte) {
	l := o.l
	c.invite.SDP = offer
	c.invite.CallID = newID() + "@" + l.e.host(c.invite.Flow.Transport)
	l.callIDs = append(l.callIDs, c.invite.CallID)
	l.e.trace.open(c.invite.CallID)
	d := l.e.stack.Invite(c.invite, o.event)
	a := &attempt{candidate: c}
	if c.silent > 0 {
		a.timer = time.AfterFunc(c.silent, func() { o.silent(d) })
	}
	o.live[d] = a
}

// event handles what happens to one of the INVITEs; once one is answered, its events are the leg's.
func (o *outgoing) event(d *dialog.Dialog, e dialog.Event) {
	l := o.l
	l.mu.Lock()
	a, live := o.live[d]
	mine := l.dialog == d
	l.mu.Unlock()
	switch {
	case mine:
		l.event(d, e)
	case live:
		o.progress(d, a, e)
	}
}

func (o *outgoing) progress(d *dialog.Dialog, a *attempt, e dialog.Event) {
	if a.timer != nil {
		a.timer.Stop()
	}
	switch e := e.(type) {
	case dialog.Trying:
		a.heard()
	case dialog.Provisional:
		a.heard()
		o.provisional(e)
	case dialog.Answered:
		a.heard()
		o.answered(d, e)
	case dialog.Ended:
		o.ended(d, a, e)
	}
}

// provisional tells ringing once, and early media once.
func (o *outgoing) provisional(p dialog.Provisional) {
	l := o.l
	if p.SDP != nil && l.accepted(p.SDP) {
		l.mu.Lock()
		first, id := !o.early, l.codec
		o.early = true
		l.mu.Unlock()
		if first {
			l.emit(leg.EarlyMedia{Codec: id})
		}
		return
	}
	l.mu.Lock()
	first := p.Code == 180 && !o.rang
	o.rang = o.rang || first
	l.mu.Unlock()
	if first {
		l.emit(leg.Ringing{})
	}
}

// answered makes the first dialog that is answered the leg's, and gives up the others.
func (o *outgoing) answered(d *dialog.Dialog, a dialog.Answered) {
	l := o.l
	l.mu.Lock()
	if l.dialog != nil {
		l.mu.Unlock()
		d.Hangup(0, hangupHeaders(leg.Elsewhere)...)
		return
	}
	l.dialog = d
	delete(o.live, d)
	others := o.live
	o.live = map[*dialog.Dialog]*attempt{}
	o.stop()
	l.mu.Unlock()
	for other := range others {
		other.Hangup(0, hangupHeaders(leg.Elsewhere)...)
	}
	if a.SDP == nil {
		l.Hangup(leg.Cause{Reason: leg.NoCodec, Text: "answer without SDP"})
		return
	}
	if !l.accepted(a.SDP) {
		return
	}
	number := ""
	if to := a.Response.To(); to != nil {
		number = to.Address.User
	}
	l.established(d, number)
}

// ended takes an attempt away and goes on to the next group where that may help.
func (o *outgoing) ended(d *dialog.Dialog, a *attempt, e dialog.Ended) {
	l := o.l
	unreachable := e.Why == dialog.Transport || e.Why == dialog.Timeout
	switch {
	case unreachable:
		a.failed()
	case e.Response != nil:
		a.heard()
	}
	cause := causeOf(e, l.profile.kind)
	l.mu.Lock()
	if unreachable || a.givenUp {
		cause.Reason = reasonOf(503, l.profile.kind)
	}
	delete(o.live, d)
	if o.best == nil || weight(cause.Reason) > weight(o.best.Reason) {
		o.best = &cause
	}
	if !a.givenUp && !a.next(e) {
		o.groups = nil
	}
	l.mu.Unlock()
	o.advance()
}

// silent gives up a place that said nothing in time.
func (o *outgoing) silent(d *dialog.Dialog) {
	o.l.mu.Lock()
	a, live := o.live[d]
	giveUp := live && len(o.groups) > 0 // the last one may take its time
	if giveUp {
		a.givenUp = true
	}
	o.l.mu.Unlock()
	if giveUp {
		a.failed()
		d.Hangup(0)
	}
}

// hangup gives up every attempt; the leg ends with the last of them.
func (o *outgoing) hangup(c leg.Cause) {
	l := o.l
	l.mu.Lock()
	o.groups = nil
	var all []*dialog.Dialog
	for d := range o.live {
		all = append(all, d)
	}
	l.mu.Unlock()
	for _, d := range all {
		d.Hangup(0, hangupHeaders(c.Reason)...)
	}
}

// stop ends the timers. The caller holds mu.
func (o *outgoing) stop() {
	if o.timer != nil {
		o.timer.Stop()
	}
}

// verdict is why no attempt came to anything. The caller holds mu.
func (o *outgoing) verdict() leg.Cause {
	if o.best != nil {
		return *o.best
	}
	return leg.Cause{Reason: leg.Unavailable, Remote: true, Text: "nobody to call"}
}

// weight orders failures by how much they tell the caller: a busy phone says more than an unreachable one.
func weight(r leg.Reason) int {
	switch r {
	case leg.Rejected:
		return 5
	case leg.Busy:
		return 4
	case leg.NoAnswer:
		return 3
	case leg.Unavailable, leg.TrunkFailed:
		return 1
	}
	return 2
}
