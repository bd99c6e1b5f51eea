package seat

import (
	"context"
	"time"
)

// Store keeps what outlives the process. All methods but SaveStatuses are called before the change is answered, one at
// a time; SaveStatuses and TimesOf are called from other goroutines.
type Store interface {
	// LoadSeats is called once, at the start.
	LoadSeats(ctx context.Context) (Saved, error)
	// PutStaff adds a staff member or replaces the one of the same User.
	PutStaff(ctx context.Context, s Staff) error
	// DeleteStaff deletes a staff member, its memberships and its status; its StatusTimes stay.
	DeleteStaff(ctx context.Context, user string) error
	// PutGroup adds a group or replaces the one of the same ID, with its members in their order.
	PutGroup(ctx context.Context, g Group) error
	// DeleteGroup deletes a group; its ID is not given again.
	DeleteGroup(ctx context.Context, id int64) error
	// SaveStatuses does all of it or nothing: it replaces wanted statuses (not those of unknown users), and adds times
	// to what is there.
	SaveStatuses(ctx context.Context, wanted []Wanted, times []StatusTime) error
	// TimesOf are the times of one day, one for each user and status.
	TimesOf(ctx context.Context, day Day) ([]StatusTime, error)
}

// Saved is what a Store knows at the start.
type Saved struct {
	Staff     []Staff // in the order in which they were added
	Groups    []Group
	LastGroup int64 // the highest ID that a group ever had
	Wanted    []Wanted
	Served    []Served // the latest, oldest first
}

// Served is a caller of a group whom a seat took: what LeastCalls and LastAgentFirst go by.
type Served struct {
	User   string
	Number string // of the customer; may be empty
	At     time.Time
}

// Wanted is the status that a seat asked for.
type Wanted struct {
	User   string
	Status Status // any but busy
	Reason string // of a rest
}

// Day is a date, written 2006-01-02, in Config.Zone.
type Day string

// StatusTime is how long a user was in a status on one day.
type StatusTime struct {
	User   string
	Day    Day
	Status Status
	Time   time.Duration
}
