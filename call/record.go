package call

import (
	"slices"
	"time"

	"seatbridge/leg"
	"seatbridge/seat"
)

// Record is what a session was, once it is over: the call detail record of the reference, in our own words. Times that
// never came are zero.
type Record struct {
	SessionID string
	Direction Direction
	Caller    string // the numbers as they are, unmasked
	Callee    string
	// CallerLocation is where Caller is from; empty where that is not known.
	CallerLocation string
	Trunk          string
	User           string // the seat that talked to the customer last, or that called
	Started        time.Time
	Queued         time.Time // began to wait for a seat of a group
	Rang           time.Time // a device rang first: a seat's, or in a call from a seat that of whom it calls
	Accepted       time.Time // both sides could talk
	Ended          time.Time
	InMenu         time.Duration
	IVRPath        []PathStep
	HungUpBy       string // client, seat, admin or timer, as in sessionEnded
	End            EndStatus
	Group          int64 // that it waited for last, or that the seat called for; 0 where for none
	UUI            string
	Remark         string
	PhoneDesc      string  // what the number was called
	Tracks         []Track // in the order in which they began
	// Recording is the id of the session's recording, by which GET /api/v1/recordings/ID has it; empty where there is
	// none. RecordingProblem is why it is not whole.
	Recording        string
	RecordingProblem string
}

// Track is one party's part in serving a session: a seat's, a phone's that is nobody's, or that of a number outside
// which stands in for a seat.
type Track struct {
	User     string      // empty where it is no seat's
	Number   string      // of its device
	Device   seat.Device // empty where it is no seat's
	Group    int64       // whose queue it was called from; 0 where from none
	Started  time.Time
	Rang     time.Time
	Accepted time.Time
	Ended    time.Time
	From, To Handover
	End      EndStatus
	Asked    bool // it was consulted, and never got the call
}

// Handover says who a seat got the call from, or gave it to; zero where nobody.
type Handover struct {
	Kind HandoverKind
	Who  string // a user, a number, or a group's id
}

// HandoverKind is what a Handover's Who is.
type HandoverKind string

// The kinds.
const (
	HandoverUser   HandoverKind = "user"
	HandoverNumber HandoverKind = "number"
	HandoverGroup  HandoverKind = "skillGroup"
)

// record tells who keeps the records, once, when the session is over.
func (s *session) record() {
	if !s.ending() || s.recorded || s.config.Ended == nil {
		return
	}
	s.recorded = true
	s.guard(func() { s.config.Ended(s.summary()) })
}

// advance is how far a session has come, for Config.Progress.
type advance struct {
	status Status
	served int // parties that serve the customer and have answered
}

// tellProgress tells how far the session is, where that has changed.
func (s *session) tellProgress() {
	if s.config.Progress == nil || s.ending() {
		return
	}
	now := advance{status: s.status}
	for _, p := range s.parties {
		if p.serves() && p.state == stateAnswered {
			now.served++
		}
	}
	if now != s.advance {
		s.advance = now
		s.guard(func() { s.config.Progress(s.summary()) })
	}
}

// summary is the session's Record, as far as it is.
func (s *session) summary() Record {
	tracks := slices.Clone(s.tracks)
	for _, p := range s.parties {
		if p.serves() && !p.tracked && !p.times.called.IsZero() {
			tracks = append(tracks, s.track(p))
		}
	}
	slices.SortStableFunc(tracks, func(a, b Track) int { return a.Started.Compare(b.Started) })
	r := Record{
		SessionID: s.id, Direction: s.plan.direction, Caller: s.plan.from.Number, Callee: s.plan.to.Number,
		CallerLocation: s.plan.from.Location,
		Trunk:          s.view.info().Trunk, User: s.plan.caller.user, Started: s.started, Queued: s.queuedAt,
		Rang: s.rangAt(tracks), Accepted: s.answered, Ended: s.ended, InMenu: s.inMenu, IVRPath: s.path,
		HungUpBy: s.closedBy, Group: s.group, UUI: s.plan.uui, Remark: s.plan.remark,
		PhoneDesc: s.plan.phoneDesc, Tracks: tracks,
	}
	r.Recording, r.RecordingProblem = s.recording()
	if s.ending() {
		r.End = s.endStatus()
	}
	if r.Group == 0 {
		r.Group = s.plan.group
	}
	for _, t := range tracks {
		if s.plan.direction == DirectionInbound && t.User != "" && !t.Accepted.IsZero() && !t.Asked {
			r.User = t.User
		}
	}
	return r
}

// rangAt is when a device rang first.
func (s *session) rangAt(tracks []Track) time.Time {
	if s.plan.direction != DirectionInbound {
		return s.calleeRang()
	}
	var first time.Time
	for _, t := range tracks {
		if !t.Rang.IsZero() {
			first = earlier(t.Rang, first)
		}
	}
	return first
}

func (s *session) calleeRang() time.Time {
	if s.callee == nil {
		return time.Time{}
	}
	return s.callee.times.rang
}

// recordRefused keeps a record of a call that came in and never became a session, where there is a customer.
func (m *Manager) recordRefused(in leg.Incoming, c *leg.Cause) {
	if in.Account != "" {
		p := m.phone(in.Account, in.From)
		m.recordUnplaced(Outbound{User: p.user, Number: in.To, CallerID: in.Account}, c)
		return
	}
	now := time.Now()
	m.keep(Record{
		SessionID: newID(), Direction: DirectionInbound, Caller: in.From.Number, Callee: in.To, Trunk: in.Trunk,
		CallerLocation: m.router.location(in.From.Number),
		Started:        now, Ended: now, HungUpBy: closedByAdmin, End: refusedEnd(c.Reason),
	})
}

// recordUnplaced keeps a record of a seat's or phone's call outside that never became a session.
func (m *Manager) recordUnplaced(o Outbound, c *leg.Cause) {
	if number, err := m.config.Routes.Numbering.Normalise(o.Number); err == nil {
		o.Number = number
	}
	if o.Number == "" || seat.IsExtension(o.Number) {
		return
	}
	now := time.Now()
	m.keep(Record{
		SessionID: newID(), Direction: DirectionOutbound, Caller: o.CallerID, Callee: o.Number, User: o.User,
		Started: now, Ended: now, HungUpBy: closedByAdmin, End: unplacedEnd(c.Reason), Group: o.Group, UUI: o.UUI,
		Remark: o.Remark, PhoneDesc: o.PhoneDesc, CallerLocation: m.router.location(o.CallerID),
	})
}

// keep hands over a record of what never became a session. Nobody waits for the disk meanwhile, but the last ones of a
// gateway that has drained.
func (m *Manager) keep(r Record) {
	if m.config.Ended == nil {
		return
	}
	m.mu.Lock()
	drained := m.draining && len(m.live) == 0 // Drain may wait for running, which must not grow then
	if !drained {
		m.running.Add(1)
	}
	m.mu.Unlock()
	if drained {
		m.config.Ended(r)
		return
	}
	go func() {
		defer m.running.Done()
		m.config.Ended(r)
	}()
}
