package trunk

import (
	"cmp"
	"context"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"github.com/emiago/sipgo/sip"

	"seatbridge/sip/dialog"
)

const (
	// probeTimeout is how long an answer to OPTIONS is waited for; over UDP it is sent three times meanwhile.
	probeTimeout = 3 * time.Second
	// retryAfter is the time between two OPTIONS after a first failure.
	retryAfter = 3 * time.Second
	// restAfter is how long a gateway that is not probed stays down.
	restAfter = 30 * time.Second
	// resolveTimeout is how long a look-up may take.
	resolveTimeout = 2 * time.Second
)

// watch keeps one gateway's addresses and health up to date.
func (m *Manager) watch(g *gateway) {
	for m.ctx.Err() == nil {
		m.resolve(g)
		timer := time.NewTimer(m.check(g))
		select {
		case <-m.ctx.Done():
		case <-g.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// resolve looks the host up; what was known before stays where that fails.
func (m *Manager) resolve(g *gateway) {
	if g.literal() {
		return
	}
	ctx, cancel := context.WithTimeout(m.ctx, resolveTimeout)
	defer cancel()
	addrs, err := m.cfg.Resolver.LookupNetIP(ctx, "ip", g.Host)
	if err != nil || len(addrs) == 0 {
		if m.ctx.Err() == nil {
			m.cfg.Log.Debug("trunk gateway not resolved", "trunk", g.trunk.Name, "gateway", g.address(), "error", err)
		}
		return
	}
	for i := range addrs {
		addrs[i] = addrs[i].Unmap()
	}
	slices.SortFunc(addrs, func(a, b netip.Addr) int {
		return cmp.Or(cmp.Compare(a.BitLen(), b.BitLen()), a.Compare(b)) // IPv4 first
	})
	m.mu.Lock()
	old := slices.SortedFunc(slices.Values(g.addrs), netip.Addr.Compare)
	same := slices.Equal(old, slices.SortedFunc(slices.Values(addrs), netip.Addr.Compare))
	if !same {
		g.addrs = addrs
	}
	m.mu.Unlock()
	if !same {
		select {
		case m.changed <- struct{}{}:
		default: // it is on its way
		}
	}
}

// check sends OPTIONS where the trunk wants that, and returns the time until the next check.
func (m *Manager) check(g *gateway) time.Duration {
	m.mu.Lock()
	resolved := len(g.addrs) > 0
	var destination string
	if resolved {
		destination = g.destination()
	}
	rested := g.down && time.Since(g.since) >= restAfter
	m.mu.Unlock()

	interval := g.trunk.Probe
	switch {
	case !resolved:
		m.note(g, false)
		return retryAfter
	case interval < 0:
		if rested { // a call may try it again
			m.note(g, true)
		}
		return restAfter
	case !m.probe(g, destination):
		if m.ctx.Err() != nil {
			return 0
		}
		m.note(g, false)
		return min(retryAfter, interval)
	}
	m.note(g, true)
	return time.Duration(float64(interval) * (0.9 + rand.Float64()/5))
}

// probe sends OPTIONS and is true where anything came back: whoever refuses is there.
func (m *Manager) probe(g *gateway, destination string) bool {
	ctx, cancel := context.WithTimeout(m.ctx, probeTimeout)
	defer cancel()
	to := g.trunk.uri(g.Gateway, "")
	from := g.trunk.uri(g.Gateway, cmp.Or(g.trunk.FromUser, g.trunk.Username, "seatbridge"))
	from.Port = 0
	_, err := m.cfg.Requester.Do(ctx, dialog.RequestConfig{
		Method: sip.OPTIONS,
		URI:    to,
		Flow:   Target{Gateway: g.Gateway, Destination: destination}.Flow(),
		From:   sip.FromHeader{Address: from},
		To:     sip.ToHeader{Address: to},
	})
	return err == nil
}
