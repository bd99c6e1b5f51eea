package sip

import (
	"net/netip"
	"time"

	"seatbridge/leg"
	"seatbridge/sip/dialog"
)

// candidate is one place to send an INVITE to.
type candidate struct {
	invite dialog.InviteConfig
	peer   netip.Addr // where its SIP comes from
	// silent is how long the place may say nothing before the next is tried; 0 means as long as the transaction lasts.
	silent time.Duration
	// heard is called when the place answered anything, failed when it was silent or could not be reached.
	heard, failed func()
	// enter counts the call; the cause says why the place is not to be tried.
	enter func() (leave func(), cause *leg.Cause)
	// next says whether another place may do better after this failure.
	next func(e dialog.Ended) bool
}

// group is the candidates that are tried at once, and what their kind of far end wants.
type group struct {
	profile    profile
	candidates []candidate
}

// outgoing is the attempts to get a dialog: groups one after the other, the candidates of a group at once. A phone's
// bindings are one group; the gateways of trunks are groups of one. All of it is under the leg's mu.
type outgoing struct {
	l       *sipLeg
	groups  []group
	live    map[*dialog.Dialog]*attempt
	talkers []*talker  // phones that can be answered by command, in the order in which they rang
	best    *leg.Cause // the failure that says most
	timer   *time.Timer
	rang    bool // Ringing was told
	early   bool // EarlyMedia was told
	over    bool // answered, or ended
}

// attempt is one INVITE under way.
type attempt struct {
	candidate
	leave   func() // has the call counted no more
	timer   *time.Timer
	rang    bool
	early   []byte // its last early answer
	givenUp bool   // it was silent for too long
}

// start sends the first group's INVITEs and bounds the whole by timeout.
func (o *outgoing) start(timeout time.Duration) {
	l := o.l
	l.mu.Lock()
	if timeout > 0 {
		o.timer = time.AfterFunc(timeout, func() { l.Hangup(leg.Cause{Reason: leg.NoAnswer, Text: "ring timeout"}) })
	}
	cause, over := o.advance()
	l.mu.Unlock()
	if over {
		l.end(cause)
	}
}

// advance sends the next group's INVITEs once the last group has failed. over is true, once, where none is left: the
// leg ends with the cause. The caller holds mu.
func (o *outgoing) advance() (cause leg.Cause, over bool) {
	for {
		switch {
		case o.over || len(o.live) > 0:
			return leg.Cause{}, false
		case len(o.groups) == 0 || o.l.closing != nil:
			o.stop()
			return o.verdict(), true
		}
		next := o.groups[0]
		o.groups = o.groups[1:]
		o.try(next)
	}
}

// try sends the INVITEs to a group's places that may be tried. The caller holds mu.
func (o *outgoing) try(g group) {
	var offer []byte
	for _, c := range g.candidates {
		leave, cause := c.enter()
		if cause != nil {
			o.note(*cause)
			continue
		}
		if offer == nil {
			o.l.adopt(g.profile)
			offer = o.l.session.Offer()
		}
		o.send(c, leave, offer)
	}
}

// send sends one INVITE. The caller holds mu, which keeps the dialog's first event waiting until it is in live.
func (o *outgoing) send(c candidate, leave func(), offer []byte) {
	l := o.l
	c.invite.SDP, c.invite.Options.Owner = offer, l
	c.invite.CallID = newID() + "@" + l.e.host(c.invite.Flow.Transport)
	l.callID = c.invite.CallID
	l.e.trace.open(l.id, l.callID)
	d := l.e.stack.Invite(c.invite, o.event)
	a := &attempt{candidate: c, leave: leave}
	if c.silent > 0 {
		a.timer = time.AfterFunc(c.silent, func() { o.silent(d) })
	}
	o.live[d] = a
	l.log.Debug("INVITE", "to", l.profile.remote, "at", c.invite.Flow.Remote, "call_id", l.callID)
}

// event handles what happens to one of the INVITEs; once one is answered, its events are the leg's. Of one that was
// given up only the end counts.
func (o *outgoing) event(d *dialog.Dialog, e dialog.Event) {
	l := o.l
	ended, last := e.(dialog.Ended)
	l.mu.Lock()
	a, live := o.live[d]
	mine := l.dialog == d
	l.mu.Unlock()
	switch {
	case mine:
		l.event(d, e)
	case live && last:
		o.ended(d, a, ended)
	case live && !o.isGivenUp(a):
		o.progress(d, a, e)
	}
}

// isGivenUp ends the wait for a first word, and is true where it was over.
func (o *outgoing) isGivenUp(a *attempt) bool {
	o.l.mu.Lock()
	defer o.l.mu.Unlock()
	a.stop()
	return a.givenUp
}

func (a *attempt) stop() {
	if a.timer != nil {
		a.timer.Stop()
	}
}

func (o *outgoing) progress(d *dialog.Dialog, a *attempt, e dialog.Event) {
	a.heard()
	switch e := e.(type) {
	case dialog.Provisional:
		o.provisional(d, a, e)
	case dialog.Answered:
		o.answered(d, a, e)
	}
}

// provisional tells ringing once, and early media once. Early media that can't be used is no reason to end a call that
// may yet be answered.
func (o *outgoing) provisional(d *dialog.Dialog, a *attempt, p dialog.Provisional) {
	l := o.l
	usable := p.SDP != nil && l.accepted(p.SDP, a.peer) == nil
	l.mu.Lock()
	a.rang = true
	o.rings(d, p)
	if usable {
		a.early = p.SDP
	}
	ringing, early, id := p.Code == 180 && !o.rang, usable && !o.early, l.codec
	o.rang, o.early = o.rang || ringing, o.early || early
	l.mu.Unlock()
	if ringing {
		l.emit(leg.Ringing{})
	}
	if early {
		l.emit(leg.EarlyMedia{Codec: id})
	}
}

// answered makes the first dialog that is answered the leg's, and gives up the others.
func (o *outgoing) answered(d *dialog.Dialog, a *attempt, e dialog.Answered) {
	l := o.l
	l.mu.Lock()
	if o.over {
		l.mu.Unlock()
		d.Hangup(0, goodbye(leg.Elsewhere)...)
		return
	}
	others := o.others(d)
	o.stop()
	l.dialog, l.outgoing, l.callID, l.leave = d, nil, d.ID().CallID, a.leave
	l.mu.Unlock()
	giveUp(others, leg.Elsewhere)

	sdp := e.SDP
	if sdp == nil {
		sdp = a.early // RFC 3261 wants it again in the 200, but it was said
	}
	if sdp == nil {
		l.Hangup(leg.Cause{Reason: leg.NoCodec, Text: "answer without SDP"})
		return
	}
	if err := l.accepted(sdp, a.peer); err != nil {
		l.Hangup(leg.Cause{Reason: leg.NoCodec, Text: err.Error()})
		return
	}
	number := ""
	if to := e.Response.To(); to != nil {
		number = userOf(&to.Address)
	}
	l.established(number)
}

// others are all attempts under way but d's. The caller holds mu.
func (o *outgoing) others(d *dialog.Dialog) []*dialog.Dialog {
	var others []*dialog.Dialog
	for other := range o.live {
		if other != d {
			others = append(others, other)
		}
	}
	return others
}

func giveUp(dialogs []*dialog.Dialog, why leg.Reason) {
	for _, d := range dialogs {
		d.Hangup(0, goodbye(why)...)
	}
}

// ended takes an attempt away and goes on to the next group where that may help.
func (o *outgoing) ended(d *dialog.Dialog, a *attempt, e dialog.Ended) {
	l := o.l
	switch {
	case e.Why == dialog.Transport || e.Why == dialog.Timeout:
		a.failed()
	case e.Response != nil:
		a.heard()
	}
	a.leave()
	l.mu.Lock()
	a.stop()
	delete(o.live, d)
	o.judge(a, e)
	var others []*dialog.Dialog
	if !a.givenUp && !a.next(e) {
		o.groups = nil
		if e.Why == dialog.Rejected && e.Code >= 600 { // for the others too (RFC 3261 section 16.7 item 5)
			others = o.others(d)
		}
	}
	cause, over := o.advance()
	l.mu.Unlock()
	giveUp(others, leg.Rejected)
	if over {
		l.end(cause)
	}
}

// judge keeps the failure that says most; what we ended ourselves says nothing. The caller holds mu.
func (o *outgoing) judge(a *attempt, e dialog.Ended) {
	c := causeOf(e, o.l.kind, a.rang)
	switch {
	case a.givenUp:
		c = leg.Cause{Reason: unreachable(o.l.kind), Remote: true, Text: "no answer from the far end"}
	case e.Why == dialog.Transport || e.Why == dialog.Timeout:
		c.Reason = unreachable(o.l.kind)
	case !e.Remote && e.Why != dialog.Closed:
		return
	}
	o.note(c)
}

// note keeps a failure where it says more than those before. The caller holds mu.
func (o *outgoing) note(c leg.Cause) {
	if o.best == nil || weight(c.Reason) > weight(o.best.Reason) {
		o.best = &c
	}
}

// silent gives up a place that said nothing in time, if there is another.
func (o *outgoing) silent(d *dialog.Dialog) {
	o.l.mu.Lock()
	a, live := o.live[d]
	giveUp := live && !o.over && len(o.groups) > 0 // the last one may take its time
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
	o.l.mu.Lock()
	o.groups = nil
	all := o.others(nil)
	o.l.mu.Unlock()
	giveUp(all, c.Reason)
}

// stop ends the search. The caller holds mu.
func (o *outgoing) stop() {
	o.over = true
	if o.timer != nil {
		o.timer.Stop()
	}
	for _, a := range o.live {
		a.stop()
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
		return 6
	case leg.Busy:
		return 5
	case leg.NoAnswer:
		return 4
	case leg.Unavailable:
		return 2
	case leg.TrunkFailed:
		return 1
	}
	return 3
}
