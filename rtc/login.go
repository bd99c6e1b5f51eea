package rtc

import (
	"sync"
	"time"

	"github.com/pion/rtp"

	"seatbridge/dtmf"
	"seatbridge/media"
)

// login is a browser that is logged in: what it says and the ears that it has. It outlives its connections.
type login struct {
	user, id string
	server   *Server
	in       *media.Receiver
	ears     []*ear // never changes; an offer with fewer m-lines leaves the last ones unbound

	// Guarded by the Server's mu.
	peer  *peer    // the running connection
	state State    // of peer
	leg   *callLeg // that the login carries; nil where it carries none

	pushing sync.Mutex // a track that ends and the one that follows it do not push at the same time
	talker  *peer      // whose packets are taken; guarded by pushing
}

func (s *Server) newLogin(user, id string) *login {
	l := &login{user: user, id: id, server: s}
	l.in = media.NewReceiver(media.ReceiverConfig{Digit: l.digit})
	for range maxEars {
		e := &ear{}
		e.sender = media.NewSender(media.SenderConfig{Writer: e, Added: s.config.Added})
		l.ears = append(l.ears, e)
		s.config.Media.Track(e.sender)
	}
	s.config.Media.Track(l.in)
	return l
}

// port is what the bridge gets: the ears that the running connection has. The Server's mu is held.
func (l *login) port() media.Port {
	p := media.Port{In: l.in}
	for _, e := range l.ears[:len(l.peer.tracks)] {
		p.Ears = append(p.Ears, e.sender)
	}
	return p
}

// setFormats takes what was negotiated on a connection.
func (l *login) setFormats(f media.Formats) {
	l.in.SetFormats(f)
	for i, e := range l.ears {
		e.setFormats(f, i == 0)
	}
}

// push takes a packet that the browser sent on a connection.
func (l *login) push(p *peer, h *rtp.Header, payload []byte, now time.Time) {
	l.pushing.Lock()
	defer l.pushing.Unlock()
	if p == l.talker {
		l.in.Push(h, payload, now)
	}
}

// setTalker says whose packets are taken from now on.
func (l *login) setTalker(p *peer) {
	l.pushing.Lock()
	defer l.pushing.Unlock()
	l.talker = p
}

// digit is told a digit that the browser's user pressed.
func (l *login) digit(e dtmf.Event, length time.Duration) {
	l.server.mu.Lock()
	defer l.server.mu.Unlock()
	if l.leg != nil {
		l.leg.tellDigit(e, length)
	}
}

// close frees what the login holds.
func (l *login) close() {
	l.in.SetSink(nil)
	l.server.config.Media.Untrack(l.in)
	for _, e := range l.ears {
		e.sender.Close()
		l.server.config.Media.Untrack(e.sender)
	}
}
