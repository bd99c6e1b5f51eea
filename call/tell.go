package call

import (
	"slices"
	"time"
)

// tell tells a user something about the session. A watcher's fault is not the session's.
func (s *session) tell(user string, e Event) {
	if user == "" {
		return
	}
	if !slices.Contains(s.told, user) {
		s.told = append(s.told, user)
	}
	e.User, e.SessionID, e.At, e.Direction, e.Answered = user, s.id, time.Now(), s.plan.direction, s.answered
	e.Caller, e.Callee = s.plan.from, s.plan.to
	if s.plan.protectCaller {
		e.Caller = masked(e.Caller)
		e.ProtectedCaller = e.Caller.Number
	}
	if s.plan.protectCallee {
		e.Callee = s.calleeShown()
		e.ProtectedCallee = e.Callee.Number
	}
	switch caller, callee := s.plan.caller, s.plan.callee; user {
	case caller.user:
		e.ServerType, e.PeerUser, e.Tab = string(caller.device), callee.user, s.plan.tab
	case callee.user:
		e.ServerType, e.PeerUser = string(callee.device), caller.user
	default:
		s.tellLater(user, &e)
	}
	if e.Type == EventCallIn || e.Type == EventUserAccessed {
		e.IVRPath = s.path
	}
	if p := s.byUser(user); p != nil && e.Type == EventUserAccessed {
		e.Tab = p.tab
	}
	s.guard(func() { s.emit(e) })
}

// accessed tells a user who came into the session later that it is in the call, and how that stands.
func (s *session) accessed(user string) {
	s.tell(user, Event{Type: EventUserAccessed})
	if s.secure {
		s.tell(user, Event{Type: EventSecureDigits, Secure: true})
	}
	if s.taping.state != "" {
		s.tell(user, Event{Type: EventRecording, State: s.taping.state})
	}
}

// tellLater fills in what is so for a user who came into the session later. To one who gets the call by a transfer, the
// caller is who is handed over.
func (s *session) tellLater(user string, e *Event) {
	p := s.byUser(user)
	if p == nil {
		return
	}
	e.ServerType, e.Group = string(p.target.device), p.group
	if s.isTarget(p) || s.transfer != nil && s.queue.concerns(p) {
		e.PeerUser, e.Callee = s.transfer.by.user, p.target.shown
		for _, far := range s.parties {
			if far.isThere() && far.role.converses() && !s.transfer.concerns(far) && !s.queue.concerns(far) {
				e.Caller = s.shownTo(far)
			}
		}
	}
}

// tellAll tells every seat in the session.
func (s *session) tellAll(e Event) {
	for _, p := range s.parties {
		if !p.left {
			s.tell(p.user, e)
		}
	}
}
