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
	Trunk     string
	User      string // the seat that talked last, or that called
	Started   time.Time
	Queued    time.Time // began to wait for a seat of a group
	Rang      time.Time // a device rang first
	Accepted  time.Time // both sides could talk
	Ended     time.Time
	InMenu    time.Duration
	IVRPath   []PathStep
	HungUpBy  string // client, seat, admin or timer, as in sessionEnded
	End       EndStatus
	Group     int64 // that it waited for last; 0 where for none
	UUI       string
	Tracks    []Track // in the order in which they began
	// Recording is the id of the session's recording, by which GET /api/v1/recordings/ID has it; empty where there is
	// none. RecordingProblem is why it is not whole.
	Recording        string
	RecordingProblem string
}

// Track is one seat's part in a session.
type Track struct {
	User     string
	Number   string      // of its device
	Device   seat.Device // empty for a phone that is nobody's
	Group    int64       // whose queue it was called from; 0 where from none
	Started  time.Time
	Rang     time.Time
	Accepted time.Time
	Ended    time.Time
	From, To Handover
	End      EndStatus
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

// EndStatus says how a session ended, by the numbers of the reference.
type EndStatus int

// The end statuses that we can know.
const (
	EndOK                    EndStatus = 1
	EndBlackList             EndStatus = 100
	EndWaitingGiveUp         EndStatus = 103 // the caller hung up in the queue
	EndRingingGiveUp         EndStatus = 104 // the caller hung up while a seat rang
	EndNoSeatOnline          EndStatus = 105
	EndTooManyRequests       EndStatus = 109 // the queue was full, or a limit reached
	EndNotAnswered           EndStatus = 202
	EndUserRejected          EndStatus = 203
	EndNumberNotExist        EndStatus = 205
	EndBusy                  EndStatus = 206
	EndOperatorError         EndStatus = 208 // the carriers failed
	EndCallerCancel          EndStatus = 209
	EndClientError           EndStatus = 211 // a fault of ours or of a device
	EndNumberInvalid         EndStatus = 215
	EndCalleeRestricted      EndStatus = 217 // the policy says no
	EndCallerCancelWhileRing EndStatus = 220
	EndCallConflict          EndStatus = 501 // the seat is in another call
	EndClientTimeout         EndStatus = 502 // the calling seat's own device did not answer
)

// String is the status in the words of the reference.
func (e EndStatus) String() string {
	switch e {
	case EndOK:
		return "ok"
	case EndBlackList:
		return "blackList"
	case EndWaitingGiveUp:
		return "waitingGiveUp"
	case EndRingingGiveUp:
		return "ringingGiveUp"
	case EndNoSeatOnline:
		return "noSeatOnline"
	case EndTooManyRequests:
		return "tooManyRequest"
	case EndNotAnswered:
		return "notAnswer"
	case EndUserRejected:
		return "userReject"
	case EndNumberNotExist:
		return "numberNotExist"
	case EndBusy:
		return "busy"
	case EndOperatorError:
		return "operatorError"
	case EndCallerCancel:
		return "callerCancel"
	case EndNumberInvalid:
		return "numberInvalid"
	case EndCalleeRestricted:
		return "calleeRestricted"
	case EndCallerCancelWhileRing:
		return "callerCancelWhileRing"
	case EndCallConflict:
		return "callConflict"
	case EndClientTimeout:
		return "clientTimeout"
	}
	return "clientError"
}

// times are the moments of a party.
type times struct{ called, rang, answered, left time.Time }

// note keeps the first time of each of a party's states.
func (t *times) note(to state, now time.Time) {
	first := func(at *time.Time) {
		if at.IsZero() {
			*at = now
		}
	}
	switch to {
	case stateDialling, stateCalling:
		first(&t.called)
	case stateRinging:
		first(&t.rang)
	case stateAnswered:
		first(&t.answered)
	case stateLeaving, stateEnded:
		first(&t.left)
	}
}

// record tells who keeps the records, once, when the session is over.
func (s *session) record() {
	if !s.ending() || s.recorded || s.config.Ended == nil {
		return
	}
	s.recorded = true
	s.guard(func() { s.config.Ended(s.summary()) })
}

// summary is the session's Record.
func (s *session) summary() Record {
	for _, p := range s.parties {
		s.trackEnded(p)
	}
	slices.SortStableFunc(s.tracks, func(a, b Track) int { return a.Started.Compare(b.Started) })
	r := Record{
		SessionID: s.id, Direction: s.plan.direction, Caller: s.plan.from.Number, Callee: s.plan.to.Number,
		Trunk: s.view.info().Trunk, User: s.plan.caller.user, Started: s.started, Queued: s.queuedAt,
		Accepted: s.answered, Ended: s.ended, InMenu: s.inMenu, IVRPath: s.path, HungUpBy: s.closedBy,
		End: s.endStatus(), Group: s.group, UUI: s.plan.uui, Tracks: s.tracks,
	}
	r.Recording, r.RecordingProblem = s.recording()
	for _, t := range s.tracks {
		if !t.Rang.IsZero() && (r.Rang.IsZero() || t.Rang.Before(r.Rang)) {
			r.Rang = t.Rang
		}
		if !t.Accepted.IsZero() && s.plan.caller.user == "" {
			r.User = t.User
		}
	}
	if s.callee != nil && s.plan.direction == DirectionOutbound {
		r.Rang = s.callee.times.rang
	}
	return r
}

// trackEnded keeps the part of a seat that is gone, or that the session's end ends; others and supervisors have none.
func (s *session) trackEnded(p *party) {
	if p.tracked || p.role != RoleAgent && p.role != RoleConsulted || p.times.called.IsZero() {
		return
	}
	p.tracked = true
	t := Track{
		User: p.user, Number: p.target.shown.Number, Device: p.target.device, Group: p.group, Started: p.times.called,
		Rang: p.times.rang, Accepted: p.times.answered, Ended: p.times.left, From: p.from, To: p.to,
		End: s.partEnd(p),
	}
	if t.Ended.IsZero() {
		t.Ended = time.Now()
	}
	s.tracks = append(s.tracks, t)
}

// partEnd is how a seat's part ended.
func (s *session) partEnd(p *party) EndStatus {
	switch {
	case !p.times.answered.IsZero():
		if p == s.caller && s.answered.IsZero() {
			return s.endStatus()
		}
		return EndOK
	case p.cause.Reason == "":
		return s.endStatus()
	}
	return statusFor(p.cause)
}

// endStatus is how the session ended.
func (s *session) endStatus() EndStatus {
	inbound := s.plan.direction == DirectionInbound
	gaveUp := s.closedBy == closedByClient && inbound ||
		s.closedBy == closedBySeat && !inbound && (s.cause.Reason == leg.Cancelled || s.cause.Reason == leg.Normal)
	switch {
	case !s.answered.IsZero():
		return EndOK
	case s.unserved == seat.WhyFull:
		return EndTooManyRequests
	case s.unserved == seat.WhyTooLong:
		return EndWaitingGiveUp
	case s.unserved != "":
		return EndNoSeatOnline
	case inbound && gaveUp && s.group != 0 && !s.rangAtEnd:
		return EndWaitingGiveUp
	case inbound && gaveUp:
		return EndRingingGiveUp
	case gaveUp && s.callee != nil && !s.callee.times.rang.IsZero():
		return EndCallerCancelWhileRing
	case gaveUp:
		return EndCallerCancel
	case !inbound && s.callee == nil && s.cause.Reason == leg.NoAnswer:
		return EndClientTimeout
	case inbound && s.cause.Reason == leg.Unavailable:
		return EndNoSeatOnline
	}
	return statusFor(s.cause)
}

// statusFor is the end status of a call that was never answered.
func statusFor(c leg.Cause) EndStatus {
	switch c.Reason {
	case leg.Normal:
		return EndOK
	case leg.Cancelled:
		return EndCallerCancel
	case leg.Busy:
		return EndBusy
	case leg.NoAnswer, leg.Unavailable, leg.Gone, leg.Elsewhere:
		return EndNotAnswered
	case leg.Rejected:
		return EndUserRejected
	case leg.NotFound:
		return EndNumberNotExist
	case leg.Forbidden:
		return EndCalleeRestricted
	case leg.Congestion, leg.TrunkFailed:
		return EndOperatorError
	}
	return EndClientError
}

// recordRefused keeps a record of a customer's call that never became a session.
func (m *Manager) recordRefused(in leg.Incoming, c *leg.Cause) {
	if in.Trunk == "" || m.config.Ended == nil {
		return
	}
	now := time.Now()
	r := Record{
		SessionID: in.Leg.ID(), Direction: DirectionInbound, Caller: in.From.Number, Callee: in.To, Trunk: in.Trunk,
		Started: now, Ended: now, HungUpBy: closedByAdmin, End: statusFor(*c),
	}
	switch c.Reason {
	case leg.Unavailable:
		r.End = EndNoSeatOnline
	case leg.Busy:
		r.End = EndCallConflict
	case leg.Congestion:
		r.End = EndTooManyRequests
	}
	m.running.Go(func() { m.config.Ended(r) })
}

// recordUnplaced keeps a record of a seat's call outside that never became a session.
func (m *Manager) recordUnplaced(o Outbound, c *leg.Cause) {
	if m.config.Ended == nil || o.Number == "" || seat.IsExtension(o.Number) {
		return
	}
	now := time.Now()
	r := Record{
		SessionID: newID(), Direction: DirectionOutbound, Caller: o.CallerID, Callee: o.Number, User: o.User,
		Started: now, Ended: now, HungUpBy: closedByAdmin, End: statusFor(*c), UUI: o.UUI,
	}
	switch c.Reason {
	case leg.Busy:
		r.End = EndCallConflict
	case leg.NotFound:
		r.End = EndNumberInvalid
	}
	m.running.Go(func() { m.config.Ended(r) })
}
