package call

import "context"

// SetMuted makes the seat unheard, or heard again.
func (m *Manager) SetMuted(ctx context.Context, user, id string, muted bool) error {
	return m.command(ctx, user, id, func(s *session, p *party) error {
		if p.muted != muted {
			before := p.lostReason()
			p.muted = muted
			s.log.Debug("muted", "leg", p.id, "muted", muted)
			s.tell(user, Event{Type: EventMuted, Muted: muted})
			s.stillLost(p, before)
		}
		return nil
	})
}

// Muted says whether the seat is muted.
func (m *Manager) Muted(ctx context.Context, user, id string) (bool, error) {
	var muted bool
	err := m.command(ctx, user, id, func(_ *session, p *party) error {
		muted = p.muted
		return nil
	})
	if err != nil {
		return false, err // and muted is not ours to read where ctx ended the waiting
	}
	return muted, nil
}
