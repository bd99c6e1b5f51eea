package api

import (
	"sync"

	"seatbridge/call"
)

// logins are the browsers that are logged in, one for each user.
type logins struct {
	mu     sync.Mutex
	byUser map[string]*login
	byID   map[string]*login
}

func newLogins() *logins {
	return &logins{byUser: make(map[string]*login), byID: make(map[string]*login)}
}

// add makes l its user's login and returns the one that it replaces, if any.
func (ls *logins) add(l *login) (replaced *login) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if replaced = ls.byUser[l.user]; replaced != nil {
		delete(ls.byID, replaced.id)
	}
	ls.byUser[l.user], ls.byID[l.id] = l, l
	return replaced
}

// remove is false where l was removed or replaced before.
func (ls *logins) remove(l *login) bool {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if ls.byID[l.id] != l {
		return false
	}
	delete(ls.byID, l.id)
	delete(ls.byUser, l.user)
	return true
}

func (ls *logins) user(user string) *login {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	return ls.byUser[user]
}

func (ls *logins) id(id string) *login {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	return ls.byID[id]
}

func (ls *logins) all() []*login {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	all := make([]*login, 0, len(ls.byID))
	for _, l := range ls.byID {
		all = append(all, l)
	}
	return all
}

// logIn makes a new login for the user; the newest wins.
func (s *Server) logIn(user string) (l *login, resumeToken string) {
	l, resumeToken = newLogin(user, s.config.Limits.Recent)
	if old := s.logins.add(l); old != nil {
		old.kick(newEvent(call.Event{Type: eventKickedOut, User: user}))
		s.config.Media.Disconnect(user, old.id)
		s.log.Info("kicked out", "user", user, "login", old.id)
	} else {
		s.metrics.logins.Inc()
		_ = s.config.Seats.LoggedIn(user) // the one error would be an unknown user, and tokens are for known ones
	}
	s.log.Info("logged in", "user", user, "login", l.id)
	return l, resumeToken
}

// forget removes a login that is gone, and its peer connection.
func (s *Server) forget(l *login, why string) {
	if !s.logins.remove(l) {
		return
	}
	s.metrics.logins.Dec()
	_ = s.config.Seats.LoggedOut(l.user) // see logIn
	s.config.Media.Disconnect(l.user, l.id)
	s.log.Info("logged out", "user", l.user, "login", l.id, "why", why)
}
