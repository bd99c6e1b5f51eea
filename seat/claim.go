package seat

import (
	"fmt"
	"time"
)

// ClaimToDial is claim for a call that the seat itself places: ErrStatus in a rest.
func (d *Directory) ClaimToDial(user, session string) error {
	return d.claim(user, session, func(p *place) bool { return p.status == StatusRest })
}

// ClaimToRing is claim for a call to this very seat, not to its groups: ErrStatus in a rest and offline.
func (d *Directory) ClaimToRing(user, session string) error {
	return d.claim(user, session, func(p *place) bool { return p.status == StatusRest || p.status == StatusOffline })
}

// ClaimToSupervise is claim for who asks to listen to a session, perhaps in a rest: ErrStatus offline.
func (d *Directory) ClaimToSupervise(user, session string) error {
	return d.claim(user, session, func(p *place) bool { return p.status == StatusOffline })
}

// ClaimToRingMobile is ClaimToRing for a call to the seat's mobile, which is there though its own device may not be:
// offline is ErrStatus only where it was asked for.
func (d *Directory) ClaimToRingMobile(user, session string) error {
	return d.claim(user, session, func(p *place) bool {
		return p.status == StatusRest || p.status == StatusOffline && p.wanted.Status == StatusOffline
	})
}

// claim takes one of the seat's slots for a session; a session that has one keeps it. The error is ErrBusy where none
// is left, ErrUnknown, or ErrStatus where refuses says so.
func (d *Directory) claim(user, session string, refuses func(p *place) bool) error {
	return d.change(user, func(p *place, now time.Time) error {
		if p.slots[session] != nil {
			d.touch(p)
			return nil
		}
		switch {
		case refuses(p):
			return fmt.Errorf("%w: %q is %s", ErrStatus, user, p.status)
		case p.deleted:
			return fmt.Errorf("%w: %q", ErrUnknown, user)
		case p.full():
			return fmt.Errorf("%w: %q", ErrBusy, user)
		}
		p.slots[session] = &slot{idle: p.idle}
		d.step(p, eventClaimed, now)
		d.touch(p)
		return nil
	})
}

// Release gives a session's slot back; it does nothing where the session has none. A wrap-up that is due begins when it
// was the last one. Where the session waits for a group the seat is not offered it for Config.TryAgain.
func (d *Directory) Release(user, session string) {
	// The one error would be ErrUnknown, and a user without a seat has no slot to give back.
	_ = d.change(user, func(p *place, now time.Time) error {
		switch s := p.slots[session]; {
		case s == nil:
		case s.rings != nil: // Missed should have told; nobody is to wait for a seat that does not ring
			d.missed(s.rings, p, MissFailed, now)
		default:
			if w := d.waiters[session]; w != nil { // it handed the call over, perhaps to its own group, and left
				d.notAgain(w, p, now)
			}
			d.drop(p, session, now)
		}
		return nil
	})
}

// Move gives a session's slot to another session, without being free in between; it does nothing where the session has
// none, or only rings.
func (d *Directory) Move(user, from, to string) {
	_ = d.change(user, func(p *place, _ time.Time) error { // as with Release
		if s := p.slots[from]; s != nil && s.rings == nil {
			delete(p.slots, from)
			if p.slots[to] == nil {
				p.slots[to] = s
			}
			d.touch(p)
		}
		return nil
	})
}

// WrapUp says that after-call work of that length is due once the session is over, and no other goes on: for calls that
// did not come by Queues.Taken, which does it itself. It does nothing where the session has no slot.
func (d *Directory) WrapUp(user, session string, length time.Duration) {
	_ = d.change(user, func(p *place, _ time.Time) error { // as with Release
		if s := p.slots[session]; s != nil {
			s.wrapUp = length
		}
		return nil
	})
}
