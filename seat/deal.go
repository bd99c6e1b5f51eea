package seat

import (
	"slices"
	"time"
)

// settle deals, at the end of each change. Before the change no free seat stood beside a waiter who may have it; so it
// is enough to look at the seats that became free, and then at the waiters who are new or may have more seats than
// before.
func (d *Directory) settle(now time.Time) {
	d.abandon(now)
	for i := 0; i < len(d.freed); i++ {
		p := d.freed[i]
		p.freed = false
		if p.status == StatusFree && !p.deleted {
			d.dealSeat(p, now)
		}
	}
	slices.SortFunc(d.fresh, compare)
	for i := 0; i < len(d.fresh); i++ {
		if w := d.fresh[i]; w.waits() {
			d.offer(w, d.choose(w, now), now)
		}
	}
	for _, w := range d.offering {
		users := w.offers
		w.offers = nil
		d.outbox = append(d.outbox, func() { w.Offer(users) })
	}
	clear(d.left)
	clear(d.freed)
	clear(d.fresh)
	clear(d.offering)
	d.left, d.freed, d.fresh, d.offering = d.left[:0], d.freed[:0], d.fresh[:0], d.offering[:0]
}

// abandon gives those up who wait for a group of which nobody is online any more.
func (d *Directory) abandon(now time.Time) {
	for _, g := range d.left {
		for len(g.waiting) > 0 && !g.online() {
			d.giveUp(g.waiting[0], WhyNobody, now)
		}
	}
}

// dealSeat gives a seat that became free to who is first in any of its groups; where nobody waits it joins the seats
// that ring all at once.
func (d *Directory) dealSeat(p *place, now time.Time) {
	for p.status == StatusFree {
		w := p.first(now)
		switch {
		case w == nil:
			d.join(p, now)
			return
		case w.group.Strategy == RingAll:
			d.offer(w, d.choose(w, now), now) // which may be the customer's last agent, and not this one
		default:
			d.offer(w, []*place{p}, now)
		}
	}
}

// first is who is served first of all who may have the seat; nil where there is none.
func (p *place) first(now time.Time) *waiter {
	var first *waiter
	for _, g := range p.groups {
		if w := g.waiting.first(p, now); w != nil && (first == nil || compare(w, first) < 0) {
			first = w
		}
	}
	return first
}

// join has a seat that nobody waits for ring where all ring at once.
func (d *Directory) join(p *place, now time.Time) {
	for _, g := range p.groups {
		for _, w := range g.ringing {
			if w.all && w.may(p, now) {
				d.offer(w, []*place{p}, now)
				return
			}
		}
	}
}

// offer claims free seats for a waiter.
func (d *Directory) offer(w *waiter, seats []*place, now time.Time) {
	if len(seats) == 0 {
		return
	}
	if len(w.ringing) == 0 {
		w.group.waiting.remove(w)
		w.group.ringing.add(w)
		d.timers.stop(w.timer)
		w.all = w.group.Strategy == RingAll && !d.isLastAgent(w, seats)
	}
	if len(w.offers) == 0 {
		d.offering = append(d.offering, w)
	}
	for _, p := range seats {
		p.slots[w.Session] = &slot{rings: w, idle: p.idle}
		d.step(p, eventClaimed, now)
		w.ringing = append(w.ringing, p)
		w.offers = append(w.offers, p.staff.User)
		w.group.last = p
	}
}

// missed frees a seat that did not take a waiter.
func (d *Directory) missed(w *waiter, p *place, why Miss, now time.Time) {
	d.config.Metrics.missed.WithLabelValues(d.config.Metrics.label(w.group.Name), string(why)).Inc()
	connecting := why == MissUnreachable && now.Sub(p.arrived) < d.config.TryAgain // as a browser is that has just come
	if why != MissFailed && !connecting {
		p.misses++
		if most := w.group.Misses; most > 0 && p.misses >= most && p.wanted.Status == StatusFree {
			d.want(p, StatusNotReady, "", now)
		}
	}
	if why == MissUnreachable {
		d.shun(p, now)
	}
	d.notAgain(w, p, now)
	w.ringing = slices.DeleteFunc(w.ringing, func(other *place) bool { return other == p })
	d.drop(p, w.Session, now)
	if len(w.ringing) > 0 {
		return
	}
	w.group.ringing.remove(w)
	w.group.waiting.add(w)
	if w.group.deleted {
		d.giveUp(w, WhyDeleted, now)
		return
	}
	d.wait(w, now)
}

// shun has nobody be offered to a seat for a while, whose device was not there: else all who wait would be, one after
// the other, in no time.
func (d *Directory) shun(p *place, now time.Time) {
	p.shunned = now.Add(d.config.TryAgain)
	d.timers.at(p.shunned, func(time.Time) { d.free(p) })
}

// notAgain has a seat not be tried for a waiter at once.
func (d *Directory) notAgain(w *waiter, p *place, now time.Time) {
	if w.again == nil {
		w.again = map[*place]time.Time{}
	}
	w.again[p] = now.Add(d.config.TryAgain)
	if w.waits() {
		d.wait(w, now) // until then
	}
}

// wait sets what a waiter waits for, or gives it up; settle tries to find it a seat.
func (d *Directory) wait(w *waiter, now time.Time) {
	w.deadline = time.Time{}
	if most := w.group.MaxWait; most > 0 {
		w.deadline = w.entered.Add(most)
	}
	switch {
	case !w.group.open(now):
		d.giveUp(w, WhyClosed, now)
		return
	case !w.group.online():
		d.giveUp(w, WhyNobody, now)
		return
	case w.late(now):
		d.giveUp(w, WhyTooLong, now)
		return
	}
	next := w.deadline
	if minute := now.Truncate(time.Minute).Add(time.Minute); len(w.group.Hours) > 0 && (next.IsZero() || minute.Before(next)) {
		next = minute // to look whether the group is still open: so it needs no knowledge of when clocks are changed
	}
	for p, at := range w.again {
		switch {
		case !now.Before(at):
			delete(w.again, p)
		case next.IsZero() || at.Before(next):
			next = at
		}
	}
	d.timers.stop(w.timer)
	if !next.IsZero() {
		w.timer = d.timers.at(next, func(now time.Time) { d.wait(w, now) })
	}
	d.fresh = append(d.fresh, w)
}

// giveUp ends a waiter by its GiveUp.
func (d *Directory) giveUp(w *waiter, why Why, now time.Time) {
	d.remove(w, now)
	d.config.Metrics.ended(w, string(why), now)
	to := w.group.Overflow
	if d.closed || to.Group != 0 && (d.groups[to.Group] == nil || slices.Contains(w.Been, to.Group)) {
		to = Overflow{}
	}
	d.outbox = append(d.outbox, func() { w.GiveUp(why, to) })
}

// remove ends a waiter, which the metrics show; seats that ring for it are free again, as idle as they were before.
func (d *Directory) remove(w *waiter, now time.Time) {
	w.ended = true
	delete(d.waiters, w.Session)
	d.timers.stop(w.timer)
	w.group.waiting.remove(w)
	w.group.ringing.remove(w)
	for _, p := range w.ringing {
		s := p.slots[w.Session]
		if s == nil || s.rings != w {
			continue // it took the caller
		}
		d.drop(p, w.Session, now)
		if p.status == StatusFree {
			p.idle = s.idle
		}
	}
	w.ringing = nil
}
