package rtc

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/pion/ice/v2"
	"github.com/pion/logging"
)

// mux shares the UDP port between all peer connections, by ICE username (RFC 8445 section 5.3). It is pion's, but
// tells browsers the addresses that we chose.
type mux struct {
	*ice.UDPMuxDefault
	local      netip.AddrPort
	advertised []net.Addr
	bound      net.Addr // nil where the socket is bound to an unspecified address
}

// newMux makes a mux on top of the socket.
func newMux(conn net.PacketConn, advertise []netip.Addr, log logging.LeveledLogger) (*mux, error) {
	local := conn.LocalAddr().(*net.UDPAddr)
	m := &mux{local: unmap(local.AddrPort())}
	if !local.IP.IsUnspecified() {
		m.bound = local
	}
	if len(advertise) == 0 {
		var err error
		if advertise, err = ownAddresses(local); err != nil {
			return nil, err
		}
	}
	for _, a := range advertise {
		if m.bound != nil && a.Is4() != (local.IP.To4() != nil) {
			return nil, fmt.Errorf("rtc: %v can't be reached by a socket bound to %v", a, local)
		}
		m.advertised = append(m.advertised, net.UDPAddrFromAddrPort(netip.AddrPortFrom(a, uint16(local.Port))))
	}
	m.UDPMuxDefault = ice.NewUDPMuxDefault(ice.UDPMuxParams{Logger: log, UDPConn: conn})
	return m, nil
}

// ownAddresses are the addresses under which a socket can be reached without NAT.
func ownAddresses(local *net.UDPAddr) ([]netip.Addr, error) {
	if !local.IP.IsUnspecified() {
		return []netip.Addr{local.AddrPort().Addr().Unmap()}, nil
	}
	found, err := net.InterfaceAddrs()
	if err != nil {
		return nil, fmt.Errorf("rtc: the machine's addresses: %w", err)
	}
	var own []netip.Addr
	for _, f := range found {
		p, err := netip.ParsePrefix(f.String())
		if err != nil {
			continue
		}
		a := p.Addr().Unmap()
		if a.IsGlobalUnicast() && (a.Is4() || local.IP.To4() == nil) {
			own = append(own, a)
		}
	}
	if len(own) == 0 {
		return nil, errors.New("rtc: the machine has no address to advertise; set one, or bind to loopback")
	}
	return own, nil
}

// GetListenAddresses are the addresses to make host candidates of.
func (m *mux) GetListenAddresses() []net.Addr { return m.advertised }

// GetConn is the packets of one ICE username. addr is one of GetListenAddresses, which the mux below knows only where
// it is the bound one.
func (m *mux) GetConn(ufrag string, addr net.Addr) (net.PacketConn, error) {
	if m.bound != nil {
		addr = m.bound
	}
	return m.UDPMuxDefault.GetConn(ufrag, addr)
}
