package seat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// What a Directory refuses.
var (
	// ErrUnknown indicates a user that is no staff member.
	ErrUnknown = errors.New("seat: no such staff member")
	// ErrUnknownGroup indicates a group that is not there.
	ErrUnknownGroup = errors.New("seat: no such group")
	// ErrBusy indicates a seat that has as many sessions as it may.
	ErrBusy = errors.New("seat: busy")
	// ErrStatus indicates a seat whose status forbids the call.
	ErrStatus = errors.New("seat: not in this status")
	// ErrConfig indicates staff or groups that contradict themselves or each other.
	ErrConfig = errors.New("seat: bad staff")
	// ErrExists indicates a user or an extension that is taken.
	ErrExists = errors.New("seat: is there already")
	// ErrConflict indicates a change of something that was changed since it was read.
	ErrConflict = errors.New("seat: changed by somebody else")
	// ErrClosed indicates a Directory that was closed.
	ErrClosed = errors.New("seat: closed")
)

// Config is what a Directory begins with.
type Config struct {
	// Store is where the Directory loads from and what it keeps its changes in; nil means that nothing is kept.
	Store Store
	// Staff and Groups are who is there where there is no Store.
	Staff  []Staff
	Groups []Group
	// Reachable says whether a desk phone, or whatever else is no browser, can be called now; nil means that it can.
	// Refresh asks it again. It must not block, nor call the Directory.
	Reachable func(Staff) bool
	// Zone is where the days of the status times begin; nil means UTC.
	Zone *time.Location
	Log  *slog.Logger // nil means that nobody reads
}

// Directory is the staff, the groups, and what each seat does now. All methods are safe to call at any time and from any
// goroutine.
type Directory struct {
	byUser      map[string]*place
	byExtension map[string]*place
	changed     func(user string)
	users       []string

	mu sync.Mutex
}

// place is one seat; Directory.mu guards it.
type place struct {
	staff    Staff
	browsers int                 // logins
	sessions map[string]struct{} // ids of the sessions that hold a slot
}

// State is a snapshot of one seat.
type State struct {
	Staff    Staff
	Device   Device // of the moment: the mobile where calls go there
	Browsers int    // browser logins
	There    bool   // the device of the moment can be called
	Sessions []string
	Busy     bool // no slot is left

	Status Status
	Reason string    // of a rest
	Since  time.Time // when the status began
	Until  time.Time // of arrange: when it ends by itself; zero where it does not
	Wanted Wanted    // what was asked for; takes effect after the calls and the wrap-up
	Misses int       // calls missed in a row
	Taken  int       // callers of groups taken today
	// Deleted says that the staff member was deleted in mid-call: the seat is gone when its sessions are.
	Deleted bool
}

// New makes a Directory. The error wraps ErrConfig and names the staff member or group, or is the Store's. Close ends it.
func New(c Config) (*Directory, error) {
	d := &Directory{byUser: map[string]*place{}, byExtension: map[string]*place{}}
	for _, s := range c.Staff {
		if err := d.add(s); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// Close gives up all who wait, saves the statuses, and waits until no callback runs. It must not be called from a
// callback.
func (d *Directory) Close() {}

// Queues are the callers who wait for seats of this Directory.
func (d *Directory) Queues() *Queues { return &Queues{d: d} }

// Add adds a staff member; Version is ignored. It is stored when Add returns. The error is ErrConfig, ErrExists, or the
// Store's.
func (d *Directory) Add(ctx context.Context, s Staff) (Staff, error) { return s, d.add(s) }

// Change replaces the staff member of that User, where Version is the one that is there. It is stored when Change
// returns. The error is ErrUnknown, ErrConflict, ErrConfig, ErrExists (the extension), or the Store's.
func (d *Directory) Change(ctx context.Context, s Staff) (Staff, error) { return s, ErrUnknown }

// Delete deletes a staff member, and its memberships. It keeps the calls that it has and gets no others; the seat is gone
// after them. The error is ErrUnknown, or the Store's.
func (d *Directory) Delete(ctx context.Context, user string) error { return ErrUnknown }

// AddGroup adds a group and gives it its ID; Version is ignored. The error is ErrConfig, or the Store's.
func (d *Directory) AddGroup(ctx context.Context, g Group) (Group, error) { return g, nil }

// ChangeGroup replaces the group of that ID, where Version is the one that is there. Those who wait stay, in the new
// order. The error is ErrUnknownGroup, ErrConflict, ErrConfig, or the Store's.
func (d *Directory) ChangeGroup(ctx context.Context, g Group) (Group, error) {
	return g, ErrUnknownGroup
}

// DeleteGroup deletes a group; those who wait in it are given up, to its Overflow. The error is ErrUnknownGroup, or the
// Store's.
func (d *Directory) DeleteGroup(ctx context.Context, id int64) error { return ErrUnknownGroup }

// Group finds a group. Its slices are not to be changed.
func (d *Directory) Group(id int64) (Group, bool) { return Group{}, false }

// Groups are all groups, by ID. Their slices are not to be changed.
func (d *Directory) Groups() []Group { return nil }

// SetStatus asks for a status, any but busy; in mid-call it takes effect after the call and in place of the wrap-up.
// The reason is a rest's. The error is ErrUnknown, or ErrStatus for busy and words that are no status.
func (d *Directory) SetStatus(user string, s Status, reason string) error { return ErrUnknown }

// Status is what a seat does now; false where there is no such seat.
func (d *Directory) Status(user string) (Status, bool) { return StatusOffline, false }

// Times are how long each user was in each status on a day; of today until now.
func (d *Directory) Times(ctx context.Context, day Day) ([]StatusTime, error) { return nil, nil }

// Today is the day that it is in Config.Zone.
func (d *Directory) Today() Day { return "" }

// DeviceOf is where a seat's calls go now: its device, or the mobile as UseMobile says. The error is ErrUnknown.
func (d *Directory) DeviceOf(user string) (Device, error) { return "", ErrUnknown }

// Refresh asks Config.Reachable about a seat again: its phone registered, or is gone. Unknown users are ignored.
func (d *Directory) Refresh(user string) {}

// ClaimToDial is Claim for a call that the seat itself places: ErrStatus in a rest.
func (d *Directory) ClaimToDial(user, session string) error { return d.Claim(user, session) }

// ClaimToRing is Claim for a call to this very seat, not to its groups: ErrStatus in a rest and offline.
func (d *Directory) ClaimToRing(user, session string) error { return d.Claim(user, session) }

// WrapUp says that after-call work of that length is due once the session is over, and no other goes on: for calls that
// did not come by Queues.Taken, which does it. It does nothing where the session has no slot.
func (d *Directory) WrapUp(user, session string, length time.Duration) {}

func (d *Directory) add(s Staff) error {
	if s.Device == "" {
		s.Device = DeviceBrowser
	}
	if s.MaxCalls == 0 {
		s.MaxCalls = 1
	}
	if err := s.check(); err != nil {
		return fmt.Errorf("%w: %q: %w", ErrConfig, s.User, err)
	}
	if d.byUser[s.User] != nil {
		return fmt.Errorf("%w: %q: the user is there twice", ErrConfig, s.User)
	}
	if other := d.byExtension[s.Extension]; other != nil {
		return fmt.Errorf("%w: %q: extension %s is %q's", ErrConfig, s.User, s.Extension, other.staff.User)
	}
	p := &place{staff: s, sessions: map[string]struct{}{}}
	d.byUser[s.User] = p
	d.users = append(d.users, s.User)
	if s.Extension != "" {
		d.byExtension[s.Extension] = p
	}
	return nil
}

// Watch names who is told that a seat's device, logins or sessions changed. It is called from the goroutine that made
// the change, with no lock held, and must not block; calls for two changes may overlap, so it asks State for what holds
// now rather than being handed what held then. Watch is called before the Directory is used.
func (d *Directory) Watch(changed func(user string)) { d.changed = changed }

// Users are all user ids, in the order of the configuration.
func (d *Directory) Users() []string { return append([]string(nil), d.users...) }

// Lookup finds a staff member by user id. Its Device is the device of the moment.
func (d *Directory) Lookup(user string) (Staff, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.byUser[user].get()
}

// ByExtension finds the staff member that an extension belongs to. Its Device is the device of the moment.
func (d *Directory) ByExtension(extension string) (Staff, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.byExtension[extension].get()
}

func (p *place) get() (Staff, bool) {
	if p == nil {
		return Staff{}, false
	}
	return p.staff, true
}

// State is a snapshot of one seat.
func (d *Directory) State(user string) (State, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.byUser[user]
	if p == nil {
		return State{}, false
	}
	s := State{Staff: p.staff, Browsers: p.browsers, Busy: p.busy()}
	for id := range p.sessions {
		s.Sessions = append(s.Sessions, id)
	}
	return s, true
}

func (p *place) busy() bool { return len(p.sessions) >= p.staff.MaxCalls }

// Has says that the user is a staff member with one of the roles.
func (d *Directory) Has(user string, roles ...Role) bool {
	s, ok := d.Lookup(user)
	if !ok {
		return false
	}
	for _, r := range roles {
		if s.Role == r {
			return true
		}
	}
	return false
}

// SetDevice changes where a seat takes its calls from now on; sessions that it has stay where they are. The error is
// ErrUnknown, or ErrConfig where the seat lacks what the device needs.
func (d *Directory) SetDevice(ctx context.Context, user string, device Device) error {
	return d.change(user, func(p *place) error {
		s := p.staff
		s.Device = device
		if err := s.check(); err != nil {
			return fmt.Errorf("%w: %q: %w", ErrConfig, user, err)
		}
		p.staff = s
		return nil
	})
}

// LoggedIn counts one more browser login of a user. The error is ErrUnknown.
func (d *Directory) LoggedIn(user string) error {
	return d.change(user, func(p *place) error {
		p.browsers++
		return nil
	})
}

// LoggedOut counts one browser login less. The error is ErrUnknown.
func (d *Directory) LoggedOut(user string) error {
	return d.change(user, func(p *place) error {
		p.browsers = max(p.browsers-1, 0)
		return nil
	})
}

// Online says that a browser of the user is logged in.
func (d *Directory) Online(user string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.byUser[user]
	return p != nil && p.browsers > 0
}

// Claim takes one of the seat's slots for a session; a session that has one keeps it. The error is ErrBusy where none
// is left, or ErrUnknown.
func (d *Directory) Claim(user, session string) error {
	return d.change(user, func(p *place) error {
		if _, mine := p.sessions[session]; !mine && p.busy() {
			return fmt.Errorf("%w: %q", ErrBusy, user)
		}
		p.sessions[session] = struct{}{}
		return nil
	})
}

// Release gives a session's slot back; it does nothing where the session has none.
func (d *Directory) Release(user, session string) {
	// The one error would be ErrUnknown, and a user without a seat has no slot to give back.
	_ = d.change(user, func(p *place) error {
		delete(p.sessions, session)
		return nil
	})
}

// Move gives a session's slot to another session, without being free in between; it does nothing where the session has
// none.
func (d *Directory) Move(user, from, to string) {
	_ = d.change(user, func(p *place) error { // as with Release
		if _, held := p.sessions[from]; held {
			delete(p.sessions, from)
			p.sessions[to] = struct{}{}
		}
		return nil
	})
}

// change does one thing to one seat under the lock, and tells the watcher after it.
func (d *Directory) change(user string, do func(p *place) error) error {
	if err := d.locked(user, do); err != nil {
		return err
	}
	if d.changed != nil {
		d.changed(user)
	}
	return nil
}

func (d *Directory) locked(user string, do func(p *place) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.byUser[user]
	if p == nil {
		return fmt.Errorf("%w: %q", ErrUnknown, user)
	}
	return do(p)
}
