package seat

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Queues are the callers who wait, and the dealing of them to free seats: a seat that is free never stands beside a
// waiting caller who may have it. All methods are safe to call at any time and from any goroutine; none blocks.
type Queues struct {
	d *Directory
}

// QueueInfo is a snapshot of one group's queue.
type QueueInfo struct {
	Group    int64
	Name     string
	Waiting  int            // callers for whom no seat rings
	Ringing  int            // callers for whom seats ring
	Longest  time.Duration  // that one of the waiting has waited
	Open     bool           // by the group's Hours
	Statuses map[Status]int // members in each
}

// Enter begins to wait. The error is ErrUnknownGroup, ErrExists where the session waits already, or ErrClosed; GiveUp
// tells all else, also that the group is full or closed.
func (q *Queues) Enter(w Waiter) error {
	return q.d.do(func(now time.Time) error { return q.d.enter(w, now) })
}

func (d *Directory) enter(in Waiter, now time.Time) error {
	g := d.groups[in.Group]
	switch {
	case d.closed:
		return ErrClosed
	case g == nil:
		return fmt.Errorf("%w: %d", ErrUnknownGroup, in.Group)
	case d.waiters[in.Session] != nil:
		return fmt.Errorf("%w: session %s waits", ErrExists, in.Session)
	}
	if in.Since.IsZero() {
		in.Since = now
	}
	d.entered++
	w := &waiter{Waiter: in, group: g, number: d.entered, entered: now}
	d.waiters[in.Session] = w
	g.waiting.add(w)
	d.wait(w, now)
	d.settle(now) // who gets a seat at once does not make the queue longer
	if w.waits() && g.MaxWaiting > 0 && len(g.waiting) > g.MaxWaiting {
		d.giveUp(w, WhyFull, now)
	}
	return nil
}

// Leave ends the waiting of a session that is over or goes elsewhere; seats that ring for it are free again. It does
// nothing where the session does not wait.
func (q *Queues) Leave(session string) {
	_ = q.d.do(func(now time.Time) error {
		if w := q.d.waiters[session]; w != nil {
			q.d.remove(w, now)
			q.d.config.Metrics.ended(w, resultAbandoned, now)
		}
		return nil
	})
}

// Missed says that a seat did not take the caller who was offered: its slot is free again, and the caller, when no
// other seat rings, goes on waiting at its old place; the same seat is tried again after Config.TryAgain. It does
// nothing where the seat does not ring for the session.
func (q *Queues) Missed(session, user string, why Miss) {
	_ = q.d.do(func(now time.Time) error {
		if w, p := q.d.offered(session, user); w != nil {
			q.d.missed(w, p, why, now)
		}
		return nil
	})
}

// offered is a waiter and a seat that rings for it, or nil.
func (d *Directory) offered(session, user string) (*waiter, *place) {
	w, p := d.waiters[session], d.byUser[user]
	if w == nil || !slices.Contains(w.ringing, p) {
		return nil, nil
	}
	return w, p
}

// Taken says that a seat took the caller: the waiting has ended, the seat has the slot until Release, which begins the
// group's wrap-up, and other seats that ring are free again. The error is ErrNotOffered where the seat does not ring
// for the session, or no more.
func (q *Queues) Taken(session, user string) error {
	d := q.d
	return d.do(func(now time.Time) error {
		w, p := d.offered(session, user)
		if w == nil {
			return fmt.Errorf("%w: session %s, %q", ErrNotOffered, session, user)
		}
		slot := p.slots[session]
		slot.rings, slot.wrapUp = nil, w.group.WrapUp
		p.misses = 0
		d.served(p, w.Number, now)
		d.touch(p)
		d.remove(w, now)
		d.config.Metrics.ended(w, resultAnswered, now)
		return nil
	})
}

// served counts a caller whom a seat took.
func (d *Directory) served(p *place, number string, at time.Time) {
	day := d.day(at)
	p.taken, p.takenDay = p.takenOn(day)+1, day
	d.lastAgents.put(number, p.staff.User)
}

// Position says which of those who wait in its group a session is, from 1, and how many there are; the position is 0
// while seats ring for it. It is false where the session does not wait.
func (q *Queues) Position(session string) (position, waiting int, ok bool) {
	d := q.d
	d.mu.Lock()
	defer d.mu.Unlock()
	w := d.waiters[session]
	if w == nil {
		return 0, 0, false
	}
	if i, waits := slices.BinarySearchFunc(w.group.waiting, w, compare); waits {
		position = i + 1
	}
	return position, len(w.group.waiting), true
}

// Snapshot is a picture of all queues, by group.
func (q *Queues) Snapshot() []QueueInfo {
	d := q.d
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	all := make([]QueueInfo, 0, len(d.groups))
	for _, g := range d.groups {
		info := QueueInfo{
			Group: g.ID, Name: g.Name, Waiting: len(g.waiting), Ringing: len(g.ringing), Open: g.open(now),
			Statuses: map[Status]int{},
		}
		for _, w := range g.waiting {
			info.Longest = max(info.Longest, now.Sub(w.Since))
		}
		for _, m := range g.members {
			info.Statuses[m.status]++
		}
		all = append(all, info)
	}
	slices.SortFunc(all, func(a, b QueueInfo) int { return cmp.Compare(a.Group, b.Group) })
	return all
}
