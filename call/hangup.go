package call

import (
	"context"

	"seatbridge/leg"
)

// HangUp ends the session for the seat: it hangs up, gives up calling, or declines, whichever is due. Who supervises,
// or hands the call over, or is called for that, ends its own part alone.
func (m *Manager) HangUp(ctx context.Context, user, id string) error {
	return m.command(ctx, user, id, func(s *session, p *party) error {
		c := leg.Cause{Reason: s.hangUpReason(p), Text: "by command of " + user}
		if s.survives(p) {
			s.hangUpLeg(p, c)
		}
		s.departed(p, c, closedBySeat)
		return nil
	})
}

// hangUpReason is what it means that p leaves now.
func (s *session) hangUpReason(p *party) leg.Reason {
	switch {
	case p == s.caller && s.answered.IsZero():
		return leg.Cancelled
	case p.state == stateAnswered:
		return leg.Normal
	}
	return leg.Rejected
}
