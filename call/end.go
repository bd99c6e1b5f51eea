package call

import (
	"time"

	"seatbridge/leg"
)

// Who closed a session, in the words of the reference.
const (
	closedByClient = "client"
	closedBySeat   = "seat"
	closedByAdmin  = "admin"
	closedByTimer  = "timer"
)

// end ends the session, once: every leg is hung up, nobody hears anybody any more, the seats are free, the watchers
// told. What is left is to wait for the legs. It cannot be kept from its work by a fault in anything it calls.
func (s *session) end(c leg.Cause, by string) {
	if s.ending() {
		return
	}
	s.setStatus(StatusFinished)
	s.cause, s.closedBy, s.ended = c, by, time.Now()
	s.deadline = s.ended.Add(s.config.Limits.Reap)
	ours := c
	ours.Remote, ours.Policy = false, "" // towards the others it is we who end it
	for _, p := range s.parties {
		s.dropDigits(p)
		p.ringUntil = time.Time{}
		if p.isThere() {
			s.guard(func() { p.leg.Hangup(ours) })
		}
	}
	if s.bridge != nil {
		s.guard(s.bridge.Close)
	}
	s.guard(s.release)                          // now: a queue's next caller may ring at once, where these legs were
	if s.callee == nil || s.callee.leg == nil { // who never was called
		s.plan.callee.charge.release()
	}
	s.table = nil
	s.menuAtEnd = s.menu != nil
	s.closeMenu()
	s.giveUpHandingOver()
	s.metrics.sessionEnded(s.plan.direction, c.Reason, by)
	s.log.Info("session ended", "reason", string(c.Reason), "closedBy", by, "sip", c.SIP, "text", c.Text,
		"duration", s.duration())
	for _, user := range s.told {
		s.tell(user, Event{Type: EventSessionEnded, ClosedBy: by, Cause: c, Duration: s.duration()})
	}
}

// release frees the seats. They do not wait for the legs: a phone that is gone may take half a minute to be given up.
func (s *session) release() {
	s.leaveQueue()
	for _, user := range s.seats {
		s.config.Seats.Release(user, s.id)
	}
	s.seats = nil
}

// giveUpHandingOver tells who waits for a transfer or an intercept that the session is over.
func (s *session) giveUpHandingOver() {
	if t := s.transfer; t != nil {
		s.tellTransfer(transferFailed, string(s.cause.Reason))
		s.transfer = nil
		s.guard(func() { t.result(487) })
	}
	if i := s.takeover; i != nil {
		s.takeover = nil
		i.answer(Errorf(CodeWrongState, "the session has ended"))
	}
}

// duration is how long both sides could talk.
func (s *session) duration() time.Duration {
	if s.answered.IsZero() {
		return 0
	}
	if s.ended.IsZero() {
		return time.Since(s.answered)
	}
	return s.ended.Sub(s.answered)
}

// legEnded ends the session with the first leg of its conversation: two are what that needs.
func (s *session) legEnded(p *party, c leg.Cause) {
	expected := p.state == stateLeaving
	s.setState(p, stateEnded)
	s.log.Info("leg ended", "leg", p.id, "reason", string(c.Reason), "remote", c.Remote, "sip", c.SIP,
		"text", c.Text)
	s.manager.denied(&c, p.target.charge.who(), p.target.to.Number, s.id) // by a limit of the trunks
	if s.ending() || expected {
		return
	}
	if s.answered.IsZero() && p == s.caller && c.Reason == leg.Normal {
		c.Reason = leg.Cancelled // a phone that was called first hangs up while the customer's rings
	}
	s.departed(p, c, closedBy(p, c))
}

// closedBy is who ended the session when p's leg ended so.
func closedBy(p *party, c leg.Cause) string {
	switch {
	case c.Remote && p.role == RoleCustomer:
		return closedByClient
	case c.Remote:
		return closedBySeat
	case c.Reason == leg.NoAnswer || c.Reason == leg.Expired:
		return closedByTimer
	}
	return closedByAdmin
}

// expired does what the deadline is for: nobody answered, it went on for too long, or legs do not end.
func (s *session) expired() {
	switch s.status {
	case StatusFinished:
		s.reap()
	case StatusInProgress:
		s.end(leg.Cause{Reason: leg.Expired, Text: "longest call"}, closedByTimer)
	default:
		s.end(leg.Cause{Reason: leg.NoAnswer, Text: "no answer"}, closedByTimer)
	}
}

// reap gives up waiting for legs that do not end.
func (s *session) reap() {
	for _, p := range s.parties {
		if p.state == stateEnded {
			continue
		}
		s.metrics.reaped.WithLabelValues(string(p.kind)).Inc()
		s.log.Error("leg never ended", "leg", p.id, "kind", p.kind)
		s.setState(p, stateEnded)
	}
}
