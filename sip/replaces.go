package sip

import (
	"seatbridge/leg"
	"seatbridge/sip/dialog"
)

// replaced is the leg that an INVITE with Replaces is to take the place of, or the status that refuses it (RFC 3891
// section 3). A phone may take over dialogs of its own account only; another's is as one that is not there.
func (e *Endpoint) replaced(r dialog.Replaces, p profile) (id string, code int) {
	d := e.stack.Lookup(r.ID())
	if d == nil {
		return "", 481
	}
	old, ours := d.Owner().(*sipLeg)
	switch {
	case !ours || p.kind != leg.KindPhone || old.kind != p.kind || old.account() != p.remote:
		return "", 481
	case d.Over():
		return "", 603
	case d.Established() && r.EarlyOnly:
		return "", 486
	case !d.Established() && !d.Outgoing(): // only who called may be relieved of a call that rings
		return "", 481
	}
	return old.id, 0
}

// account is the phone's extension, or the trunk's name.
func (l *sipLeg) account() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.profile.remote
}
