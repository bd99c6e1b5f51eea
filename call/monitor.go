package call

import (
	"context"
	"slices"

	"seatbridge/leg"
	"seatbridge/seat"
)

// Mode is how a supervisor takes part in a session.
type Mode string

// The modes.
const (
	ModeMonitor Mode = "monitor" // hears all, is heard by nobody
	ModeWhisper Mode = "whisper" // hears all, is heard by the agent alone
	ModeBarge   Mode = "barge"   // hears all, is heard by all
)

// Supervise has an administrator or quality inspector monitor a session, by a leg to their device of the moment, or
// changes the mode of one who does. Whisper and barge are for who monitors already. That it was asked for stands in
// the log (audit) before any sound flows.
func (m *Manager) Supervise(ctx context.Context, user, id string, mode Mode) error {
	if err := m.maySupervise(user, string(mode), id); err != nil {
		return err
	}
	return m.ask(ctx, user, id, func(s *session, _ func(error)) error {
		switch p := s.byUser(user); {
		case s.ending():
			return Errorf(CodeWrongState, "the session has ended")
		case p != nil && p.role != RoleSupervisor,
			p == nil && slices.Contains(s.seats, user): // it has yet to be called
			return Errorf(CodeWrongState, "you take part in the session yourself")
		case p != nil:
			s.setMode(p, mode)
			return nil
		case mode != ModeMonitor:
			return Errorf(CodeWrongState, "monitor the session first")
		}
		return s.monitor(user)
	})
}

// maySupervise checks the role and writes the audit line.
func (m *Manager) maySupervise(user, what, id string) error {
	allowed := m.config.Seats.Has(user, seat.RoleAdministrator, seat.RoleQualityInspector)
	m.config.Log.Info("supervision", "audit", what, "user", user, "session", id, "allowed", allowed)
	if !allowed {
		return Errorf(CodeForbidden, "only administrators and quality inspectors may supervise")
	}
	return nil
}

// monitor calls the supervisor's device in.
func (s *session) monitor(user string) error {
	t, cause := s.manager.router.user(user)
	switch {
	case cause != nil:
		s.manager.denied(cause, user, user, s.id)
		return commandError(cause)
	case len(s.parties) >= maxParties/2: // the other half is for transfers
		return Errorf(CodeBusy, "the session has had too many parties")
	}
	p := t.party()
	p.role, p.mode = RoleSupervisor, ModeMonitor
	if err := s.invite(p, t, leg.Dial{From: s.callerShown(t), AutoAnswer: true}); err != nil {
		return err
	}
	s.tell(user, Event{Type: EventMonitor, Mode: p.mode})
	if s.secure {
		s.tell(user, Event{Type: EventSecureDigits, Secure: true})
	}
	p.leg.Pickup() // a browser's user has said by the command that it wants to listen
	return nil
}

func (s *session) setMode(p *party, mode Mode) {
	if p.mode == mode {
		return
	}
	p.mode = mode
	s.log.Info("supervision mode", "leg", p.id, "user", p.user, "mode", string(mode))
	s.tell(p.user, Event{Type: EventMonitor, Mode: mode})
}

// Leave ends a supervisor's part in a session, which goes on.
func (m *Manager) Leave(ctx context.Context, user, id string) error {
	return m.command(ctx, user, id, func(s *session, p *party) error {
		if p.role != RoleSupervisor {
			return Errorf(CodeWrongState, "you do not supervise the session")
		}
		s.dismiss(p, leg.Cause{Reason: leg.Normal, Text: "by command of " + user}, closedBySeat)
		return nil
	})
}
