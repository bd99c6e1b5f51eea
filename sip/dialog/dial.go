package dialog

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
)

// errNoDial keeps sipgo from dialling.
var errNoDial = errors.New("dialog: connections are opened by the stack")

// noDialer is what sipgo's transports get. They would dial the host in a Via, which whoever sent it chose, to bring a
// response home, and they would keep us from seeing what is sent. We open connections in Stack.dial.
func noDialer(net.Addr) net.Dialer {
	return net.Dialer{ControlContext: func(context.Context, string, string, syscall.RawConn) error { return errNoDial }}
}

// dialled hands the connections that we open to sipgo as if it had accepted them: that is the only way to give it one.
type dialled struct {
	queue chan dialledConn
	stop  <-chan struct{}
	last  chan struct{}
}

type dialledConn struct {
	net.Conn
	pooled chan struct{} // closed when sipgo has the connection in its pool
}

func newDialled(stop <-chan struct{}) *dialled {
	return &dialled{queue: make(chan dialledConn), stop: stop}
}

// Accept is called again when sipgo has put the last connection into its pool.
func (l *dialled) Accept() (net.Conn, error) {
	if l.last != nil {
		close(l.last)
		l.last = nil
	}
	select {
	case c := <-l.queue:
		l.last = c.pooled
		return c.Conn, nil
	case <-l.stop:
		return nil, net.ErrClosed
	}
}

// Addr is nowhere; sipgo wants one.
func (l *dialled) Addr() net.Addr { return &net.TCPAddr{} }

// Close does nothing; the Stack's end stops Accept.
func (l *dialled) Close() error { return nil }

// reach makes sure that there is a way along f and returns the address to send to, as ip:port.
func (s *Stack) reach(ctx context.Context, f Flow) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, s.c.DialTimeout)
	defer cancel()
	addr, err := s.resolve(ctx, f.Remote)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	if f.Transport == "udp" || s.connected(f.Transport, addr) {
		return addr, nil
	}
	if f.Existing {
		return "", fmt.Errorf("%w: the %s connection to %s is gone", ErrUnreachable, f.Transport, addr)
	}
	_, err, _ = s.dials.Do(f.Transport+addr, func() (any, error) { return nil, s.dial(ctx, f, addr) })
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return addr, nil
}

// ready says whether reach would return at once.
func (s *Stack) ready(f Flow) bool {
	addr, err := netip.ParseAddrPort(f.Remote)
	return err == nil && (f.Transport == "udp" || f.Existing || s.connected(f.Transport, addr.String()))
}

func (s *Stack) connected(network, addr string) bool {
	c, err := s.transport.GetConnection(network, addr)
	if err != nil {
		return false
	}
	_, _ = c.TryClose()
	return true
}

// resolve turns host:port into ip:port. An address of a family that a listener has is preferred.
func (s *Stack) resolve(ctx context.Context, remote string) (string, error) {
	if a, err := netip.ParseAddrPort(remote); err == nil {
		return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()).String(), nil
	}
	host, port, err := net.SplitHostPort(remote)
	if err != nil {
		return "", err
	}
	found, err := s.c.Resolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return "", err
	}
	for _, a := range found {
		for _, l := range s.listeners {
			if l.speaks(a) {
				return net.JoinHostPort(a.Unmap().String(), port), nil
			}
		}
	}
	return "", fmt.Errorf("no address of %s can be reached", host)
}

// dial opens a connection and waits until sipgo has it.
func (s *Stack) dial(ctx context.Context, f Flow, addr string) error {
	queue, ok := s.dialled[f.Transport]
	if !ok {
		return fmt.Errorf("transport %q", f.Transport)
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	if f.Transport == "tls" {
		if conn, err = s.handshake(ctx, conn, f); err != nil {
			return err
		}
	}
	c := dialledConn{s.track(conn, f.Transport), make(chan struct{})}
	select {
	case queue.queue <- c:
	case <-ctx.Done():
		_ = c.Close()
		return ctx.Err()
	}
	select {
	case <-c.pooled:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Stack) handshake(ctx context.Context, conn net.Conn, f Flow) (net.Conn, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.c.TLS != nil {
		config = s.c.TLS.Clone()
	}
	if config.ServerName = f.ServerName; config.ServerName == "" {
		config.ServerName, _, _ = net.SplitHostPort(f.Remote)
	}
	secured := tls.Client(conn, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return secured, nil
}
