// Package guard owns what stands before the SIP parser: sizes, a cheap look at each message, rates and bans by source,
// connection limits.
package guard

import (
	"cmp"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
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
	Stranger  Rate // each source that has not authenticated lately; it defaults to 20/s, 60 at once
	Strangers Rate // all such sources together; it defaults to 1000/s, 2000 at once
	Known     Rate // each source that authenticated lately; it defaults to 500/s, 1000 at once
	Allowed   Rate // each source on the allow list (trunks); it defaults to 5000/s, 5000 at once

	// Bans.
	BanAfter  int           // wrong passwords in BanWindow from one source for one user; it defaults to 5
	LockAfter int           // the same from one source for any users, or for one user from anywhere; it defaults to 20
	BanWindow time.Duration // it defaults to 60 s
	BanFor    time.Duration // it defaults to 300 s
	KnownFor  time.Duration // how long a source stays known after it authenticated; it defaults to 2 h

	// Connections (TCP and TLS).
	MaxConns         int           // in all; it defaults to 10000
	MaxConnsStranger int           // of one source that has not authenticated lately; it defaults to 20
	MaxConnsKnown    int           // of one source that has; it defaults to 1000
	FirstMessage     time.Duration // to finish TLS, and then to send one whole message; it defaults to 5 s
	Idle             time.Duration // without message or keep-alive; it defaults to 120 s
	WriteTimeout     time.Duration // for one write; it defaults to 5 s

	RecycleAfter int // new UDP sources after which sipgo is made to forget them all; it defaults to 50000
}

func (c *Config) setDefaults() {
	c.MaxMessage = min(cmp.Or(c.MaxMessage, 16384), 32767)
	c.Stranger = cmp.Or(c.Stranger, Rate{PerSecond: 20, Burst: 60})
	c.Strangers = cmp.Or(c.Strangers, Rate{PerSecond: 1000, Burst: 2000})
	c.Known = cmp.Or(c.Known, Rate{PerSecond: 500, Burst: 1000})
	c.Allowed = cmp.Or(c.Allowed, Rate{PerSecond: 5000, Burst: 5000})
	c.BanAfter = cmp.Or(c.BanAfter, 5)
	c.LockAfter = cmp.Or(c.LockAfter, 20)
	c.BanWindow = cmp.Or(c.BanWindow, 60*time.Second)
	c.BanFor = cmp.Or(c.BanFor, 300*time.Second)
	c.KnownFor = cmp.Or(c.KnownFor, 2*time.Hour)
	c.MaxConns = cmp.Or(c.MaxConns, 10000)
	c.MaxConnsStranger = cmp.Or(c.MaxConnsStranger, 20)
	c.MaxConnsKnown = cmp.Or(c.MaxConnsKnown, 1000)
	c.FirstMessage = cmp.Or(c.FirstMessage, 5*time.Second)
	c.Idle = cmp.Or(c.Idle, 120*time.Second)
	c.WriteTimeout = cmp.Or(c.WriteTimeout, 5*time.Second)
	c.RecycleAfter = cmp.Or(c.RecycleAfter, 50000)
}

// Guard holds the state that all sockets share. It is safe for concurrent use and keeps a fixed amount of memory (about
// 8 MB, and 3 MB for each UDP socket), whatever arrives.
type Guard struct {
	cfg     Config
	log     *slog.Logger
	metrics *Metrics
	start   time.Time
	// securityLog bounds lines about bans and scans. One for a wrong password is always written: bans bound them.
	securityLog *rate.Limiter

	mu        sync.Mutex
	allowed   []netip.Prefix
	buckets   *table[source, bucket]
	strangers bucket
	known     *table[source, time.Duration] // until when
	banned    *table[source, failures]
	pairs     *table[pair, pairState]
	users     *table[uint64, failures]
	scans     *table[source, time.Duration] // no line about the source before
	conns     map[source]int
	connCount int
	drops     [numReasons]dropLog
}

// New makes a Guard. log and m must be given.
func New(cfg Config, log *slog.Logger, m *Metrics) *Guard {
	cfg.setDefaults()
	g := &Guard{
		cfg: cfg, log: log, metrics: m, start: time.Now(), securityLog: rate.NewLimiter(20, 20),
		buckets: newTable[source, bucket](1 << 16),
		known:   newTable[source, time.Duration](1 << 15),
		banned:  newTable[source, failures](1 << 14),
		pairs:   newTable[pair, pairState](1 << 14),
		users:   newTable[uint64, failures](1 << 14),
		scans:   newTable[source, time.Duration](1 << 12),
		conns:   make(map[source]int),
	}
	g.strangers.fill(cfg.Strangers, 0)
	return g
}

// now is the time since New: monotonic, and small enough to be kept by the ten thousands.
func (g *Guard) now() time.Duration { return time.Since(g.start) }

// SetAllowed replaces the allow list: the addresses of the trunks. They have a lane of their own and are never banned.
func (g *Guard) SetAllowed(prefixes []netip.Prefix) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.allowed = append([]netip.Prefix(nil), prefixes...)
}

// PacketConn puts the guard before a UDP socket for sipgo's ServeUDP, whose ReadFrom must be called by one goroutine at
// a time. sipgo remembers every source until its ServeUDP returns: after Config.RecycleAfter new ones ReadFrom returns
// net.ErrClosed once, while the socket stays open, and ServeUDP has to be called again with the same PacketConn.
func (g *Guard) PacketConn(c net.PacketConn) net.PacketConn { return newPacketConn(g, c) }

// Listener puts the guard before a TCP listener, or before a TLS one (tls.NewListener around TCP). transport is the
// label for metrics. closed, which may be nil, is told transport and remote address of each connection that ended; it
// is called with locks of the SIP stack held, so it must return at once and leave the stack alone.
func (g *Guard) Listener(
	l net.Listener, transport string, closed func(transport string, remote netip.AddrPort),
) net.Listener {
	if closed == nil {
		closed = func(string, netip.AddrPort) {}
	}
	return &listener{Listener: l, g: g, transport: transport, closed: closed, done: make(chan struct{})}
}
