package guard

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"
)

// firstBuffer is the size in bytes of a connection's buffer to begin with; most messages fit.
const firstBuffer = 4096

// conn is a guarded stream connection. Its Read hands out whole messages, one at a time, so that the parser holds
// nothing of a message that never ends, and each can be weighed before the parser sees it.
type conn struct {
	net.Conn
	l      *listener
	remote netip.AddrPort
	once   sync.Once

	// Of the goroutine that reads:
	buf     []byte // received, not handed out yet
	whole   int    // bytes of buf that are a message to hand out
	scanned int    // bytes of buf that are known not to end a head
	// deadline is when the message in buf must be whole; zero while there is none after the first.
	deadline time.Time
	shaken   bool // the TLS handshake is over
}

func newConn(l *listener, c net.Conn, remote netip.AddrPort) *conn {
	return &conn{
		Conn: c, l: l, remote: remote,
		buf: make([]byte, 0, firstBuffer), deadline: time.Now().Add(l.g.cfg.FirstMessage),
	}
}

// Read hands out the next message that is let through, or what fits into p of it. Every error closes the connection
// and is io.EOF: there is nothing to say about it that was not counted.
func (c *conn) Read(p []byte) (int, error) {
	why := c.handshake()
	for why == fine {
		if c.whole > 0 {
			n := copy(p, c.buf[:c.whole])
			c.whole -= n
			c.consume(n)
			return n, nil
		}
		if why = c.next(); why == fine && c.whole == 0 {
			why = c.fill()
		}
	}
	if why != ended {
		c.l.g.drop(c.l.transport, why, c.remote.Addr())
	}
	_ = c.Close() // the peer is told by that alone
	return 0, io.EOF
}

// handshake finishes TLS in its own time.
func (c *conn) handshake() reason {
	if c.shaken {
		return fine
	}
	c.shaken = true
	t, ok := c.Conn.(*tls.Conn)
	if !ok {
		return fine
	}
	_ = c.SetDeadline(c.deadline)
	err := t.Handshake()
	_ = c.SetDeadline(time.Time{})
	c.deadline = time.Now().Add(c.l.g.cfg.FirstMessage)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return tooSlow
	}
	if err != nil {
		return badTLS
	}
	return fine
}

// next finds the next message in buf that is let through; there is none where whole is still 0 after it.
func (c *conn) next() reason {
	for {
		if why := c.skipKeepAlive(); why != fine || len(c.buf) == 0 {
			return why
		}
		length, why := c.message()
		if why != fine || length == 0 {
			return why
		}
		c.scanned, c.deadline = 0, time.Time{}
		l, why := c.l.g.admit(c.remote.Addr())
		switch why {
		case fine:
			c.whole = length
			c.l.g.metrics.passed.WithLabelValues(c.l.transport, l.String()).Inc()
			return fine
		case banned:
			return banned
		}
		c.l.g.drop(c.l.transport, why, c.remote.Addr())
		c.consume(length)
	}
}

// message returns the length of the message at the start of buf, or 0 where it is not whole yet.
func (c *conn) message() (int, reason) {
	limit := c.l.g.cfg.MaxMessage
	if headLength(c.buf, c.scanned) == 0 {
		c.scanned = max(0, len(c.buf)-3)
		if len(c.buf) >= limit {
			return 0, tooLarge
		}
		return 0, fine
	}
	h, why := readHead(c.buf)
	switch {
	case why != fine:
		return 0, why
	case h.body < 0:
		return 0, malformed // RFC 3261 section 20.14: there is no other way to find the end
	case h.length+h.body > limit:
		return 0, tooLarge
	case h.length+h.body > len(c.buf):
		return 0, fine
	}
	return h.length + h.body, fine
}

// skipKeepAlive takes blank lines off the start of buf and answers a ping (RFC 5626 section 4.4.1).
func (c *conn) skipKeepAlive() reason {
	n := 0
	for bytes.HasPrefix(c.buf[n:], []byte("\r\n")) {
		n += 2
	}
	if n == 0 {
		return fine
	}
	c.consume(n)
	c.l.g.drop(c.l.transport, keepAlive, c.remote.Addr())
	if n < 4 {
		return fine
	}
	if _, why := c.l.g.admit(c.remote.Addr()); why != fine {
		return why
	}
	if _, err := c.Write([]byte("\r\n")); err != nil {
		return ended
	}
	return fine
}

// fill reads more from the network.
func (c *conn) fill() reason {
	wait := c.deadline
	if wait.IsZero() {
		wait = time.Now().Add(c.l.g.cfg.Idle)
		if len(c.buf) > 0 { // a message has begun
			wait = time.Now().Add(c.l.g.cfg.FirstMessage)
			c.deadline = wait
		}
	}
	if err := c.SetReadDeadline(wait); err != nil {
		return ended
	}
	if len(c.buf) == cap(c.buf) {
		c.buf = append(make([]byte, 0, min(2*cap(c.buf), c.l.g.cfg.MaxMessage)), c.buf...)
	}
	n, err := c.Conn.Read(c.buf[len(c.buf):cap(c.buf)])
	c.buf = c.buf[:len(c.buf)+n]
	switch {
	case n > 0 || err == nil:
		return fine
	case errors.Is(err, os.ErrDeadlineExceeded):
		return tooSlow
	}
	return ended
}

// consume takes n bytes off the start of buf.
func (c *conn) consume(n int) {
	c.buf = append(c.buf[:0], c.buf[n:]...)
	c.scanned = 0
}

// Write writes b within the time that a peer has to take it: sipgo holds locks meanwhile.
func (c *conn) Write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.l.g.cfg.WriteTimeout)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

// Close closes the connection, at once: TLS would wait up to 5 s to say goodbye, and sipgo holds locks meanwhile.
func (c *conn) Close() error {
	raw := c.Conn
	if t, ok := raw.(*tls.Conn); ok {
		raw = t.NetConn()
	}
	err := raw.Close()
	c.once.Do(func() {
		c.l.g.disconnect(c.remote.Addr())
		c.l.g.metrics.conns.WithLabelValues(c.l.transport).Dec()
		c.l.closed(c.l.transport, c.remote)
	})
	return err
}
