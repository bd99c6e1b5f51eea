package call

// heldChanged notes that a party's device put the other side on hold, or took it back; the table does the rest.
func (s *session) heldChanged(p *party, held bool) {
	if p.held == held {
		return
	}
	p.held = held
	s.log.Debug("held", "leg", p.id, "held", held)
	s.tellAll(Event{Type: EventHeld, Held: held})
}
