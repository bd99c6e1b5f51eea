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

// isPage says that somebody is logged in from a page of this origin elsewhere.
func (ls *logins) isPage(origin string) bool {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	for _, l := range ls.byID {
		if l.page == origin {
			return true
		}
	}
	return false
}

// logIn makes a new login for the user, of a page elsewhere or, where it is empty, of ours; the newest wins. Tokens are for known users, so that Seats knows them too.
func (s *Server) logIn(user, page string) (l *login, resumeToken string) {
	l, resumeToken = newLogin(user, page, s.config.Limits.Recent)
	s.metrics.logins.Inc()
	_ = s.config.Seats.LoggedIn(user)
	s.log.Info("logged in", "user", user, "login", l.id)
	if old := s.logins.add(l); old != nil {
		old.kick(newEvent(call.Event{Type: eventKickedOut}))
		s.ended(old, "kicked out")
	}
	return l, resumeToken
}

// forget removes a login that is gone, unless a newer one has replaced it.
func (s *Server) forget(l *login, why string) {
	if s.logins.remove(l) {
		s.ended(l, why)
	}
}

// ended tells everyone that a login is no more.
func (s *Server) ended(l *login, why string) {
	s.metrics.logins.Dec()
	_ = s.config.Seats.LoggedOut(l.user)
	s.config.Media.Disconnect(l.user, l.id)
	s.log.Info("logged out", "user", l.user, "login", l.id, "why", why)
}
