package rtc

import (
	"io"
	"net"
	"sync"
	"time"
)

// maxWaiting is how many packets of one connection may wait to be read: over half a second of sound. They only wait where
// the machine is too busy.
const maxWaiting = 32

// muxConn is the socket as one peer connection sees it.
type muxConn struct {
	mux    *mux
	ready  chan struct{} // holds a value when packets came to an empty queue
	closed chan struct{}
	once   sync.Once // closes closed

	mu      sync.Mutex
	waiting [maxWaiting]datagram // a ring; each slot keeps its room
	first   int
	count   int
}

// datagram is a packet that waits to be read.
type datagram struct {
	data []byte
	from net.Addr
}

func newMuxConn(m *mux) *muxConn {
	return &muxConn{mux: m, ready: make(chan struct{}, 1), closed: make(chan struct{})}
}

// put has a packet wait to be read; it is false where too many do.
func (c *muxConn) put(packet []byte, from net.Addr) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count == maxWaiting {
		return false
	}
	d := &c.waiting[(c.first+c.count)%maxWaiting]
	d.data, d.from = append(d.data[:0], packet...), from
	if c.count++; c.count == 1 {
		signal(c.ready)
	}
	return true
}

// take copies the packet that has waited longest into b.
func (c *muxConn) take(b []byte) (n int, from net.Addr, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count == 0 {
		return 0, nil, false
	}
	d := &c.waiting[c.first]
	n, from = copy(b, d.data), d.from
	c.first = (c.first + 1) % maxWaiting
	if c.count--; c.count == 0 {
		c.first = 0 // so that as few slots as possible come into use
	}
	return n, from, true
}

// ReadFrom waits for the next packet.
func (c *muxConn) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		if n, from, ok := c.take(b); ok {
			return n, from, nil
		}
		select {
		case <-c.ready:
		case <-c.closed:
			return 0, nil, io.EOF
		}
	}
}

// WriteTo sends a packet. ICE-lite sends STUN only in answer to a browser that has authenticated itself, so its packets
// are ours from then on.
func (c *muxConn) WriteTo(b []byte, to net.Addr) (int, error) {
	if c.isClosed() {
		return 0, net.ErrClosed
	}
	if addr, ok := to.(*net.UDPAddr); ok && kindOf(b) == kindSTUN {
		c.mux.bind(unmap(addr.AddrPort()), c)
	}
	return c.mux.conn.WriteTo(b, to)
}

// Close ends reading and writing on this connection.
func (c *muxConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	c.mux.mu.Lock()
	defer c.mux.mu.Unlock()
	c.mux.remove(c)
	return nil
}

func (c *muxConn) isClosed() bool {
	select {
	case <-c.closed:
		return true
	default:
		return false
	}
}

// LocalAddr is the socket's address.
func (c *muxConn) LocalAddr() net.Addr { return c.mux.conn.LocalAddr() }

// SetDeadline does nothing: pion wakes readers with Close.
func (c *muxConn) SetDeadline(time.Time) error { return nil }

// SetReadDeadline does nothing.
func (c *muxConn) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline does nothing.
func (c *muxConn) SetWriteDeadline(time.Time) error { return nil }
