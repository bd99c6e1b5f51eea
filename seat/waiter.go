package seat

import "time"

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
	// called from one goroutine, in order, and must not block; a call that was on its way when Leave was called may
	// still come.
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
	WhyClosed  Why = "closed"       // outside the group's Hours
	WhyNobody  Why = "noSeatOnline" // all members were offline when it came
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

// QueueInfo is a snapshot of one group's queue.
type QueueInfo struct {
	Group    int64
	Name     string
	Waiting  int           // callers that no seat rings for
	Ringing  int           // callers that seats ring for
	Longest  time.Duration // that one of the waiting has waited
	Open     bool          // by the group's Hours
	Statuses map[Status]int
}
