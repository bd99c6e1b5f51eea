package guard

import (
	"hash/maphash"
	"net/netip"
	"time"
)

// failures counts wrong passwords in windows of time.
type failures struct {
	since time.Duration // begin of the window
	count int
	until time.Duration // shut until then
}

// add counts one and is true where it is the one too many; it shuts then.
func (f *failures) add(now time.Duration, limit int, window, shut time.Duration) bool {
	if now-f.since > window {
		f.since, f.count = now, 0
	}
	f.count++
	if f.count < limit {
		return false
	}
	f.since, f.count, f.until = now, 0, now+shut
	return true
}

// pair is a user at a source.
type pair struct {
	source source
	user   uint64
}

type pairState struct {
	failures
	passed time.Duration // when the user last authenticated from there; 0 is never
}

// user hashes a user name: what an attacker writes there must not take memory.
func (g *Guard) user(name string) uint64 { return maphash.String(g.users.seed, name) }

// AuthFailed counts a wrong password, for unknown users alike; after too many the source is dropped in silence for a
// while. From a source that authenticated lately (an office behind one address) only that user is, see AuthPermitted.
func (g *Guard) AuthFailed(from netip.Addr, user string) {
	s, u, now := sourceOf(from), g.user(user), g.now()
	g.mu.Lock()
	p, _ := g.pairs.get(pair{s, u}, now)
	pairShut := p.add(now, g.cfg.BanAfter, g.cfg.BanWindow, g.cfg.BanFor)
	f, _ := g.users.get(u, now)
	userShut := f.add(now, g.cfg.LockAfter, g.cfg.BanWindow, g.cfg.BanFor)
	sourceShut := false
	if g.lane(from, s, now) == laneStranger {
		b, _ := g.banned.get(s, now)
		sourceShut = b.add(now, g.cfg.LockAfter, g.cfg.BanWindow, g.cfg.BanFor) || pairShut
		if sourceShut {
			b.until = now + g.cfg.BanFor
		}
	}
	g.mu.Unlock()

	g.metrics.authFailures.Inc()
	g.security("auth_failed", from, "user", cutUser(user))
	for _, ban := range []struct {
		what string
		shut bool
	}{{"source", sourceShut}, {"user_at_source", pairShut && !sourceShut}, {"user", userShut}} {
		if !ban.shut {
			continue
		}
		g.metrics.bans.WithLabelValues(ban.what).Inc()
		if !g.securityLog.Allow() {
			continue
		}
		event := "locked" // from elsewhere, or others from there, may go on
		if ban.what == "source" {
			event = "banned"
		}
		g.security(event, from, "what", ban.what, "for", g.cfg.BanFor)
	}
}

// AuthPassed makes the source known, and forgives the user's former failures from it.
func (g *Guard) AuthPassed(from netip.Addr, user string) {
	s, now := sourceOf(from), g.now()
	g.mu.Lock()
	defer g.mu.Unlock()
	until, _ := g.known.get(s, now)
	*until = now + g.cfg.KnownFor
	p, _ := g.pairs.get(pair{s, g.user(user)}, now)
	*p = pairState{passed: max(now, 1)}
}

// AuthPermitted says whether credentials of user from there are looked at. They are not after too many failures of
// that user from there, and where others guess the user's password they are only from where the user authenticated
// lately.
func (g *Guard) AuthPermitted(from netip.Addr, user string) bool {
	s, u, now := sourceOf(from), g.user(user), g.now()
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.pairs.find(pair{s, u})
	if p != nil && now < p.until {
		return false
	}
	if f := g.users.find(u); f == nil || now >= f.until {
		return true
	}
	return p != nil && p.passed != 0 && now-p.passed < g.cfg.KnownFor
}

// isBanned says whether a source is dropped in silence. Called with mu held.
func (g *Guard) isBanned(s source, now time.Duration) bool {
	b := g.banned.find(s)
	return b != nil && now < b.until
}
