package call

import "seatbridge/leg"

// soundLost and soundBack tell every seat in the session that a party's sound stopped, or is there again. Ending the
// session for it is the leg's to decide: it ends with MediaDead.
func (s *session) soundLost(p *party, reason string) {
	p.lost = reason
	reason = p.lostReason()
	s.log.Info("media lost", "leg", p.id, "reason", reason)
	s.metrics.soundLost.WithLabelValues(string(p.kind), reason).Inc()
	s.tellOfSound(p, Event{Type: EventMediaLost, Reason: reason})
}

// lostReason is why the party's sound is lost: where just nothing comes, by what is known of it here.
func (p *party) lostReason() string {
	switch {
	case p.lost != leg.LostNoPackets:
		return p.lost
	case p.muted:
		return leg.LostMuted
	case p.held || p.holding:
		return leg.LostHeld
	}
	return p.lost
}

// stillLost tells why a party's sound is lost, where that has become something else than before.
func (s *session) stillLost(p *party, before string) {
	if p.lost != "" && p.lostReason() != before {
		s.soundLost(p, p.lost)
	}
}

func (s *session) soundBack(p *party) {
	p.lost = ""
	s.log.Info("media back", "leg", p.id)
	s.tellOfSound(p, Event{Type: EventMediaBack})
}

// tellOfSound tells a supervisor alone of its own sound: it would betray a monitor to the agent. One who only monitors
// is told nothing, as it is to send nothing.
func (s *session) tellOfSound(p *party, e Event) {
	e.By = p.user
	switch {
	case p.role != RoleSupervisor:
		s.tellAll(e)
	case p.mode != ModeMonitor:
		s.tell(p.user, e)
	}
}
