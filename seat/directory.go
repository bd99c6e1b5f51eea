package seat

import (
	"errors"
	"fmt"
	"sync"
)

// What a Directory refuses.
var (
	// ErrUnknown indicates a user that is no staff member.
	ErrUnknown = errors.New("seat: no such staff member")
	// ErrBusy indicates a seat that has as many sessions as it may.
	ErrBusy = errors.New("seat: busy")
	// ErrConfig indicates staff that contradict themselves or each other.
	ErrConfig = errors.New("seat: bad staff")
)

// Directory is the staff and what each seat does now. All methods are safe to call at any time and from any goroutine.
type Directory struct {
	// These never change once New returned; the places that the maps point to are guarded by mu.
	users       []string // in the order of the configuration
	byUser      map[string]*place
	byExtension map[string]*place
	changed     func(user string)

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
	Browsers int      // browser logins
	Sessions []string // ids of the sessions that hold a slot, in no order
	Busy     bool     // no slot is left
}

// New makes a Directory of the staff. The error wraps ErrConfig and names the staff member.
func New(staff []Staff) (*Directory, error) {
	d := &Directory{byUser: map[string]*place{}, byExtension: map[string]*place{}}
	for _, s := range staff {
		if err := d.add(s); err != nil {
			return nil, err
		}
	}
	return d, nil
}

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
func (d *Directory) SetDevice(user string, device Device) error {
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
