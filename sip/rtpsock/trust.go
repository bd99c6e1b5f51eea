package rtpsock

import "net/netip"

// Trust changes whose packets are believed besides those from the negotiated address: it replaces Config.Learn and
// Config.Networks. It is for a leg that tries one trunk after the other, between two of them.
func (s *Socket) Trust(learn Learn, networks []netip.Prefix) {
	s.in.mu.Lock()
	defer s.in.mu.Unlock()
	s.in.latch.learn, s.in.latch.networks = learn, networks
}
