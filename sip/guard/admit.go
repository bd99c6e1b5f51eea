package guard

import (
	"net/netip"
	"time"
)

// lane is how a source is treated.
type lane int

const (
	laneStranger lane = iota
	laneKnown
	laneAllowed
)

func (l lane) String() string { return [...]string{"stranger", "known", "allowed"}[l] }

// reason says why something was dropped.
type reason int

const (
	fine         reason = iota
	ended               // nothing was dropped: the peer closed the connection, or we did
	keepAlive           // blank lines
	tooLarge            // a message over MaxMessage
	malformed           // not SIP, or not by its rules
	incomplete          // without a header that every message has, or cut off
	badTLS              // the handshake failed
	banned              // the source is
	tooFast             // over the source's own rate
	tooMany             // over the rate of all strangers
	tooManyConns        // in all
	tooManyFrom         // connections of one source
	tooSlow             // handshake, first message or idle
	readError           // of a UDP socket
	acceptError         // of a listener
	numReasons
)

func (r reason) String() string {
	return [...]string{
		"", "", "keepalive", "size", "malformed", "incomplete", "tls", "banned", "rate", "strangers",
		"connections", "connections_source", "timeout", "read_error", "accept_error",
	}[r]
}

// admit decides whether a message from a may pass. It costs a token.
func (g *Guard) admit(a netip.Addr) (lane, reason) {
	s, now := sourceOf(a), g.now()
	g.mu.Lock()
	defer g.mu.Unlock()
	l := g.lane(a, s, now)
	if l != laneAllowed && g.isBanned(s, now) {
		return l, banned
	}
	rate := [...]Rate{laneStranger: g.cfg.Stranger, laneKnown: g.cfg.Known, laneAllowed: g.cfg.Allowed}[l]
	b, fresh := g.buckets.get(s, now)
	if fresh {
		b.fill(rate, now)
	}
	if !b.take(rate, now) {
		return l, tooFast
	}
	if l != laneStranger {
		return l, fine
	}
	if !g.strangers.take(g.cfg.Strangers, now) {
		return l, tooMany
	}
	return l, fine
}

// lane finds the lane of a source. Called with mu held.
func (g *Guard) lane(a netip.Addr, s source, now time.Duration) lane {
	for _, p := range g.allowed {
		if p.Contains(a.Unmap()) {
			return laneAllowed
		}
	}
	if until := g.known.find(s); until != nil && now < *until {
		return laneKnown
	}
	return laneStranger
}

// connect counts a new connection from a, or says why it may not be.
func (g *Guard) connect(a netip.Addr) reason {
	s, now := sourceOf(a), g.now()
	g.mu.Lock()
	defer g.mu.Unlock()
	l := g.lane(a, s, now)
	limit := [...]int{laneStranger: g.cfg.MaxConnsStranger, laneKnown: g.cfg.MaxConnsKnown, laneAllowed: g.cfg.MaxConns}[l]
	switch {
	case l != laneAllowed && g.isBanned(s, now):
		return banned
	case g.connCount >= g.cfg.MaxConns:
		return tooManyConns
	case g.conns[s] >= limit:
		return tooManyFrom
	}
	g.conns[s]++
	g.connCount++
	return fine
}

// disconnect takes back what connect counted.
func (g *Guard) disconnect(a netip.Addr) {
	s := sourceOf(a)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.connCount--
	if g.conns[s]--; g.conns[s] == 0 {
		delete(g.conns, s)
	}
}

// dropLog counts what was dropped since the last log line about it.
type dropLog struct {
	count int
	next  time.Duration // no line before
}

// dropLogEvery is the time between two log lines about one reason.
const dropLogEvery = 10 * time.Second

// drop counts a dropped message or connection; now and then it says so in the log, without a byte of what came. last is
// whom it came from, or an error of ours.
func (g *Guard) drop(transport string, why reason, last any) {
	g.metrics.dropped.WithLabelValues(transport, why.String()).Inc()
	if why == keepAlive {
		return
	}
	now := g.now()
	g.mu.Lock()
	d := &g.drops[why]
	d.count++
	due, count := now >= d.next, d.count
	if due {
		*d = dropLog{next: now + dropLogEvery}
	}
	g.mu.Unlock()
	g.scanned(transport, why, last)
	if due {
		g.log.Warn("SIP input dropped", "reason", why.String(), "transport", transport, "count", count, "last", last)
	}
}
