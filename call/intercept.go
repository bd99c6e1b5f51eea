package call

import (
	"context"
	"time"

	"seatbridge/leg"
)

const (
	// interceptTime is how long the supervisor's sound may take to be seen before the agent gets the call back.
	interceptTime = time.Second
	// interceptLook is how often it is looked for.
	interceptLook = 20 * time.Millisecond
)

// intercept is a supervisor that takes an agent's place: at once in the table, for good once its sound flows.
type intercept struct {
	supervisor, agent *party
	mode              Mode      // that the supervisor goes back to
	packets           uint64    // that the supervisor had sent before
	next              time.Time // to look
	until             time.Time
	answer            func(error)
}

func (i *intercept) concerns(p *party) bool { return i != nil && (p == i.supervisor || p == i.agent) }

// Intercept has the supervisor who monitors the session take the agent's place. It returns once the supervisor's sound
// was seen to flow, and the agent is hung up then. Where it does not within a second the agent keeps the call, and the
// error is CodeUnavailable. The tab is as in Accept.
func (m *Manager) Intercept(ctx context.Context, user, id, tab string) error {
	if err := m.maySupervise(user, "intercept", id); err != nil {
		return err
	}
	return m.ask(ctx, user, id, func(s *session, answer func(error)) error {
		if s.byUser(user) == nil && !s.ending() {
			return Errorf(CodeWrongState, "monitor the session first") // who may supervise may know that it is there
		}
		return s.command(user, func(s *session, p *party) error { return s.takeOver(p, tab, answer) })
	})
}

// takeOver puts the supervisor into the agent's place.
func (s *session) takeOver(p *party, tab string, answer func(error)) error {
	agent := s.agent()
	switch {
	case p.role != RoleSupervisor || p.state != stateAnswered:
		return Errorf(CodeWrongState, "only who monitors the session can take it over")
	case p.muted || p.held:
		return Errorf(CodeWrongState, "nobody would hear you: you are muted, or have the call on hold")
	case s.busy():
		return Errorf(CodeWrongState, "the call is just being handed over")
	case s.status != StatusInProgress || agent == nil:
		return Errorf(CodeWrongState, "there is no agent whose place to take")
	}
	now := time.Now()
	s.takeover = &intercept{
		supervisor: p, agent: agent, mode: p.mode, packets: p.leg.Info().Receive.Packets,
		next: now.Add(interceptLook), until: now.Add(interceptTime), answer: answer,
	}
	p.role, p.mode, p.tab, agent.room = RoleAgent, "", tab, roomAway
	s.log.Info("intercept", "leg", p.id, "user", p.user, "agent", agent.user)
	return errLater
}

// watchTakeover looks whether the supervisor's sound flows.
func (s *session) watchTakeover(now time.Time) {
	i := s.takeover
	i.next = now.Add(interceptLook)
	switch {
	case i.supervisor.leg.Info().Receive.Packets > i.packets:
		s.takeoverDone()
	case !now.Before(i.until):
		s.takeoverFailed(Errorf(CodeUnavailable, "no sound comes from your device, so the agent keeps the call"))
	}
}

// takeoverDone makes the exchange final.
func (s *session) takeoverDone() {
	i := s.takeover
	s.takeover = nil
	s.dismiss(i.agent, leg.Cause{Reason: leg.Intercepted, Text: "taken over by " + i.supervisor.user}, closedByAdmin)
	now := time.Now()
	i.supervisor.times = times{called: now, answered: now} // of its part, which begins only now
	i.agent.handOverTo(i.supervisor)
	s.wrapUp(i.supervisor.user, i.agent.group)
	s.log.Info("intercepted", "leg", i.supervisor.id, "user", i.supervisor.user, "agent", i.agent.user)
	s.accessed(i.supervisor.user)
	i.answer(nil)
}

// takeoverFailed gives the agent the call back.
func (s *session) takeoverFailed(err error) {
	i := s.takeover
	s.takeover = nil
	s.tellHoldOver(i.supervisor)
	i.supervisor.role, i.supervisor.mode, i.agent.room = RoleSupervisor, i.mode, roomMain
	s.log.Info("intercept failed", "leg", i.supervisor.id, "user", i.supervisor.user, "reason", err.Error())
	i.answer(err)
}

// takeoverLost goes on without one of the two: without the agent the exchange is final at once.
func (s *session) takeoverLost(p *party) {
	if p == s.takeover.agent {
		s.takeoverDone()
		return
	}
	s.takeoverFailed(Errorf(CodeUnavailable, "your device hung up, so the agent keeps the call"))
}
