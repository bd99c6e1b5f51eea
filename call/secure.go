package call

import "context"

// SetSecureDigits keeps the digits that the customer presses from everybody else, or stops to: they are not passed on
// in any way, and events and logs say only that there was one.
func (m *Manager) SetSecureDigits(ctx context.Context, user, id string, on bool) error {
	return m.command(ctx, user, id, func(s *session, p *party) error {
		if !s.talks(p) {
			return Errorf(CodeWrongState, "only who talks to the customer can do that")
		}
		s.setSecure(on, user)
		return nil
	})
}

// setSecure holds for the session until it ends, whoever has the call then. user is who said so, empty where it came
// with the customer.
func (s *session) setSecure(on bool, user string) {
	if s.secure == on {
		return
	}
	s.secure = on
	s.log.Info("secure digits", "on", on, "user", user)
	s.tellAll(Event{Type: EventSecureDigits, Secure: on})
}
