package api

import (
	"time"

	"seatbridge/call"
)

// TicketLife is how long a Ticket opens a login.
const TicketLife = 10 * time.Minute

// Ticket makes a login token for a user whom somebody else has authenticated. It logs in once, or as often as one likes
// until it expires.
func (s *Server) Ticket(user string, once bool) (token string, expires time.Time) {
	return s.tokens.ticket(user, once, time.Now())
}

func (t *tokens) ticket(user string, once bool, now time.Time) (secret string, expires time.Time) {
	tok := token{user: user, purpose: forLogin, expires: now.Add(TicketLife), again: !once}
	return t.put(tok), tok.expires
}

// KickOut logs the user's browser out at once, and tells it so. It says whether one was logged in.
func (s *Server) KickOut(user string) bool {
	l := s.logins.user(user)
	if l == nil {
		return false
	}
	l.kick(newEvent(call.Event{Type: eventKickedOut}))
	s.forget(l, "kicked out")
	return true
}
