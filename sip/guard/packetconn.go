package guard

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"
)

// packetConn is a guarded UDP socket.
type packetConn struct {
	net.PacketConn
	g    *Guard
	done chan struct{} // closed by Close
	once sync.Once

	// Of the goroutine that reads:
	seen   *table[netip.AddrPort, struct{}] // whom sipgo remembers, more or less
	unseen int                              // sources that were not in seen
}

func newPacketConn(g *Guard, c net.PacketConn) *packetConn {
	return &packetConn{
		PacketConn: c, g: g, done: make(chan struct{}), seen: newTable[netip.AddrPort, struct{}](1 << 16),
	}
}

// ReadFrom returns the next message that is let through.
func (c *packetConn) ReadFrom(p []byte) (int, net.Addr, error) {
	if c.unseen >= c.g.cfg.RecycleAfter {
		c.recycle()
		return 0, nil, net.ErrClosed
	}
	pause := firstPause
	for {
		n, from, err := c.read(p)
		switch {
		case err == nil:
			if !c.pass(p[:n], len(p), from.Addr()) {
				continue
			}
			if _, fresh := c.seen.get(from, c.g.now()); fresh {
				c.unseen++
			}
			return n, net.UDPAddrFromAddrPort(from), nil
		case errors.Is(err, net.ErrClosed) || errors.Is(err, os.ErrDeadlineExceeded):
			return 0, nil, err
		}
		c.g.drop("udp", readError, err)
		if pause = rest(pause, c.done); pause == 0 {
			return 0, nil, net.ErrClosed
		}
	}
}

// settle is the time that sipgo gets to begin the transactions of the requests it has, before its sources are
// forgotten: it looks the way back up by source, and would answer from another port without it. The socket's buffer
// holds what comes meanwhile.
const settle = 20 * time.Millisecond

// recycle prepares to have ServeUDP return.
func (c *packetConn) recycle() {
	rest(settle, c.done)
	c.unseen = 0
	c.seen.clear()
	c.g.metrics.recycles.Inc()
}

// pass decides about one datagram, which was cut to size bytes.
func (c *packetConn) pass(b []byte, size int, from netip.Addr) bool {
	why := checkDatagram(b, min(c.g.cfg.MaxMessage, size-1))
	var l lane
	if why == fine {
		l, why = c.g.admit(from)
	}
	if why != fine {
		c.g.drop("udp", why, from)
		return false
	}
	c.g.metrics.passed.WithLabelValues("udp", l.String()).Inc()
	return true
}

// read reads one datagram without allocating its address where the socket can.
func (c *packetConn) read(p []byte) (int, netip.AddrPort, error) {
	if u, ok := c.PacketConn.(*net.UDPConn); ok {
		n, from, err := u.ReadFromUDPAddrPort(p)
		return n, netip.AddrPortFrom(from.Addr().Unmap(), from.Port()), err
	}
	n, addr, err := c.PacketConn.ReadFrom(p)
	return n, addrPort(addr), err
}

// Close closes the socket.
func (c *packetConn) Close() error {
	c.once.Do(func() { close(c.done) })
	return c.PacketConn.Close()
}

// addrPort is the address and port of a UDP or TCP address.
func addrPort(a net.Addr) netip.AddrPort {
	var ap netip.AddrPort
	switch a := a.(type) {
	case *net.UDPAddr:
		ap = a.AddrPort()
	case *net.TCPAddr:
		ap = a.AddrPort()
	}
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

// The pause after an error of a socket that may pass, such as no buffers or no file descriptors left.
const (
	firstPause = 5 * time.Millisecond
	lastPause  = time.Second
)

// rest waits and returns the next, longer pause; 0 where done was closed meanwhile.
func rest(pause time.Duration, done <-chan struct{}) time.Duration {
	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-t.C:
		return min(2*pause, lastPause)
	case <-done:
		return 0
	}
}
