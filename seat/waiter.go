package seat

import (
	"cmp"
	"slices"
	"time"
)

// Waiter is a caller who waits for a seat of a group. It ends exactly once: by Taken, by Leave, or by GiveUp.
type Waiter struct {
	Session  string // unique among those who wait
	Group    int64
	Priority int       // the higher is served first; added to the group's
	Since    time.Time // who waits longer is served first among equals; the zero value means now
	Number   string    // of the customer, for LastAgentFirst; may be empty
	Been     []int64   // groups that it overflowed from: GiveUp never leads back to one of them
	// Offer asks to ring seats whose slots are claimed for the session already: one, or several with RingAll; with
	// RingAll more may follow. Each of them is answered by Taken or Missed, or all together by Leave. It and GiveUp are
	// called from one goroutine, in order, and must not block; they may be called before Enter returns, and one that was
	// on its way when Leave was called may still come.
	Offer func(users []string)
	// GiveUp says that the caller waits no longer, and where it is to go.
	GiveUp func(why Why, to Overflow)
}

// Why is the reason of a GiveUp.
type Why string

// Why a waiter is given up.
const (
	WhyFull    Why = "full"         // MaxWaiting callers wait already
	WhyTooLong Why = "tooLong"      // it waited for MaxWait
	WhyClosed  Why = "closed"       // it came outside the group's Hours, or they have ended
	WhyNobody  Why = "noSeatOnline" // all members are offline
	WhyDeleted Why = "groupDeleted"
	WhyStopped Why = "stopped" // the Directory was closed
)

// Miss is why a seat that was offered a caller did not take it.
type Miss string

// How a caller is missed.
const (
	MissNoAnswer    Miss = "noAnswer"
	MissRejected    Miss = "rejected"
	MissUnreachable Miss = "unreachable" // its device is not there
	MissFailed      Miss = "failed"      // not the seat's fault: not counted by Group.Misses
)

// waiter is a Waiter at work; Directory.mu guards it. It is in its group's waiting, or in its ringing while seats ring.
type waiter struct {
	Waiter
	group    *group
	number   uint64               // settles what came at the same time
	deadline time.Time            // of MaxWait; zero where there is none
	entered  time.Time            // MaxWait counts from here
	ringing  []*place             // seats that ring
	all      bool                 // by RingAll: others may join them
	again    map[*place]time.Time // seats that missed it, or gave it away, and from when on they may be tried again
	timer    *timer               // for deadline and again
	offers   []string             // users to be told by Offer
	ended    bool
}

func (w *waiter) priority() int { return w.Priority + w.group.Priority }

// compare is the order in which waiters are served, also across groups.
func compare(a, b *waiter) int {
	return cmp.Or(cmp.Compare(b.priority(), a.priority()), a.Since.Compare(b.Since), cmp.Compare(a.number, b.number))
}

// waits says that it waits for a seat, and none rings.
func (w *waiter) waits() bool { return !w.ended && len(w.ringing) == 0 }

// may says that a seat may be tried for it.
func (w *waiter) may(p *place, now time.Time) bool {
	return !now.Before(w.again[p]) && !now.Before(p.shunned)
}

// late says that it has waited for MaxWait.
func (w *waiter) late(now time.Time) bool { return !w.deadline.IsZero() && !now.Before(w.deadline) }

// line is waiters in the order in which they are served.
type line []*waiter

func (l *line) add(w *waiter) {
	i, _ := slices.BinarySearchFunc(*l, w, compare)
	*l = slices.Insert(*l, i, w)
}

func (l *line) remove(w *waiter) {
	if i, ok := slices.BinarySearchFunc(*l, w, compare); ok {
		*l = slices.Delete(*l, i, i+1)
	}
}

// first is who is served first of those for whom a seat may be tried; nil where there is none.
func (l line) first(p *place, now time.Time) *waiter {
	for _, w := range l {
		if w.may(p, now) {
			return w
		}
	}
	return nil
}
