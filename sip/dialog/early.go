package dialog

import (
	"slices"

	"github.com/emiago/sipgo/sip"
)

// Allows says that the response makes an early dialog (RFC 3261 section 12.1) in which the peer takes NOTIFYs of this
// event package (RFC 6665 section 8.2.2).
func (p Provisional) Allows(event string) bool {
	return p.Tag != "" && slices.Contains(tokens(p.Response, "Allow-Events", "u"), event)
}

// NotifyEarly sends a NOTIFY without a body in the early dialog that p made; done is told what came of it. It is 487
// where the call was answered or ended meanwhile. The NOTIFY is by itself: whether it is refused or lost says nothing
// about the INVITE, and nothing waits for it.
func (d *Dialog) NotifyEarly(p Provisional, event string, done func(Result)) {
	d.ask(func() {
		if d.established || d.ended {
			done(Result{Code: 487})
			return
		}
		d.rec.localSeq++
		early := d.rec
		early.answered(p.Response)
		headers := []sip.Header{sip.NewHeader("Event", event), sip.NewHeader("Subscription-State", "active")}
		d.exchange(early.draft(sip.NOTIFY, early.localSeq), headers, func(res *sip.Response, err error) {
			done(resultOf(res, err))
		})
	}, done)
}
