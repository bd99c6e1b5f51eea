package call

// soundLost and soundBack tell every seat in the session that a party's sound stopped, or is there again. Ending the
// session for it is the leg's to decide: it ends with MediaDead.
func (s *session) soundLost(p *party, reason string) {
	s.log.Info("media lost", "leg", p.id, "reason", reason)
	s.metrics.soundLost.WithLabelValues(string(p.kind), reason).Inc()
	s.tellAll(Event{Type: EventMediaLost, Reason: reason})
}

func (s *session) soundBack(p *party) {
	s.log.Info("media back", "leg", p.id)
	s.tellAll(Event{Type: EventMediaBack})
}
