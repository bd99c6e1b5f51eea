package seat

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Strategy is how a group chooses among its free seats.
type Strategy string

// The strategies.
const (
	LongestIdle Strategy = "longestIdle" // the seat that has been free for the longest time; the default
	RoundRobin  Strategy = "roundRobin"  // the next one in the order of the members
	LeastCalls  Strategy = "leastCalls"  // the one that took the fewest callers today, then the longest idle
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
	MaxWaiting  int           // callers at the same time, without those for whom seats ring; 0 means no limit
	MaxWait     time.Duration // from Enter; 0 means no limit. While seats ring for it a caller is not given up
	Overflow    Overflow      // where those go who can't wait
	Priority    int           // added to the callers' own: the higher is served first, also among groups
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

// group is a Group at work; Directory.mu guards it.
type group struct {
	Group
	zones   []*time.Location // of Hours
	members []member
	waiting line
	ringing line // for whom seats ring
	last    *place
	deleted bool
}

type member struct {
	*place
	level int
}

func (g Group) withDefaults() Group {
	if g.Strategy == "" {
		g.Strategy = LongestIdle
	}
	g.Members, g.Hours, g.CallerIDs = slices.Clone(g.Members), slices.Clone(g.Hours), slices.Clone(g.CallerIDs)
	for i := range g.Members {
		if g.Members[i].Level == 0 {
			g.Members[i].Level = 3
		}
	}
	return g
}

// check says what is wrong with a group for itself.
func (g Group) check() error {
	switch g.Strategy {
	case LongestIdle, RoundRobin, LeastCalls, ByLevel, RingAll:
	default:
		return fmt.Errorf("strategy %q is not known", g.Strategy)
	}
	switch {
	case g.ID < 0:
		return errors.New("its ID is negative")
	case g.Name == "":
		return errors.New("it has no name")
	case g.RingTimeout < 0 || g.WrapUp < 0 || g.MaxWait < 0 || g.Misses < 0 || g.MaxWaiting < 0:
		return errors.New("a time or a number is negative")
	case g.Overflow.Group != 0 && g.Overflow.Number != "":
		return errors.New("overflow names both a group and a number")
	case g.Overflow.Group != 0 && g.Overflow.Group == g.ID:
		return errors.New("it overflows into itself")
	}
	for _, h := range g.Hours {
		if err := h.check(); err != nil {
			return err
		}
	}
	return nil
}

// checkGroup says what is wrong with a group beside the staff.
func (d *Directory) checkGroup(g Group) error {
	if err := g.check(); err != nil {
		return fmt.Errorf("%w: group %q: %w", ErrConfig, g.Name, err)
	}
	seen := map[string]bool{}
	for _, m := range g.Members {
		p := d.byUser[m.User]
		switch {
		case p == nil || p.deleted:
			return fmt.Errorf("%w: group %q: no staff member %q", ErrConfig, g.Name, m.User)
		case seen[m.User]:
			return fmt.Errorf("%w: group %q: %q is there twice", ErrConfig, g.Name, m.User)
		case m.Level < 1 || m.Level > 5:
			return fmt.Errorf("%w: group %q: level %d of %q is none of 1 to 5", ErrConfig, g.Name, m.Level, m.User)
		}
		seen[m.User] = true
	}
	return nil
}

func (g *group) open(now time.Time) bool {
	for i, h := range g.Hours {
		if h.open(now, g.zones[i]) {
			return true
		}
	}
	return len(g.Hours) == 0
}

// online says that any member is.
func (g *group) online() bool {
	return slices.ContainsFunc(g.members, func(m member) bool { return m.status != StatusOffline })
}

// leave takes the group out of its members' lists.
func (g *group) leave() {
	for _, m := range g.members {
		m.groups = slices.DeleteFunc(m.groups, func(other *group) bool { return other == g })
	}
}

// drop takes a member out who was deleted. Snapshots of the old members stay as they are.
func (g *group) drop(p *place) {
	g.members = slices.DeleteFunc(g.members, func(m member) bool { return m.place == p })
	members := make([]Member, 0, len(g.Members))
	for _, m := range g.Members {
		if m.User != p.staff.User {
			members = append(members, m)
		}
	}
	g.Members = members
	if g.last == p {
		g.last = nil
	}
}
