package guard

import (
	"errors"
	"net"
	"net/netip"
	"sync"
)

// listener is a guarded TCP or TLS listener.
type listener struct {
	net.Listener
	g         *Guard
	transport string
	closed    func(transport string, remote netip.AddrPort)
	done      chan struct{} // closed by Close
	once      sync.Once
}

// Accept returns the next connection that is within the limits. Errors that may pass are waited out: sipgo's Serve
// would return at the first.
func (l *listener) Accept() (net.Conn, error) {
	pause := firstPause
	for {
		c, err := l.Listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil, err
		}
		if err != nil {
			l.g.drop(l.transport, acceptError, err)
			if pause = rest(pause, l.done); pause == 0 {
				return nil, net.ErrClosed
			}
			continue
		}
		pause = firstPause
		remote := addrPort(c.RemoteAddr())
		if why := l.g.connect(remote.Addr()); why != fine {
			l.g.drop(l.transport, why, remote.Addr())
			_ = c.Close() // nothing was said on it
			continue
		}
		l.g.metrics.conns.WithLabelValues(l.transport).Inc()
		return newConn(l, c, remote), nil
	}
}

// Close stops to accept; the accepted connections stay.
func (l *listener) Close() error {
	l.once.Do(func() { close(l.done) })
	return l.Listener.Close()
}
