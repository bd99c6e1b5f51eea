package call

import (
	"context"
	"time"

	"seatbridge/dtmf"
	"seatbridge/leg"
)

const (
	// digitGrace is how much longer than they last digits may take until they count as lost.
	digitGrace = 5 * time.Second
	// maxDigits is how many digits and pauses may wait for one party.
	maxDigits = 256
)

// digitQueue are the digits and pauses that are still to be sent to one party, in order. While due is set, the first
// sending of them are on their way (or the first is a pause that goes on); they are done by then or lost.
type digitQueue struct {
	steps   []dtmf.Step
	sending int
	due     time.Time
}

// dueBy says that something should have happened by now.
func (q *digitQueue) dueBy(now time.Time) bool { return !q.due.IsZero() && !now.Before(q.due) }

// SendDigits queues digits and pauses to be sent to the other side. The error of a bad character names it and its
// position; CodeBusy means that too many are waiting already.
func (m *Manager) SendDigits(ctx context.Context, user, id, digits string) error {
	steps, err := dtmf.ParseString(digits)
	if err != nil {
		return Errorf(CodeBadRequest, "%v", err)
	}
	if len(steps) == 0 {
		return Errorf(CodeBadRequest, "no digits")
	}
	return m.command(ctx, user, id, func(s *session, p *party) error {
		to := s.other(p)
		if to != nil && (p.held || p.holding || to.held || to.holding) {
			return Errorf(CodeWrongState, "the call is on hold")
		}
		if to == nil || to.state != stateAnswered && to.state != stateEarly {
			return Errorf(CodeWrongState, "nobody is there to take digits")
		}
		if !s.queueDigits(to, steps) {
			return Errorf(CodeBusy, "too many digits are waiting to be sent")
		}
		return nil
	})
}

// digit tells the other side's seat what a party pressed and, where it did not travel as media, passes it on. A secret
// one is not told, and goes nowhere.
func (s *session) digit(p *party, e leg.Digit) {
	if s.menu != nil && p == s.caller && e.Event.Valid() {
		s.pressed(e.Event.Digit())
		return
	}
	to := s.other(p)
	if to == nil || !e.Event.Valid() {
		return
	}
	if s.secure && p.role == RoleCustomer {
		s.tell(to.user, Event{Type: EventDigit, Secure: true})
		return
	}
	s.tell(to.user, Event{Type: EventDigit, Digit: e.Event.Digit()})
	if e.Inband || e.Relayed && takesEvents(to) {
		return // the bridge passes its sound or its packets on
	}
	if to.state != stateAnswered || !s.isHeardBy(p, to) || !s.queueDigits(to, []dtmf.Step{{Event: e.Event}}) {
		s.metrics.digitsLost.Inc()
	}
}

// takesEvents says that the bridge can send telephone-events to a party.
func takesEvents(p *party) bool {
	ears := p.leg.Port().Ears
	return len(ears) > 0 && ears[0].TakesEvents()
}

// queueDigits is false where too many are waiting.
func (s *session) queueDigits(to *party, steps []dtmf.Step) bool {
	q := &to.digits
	if len(q.steps)+len(steps) > maxDigits {
		return false
	}
	q.steps = append(q.steps, steps...)
	if q.due.IsZero() {
		s.nextDigits(to)
	}
	return true
}

// nextDigits starts the pause, or all the digits up to the next pause, that is first in the queue.
func (s *session) nextDigits(to *party) {
	q := &to.digits
	q.sending, q.due = 0, time.Time{}
	if len(q.steps) == 0 {
		return
	}
	if pause := q.steps[0].Pause; pause > 0 {
		q.due = time.Now().Add(pause)
		return
	}
	var run []dtmf.Event
	for _, step := range q.steps {
		if step.Pause > 0 {
			break
		}
		run = append(run, step.Event)
	}
	q.sending = len(run)
	length, gap := s.config.Digits.Length, s.config.Digits.Gap
	q.due = time.Now().Add(time.Duration(len(run))*(length+gap) + digitGrace)
	to.leg.SendDigits(run, length, gap)
}

// digitsSent goes on with what waits, or drops it: half a number is worse than none.
func (s *session) digitsSent(to *party, ok bool) {
	q := &to.digits
	if q.sending == 0 {
		return
	}
	if !ok {
		s.log.Warn("digits not sent", "leg", to.id)
		s.dropDigits(to)
		return
	}
	q.steps = q.steps[q.sending:]
	s.nextDigits(to)
}

// digitsDue ends a pause, or gives up waiting for a leg to say that it sent.
func (s *session) digitsDue(to *party) {
	q := &to.digits
	if q.sending > 0 {
		s.digitsSent(to, false)
		return
	}
	q.steps = q.steps[1:]
	s.nextDigits(to)
}

// dropDigits forgets what waits.
func (s *session) dropDigits(to *party) {
	for _, step := range to.digits.steps {
		if step.Pause == 0 {
			s.metrics.digitsLost.Inc()
		}
	}
	to.digits = digitQueue{}
}
