package dialog

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"time"

	"github.com/emiago/sipgo/sip"
)

// serveBackoff is how long a listener rests that failed right after it was started.
const serveBackoff = 500 * time.Millisecond

// listener is one of the Stack's sockets, and how peers are told to reach it.
type listener struct {
	network string // "udp", "tcp" or "tls"
	host    string // advertised
	port    int    // advertised
	local   string // the socket's own ip:port
	addr    netip.AddrPort
	packets net.PacketConn // udp
	streams net.Listener   // tcp, tls
}

func newListener(s *Stack, c Listener) (*listener, error) {
	l := &listener{network: c.Transport, host: c.Host, port: c.Port}
	switch c.Transport {
	case "udp":
		if c.PacketConn == nil {
			return nil, fmt.Errorf("%w: udp listener without PacketConn", ErrConfig)
		}
		l.local = c.PacketConn.LocalAddr().String()
		l.packets = packetConn{c.PacketConn, s, l.local}
	case "tcp", "tls":
		if c.Listener == nil {
			return nil, fmt.Errorf("%w: %s listener without Listener", ErrConfig, c.Transport)
		}
		l.local = c.Listener.Addr().String()
		l.streams = streamListener{c.Listener, s, c.Transport}
	default:
		return nil, fmt.Errorf("%w: transport %q", ErrConfig, c.Transport)
	}
	return l, l.advertise()
}

// advertise fills in the advertised address from the socket's.
func (l *listener) advertise() error {
	var err error
	if l.addr, err = netip.ParseAddrPort(l.local); err != nil {
		return fmt.Errorf("%w: %s listener: %w", ErrConfig, l.network, err)
	}
	if l.host == "" && l.addr.Addr().IsUnspecified() {
		return fmt.Errorf("%w: %s listener on every address needs a Host to advertise", ErrConfig, l.network)
	}
	if l.host == "" {
		l.host = l.addr.Addr().Unmap().WithZone("").String()
	}
	if l.port == 0 {
		l.port = int(l.addr.Port())
	}
	return nil
}

// speaks says whether the listener can reach an address of this family.
func (l *listener) speaks(a netip.Addr) bool {
	own := l.addr.Addr()
	if own == netip.IPv6Unspecified() { // a dual-stack socket
		return true
	}
	return own.Unmap().Is4() == a.Unmap().Is4()
}

// laddr pins UDP requests to this socket. Streams must not be pinned: sipgo pools an accepted connection under its
// local address too, so that a pinned request would go to whoever connected last.
func (l *listener) laddr() sip.Addr {
	if l.network != "udp" {
		return sip.Addr{}
	}
	return sip.Addr{IP: net.IP(l.addr.Addr().AsSlice()), Port: int(l.addr.Port())}
}

func (l *listener) via() *sip.ViaHeader {
	return &sip.ViaHeader{
		ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: sip.NetworkToUpper(l.network), Host: l.host, Port: l.port,
		Params: sip.HeaderParams{{K: "branch", V: newBranch()}, {K: "rport"}},
	}
}

// contact returns how the peer reaches us for the rest of a dialog.
func (l *listener) contact(user string) *sip.ContactHeader {
	uri := sip.Uri{Scheme: "sip", User: user, Host: l.host, Port: l.port}
	if l.network != "udp" {
		uri.UriParams = sip.HeaderParams{{K: "transport", V: l.network}}
	}
	return &sip.ContactHeader{Address: uri}
}

// serve runs the listener until the Stack is closed. sipgo's loops return at the first error, which may be one that
// passes, such as no file descriptor left.
func (l *listener) serve(s *Stack) {
	for {
		begun := time.Now()
		err := l.serveOnce(s)
		if s.ctx.Err() != nil {
			return
		}
		s.metrics.dropped.WithLabelValues("listener").Inc()
		if err != nil && !errors.Is(err, net.ErrClosed) {
			s.log.Warn("SIP listener stopped, starting it again", "transport", l.network, "error", err.Error())
		}
		if time.Since(begun) > serveBackoff {
			continue
		}
		select {
		case <-s.ctx.Done():
		case <-time.After(serveBackoff / 50):
		}
	}
}

func (l *listener) serveOnce(s *Stack) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.panicked("listener", p)
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	switch l.network {
	case "udp":
		return s.transport.ServeUDP(l.packets)
	case "tcp":
		return s.transport.ServeTCP(l.streams)
	}
	return s.transport.ServeTLS(l.streams)
}

// listener picks the one to reach remote (ip:port) through: the socket that heard from it, else one of its family.
func (s *Stack) listener(network, remote string) (*listener, error) {
	to, err := netip.ParseAddrPort(remote)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	heard := s.heardOn(network, remote)
	var found *listener
	for _, l := range s.listeners {
		switch {
		case l.network != network:
		case l.local == heard:
			return l, nil
		case l.speaks(to.Addr()) && found == nil:
			found = l
		}
	}
	if found == nil {
		return nil, fmt.Errorf("%w: no %s listener for %s", ErrUnreachable, network, remote)
	}
	return found, nil
}

// heardOn returns the local address of the UDP socket that a packet from remote came to, or nothing.
func (s *Stack) heardOn(network, remote string) string {
	if network != "udp" {
		return ""
	}
	c, err := s.transport.GetConnection(network, remote)
	if err != nil {
		return ""
	}
	defer c.TryClose()
	return c.LocalAddr().String()
}

// serves says whether there is a listener of this transport.
func (s *Stack) serves(network string) bool {
	for _, l := range s.listeners {
		if l.network == network {
			return true
		}
	}
	return false
}

func joinPort(host string, port int) string { return net.JoinHostPort(host, strconv.Itoa(port)) }
