package rtc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"sync"

	"seatbridge/leg"
)

// The errors of New, Connect, Candidate and Caller.
var (
	// ErrOffer says that the offer can't be answered; what is wrong with it follows.
	ErrOffer = errors.New("rtc: unusable offer")
	// ErrCandidate says that a candidate is none.
	ErrCandidate = errors.New("rtc: malformed candidate")
	// ErrNoLogin says that the login has no connection.
	ErrNoLogin = errors.New("rtc: no such login")
	// ErrBusy says that the login's connection carries a leg already.
	ErrBusy = errors.New("rtc: login has a leg already")
	// ErrFull says that there are as many connections as MaxPeers allows.
	ErrFull = errors.New("rtc: too many connections")
	// ErrClosed says that the Server was closed.
	ErrClosed = errors.New("rtc: server closed")
)

// Server owns the peer connections of all browsers. It implements Gateway, and leg.Dialer for Destination.User.
type Server struct {
	config  Config
	log     *slog.Logger
	metrics *Metrics
	pion    *pion
	guard   *guard
	mux     *mux
	abuse   chan netip.AddrPort // from the guard
	stop    chan struct{}       // closed by Close
	running sync.WaitGroup      // peers, legs and run; added to with mu held and closed unset

	// mu guards the table and what is marked so in login. Of all packets only the end of a digit takes it.
	mu     sync.Mutex
	closed bool
	peers  int                 // that have not ended
	users  map[string][]*login // in the order in which they came
}

var (
	_ Gateway    = (*Server)(nil)
	_ leg.Dialer = (*Server)(nil)
)

// New serves browsers on the socket until Close.
func New(c Config) (*Server, error) {
	if c.Conn == nil {
		return nil, errors.New("rtc: no socket")
	}
	c.setDefaults()
	s := &Server{
		config: c, log: c.Logger, metrics: c.Metrics,
		abuse: make(chan netip.AddrPort, 16), stop: make(chan struct{}), users: map[string][]*login{},
	}
	// The kernel's default holds 10 ms of a thousand browsers. Where it does not allow more, it is as it is.
	_ = c.Conn.SetReadBuffer(4 << 20)
	s.guard = newGuard(c.Conn, &c, s.abuse, s.stop)
	logs := newPionLog(c.Logger)
	var err error
	if s.mux, err = newMux(s.guard, c.Advertise); err != nil {
		return nil, err
	}
	if s.pion, err = newPion(&s.config, s.mux, logs, s.stop); err != nil {
		return nil, errors.Join(err, s.mux.Close())
	}
	s.running.Go(s.run)
	return s, nil
}

// Addr is the local address of the UDP port.
func (s *Server) Addr() netip.AddrPort { return s.mux.local }

// run closes the connections of browsers that the guard reports.
func (s *Server) run() {
	for {
		select {
		case addr := <-s.abuse:
			if p := s.peerAt(addr); p != nil {
				p.close(endedAbuse)
			}
		case <-s.stop:
			return
		}
	}
}

// peerAt finds the connection whose browser has the address.
func (s *Server) peerAt(addr netip.AddrPort) *peer {
	s.mu.Lock()
	var all []*peer
	for _, logins := range s.users {
		for _, l := range logins {
			all = append(all, l.peer)
		}
	}
	s.mu.Unlock()
	for _, p := range all {
		if p.remote() == addr {
			return p
		}
	}
	return nil
}

// Connect makes or replaces the PeerConnection of a login from the browser's offer and returns the answer. An offer of
// the PeerConnection that the login has already is a renegotiation or an ICE restart; one of another (the page was
// loaded anew) replaces it, and a leg that the login carries goes on.
func (s *Server) Connect(ctx context.Context, user, login, offer string) (answer string, err error) {
	o, err := parseOffer(offer)
	if err != nil {
		s.metrics.offers.WithLabelValues("refused").Inc()
		return "", err
	}
	p, kind, err := s.peerFor(user, login, o)
	if err != nil {
		s.metrics.offers.WithLabelValues("refused").Inc()
		return "", err
	}
	answer, err = p.negotiate(ctx, o)
	if err != nil {
		s.metrics.offers.WithLabelValues("failed").Inc()
		if kind != renegotiated || p.stuck() {
			p.close(endedNegotiation)
		}
		return "", err
	}
	s.metrics.offers.WithLabelValues(kind).Inc()
	return answer, nil
}

// renegotiated is what an offer did that came on a connection which is there.
const renegotiated = "renegotiate"

// peerFor finds or makes the connection that an offer is for, and says what the offer does.
func (s *Server) peerFor(user, id string, o offer) (p *peer, kind string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, "", ErrClosed
	}
	l := s.find(user, id)
	if l != nil && l.peer.connection == o.connection {
		if o.ears != len(l.peer.tracks) {
			return nil, "", fmt.Errorf("%w: %d m-lines, %d before", ErrOffer, o.ears, len(l.peer.tracks))
		}
		return l.peer, renegotiated, nil
	}
	if s.peers >= s.config.MaxPeers {
		return nil, "", ErrFull
	}
	kind = "replace"
	if l == nil {
		kind, l = "new", s.newLogin(user, id)
	}
	if p, err = s.newPeer(l, o); err != nil {
		return nil, "", err
	}
	if l.peer != nil {
		l.peer.close(endedReplaced)
	} else {
		s.users[user] = append(s.users[user], l)
	}
	l.peer = p
	s.move(l, StateConnecting)
	if l.leg != nil {
		l.leg.tellState(StateConnecting)
	}
	s.peers++
	s.running.Go(p.run)
	return p, kind, nil
}

// Candidate takes a trickled candidate. An ICE-lite agent learns the browser's addresses from the browser's own checks
// (RFC 8445 section 2.5) and never sends to one that was only told to it, so the candidate is looked at no further.
func (s *Server) Candidate(user, login, candidate string) error {
	if len(candidate) > maxCandidate {
		return fmt.Errorf("%w: longer than %d bytes", ErrCandidate, maxCandidate)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.find(user, login) == nil {
		return ErrNoLogin
	}
	return nil
}

// maxCandidate is the longest candidate taken, in bytes.
const maxCandidate = 1024

// Disconnect closes the login's connection; its leg ends.
func (s *Server) Disconnect(user, login string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.find(user, login); l != nil {
		s.remove(l, endedLogout)
		l.peer.close(endedLogout)
	}
}

// find finds a login; mu is held.
func (s *Server) find(user, id string) *login {
	for _, l := range s.users[user] {
		if l.id == id {
			return l
		}
	}
	return nil
}

// remove takes a login out of the table and tells its leg; mu is held. It does nothing the second time.
func (s *Server) remove(l *login, why string) {
	i := slices.Index(s.users[l.user], l)
	if i < 0 {
		return
	}
	if s.users[l.user] = slices.Delete(s.users[l.user], i, i+1); len(s.users[l.user]) == 0 {
		delete(s.users, l.user)
	}
	if l.leg != nil {
		l.leg.tellGone(why)
	}
}

// Close ends all legs and connections, and waits until nothing of the Server runs any more.
func (s *Server) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		s.running.Wait()
		return nil
	}
	s.closed = true
	for _, logins := range s.users {
		for _, l := range logins {
			if l.leg != nil {
				l.leg.tellEnd(leg.Cause{Reason: leg.Shutdown})
			}
			l.peer.close(endedShutdown)
		}
	}
	s.mu.Unlock()
	close(s.stop)
	s.running.Wait()
	return s.mux.Close()
}
