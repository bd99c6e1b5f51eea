package seat

import (
	"cmp"
	"slices"
	"time"
)

// choose is which of the free seats of its group a waiter gets: none, one, or with RingAll all. Seats that are still to
// be dealt are left out, for somebody else may come first there.
func (d *Directory) choose(w *waiter, now time.Time) []*place {
	var free []member
	for _, m := range w.group.members {
		if m.status == StatusFree && !m.freed && w.may(m.place, now) {
			free = append(free, m)
		}
	}
	if len(free) == 0 {
		return nil
	}
	if i := slices.IndexFunc(free, func(m member) bool { return d.isLastAgent(w, []*place{m.place}) }); i >= 0 {
		return []*place{free[i].place}
	}
	if w.group.Strategy == RingAll {
		all := make([]*place, 0, len(free))
		for _, m := range free {
			all = append(all, m.place)
		}
		return all
	}
	return []*place{d.best(w.group, free, now)}
}

// isLastAgent says that these seats are the one that is tried first for a waiter.
func (d *Directory) isLastAgent(w *waiter, seats []*place) bool {
	return w.group.LastAgentFirst && len(seats) == 1 && seats[0].staff.User == d.lastAgents.get(w.Number)
}

// best is the one of several free members that the group's strategy wants.
func (d *Directory) best(g *group, free []member, now time.Time) *place {
	idle := func(a, b member) int { return a.idle.Compare(b.idle) }
	switch g.Strategy {
	case RoundRobin:
		return g.following(free)
	case LeastCalls:
		today := d.day(now)
		return slices.MinFunc(free, func(a, b member) int {
			return cmp.Or(cmp.Compare(a.takenOn(today), b.takenOn(today)), idle(a, b))
		}).place
	case ByLevel:
		return slices.MinFunc(free, func(a, b member) int { return cmp.Or(cmp.Compare(a.level, b.level), idle(a, b)) }).place
	}
	return slices.MinFunc(free, idle).place
}

// following is the first free member after the one that was offered the last caller, round and round.
func (g *group) following(free []member) *place {
	last := slices.IndexFunc(g.members, func(m member) bool { return m.place == g.last })
	for i := range g.members {
		m := g.members[(last+1+i)%len(g.members)]
		if slices.ContainsFunc(free, func(f member) bool { return f.place == m.place }) {
			return m.place
		}
	}
	return free[0].place // not reached: the free ones are members
}
