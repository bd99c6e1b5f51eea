package rtc

import (
	"context"
	"errors"
	"net/netip"

	"seatbridge/leg"
)

// The errors of Connect, Candidate and Caller.
var (
	// ErrOffer says that the offer can't be answered; what is wrong with it follows.
	ErrOffer = errors.New("rtc: unusable offer")
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
type Server struct{}

var (
	_ Gateway    = (*Server)(nil)
	_ leg.Dialer = (*Server)(nil)
)

// New binds the UDP port and serves browsers until Close.
func New(c Config) (*Server, error) { return &Server{}, nil }

// Addr is the local address of the UDP port.
func (s *Server) Addr() netip.AddrPort { return netip.AddrPort{} }

// Connect makes or replaces the PeerConnection of a login from the browser's offer and returns the answer. An offer of
// the PeerConnection that the login has already is a renegotiation or an ICE restart; one of another (the page was
// loaded anew) replaces it, and a leg that the login carries goes on.
func (s *Server) Connect(ctx context.Context, user, login, offer string) (answer string, err error) {
	return "", ErrClosed
}

// Candidate takes a trickled candidate. An ICE-lite agent learns the browser's addresses from the browser's own checks
// (RFC 8445 section 2.5) and never sends to one that was only told to it, so the candidate is looked at no further.
func (s *Server) Candidate(user, login, candidate string) error { return ErrNoLogin }

// Disconnect closes the login's connection; its leg ends.
func (s *Server) Disconnect(user, login string) {}

// Dial starts a leg towards the user d.To.User: Ringing when the user's newest login is connected or about to be, else
// Ended{Unavailable}; Ended{Busy} when it carries a leg already.
func (s *Server) Dial(d leg.Dial, o leg.Observer) leg.Leg { return nil }

// Caller makes the leg of a browser that places a call, on the user's newest login. It fails with ErrNoLogin and
// ErrBusy.
func (s *Server) Caller(user, id string, o leg.Observer) (leg.Leg, error) { return nil, ErrNoLogin }

// Close ends all legs and connections, and waits until nothing of the Server runs any more.
func (s *Server) Close() error { return nil }
