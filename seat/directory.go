package seat

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
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
	// ErrStatus indicates a seat whose status forbids the call, or a status that can't be asked for.
	ErrStatus = errors.New("seat: not in this status")
	// ErrConfig indicates staff or groups that contradict themselves or each other.
	ErrConfig = errors.New("seat: bad staff or group")
	// ErrExists indicates a user, an extension, a group or a waiting session that is there already.
	ErrExists = errors.New("seat: is there already")
	// ErrConflict indicates a change of something that was changed since it was read.
	ErrConflict = errors.New("seat: changed by somebody else")
	// ErrNotOffered indicates a seat that does not ring for the session, or no more.
	ErrNotOffered = errors.New("seat: not offered to this seat")
	// ErrClosed indicates a Directory that was closed.
	ErrClosed = errors.New("seat: closed")
)

// Config is what a Directory begins with.
type Config struct {
	// Store is where the Directory loads from and what it keeps its changes in; nil means that nothing is kept.
	Store Store
	// Staff and Groups are who is there where there is no Store. A group may name its ID; 0 means the next one.
	Staff  []Staff
	Groups []Group
	// Reachable says whether a desk phone, or a mobile by its trunk, can be called now; nil means that it can. Refresh
	// asks it again. It must not block, nor call the Directory.
	Reachable func(Staff) bool
	// Zone is where the days of the totals begin; nil means UTC.
	Zone *time.Location
	// TryAgain is how long a seat that missed a caller, or handed it over, is not offered the same one; how long one whose
	// device was not there is offered nobody; and how long after a login that is no miss. It defaults to 5 s.
	TryAgain time.Duration
	Metrics  *Metrics     // of this Directory alone; nil means that nobody looks
	Log      *slog.Logger // nil means that nobody reads
}

// Directory is the staff, the groups, and what each seat does now. All methods are safe to call at any time and from
// any goroutine.
type Directory struct {
	config  Config
	table   table
	wake    chan struct{} // something for run to do
	stop    chan struct{} // closed by Close, for keep
	running sync.WaitGroup

	// admin lets one change of staff and groups at a time pass, while the Store writes it. It is taken before mu.
	admin sync.Mutex
	// saving is held while statuses are written, so that Times sees them either here or there. It is taken before mu.
	saving sync.Mutex

	mu          sync.Mutex
	closed      bool
	users       []string // in the order in which they were added
	byUser      map[string]*place
	byExtension map[string]*place
	groups      map[int64]*group
	lastGroup   int64
	waiters     map[string]*waiter // by session
	entered     uint64             // how many waiters there ever were
	lastAgents  lastAgents
	watchers    []func(user string)
	unsaved     *unsaved
	timers      timers
	sleeps      time.Time // run wakes by itself then
	left        []*group  // a member went offline, or is none any more
	freed       []*place  // became free, not dealt yet
	fresh       []*waiter // may have a seat, not dealt yet
	offering    []*waiter // have offers to be told
	outbox      []func()  // callbacks for run
	touched     []string  // users to tell the watchers about
}

// State is a snapshot of one seat.
type State struct {
	Staff    Staff
	Device   Device   // of the moment: the mobile where calls go there
	Browsers int      // browser logins
	There    bool     // the device of the moment can be called
	Sessions []string // ids of the sessions that hold a slot, in no order
	Busy     bool     // no slot is left

	Status Status
	Since  time.Time // when the status began
	Until  time.Time // of arrange: when it ends by itself; zero where it does not
	Wanted Wanted    // what was asked for; it takes effect after the calls and the wrap-up
	Misses int       // calls missed in a row
	Taken  int       // callers of groups taken today
	// Deleted says that the staff member was deleted in mid-call: the seat is gone when its sessions are.
	Deleted bool
}

// New makes a Directory. The error wraps ErrConfig and names the staff member or group, or it is the Store's. Close
// ends it.
func New(c Config) (*Directory, error) {
	d, err := build(c)
	if err != nil {
		return nil, err
	}
	d.running.Go(d.run)
	if c.Store != nil {
		d.running.Go(d.keep)
	}
	return d, nil
}

// Close gives up all who wait, saves the statuses, and returns when no callback runs. It must not be called from a
// callback.
func (d *Directory) Close() {
	_ = d.do(func(now time.Time) error {
		if d.closed {
			return nil
		}
		d.closed = true
		close(d.stop)
		for _, w := range d.waiters {
			d.giveUp(w, WhyStopped, now)
		}
		return nil
	})
	signal(d.wake)
	d.running.Wait()
}

// Watch adds somebody to be told that a seat was added or deleted, or that its configuration, device, logins, sessions
// or status changed. It is called from the goroutine that made the change, or the Directory's own, with no lock held,
// and must not block; calls for two changes may overlap, so it asks State for what holds now rather than being handed
// what held then.
func (d *Directory) Watch(changed func(user string)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.watchers = append(d.watchers[:len(d.watchers):len(d.watchers)], changed)
}

// Queues are the callers who wait for seats of this Directory.
func (d *Directory) Queues() *Queues { return &Queues{d: d} }

// Users are all user ids, in the order in which they were added, without those who were deleted in mid-call.
func (d *Directory) Users() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.users)
}

// Lookup finds a staff member by user id. Who was deleted in mid-call is there until the call is over.
func (d *Directory) Lookup(user string) (Staff, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.byUser[user].get()
}

// ByExtension finds the staff member that an extension belongs to.
func (d *Directory) ByExtension(extension string) (Staff, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.byExtension[extension].get()
}

// State is a snapshot of one seat.
func (d *Directory) State(user string) (State, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.byUser[user]
	if p == nil {
		return State{}, false
	}
	s := State{
		Staff: p.staff, Device: p.device(), Browsers: p.browsers, There: p.there(), Busy: p.full(),
		Status: p.status, Since: p.since, Wanted: p.wanted, Misses: p.misses, Taken: p.takenOn(d.day(time.Now())),
		Deleted: p.deleted,
	}
	if p.until != nil {
		s.Until = p.until.at
	}
	for id := range p.slots {
		s.Sessions = append(s.Sessions, id)
	}
	return s, true
}

// Status is what a seat does now; false where there is no such seat.
func (d *Directory) Status(user string) (Status, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.byUser[user]
	if p == nil {
		return StatusOffline, false
	}
	return p.status, true
}

// SetStatus asks for a status, any but busy. In mid-call it takes effect after the call and its wrap-up; in the wrap-up
// it ends that. The reason is a rest's. The error is ErrUnknown, or ErrStatus.
func (d *Directory) SetStatus(user string, s Status, reason string) error {
	if !s.may() {
		return fmt.Errorf("%w: %q can't be asked for", ErrStatus, s)
	}
	return d.change(user, func(p *place, now time.Time) error {
		p.misses = 0
		d.want(p, s, reason, now)
		return nil
	})
}

// Has says that the user is a staff member with one of the roles.
func (d *Directory) Has(user string, roles ...Role) bool {
	s, ok := d.Lookup(user)
	return ok && slices.Contains(roles, s.Role)
}

// change does one thing to one seat.
func (d *Directory) change(user string, f func(p *place, now time.Time) error) error {
	return d.do(func(now time.Time) error {
		p := d.byUser[user]
		if p == nil {
			return fmt.Errorf("%w: %q", ErrUnknown, user)
		}
		return f(p, now)
	})
}

// stored is the Store's answer to a change; nothing is kept where there is none.
func (d *Directory) stored(put func(s Store) error) error {
	if d.config.Store == nil {
		return nil
	}
	if err := put(d.config.Store); err != nil {
		return fmt.Errorf("seat: store: %w", err)
	}
	return nil
}
