package call

import (
	"context"

	"seatbridge/leg"
)

// CompleteTransfer leaves the consulted party with the other side. Where it has not answered yet the transfer goes on
// as a blind one.
func (m *Manager) CompleteTransfer(ctx context.Context, user, id string) error {
	return m.consulting(ctx, user, id, func(s *session) error {
		switch {
		case !s.transfer.consult:
			return Errorf(CodeWrongState, "a blind transfer completes itself")
		case s.transfer.target.state == stateAnswered:
			s.completeTransfer()
		default:
			s.blindly()
		}
		return nil
	})
}

// Swap goes from the consulted party to the other side, or back; the one left alone hears music.
func (m *Manager) Swap(ctx context.Context, user, id string) error {
	return m.consulting(ctx, user, id, func(s *session) error {
		t := s.transfer
		if !t.consult || t.target.state != stateAnswered {
			return Errorf(CodeWrongState, "there is nobody to swap with")
		}
		if t.by.room == roomMain {
			t.by.room = roomSide
		} else {
			t.by.room = roomMain
		}
		s.log.Debug("swapped", "leg", t.by.id)
		return nil
	})
}

// CancelTransfer hangs the target up, whether it was called blindly or consulted; the seat has the other side back.
func (m *Manager) CancelTransfer(ctx context.Context, user, id string) error {
	return m.consulting(ctx, user, id, func(s *session) error {
		c := leg.Cause{Reason: leg.Cancelled, Text: "by command of " + user}
		if s.transfer.target.state == stateAnswered {
			c.Reason = leg.Normal
		}
		s.dismiss(s.transfer.target, c, closedBySeat)
		s.transferBack(transferCancelled, c)
		return nil
	})
}

// consulting does something for the seat that hands its call over.
func (m *Manager) consulting(ctx context.Context, user, id string, do func(s *session) error) error {
	return m.command(ctx, user, id, func(s *session, p *party) error {
		if s.transfer == nil || s.transfer.by != p {
			return Errorf(CodeWrongState, "you do not hand the call over")
		}
		return do(s)
	})
}
