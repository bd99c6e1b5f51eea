package call

import "context"

// SetHeld puts the other side on hold, where it hears music, or takes it back. The seat hears and is heard by nobody
// meanwhile, but for a supervisor who whispers to it or listens.
func (m *Manager) SetHeld(ctx context.Context, user, id string, held bool) error {
	return m.command(ctx, user, id, func(s *session, p *party) error {
		switch {
		case !s.talks(p):
			return Errorf(CodeWrongState, "only who talks to somebody can hold")
		case s.busy():
			return Errorf(CodeWrongState, "the call is just being handed over")
		case p.holding && held:
			return Errorf(CodeWrongState, "the call is on hold already")
		case !p.holding && !held:
			return Errorf(CodeWrongState, "the call is not on hold")
		}
		s.hold(p, held)
		return nil
	})
}

// talks says that a party is in the conversation.
func (s *session) talks(p *party) bool {
	return s.status == StatusInProgress && p.role.converses() && p.state == stateAnswered
}

// busy says that the call is being handed over, so that other changes of who talks have to wait.
func (s *session) busy() bool { return s.transfer != nil || s.takeover != nil || s.joining != nil }

func (s *session) hold(p *party, held bool) {
	before := p.lostReason()
	p.holding = held
	s.log.Debug("held", "leg", p.id, "held", held, "by", "command")
	s.tellAll(Event{Type: EventHeld, Held: held, By: p.user})
	s.stillLost(p, before)
}

// heldChanged notes that a party's device put the other side on hold, or took it back; the table does the rest.
func (s *session) heldChanged(p *party, held bool) {
	if p.held == held {
		return
	}
	p.held = held
	s.log.Debug("held", "leg", p.id, "held", held, "by", "device")
	if p.role.converses() {
		s.tellAll(Event{Type: EventHeld, Held: held, By: p.user})
	}
}
