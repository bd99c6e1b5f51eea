package call

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/media"
	"seatbridge/seat"
)

// Queues deal callers who wait to the seats of their groups; *seat.Queues is one. See there for each method.
type Queues interface {
	Enter(w seat.Waiter) error
	Leave(session string)
	Missed(session, user string, why seat.Miss)
	Taken(session, user string) error
	Position(session string) (position, waiting int, ok bool)
}

// announceEvery is how often one who waits is told about it between the music.
const announceEvery = 30 * time.Second

// queued is a party of the session that waits for a seat of a group: the caller, or who is handed over.
type queued struct {
	group    seat.Group
	been     []int64 // groups that it overflowed from
	since    time.Time
	ringing  []*party // seats that were offered and ring
	program  program
	announce time.Time // when the next announcement is due
}

func (q *queued) concerns(p *party) bool { return q != nil && slices.Contains(q.ringing, p) }

// enqueue has the party that waits begin to wait for a seat of a group.
func (s *session) enqueue(id int64, since time.Time, been ...int64) {
	group, ok := s.config.Seats.Group(id)
	if !ok {
		s.notServed(seat.WhyDeleted)
		return
	}
	q := &queued{group: group, been: been, since: since}
	s.queue = q
	if s.queuedAt.IsZero() {
		s.queuedAt = since
	}
	s.group = id
	s.plan.protectCaller = s.plan.protectCaller || group.ProtectCaller && s.plan.direction == DirectionInbound
	s.plan.protectCallee = s.plan.protectCallee || group.ProtectCallee && s.plan.direction == DirectionOutbound
	err := s.config.Queues.Enter(seat.Waiter{
		Session: s.id, Group: id, Since: since, Number: s.customerNumber(), Been: been,
		Offer:  func(users []string) { s.later(func() { s.offered(q, users) }) },
		GiveUp: func(why seat.Why, to seat.Overflow) { s.later(func() { s.givenUp(q, why, to) }) },
	})
	if err != nil {
		s.log.Warn("not queued", "group", id, "error", err.Error())
		s.queue = nil
		s.notServed(seat.WhyStopped)
		return
	}
	s.log.Info("queued", "group", id, "name", group.Name)
	s.announce(since)
}

// queuedSince is when it began to wait, as Info has it: who is handed to another group waits anew.
func (s *session) queuedSince() time.Time {
	if s.queue != nil {
		return s.queue.since
	}
	return s.queuedAt
}

// later has the session's goroutine do something that nobody waits for.
func (s *session) later(do func()) {
	s.mail.put(message{must: true, do: func() error { do(); return nil }})
}

// announce tells who waits where it stands, and goes on with music.
func (s *session) announce(now time.Time) {
	q := s.queue
	q.announce = now.Add(announceEvery)
	var place *media.Clip
	if n, _, ok := s.config.Queues.Position(s.id); ok && n > 0 && q.group.Position != "" {
		place = s.file(strings.ReplaceAll(q.group.Position, "%d", fmt.Sprint(n)))
	}
	q.program = newProgram(now, place, s.file(q.group.Waiting), cmp.Or(s.file(q.group.Music), s.sounds().Hold))
}

// file is a sound from a file; nil where there is no name or no such file.
func (s *session) file(name string) *media.Clip {
	if name == "" || s.config.Sounds.File == nil {
		return nil
	}
	return s.config.Sounds.File(name)
}

// offered rings seats whose slots are claimed for this session.
func (s *session) offered(q *queued, users []string) {
	if s.queue != q {
		return // the seats were freed with it
	}
	for _, user := range users {
		t, cause := s.manager.router.user(user)
		if cause != nil {
			s.manager.denied(cause, "", user, s.id)
			s.log.Warn("offered seat can't be called", "user", user, "text", cause.Text)
			s.config.Queues.Missed(s.id, user, seat.MissUnreachable)
			continue
		}
		s.ringSeat(t)
	}
}

func (s *session) ringSeat(t target) {
	s.forgetMissed()
	t.ring = min(cmp.Or(s.queue.group.RingTimeout, t.ring), maxRing)
	p := t.party()
	p.group, p.room = s.queue.group.ID, roomAway
	if s.transfer != nil {
		p.from = s.transfer.by.asGiver()
	}
	p.vacate.Do(func() {}) // the queue frees the seat
	s.queue.ringing = append(s.queue.ringing, p)
	s.seats = append(s.seats, t.user)
	from := s.waitingParty()
	d := leg.Dial{From: s.shownTo(from), Codecs: s.codecs([]codec.ID{from.codec})}
	s.call(p, t, d)
	s.tell(t.user, Event{Type: EventCallIn, Timeout: t.ring})
}

// waitingParty is who waits: the caller, or in a transfer who is handed over.
func (s *session) waitingParty() *party {
	if s.transfer != nil {
		for _, p := range s.parties {
			if p.isThere() && p.role.converses() && p.room == roomMain && p != s.transfer.by {
				return p
			}
		}
	}
	return s.caller
}

// forgetMissed forgets seats that rang in vain, of which a long wait may have many.
func (s *session) forgetMissed() {
	s.parties = slices.DeleteFunc(s.parties, func(p *party) bool {
		return p.missed && p.state == stateEnded && !p.bridged
	})
}

// missed goes on without a seat that was offered and did not take the call.
func (s *session) missed(p *party, c leg.Cause) {
	q := s.queue
	q.ringing = slices.DeleteFunc(q.ringing, func(o *party) bool { return o == p })
	// The queue frees the slot, and may have given it to another session by the time that this returns.
	s.seats = slices.DeleteFunc(s.seats, func(user string) bool { return user == p.user })
	p.missed, p.left, p.cause = true, true, c
	s.trackEnded(p)
	s.log.Info("call missed", "leg", p.id, "user", p.user, "reason", string(c.Reason))
	s.tell(p.user, Event{Type: EventAutoTransfer})
	s.tell(p.user, Event{Type: EventSessionEnded, ClosedBy: closedBy(p, c), Cause: c})
	s.told = slices.DeleteFunc(s.told, func(user string) bool { return user == p.user })
	s.config.Queues.Missed(s.id, p.user, missFor(c.Reason))
}

func missFor(r leg.Reason) seat.Miss {
	switch r {
	case leg.NoAnswer, leg.Gone:
		return seat.MissNoAnswer
	case leg.Rejected, leg.Busy, leg.Normal, leg.Cancelled:
		return seat.MissRejected
	case leg.Unavailable, leg.NotFound, leg.TrunkFailed:
		return seat.MissUnreachable
	}
	return seat.MissFailed
}

// taken connects the seat that answered first.
func (s *session) taken(p *party) {
	q := s.queue
	elsewhere := leg.Cause{Reason: leg.Elsewhere, Text: "taken by " + p.user}
	others := slices.DeleteFunc(slices.Clone(q.ringing), func(o *party) bool { return o == p })
	s.hangUpLegs(others, elsewhere) // before their seats are free for the next caller
	if err := s.config.Queues.Taken(s.id, p.user); err != nil {
		s.log.Info("answered too late", "leg", p.id, "user", p.user)
		s.hangUpLeg(p, leg.Cause{Reason: leg.Elsewhere, Text: "taken by another"})
		for _, o := range append(others, p) {
			s.missed(o, leg.Cause{Reason: leg.Failed})
		}
		return
	}
	s.queue = nil
	s.taping.wanted = s.taping.wanted || q.group.Record || p.target.record // of its mobile's number
	for _, o := range others {
		s.farewell(o, elsewhere, closedBySeat)
	}
	p.room = roomMain
	if s.transfer != nil {
		s.transfer.target = p
		s.transferAnswered()
		return
	}
	s.callee = p
	s.connect()
}

// leaveQueue frees the seats that ring, whose legs are hung up.
func (s *session) leaveQueue() {
	if s.queue != nil {
		s.rangAtEnd = len(s.queue.ringing) > 0
		s.queue = nil
		s.config.Queues.Leave(s.id)
	}
}

// stopWaiting gives the waiting up while the session goes on.
func (s *session) stopWaiting(c leg.Cause, by string) {
	if q := s.queue; q != nil {
		s.hangUpLegs(q.ringing, c) // before their seats are free for the next caller
		s.leaveQueue()
		for _, p := range q.ringing {
			s.farewell(p, c, by)
		}
	}
}

// givenUp goes where those go who can't wait.
func (s *session) givenUp(q *queued, why seat.Why, to seat.Overflow) {
	if s.queue != q || s.ending() {
		return
	}
	s.queue = nil
	s.log.Info("not served", "group", q.group.ID, "why", string(why), "group to", to.Group, "number to", to.Number)
	for _, p := range q.ringing {
		s.dismiss(p, leg.Cause{Reason: leg.Cancelled, Text: string(why)}, closedByTimer)
	}
	switch {
	case to.Group != 0:
		s.enqueue(to.Group, q.since, append(q.been, q.group.ID)...)
	case to.Number != "" && s.transfer == nil:
		t, cause := s.manager.router.dialled(to.Number)
		if cause != nil {
			s.manager.denied(cause, "", to.Number, s.id)
			s.end(*cause, closedByAdmin)
			return
		}
		s.reach(t)
	default:
		s.notServed(why)
	}
}

// notServed ends what can't be served: a call that is handed over goes back.
func (s *session) notServed(why seat.Why) {
	c := leg.Cause{Reason: leg.Unavailable, Text: string(why)}
	if why == seat.WhyTooLong {
		c.Reason = leg.NoAnswer
	}
	if s.transfer != nil {
		s.transferBack(transferFailed, c)
		return
	}
	s.unserved = why
	by := closedByAdmin
	if why == seat.WhyTooLong {
		by = closedByTimer
	}
	s.end(c, by)
}

// customerNumber is the number of the customer, for records and for its last agent.
func (s *session) customerNumber() string {
	if s.plan.direction == DirectionOutbound {
		return s.plan.to.Number
	}
	return s.plan.from.Number
}
