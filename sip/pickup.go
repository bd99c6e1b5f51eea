package sip

import (
	"slices"

	"seatbridge/leg"
	"seatbridge/sip/dialog"
)

// talk is the event by which desk phones let themselves be answered: a NOTIFY of it in the early dialog makes them go
// off-hook and send their 200, as if the handset had been lifted. It is BroadSoft's; no RFC has it.
const talk = "talk"

// talker is a phone that rings and lets itself be answered by command.
type talker struct {
	d       *dialog.Dialog
	ringing dialog.Provisional // that made its early dialog
	asked   bool               // the NOTIFY is under way
}

// Pickup asks the phone that rings to answer: the first, where several ring, that says that it takes the talk event.
// What comes of it is the phone's 200, or leg.PickupRefused.
func (l *sipLeg) Pickup() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.outgoing == nil || l.closing != nil {
		return false
	}
	return l.outgoing.pickup()
}

// pickup sends the NOTIFY, unless one is under way. The caller holds mu.
func (o *outgoing) pickup() bool {
	i := slices.IndexFunc(o.talkers, func(t *talker) bool { return o.live[t.d] != nil })
	if i < 0 {
		return false
	}
	if t := o.talkers[i]; !t.asked {
		t.asked = true
		t.d.NotifyEarly(t.ringing, talk, func(r dialog.Result) { o.pickedUp(t, r) })
	}
	return true
}

// rings keeps a phone that lets itself be answered. The caller holds mu.
func (o *outgoing) rings(d *dialog.Dialog, p dialog.Provisional) {
	known := slices.ContainsFunc(o.talkers, func(t *talker) bool { return t.d == d })
	if o.l.kind == leg.KindPhone && !known && p.Allows(talk) {
		o.talkers = append(o.talkers, &talker{d: d, ringing: p})
	}
}

// pickedUp takes what the phone says to the NOTIFY. One that refuses goes on ringing, and is not asked again.
func (o *outgoing) pickedUp(t *talker, r dialog.Result) {
	l := o.l
	l.mu.Lock()
	t.asked = false
	refused := !r.OK() && !o.over && l.closing == nil
	if refused {
		o.talkers = slices.DeleteFunc(o.talkers, func(other *talker) bool { return other == t })
	}
	l.mu.Unlock()
	if refused {
		l.log.Info("the phone does not answer by command", "status", r.Code)
		l.emit(leg.PickupRefused{})
	}
}
