package call

import (
	"context"

	"seatbridge/leg"
)

// HangUp ends the session for the seat: it hangs up, gives up calling, or declines, whichever is due.
func (m *Manager) HangUp(ctx context.Context, user, id string) error {
	return m.command(ctx, user, id, func(s *session, p *party) error {
		s.end(leg.Cause{Reason: s.hangUpReason(p), Text: "by command of " + user}, closedBySeat)
		return nil
	})
}

// hangUpReason is what it means that p leaves now.
func (s *session) hangUpReason(p *party) leg.Reason {
	switch {
	case !s.answered.IsZero():
		return leg.Normal
	case p == s.caller:
		return leg.Cancelled
	}
	return leg.Rejected
}
