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

// tellHoldOver tells that a party which steps out of the conversation holds nobody any more.
func (s *session) tellHoldOver(p *party) {
	if (p.held || p.holding) && p.role.converses() {
		s.tellAll(Event{Type: EventHeld, By: p.user})
	}
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

// tellWaiting has the legs of those who wait know it: a carrier may want to.
func (s *session) tellWaiting() {
	if s.status != StatusInProgress {
		return
	}
	for _, p := range s.parties {
		if waits := s.waits(p); waits != p.waits {
			p.waits = waits
			p.leg.Hold(waits)
		}
	}
}

// waits says that a party in the conversation hears nobody because the other side holds it or talks elsewhere.
func (s *session) waits(p *party) bool {
	if !s.talks(p) || p.holding || s.transfer != nil && p == s.transfer.by || len(s.table[p.id].Speakers) > 0 {
		return false
	}
	o := s.other(p)
	return o == nil || o.held || o.holding || o.state != stateAnswered
}
