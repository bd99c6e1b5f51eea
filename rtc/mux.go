package rtc

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"strings"
	"sync"

	"github.com/pion/stun"
	"github.com/prometheus/client_golang/prometheus"
)

// mux shares the UDP port between all peer connections, by ICE username (RFC 8445 section 5.3) until a browser has
// authenticated itself, by its address from then on. pion's own holds 8 KiB for each packet that waits, and any number
// of them; it also can't tell browsers other addresses than those of the socket.
type mux struct {
	conn       *guard
	local      netip.AddrPort
	advertised []net.Addr
	full       prometheus.Counter // packets dropped because a connection had too many waiting
	done       chan struct{}      // closed when run has ended

	mu     sync.Mutex
	closed bool
	names  map[muxName]*muxConn
	addrs  map[netip.AddrPort]*muxConn // browsers that have authenticated themselves
}

// muxName is an ICE username fragment of ours. pion has candidates of their own for the two IP versions.
type muxName struct {
	ufrag string
	ipv6  bool
}

// newMux makes a mux on top of the socket.
func newMux(conn *guard, advertise []netip.Addr) (*mux, error) {
	local := conn.LocalAddr().(*net.UDPAddr)
	m := &mux{
		conn: conn, local: unmap(local.AddrPort()), full: conn.metrics.dropped.WithLabelValues("queue"),
		done: make(chan struct{}), names: map[muxName]*muxConn{}, addrs: map[netip.AddrPort]*muxConn{},
	}
	if len(advertise) == 0 {
		var err error
		if advertise, err = ownAddresses(local); err != nil {
			return nil, err
		}
	}
	for _, a := range advertise {
		if !local.IP.IsUnspecified() && a.Is4() != (local.IP.To4() != nil) {
			return nil, fmt.Errorf("rtc: %v can't be reached by a socket bound to %v", a, local)
		}
		m.advertised = append(m.advertised, net.UDPAddrFromAddrPort(netip.AddrPortFrom(a, uint16(local.Port))))
	}
	go m.run()
	return m, nil
}

// run hands the socket's packets to the connections until the socket is closed.
func (m *mux) run() {
	defer close(m.done)
	buf := make([]byte, maxSize+1)
	for {
		n, from, err := m.conn.ReadFrom(buf)
		if err != nil {
			return
		}
		if c := m.find(buf[:n], from.(*net.UDPAddr)); c != nil && !c.put(buf[:n], from) {
			m.full.Inc()
		}
	}
}

// find is the connection that a packet is for, nil for none.
func (m *mux) find(packet []byte, from *net.UDPAddr) *muxConn {
	addr := from.AddrPort()
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := m.addrs[addr]; c != nil || kindOf(packet) != kindSTUN {
		return c
	}
	return m.names[muxName{ufrag: ownName(packet), ipv6: addr.Addr().Is6()}]
}

// ownName is the receiver's part of the username in a STUN request (RFC 8445 section 7.2.2), empty where there is none.
func ownName(packet []byte) string {
	request := stun.Message{Raw: packet}
	if request.Decode() != nil {
		return ""
	}
	name, err := request.Get(stun.AttrUsername)
	if err != nil {
		return ""
	}
	own, _, _ := strings.Cut(string(name), ":")
	return own
}

// GetListenAddresses are the addresses to make host candidates of.
func (m *mux) GetListenAddresses() []net.Addr { return m.advertised }

// GetConn is the packets of one ICE username fragment in the IP version of addr.
func (m *mux) GetConn(ufrag string, addr net.Addr) (net.PacketConn, error) {
	udp, ok := addr.(*net.UDPAddr)
	if !ok {
		return nil, net.InvalidAddrError("rtc: not a UDP address")
	}
	name := muxName{ufrag: ufrag, ipv6: udp.IP.To4() == nil}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, net.ErrClosed
	}
	if m.names[name] == nil {
		m.names[name] = newMuxConn(m)
	}
	return m.names[name], nil
}

// RemoveConnByUfrag stops packets for a username fragment; pion closes the connections themselves.
func (m *mux) RemoveConnByUfrag(ufrag string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, ipv6 := range []bool{false, true} {
		m.remove(m.names[muxName{ufrag, ipv6}])
	}
}

// remove forgets a connection; mu is held.
func (m *mux) remove(c *muxConn) {
	maps.DeleteFunc(m.names, func(_ muxName, other *muxConn) bool { return other == c })
	maps.DeleteFunc(m.addrs, func(_ netip.AddrPort, other *muxConn) bool { return other == c })
}

// bind has a browser's packets go to a connection from now on.
func (m *mux) bind(addr netip.AddrPort, c *muxConn) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.closed && !c.isClosed() {
		m.addrs[addr] = c
	}
}

// Close closes the socket, and waits until nothing is read from it any more.
func (m *mux) Close() error {
	m.mu.Lock()
	m.closed = true
	clear(m.names)
	clear(m.addrs)
	m.mu.Unlock()
	err := m.conn.Close()
	<-m.done
	return err
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
