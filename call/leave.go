package call

import (
	"slices"
	"time"

	"seatbridge/leg"
)

// survives says that the session goes on without the party.
func (s *session) survives(p *party) bool {
	return p.role == RoleSupervisor || s.transfer.concerns(p) || s.takeover.concerns(p) || s.joining.concerns(p) ||
		s.queue.concerns(p)
}

// departed does what follows from a party that is gone, or was hung up by its own wish.
func (s *session) departed(p *party, c leg.Cause, by string) {
	if !s.survives(p) {
		s.callerLeft = p == s.caller
		s.end(c, by)
		return
	}
	if s.queue.concerns(p) {
		s.missed(p, c)
		return
	}
	if s.transfer != nil && p == s.transfer.by { // it is out of what comes of it
		s.tellTransfer(transferCompleted, "")
	}
	s.farewell(p, c, by)
	switch {
	case s.takeover.concerns(p):
		s.takeoverLost(p)
	case s.transfer.concerns(p):
		s.transferLost(p, c)
	}
}

// dismiss hangs a party up while the session goes on.
func (s *session) dismiss(p *party, c leg.Cause, by string) {
	s.hangUpLeg(p, c)
	s.farewell(p, c, by)
}

// hangUpLeg hangs one leg up; its Ended is waited for.
func (s *session) hangUpLeg(p *party, c leg.Cause) {
	if !p.isThere() {
		return
	}
	s.dropDigits(p)
	s.setState(p, stateLeaving)
	s.guard(func() { p.leg.Hangup(c) })
}

func (s *session) hangUpLegs(all []*party, c leg.Cause) {
	for _, p := range all {
		s.hangUpLeg(p, c)
	}
}

// farewell frees a party's seat and tells its user that the session is over for it.
func (s *session) farewell(p *party, c leg.Cause, by string) {
	if p.left {
		return
	}
	p.left = true
	if p.cause.Reason == "" {
		p.cause = c
	}
	s.tellHoldOver(p)
	p.held, p.holding = false, false
	s.log.Info("party left", "leg", p.id, "role", string(p.role), "user", p.user, "reason", string(c.Reason))
	if p.user == "" {
		return
	}
	p.vacate.Do(func() {}) // the user may come back, and the end of this leg must not take the seat away then
	s.releaseSeat(p.user)
	s.tell(p.user, Event{Type: EventSessionEnded, ClosedBy: by, Cause: c, Duration: s.duration()})
	s.told = slices.DeleteFunc(s.told, func(user string) bool { return user == p.user })
}

// unanswered gives up a party that was called into the session and whose leg forgot its Timeout.
func (s *session) unanswered(p *party) {
	p.ringUntil = time.Time{}
	c := leg.Cause{Reason: leg.NoAnswer, Text: "no answer"}
	s.hangUpLeg(p, c)
	s.departed(p, c, closedByTimer)
}

// maxParties bounds how many a session may have had.
const maxParties = 64

// invite calls somebody into a session that goes on. The seat is claimed first; nothing is changed where there is an
// error.
func (s *session) invite(p *party, t target, d leg.Dial) error {
	if len(s.parties) >= maxParties {
		return Errorf(CodeBusy, "the session has had too many parties")
	}
	if t.user != "" {
		claim := s.config.Seats.ClaimToRing
		if p.role == RoleSupervisor {
			claim = s.config.Seats.ClaimToSupervise
		}
		if err := claim(t.user, s.id); err != nil {
			return commandError(claimCause(err))
		}
		s.seats = append(s.seats, t.user)
	}
	s.call(p, t, d)
	return nil
}

func (s *session) releaseSeat(user string) {
	s.seats = slices.DeleteFunc(s.seats, func(u string) bool { return u == user })
	s.config.Seats.Release(user, s.id)
}
