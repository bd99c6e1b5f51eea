package api

import (
	"crypto/sha256"
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

// serve trades a ticket for the token in the SDK that is served for it, to a page of an origin. The token lasts as long
// as the ticket, and logs in once. A ticket is good for that once, also one that logs in as often as one likes.
func (t *tokens) serve(ticket, page string, now time.Time) (secret, user string, ok bool) {
	hash := sha256.Sum256([]byte(ticket))
	t.mu.Lock()
	tok, ok := t.byHash[hash]
	ok = ok && tok.purpose == forLogin && !tok.served && now.Before(tok.expires)
	if ok && tok.again {
		used := tok
		used.served = true
		t.byHash[hash] = used
	} else if ok {
		delete(t.byHash, hash)
	}
	t.mu.Unlock()
	if !ok {
		return "", "", false
	}
	tok.again, tok.served, tok.page = false, true, page // what is in a served script opens no other
	return t.put(tok), tok.user, true
}

// isPage says that a live token is for a page of this origin.
func (t *tokens) isPage(origin string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, tok := range t.byHash {
		if tok.page == origin && now.Before(tok.expires) {
			return true
		}
	}
	return false
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
