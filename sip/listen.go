package sip

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"

	"seatbridge/sip/dialog"
)

// socketAddr is where one of our SIP sockets is.
type socketAddr struct {
	host  string // advertised
	local netip.AddrPort
}

// listen binds the configured sockets, each behind the guard.
func (e *Endpoint) listen() ([]dialog.Listener, error) {
	var all []dialog.Listener
	for _, c := range e.c.Listeners {
		l, err := e.bind(c)
		if err != nil {
			closeAll(all)
			return nil, fmt.Errorf("sip: %s %s: %w", c.Transport, c.Address, err)
		}
		all = append(all, l)
		var local net.Addr
		if l.PacketConn != nil {
			local = l.PacketConn.LocalAddr()
		} else {
			local = l.Listener.Addr()
		}
		at := netip.MustParseAddrPort(local.String())
		host := l.Host
		if host == "" {
			host = at.Addr().String()
		}
		if _, known := e.sockets[c.Transport]; !known {
			e.sockets[c.Transport] = socketAddr{host: host, local: at}
		}
	}
	return all, nil
}

func (e *Endpoint) bind(c Listener) (dialog.Listener, error) {
	l := dialog.Listener{Transport: c.Transport, Host: e.c.Advertise}
	switch c.Transport {
	case "udp":
		conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(c.Address))
		if err != nil {
			return l, err
		}
		// Best effort: the kernel has its own limit. Its default is full after some 100 messages, which come in no time
		// where thousands of phones register after a power cut.
		_ = conn.SetReadBuffer(4 << 20)
		l.PacketConn = e.guard.PacketConn(conn)
	case "tcp", "tls":
		tcp, err := net.Listen("tcp", c.Address.String())
		if err != nil {
			return l, err
		}
		if c.Transport == "tls" {
			tcp = tls.NewListener(tcp, c.TLS)
		}
		l.Listener = e.guard.Listener(tcp, c.Transport, e.connectionClosed)
	default:
		return l, fmt.Errorf("%w: no such transport", ErrConfig)
	}
	return l, nil
}

func closeAll(listeners []dialog.Listener) {
	for _, l := range listeners {
		if l.PacketConn != nil {
			l.PacketConn.Close()
		} else {
			l.Listener.Close()
		}
	}
}

func (e *Endpoint) connectionClosed(transport string, remote netip.AddrPort) {
	e.registrar.ConnectionClosed(transport, remote)
}

// Addr is the bound address of the first listener of a transport; the zero AddrPort where there is none.
func (e *Endpoint) Addr(transport string) netip.AddrPort { return e.sockets[transport].local }

// host is our advertised host for a transport.
func (e *Endpoint) host(transport string) string {
	if s, ok := e.sockets[transport]; ok {
		return s.host
	}
	return e.c.Realm
}
