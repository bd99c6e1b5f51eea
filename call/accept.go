package call

import "context"

// Accept answers the call that rings at the seat, in its user's place. A device that can't be told to is
// CodeUnavailable: its user must pick up. The tab is what the page that does it calls itself; it may be empty.
func (m *Manager) Accept(ctx context.Context, user, id, tab string) error {
	return m.command(ctx, user, id, func(s *session, p *party) error {
		if p.state == stateAnswered || p.state == stateCalling || p.state == stateListening {
			return Errorf(CodeWrongState, "nothing rings at the seat")
		}
		if !p.leg.Pickup() {
			return Errorf(CodeUnavailable, "the device must be picked up by hand")
		}
		p.tab = tab
		return nil
	})
}
