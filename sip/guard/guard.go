// Package guard owns what stands before the SIP parser: sizes, a cheap look at each message, rates and bans by source,
// connection limits.
package guard

import (
	"log/slog"
	"net"
	"net/netip"
	"time"
)

// Rate is a token bucket: PerSecond messages per second in the long run, Burst at once.
type Rate struct {
	PerSecond float64
	Burst     float64
}

// Config sets the limits; every zero value means the default written at its field.
type Config struct {
	MaxMessage int // bytes of one SIP message, at most 32767 (sipgo's read buffer); it defaults to 16384

	// The lanes. A source is one IPv4 address or one IPv6 /64.
	Stranger  Rate // each source that never authenticated; it defaults to 20/s, 60 at once
	Strangers Rate // all such sources together; it defaults to 1000/s, 2000 at once
	Known     Rate // each source that authenticated lately; it defaults to 500/s, 1000 at once
	Allowed   Rate // each source on the allow list (trunks); it defaults to 5000/s, 5000 at once

	// Bans.
	BanAfter  int           // wrong passwords in BanWindow from one source for one user; it defaults to 5
	LockAfter int           // wrong passwords in BanWindow for one user, whatever the source; it defaults to 20
	BanWindow time.Duration // it defaults to 60 s
	BanFor    time.Duration // it defaults to 300 s
	KnownFor  time.Duration // how long a source stays known after it authenticated; it defaults to 2 h

	// Connections (TCP and TLS).
	MaxConns      int           // in all; it defaults to 10000
	MaxConnsPerIP int           // for each source that is not allow-listed; it defaults to 20
	FirstMessage  time.Duration // to finish TLS, and again to send a first full message; it defaults to 5 s
	Idle          time.Duration // without message or keep-alive; it defaults to 120 s
	WriteTimeout  time.Duration // for one write; it defaults to 5 s

	// RecycleAfter is the number of new UDP sources after which sipgo is made to forget them; it defaults to 50000.
	RecycleAfter int
}

// Guard holds the state that all sockets share. It is safe for concurrent use and keeps a fixed amount of memory,
// whatever arrives.
type Guard struct {
	cfg Config
}

// New makes a Guard.
func New(cfg Config, log *slog.Logger, m *Metrics) *Guard { return &Guard{cfg: cfg} }

// SetAllowed replaces the allow list: the addresses of the trunks.
func (g *Guard) SetAllowed(prefixes []netip.Prefix) {}

// AuthFailed counts a wrong password; after too many the source is dropped silently for a while. From a source that
// authenticated lately (an office behind one address) only that user is.
func (g *Guard) AuthFailed(source netip.Addr, user string) {}

// AuthPassed makes the source known, and forgives the user's former failures from it.
func (g *Guard) AuthPassed(source netip.Addr, user string) {}

// AuthPermitted says whether credentials of user from source are looked at.
func (g *Guard) AuthPermitted(source netip.Addr, user string) bool { return true }

// PacketConn puts the guard before a UDP socket.
func (g *Guard) PacketConn(c net.PacketConn) *PacketConn { return &PacketConn{PacketConn: c} }

// Listener puts the guard before a TCP listener, or before a TLS one (tls.NewListener around TCP). transport is the
// label for metrics and for closed, which may be nil and is told the remote address of each connection that ended.
func (g *Guard) Listener(l net.Listener, transport string, closed func(transport string, remote netip.AddrPort)) net.Listener {
	return l
}
