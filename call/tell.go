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
	own, peer := s.plan.caller, s.plan.callee
	if user == peer.user {
		own, peer = peer, own
	}
	e.User, e.SessionID, e.At, e.Direction = user, s.id, time.Now(), s.plan.direction
	e.Caller, e.Callee = s.plan.from, s.plan.to
	e.ServerType, e.PeerUser = string(own.device), peer.user
	if user == s.plan.caller.user {
		e.Tab = s.plan.tab
	}
	s.guard(func() { s.emit(e) })
}

// tellAll tells every seat in the session.
func (s *session) tellAll(e Event) {
	for _, p := range s.parties {
		s.tell(p.user, e)
	}
}
