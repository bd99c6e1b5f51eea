package call

import "context"

// Accept answers the call that rings at the seat, in its user's place. A device that can't be told to is
// CodeUnavailable: its user must pick up. The tab is what the page that does it calls itself; it may be empty. What
// comes of it at a desk phone is told by events: where the phone takes the command and does not answer, and its user
// lifts the handset after all, the tab counts as the one that answered.
func (m *Manager) Accept(ctx context.Context, user, id, tab string) error {
	return m.command(ctx, user, id, func(s *session, p *party) error {
		if p.state == stateAnswered || p.state == stateCalling || p.state == stateListening {
			return Errorf(CodeWrongState, "nothing rings at the seat")
		}
		if !p.leg.Pickup() {
			return Errorf(CodeUnavailable, "lift the handset: the phone does not let itself be answered from here")
		}
		p.tab = tab
		return nil
	})
}

// pickupRefused forgets the tab: if the call is answered, then by hand.
func (s *session) pickupRefused(p *party) {
	s.log.Info("the device refuses to answer by command", "leg", p.id)
	p.tab = ""
}
