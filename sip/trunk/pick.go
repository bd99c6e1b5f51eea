package trunk

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"github.com/emiago/sipgo/sip"

	"seatbridge/sip/dialog"
)

// Target is one gateway to try.
type Target struct {
	Trunk       *Trunk
	Gateway     Gateway
	Destination string            // address and port
	Credentials dialog.Authorizer // nil where the trunk has none
}

// Flow is the way to the gateway.
func (t Target) Flow() dialog.Flow {
	return dialog.Flow{Transport: t.Gateway.Transport, Remote: t.Destination, ServerName: t.Gateway.Host}
}

// Pick orders the gateways of the named trunks, in the order of the names, then by priority, then at random by weight.
// Those that are down are left out, unless all are. Those whose name could not be resolved yet are always left out.
func (m *Manager) Pick(names ...string) []Target {
	m.mu.Lock()
	defer m.mu.Unlock()
	var up, all []Target
	for _, name := range names {
		for _, s := range m.states {
			if s.Name != name {
				continue
			}
			for _, g := range shuffle(s.gateways, rand.IntN) {
				if len(g.addrs) == 0 {
					continue
				}
				t := s.target(g)
				all = append(all, t)
				if !g.down {
					up = append(up, t)
				}
			}
		}
	}
	if len(up) == 0 {
		return all
	}
	return up
}

func (s *state) target(g *gateway) Target {
	t := Target{Trunk: s.Trunk, Gateway: g.Gateway, Destination: g.destination()}
	if s.credentials != nil {
		t.Credentials = s.credentials
	}
	return t
}

// shuffle orders gateways by priority, and those of the same priority at random by weight (as RFC 2782 does). Those of
// weight 0 come last.
func shuffle(gateways []*gateway, random func(int) int) []*gateway {
	rest := slices.Clone(gateways)
	slices.SortStableFunc(rest, func(a, b *gateway) int { return a.Priority - b.Priority })
	order := make([]*gateway, 0, len(rest))
	for len(rest) > 0 {
		total, same := 0, 0
		for same < len(rest) && rest[same].Priority == rest[0].Priority {
			total += rest[same].Weight
			same++
		}
		i := 0
		if total > 0 {
			for n := random(total); n >= rest[i].Weight; i++ {
				n -= rest[i].Weight
			}
		}
		order = append(order, rest[i])
		rest = slices.Delete(rest, i, i+1)
	}
	return order
}

// find is the gateway of a target.
func (m *Manager) find(t Target) *gateway {
	for _, s := range m.states {
		for _, g := range s.gateways {
			if s.Trunk == t.Trunk && g.Gateway == t.Gateway {
				return g
			}
		}
	}
	return nil
}

// Failed marks a gateway by what a call met: a connection error, or silence for SilentAfter. It is probed at once.
func (m *Manager) Failed(t Target) {
	if g := m.find(t); g != nil {
		m.note(g, false)
		select {
		case g.wake <- struct{}{}:
		default: // it is awake
		}
	}
}

// Answered marks a gateway as well: it sent any SIP answer.
func (m *Manager) Answered(t Target) {
	if g := m.find(t); g != nil {
		m.note(g, true)
	}
}

// note takes a success or a failure in.
func (m *Manager) note(g *gateway, alive bool) {
	m.mu.Lock()
	var changed bool
	if alive {
		changed = g.answered(time.Now())
	} else {
		changed = g.failed(time.Now())
	}
	m.mu.Unlock()
	if !changed {
		return
	}
	if alive {
		m.cfg.Log.Info("trunk gateway up", "trunk", g.trunk.Name, "gateway", g.address())
	} else {
		m.cfg.Log.Warn("trunk gateway down", "trunk", g.trunk.Name, "gateway", g.address())
	}
}

// Match finds the trunk that a request from outside belongs to by its source: one of Inbound, or a gateway. A gateway
// that is reached over UDP sends from its own port; another port of its address is somebody else, on a shared host or
// in a test. Where several trunks fit, the one whose registration or number is called does. A trunk with an Account is
// found by that alone.
func (m *Manager) Match(source netip.AddrPort, req *sip.Request) (*Trunk, bool) {
	source = netip.AddrPortFrom(source.Addr().Unmap(), source.Port())
	stream := sip.IsReliable(req.Transport())
	var found *Trunk
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.states {
		if s.Account != "" || !s.inbound(source.Addr()) && !s.isGateway(source, stream) {
			continue
		}
		if s.isCalled(req) {
			return s.Trunk, true
		}
		if found == nil {
			found = s.Trunk
		}
	}
	return found, found != nil
}

// isGateway says whether a source is one of the gateways. Called with Manager.mu held.
func (s *state) isGateway(source netip.AddrPort, stream bool) bool {
	return slices.ContainsFunc(s.gateways, func(g *gateway) bool {
		samePort := int(source.Port()) == g.Port || stream && g.Transport != "udp"
		return samePort && slices.Contains(g.addrs, source.Addr())
	})
}

// isCalled says whether a request is for this trunk and no other at the same address.
func (t *Trunk) isCalled(req *sip.Request) bool {
	_, to := t.Inbound(req)
	return t.isOurs(&req.Recipient) || slices.Contains(t.CallerIDs, to)
}
