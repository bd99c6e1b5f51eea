package seat

import "time"

// Strategy is how a group chooses among its free seats.
type Strategy string

// The strategies.
const (
	LongestIdle Strategy = "longestIdle" // the seat that has been free for the longest time; the default
	RoundRobin  Strategy = "roundRobin"  // the next one in the order of the members
	LeastCalls  Strategy = "leastCalls"  // the one that took the fewest callers today
	ByLevel     Strategy = "byLevel"     // the best level, then the longest idle
	RingAll     Strategy = "ringAll"     // all at once; who takes the call first has it
)

// Group is a skill group: callers wait for one of its members.
type Group struct {
	ID          int64 // given by AddGroup, never given again
	Name        string
	Strategy    Strategy // empty means LongestIdle
	Members     []Member
	RingTimeout time.Duration // how long a seat rings for a caller; 0 means call's default
	WrapUp      time.Duration // after-call work after each call; 0 means none
	Misses      int           // so many calls missed in a row make a seat notReady; 0 means never
	MaxWaiting  int           // callers at the same time, without those who ring; 0 means no limit
	MaxWait     time.Duration // from Enter; 0 means no limit
	Overflow    Overflow      // where those go who can't wait
	Priority    int           // added to the callers' own; the higher is served first
	// LastAgentFirst tries the seat that took the customer's last call before the strategy, where it is free.
	LastAgentFirst bool
	Hours          []Hours // the group is open in any of them; none means always

	Music, Waiting, Position string // sounds, by file name; empty means call's default, or none

	ProtectCaller, ProtectCallee bool // the number is masked from agents, for inbound and for outbound calls
	Record                       bool // its calls are recorded
	CallerIDs                    []string
	// Version counts the changes, as Staff.Version does.
	Version int64
}

// Member is a seat in a group.
type Member struct {
	User  string
	Level int // 1 is the best, 5 the least, as in the reference; 0 means 3
}

// Overflow is where a caller goes who can't wait: a group or a number; the zero value means hang up.
type Overflow struct {
	Group  int64
	Number string
}

// Hours are opening hours by the wall clock of a time zone.
type Hours struct {
	Days []time.Weekday // on which they begin; none means every day
	// From and To are since midnight, by the wall clock; where To is not after From they end on the next day.
	From, To time.Duration
	Zone     string // IANA name; empty means UTC
}
