package peers

import (
	"context"
	"io"
	"net"
	"net/netip"
	"net/url"
	"sync"
	"testing"
)

// LineHost is the address of a gateway's media on a Line: the gateway must advertise it (webrtc.advertise).
const LineHost = "127.0.0.2"

// Line is a browser's way to a gateway, its HTTP and WebSockets as well as its media, that can be cut.
type Line struct {
	media    *Relay
	listener net.Listener
	target   string
	tasks    sync.WaitGroup

	mu    sync.Mutex
	cut   bool
	conns map[*lineConn]bool
}

// lineConn is one TCP connection on a line. Once the line was cut it is dead for good: both ends believe that it is
// there, as they do when a network goes away under them, and nothing passes.
type lineConn struct {
	near, far net.Conn
	dead      bool // guarded by the line's mu
}

// NewLine starts a line to a gateway.
func NewLine(t testing.TB, g *Gateway) *Line {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := netip.AddrPortFrom(netip.MustParseAddr(LineHost), g.WebRTC.Port())
	l := &Line{
		media: udpRelayAt(t, at, g.WebRTC, Impairment{}, Impairment{}), listener: listener, target: g.HTTP.String(),
		conns: map[*lineConn]bool{},
	}
	l.tasks.Go(l.accept)
	t.Cleanup(l.close)
	return l
}

// URL is a URL of the gateway's by way of the line.
func (l *Line) URL(t testing.TB, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = l.listener.Addr().String()
	return u.String()
}

// Cut cuts the line, or mends it for what is sent and connected from then on.
func (l *Line) Cut(cut bool) {
	l.media.Cut(cut)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = cut
	for c := range l.conns {
		c.dead = c.dead || cut
	}
}

// accept takes connections until the line is closed.
func (l *Line) accept() {
	for {
		near, err := l.listener.Accept()
		if err != nil {
			return
		}
		l.tasks.Go(func() { l.serve(near) })
	}
}

func (l *Line) serve(near net.Conn) {
	var dialer net.Dialer
	far, err := dialer.DialContext(context.Background(), "tcp4", l.target)
	if err != nil {
		near.Close() // the gateway is not there
		return
	}
	c := &lineConn{near: near, far: far}
	l.mu.Lock()
	c.dead = l.cut
	l.conns[c] = true
	l.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { l.copy(c, near, far) })
	both.Go(func() { l.copy(c, far, near) })
	both.Wait()
	near.Close()
	far.Close()
	l.mu.Lock()
	delete(l.conns, c)
	l.mu.Unlock()
}

// copy passes on what is sent until an end closes. What an end of a dead connection sends, its closing too, is lost.
func (l *Line) copy(c *lineConn, from, to net.Conn) {
	for b := make([]byte, 32*1024); ; {
		n, err := from.Read(b)
		if l.isDead(c) {
			if err != nil {
				return
			}
			continue
		}
		if n > 0 {
			if _, err := to.Write(b[:n]); err != nil {
				return
			}
		}
		if err == io.EOF {
			to.(*net.TCPConn).CloseWrite()
		}
		if err != nil {
			return
		}
	}
}

func (l *Line) isDead(c *lineConn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return c.dead
}

// close ends the line.
func (l *Line) close() {
	l.listener.Close()
	l.mu.Lock()
	for c := range l.conns {
		c.near.Close()
		c.far.Close()
	}
	l.mu.Unlock()
	l.tasks.Wait()
}
