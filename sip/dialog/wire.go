package dialog

import (
	"bytes"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"
)

// packetConn tells the Stack what is sent.
type packetConn struct {
	net.PacketConn
	s     *Stack
	local string
}

// ReadFrom holds an error back until the requests read before it are with their handlers: with it sipgo forgets whom it
// heard on this socket, and would open another one, for good, to answer them.
func (c packetConn) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := c.PacketConn.ReadFrom(b)
	if err != nil {
		c.s.intake.settle()
	}
	return n, from, err
}

func (c packetConn) WriteTo(b []byte, to net.Addr) (int, error) {
	at := time.Now() // the answer may be traced before we are
	n, err := c.PacketConn.WriteTo(b, to)
	if err == nil {
		c.s.sent(at, "udp", c.local, to.String(), b)
	}
	return n, err
}

// streamListener makes every accepted connection one that the Stack knows of.
type streamListener struct {
	net.Listener
	s       *Stack
	network string
}

func (l streamListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.s.track(c, l.network), nil
}

// streamConn tells the Stack what is sent. sipgo writes one message at a time.
type streamConn struct {
	net.Conn
	s        *Stack
	network  string
	readOver atomic.Bool
	closed   sync.Once
}

// track wraps a connection and remembers it until it is closed.
func (s *Stack) track(c net.Conn, network string) *streamConn {
	t := &streamConn{Conn: c, s: s, network: network}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns[t] = struct{}{}
	if s.closing {
		_ = c.Close()
	}
	return t
}

func (c *streamConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err != nil {
		c.readOver.Store(true)
	}
	return n, err
}

func (c *streamConn) Write(b []byte) (int, error) {
	at := time.Now()
	n, err := c.Conn.Write(b)
	if err != nil { // a part may have been written: what follows would not be understood
		c.readOver.Store(true)
		_ = c.Close()
		return n, err
	}
	c.s.sent(at, c.network, c.LocalAddr().String(), c.RemoteAddr().String(), b)
	return n, nil
}

// Close counts a connection that sipgo gave up because it could not parse what came.
func (c *streamConn) Close() error {
	c.closed.Do(func() {
		c.s.mu.Lock()
		delete(c.s.conns, c)
		closing := c.s.closing
		c.s.mu.Unlock()
		if !closing && !c.readOver.Load() {
			c.s.metrics.dropped.WithLabelValues("malformed").Inc()
		}
		// sipgo may close a connection with a transaction locked, so its end waits for another goroutine.
		c.s.spawn(func() { c.s.connectionLost(c.network, c.RemoteAddr().String()) })
	})
	return c.Conn.Close()
}

// sent counts and traces a message that is on its way.
func (s *Stack) sent(at time.Time, network, local, remote string, raw []byte) {
	if len(raw) < 8 { // a keep-alive
		return
	}
	k := sketchOf(raw)
	if k.code != "" {
		s.metrics.responses.WithLabelValues(methodLabel(k.method), k.code, "out").Inc()
	} else {
		s.metrics.requests.WithLabelValues(methodLabel(k.method), "out").Inc()
		s.countSends(k)
	}
	if s.trace != nil {
		s.trace(Message{At: at, Sent: true, Transport: network, Local: local, Remote: remote,
			CallID: k.callID, Raw: bytes.Clone(raw)})
	}
}

// received counts and traces a message that was parsed.
func (s *Stack) received(msg sip.Message) {
	var method sip.RequestMethod
	if h := msg.CSeq(); h != nil {
		method = h.MethodName
	}
	switch m := msg.(type) {
	case *sip.Request:
		s.metrics.requests.WithLabelValues(methodLabel(string(m.Method)), "in").Inc()
	case *sip.Response:
		s.metrics.responses.WithLabelValues(methodLabel(string(method)), codeLabel(m.StatusCode), "in").Inc()
	}
	if s.trace == nil {
		return
	}
	t := Message{At: time.Now(), Transport: sip.NetworkToLower(msg.Transport()), Remote: msg.Source(),
		Raw: []byte(msg.String())}
	if l, err := s.listener(t.Transport, t.Remote); err == nil {
		t.Local = l.local
	}
	if id := msg.CallID(); id != nil {
		t.CallID = id.Value()
	}
	s.trace(t)
}

// sketch is what counting and tracing need of a message that we wrote.
type sketch struct{ method, code, callID, branch string }

// sketchOf reads the start line, the first Via, Call-ID and CSeq.
func sketchOf(raw []byte) sketch {
	var k sketch
	head, _, _ := strings.Cut(string(raw), "\r\n\r\n")
	start, rest, _ := strings.Cut(head, "\r\n")
	first, second, _ := strings.Cut(start, " ")
	if strings.HasPrefix(first, "SIP/") {
		k.code, _, _ = strings.Cut(second, " ")
	} else {
		k.method = first
	}
	for line := range strings.SplitSeq(rest, "\r\n") {
		name, value, _ := strings.Cut(line, ": ")
		switch {
		case name == "Via" && k.branch == "":
			_, value, _ = strings.Cut(value, "branch=")
			k.branch, _, _ = strings.Cut(value, ";")
		case name == "Call-ID":
			k.callID = value
		case name == "CSeq" && k.method == "":
			_, k.method, _ = strings.Cut(value, " ")
		}
	}
	return k
}

// methodLabel keeps what a peer invents out of the metrics' labels.
func methodLabel(method string) string {
	switch m := sip.RequestMethod(method); m {
	case sip.INVITE, sip.ACK, sip.CANCEL, sip.BYE, sip.REGISTER, sip.OPTIONS, sip.SUBSCRIBE, sip.NOTIFY, sip.REFER,
		sip.INFO, sip.MESSAGE, sip.PRACK, sip.UPDATE, sip.PUBLISH:
		return method
	}
	return "other"
}

func codeLabel(code int) string {
	if code < 100 || code > 699 {
		return "other"
	}
	return strconv.Itoa(code)
}
