package api

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"sync"
	"time"
)

// login is one browser that is logged in. It outlives its socket for a while, and keeps its latest events for the next.
type login struct {
	id     string
	user   string
	secret [sha256.Size]byte // hash of the resume token
	keep   int               // events
	page   string            // the origin of its page, where that is elsewhere and known by a ticket alone

	telling sync.Mutex // orders what the page is told about its seat; taken before mu
	told    statusView // guarded by telling

	mu     sync.Mutex
	gone   bool // logged out, kicked out or forgotten: for ever
	socket *socket
	away   time.Time // since when there is no socket
	seq    uint64    // of the latest event
	recent []sentEvent
	// holding is true while a snapshot is being taken: events that come meanwhile must follow it.
	holding bool
}

// sentEvent is an event as it went, or will go, to the browser.
type sentEvent struct {
	seq     uint64
	message []byte
}

// newLogin makes a login and the token by which its browser can resume it.
func newLogin(user, page string, keep int) (l *login, resumeToken string) {
	resumeToken = rand.Text()
	secret := sha256.Sum256([]byte(resumeToken))
	return &login{id: rand.Text(), user: user, page: page, secret: secret, keep: keep, away: time.Now()}, resumeToken
}

// proves says that the token is the one of this login.
func (l *login) proves(resumeToken string) bool {
	hash := sha256.Sum256([]byte(resumeToken))
	return subtle.ConstantTimeCompare(hash[:], l.secret[:]) == 1
}

// attach makes the socket the login's own, in place of one that it may have. The socket is sent the reply, then the
// events after since. Where those are not at hand, complete is false: a snapshot must follow, numbered snapshot, and
// events are held back until release. It is not ok when the login is gone.
func (l *login) attach(s *socket, since *uint64, id string, reply loginData) (snapshot uint64, complete, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.gone {
		return 0, false, false
	}
	if l.socket != nil {
		l.socket.end(closeReplaced)
	}
	l.socket = s
	missed, complete := l.since(since)
	reply.Seq, reply.Resumed = l.seq, complete
	s.send(newReply(id, reply))
	if l.holding = !complete; l.holding {
		l.seq++
		l.recent = nil // nobody can go on from before the snapshot
		return l.seq, false, true
	}
	s.replay(missed)
	return 0, true, true
}

// since finds the events after seq; it is not ok where some are forgotten.
func (l *login) since(seq *uint64) (missed []sentEvent, ok bool) {
	if seq == nil || *seq > l.seq {
		return nil, false
	}
	n := l.seq - *seq
	if n > uint64(len(l.recent)) {
		return nil, false
	}
	return l.recent[uint64(len(l.recent))-n:], true
}

// release sends the snapshot and the events that came since attach, if the socket is still the login's own.
func (l *login) release(s *socket, snapshot eventMessage) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.socket != s {
		return
	}
	l.holding = false
	s.send(marshal(snapshot))
	s.replay(l.recent)
}

// emit numbers an event and sends it, or keeps it for the next socket.
func (l *login) emit(e eventMessage) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.emitLocked(e)
}

func (l *login) emitLocked(e eventMessage) {
	if l.gone {
		return
	}
	l.seq++
	e.Seq = l.seq
	sent := sentEvent{l.seq, marshal(e)}
	if len(l.recent) >= l.keep {
		l.recent = l.recent[1:]
	}
	l.recent = append(l.recent, sent)
	if l.socket != nil && !l.holding {
		l.socket.send(sent.message)
	}
}

// detach tells the login that the socket is closed.
func (l *login) detach(s *socket, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.socket == s {
		l.socket, l.away, l.holding = nil, now, false
	}
}

// expire ends the login if it has been without a socket for too long.
func (l *login) expire(now time.Time, away time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.gone || l.socket != nil || now.Sub(l.away) < away {
		return false
	}
	l.gone = true
	return true
}

// kick ends the login because its user logged in elsewhere, and tells the browser so.
func (l *login) kick(e eventMessage) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.emitLocked(e)
	l.gone = true
	if l.socket != nil {
		l.socket.end(closeKickedOut)
	}
}

// leave ends the login without a word.
func (l *login) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gone = true
}

func (l *login) isGone() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.gone
}

// marshal is for our own message types, which have nothing that JSON cannot say.
func marshal(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}
