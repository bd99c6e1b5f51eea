package rtc

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// kind is what a packet on the UDP port is, told from its first two bytes (RFC 7983 section 7, RFC 5761 section 4).
type kind int

const (
	kindSTUN kind = iota
	kindDTLS
	kindSRTP
	kindSRTCP
	kindOther
	numKinds
)

// String is the kind's label.
func (k kind) String() string {
	return [numKinds]string{"stun", "dtls", "srtp", "srtcp", "other"}[k]
}

// minSize is the least length of an SRTP or SRTCP packet, in bytes: an RTP header, which is also an RTCP header with
// SRTCP's index.
const minSize = 12

// maxSize is the most that is taken of any packet, in bytes: what fits into an Ethernet frame.
const maxSize = 1500

func kindOf(p []byte) kind {
	switch {
	case len(p) < minSize:
		return kindOther
	case p[0] < 4:
		return kindSTUN
	case p[0] >= 20 && p[0] < 64:
		return kindDTLS
	case p[0] < 128 || p[0] >= 192:
		return kindOther
	case p[1] >= 192 && p[1] <= 223:
		return kindSRTCP
	}
	return kindSRTP
}

// udpConn is what guard needs of a *net.UDPConn.
type udpConn interface {
	net.PacketConn
	ReadFromUDPAddrPort(b []byte) (n int, addr netip.AddrPort, err error)
	WriteToUDPAddrPort(b []byte, addr netip.AddrPort) (int, error)
}

// guard is the socket as ICE sees it. It swallows read errors that pass, counts packets, drops what no browser of ours
// sends, and holds each browser to a packet rate and to the RTP stream of its offer: pion's srtp makes a stream's state
// and buffer before it checks the packet's authentication tag, and its DTLSTransport.Stop may wait for ever where two
// streams that it does not expect begin while it closes.
type guard struct {
	udpConn
	maxRate  int           // packets per second and source
	maxAbuse time.Duration // how long a source may exceed them
	metrics  *Metrics
	abuse    chan<- netip.AddrPort // told each source that exceeded them for so long; may be full
	stop     <-chan struct{}

	mu      sync.Mutex
	sources map[netip.AddrPort]*source // the addresses that ICE has authenticated
	offered map[uint32]int             // the SSRCs in offers, and in how many
}

func newGuard(conn udpConn, c *Config, abuse chan<- netip.AddrPort, stop <-chan struct{}) *guard {
	return &guard{
		udpConn: conn, maxRate: c.MaxPacketRate, maxAbuse: c.MaxAbuse, metrics: c.Metrics, abuse: abuse, stop: stop,
		sources: map[netip.AddrPort]*source{}, offered: map[uint32]int{},
	}
}

// ReadFrom reads the next packet that is fit for ICE.
func (g *guard) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := g.ReadFromUDPAddrPort(b)
		if err == nil {
			if addr := g.admit(b[:n], unmap(from), time.Now()); addr != nil {
				return n, addr, nil
			}
			continue
		}
		if errors.Is(err, net.ErrClosed) {
			return 0, nil, err
		}
		g.metrics.readErrors.Inc()
		select {
		case <-g.stop:
			return 0, nil, net.ErrClosed
		case <-time.After(10 * time.Millisecond): // an error that lasts must not take a whole core
		}
	}
}

// admit is the source's address when the packet is to be taken, else nil.
func (g *guard) admit(p []byte, from netip.AddrPort, now time.Time) *net.UDPAddr {
	k := kindOf(p)
	g.metrics.in[k].Inc()
	if k == kindOther {
		return g.drop("kind")
	}
	if len(p) > maxSize {
		return g.drop("size")
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	src := g.sources[from]
	if src == nil {
		if k != kindSTUN { // ICE comes first
			return g.drop("stranger")
		}
		return net.UDPAddrFromAddrPort(from)
	}
	reason := src.judge(k, p, now, g)
	if reason == "" {
		return src.addr
	}
	if src.overdue(now, g.maxAbuse) {
		select {
		case g.abuse <- from:
		default: // told again with the next packet
		}
	}
	return g.drop(reason)
}

func (g *guard) drop(reason string) *net.UDPAddr {
	g.metrics.dropped.WithLabelValues(reason).Inc()
	return nil
}

// WriteTo sends a packet. A STUN success response shows that ICE has authenticated its receiver.
func (g *guard) WriteTo(b []byte, to net.Addr) (int, error) {
	addr, ok := to.(*net.UDPAddr)
	if !ok {
		return 0, net.InvalidAddrError("rtc: not a UDP address")
	}
	k, ap := kindOf(b), unmap(addr.AddrPort())
	g.metrics.out[k].Inc()
	if k == kindSTUN && b[0] == 0x01 && b[1] == 0x01 { // RFC 8489 section 5: Binding, success response
		g.know(ap, time.Now())
	}
	return g.WriteToUDPAddrPort(b, ap)
}

// forgetAfter is how long a source may be silent until it must be authenticated anew. Browsers check their consent
// every 5 s (RFC 7675 section 5.1).
const forgetAfter = time.Minute

// know makes an authenticated source known.
func (g *guard) know(addr netip.AddrPort, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.sources[addr] != nil {
		return
	}
	for a, src := range g.sources {
		if now.Sub(src.last) > forgetAfter {
			delete(g.sources, a)
		}
	}
	g.sources[addr] = &source{addr: net.UDPAddrFromAddrPort(addr), last: now, window: now}
}

// offer lets the RTP of an offer's SSRC through, and no longer that of the one before it; 0 is none.
func (g *guard) offer(ssrc, before uint32) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.offered[before]--; g.offered[before] <= 0 {
		delete(g.offered, before)
	}
	if ssrc != 0 {
		g.offered[ssrc]++
	}
}

// source is the packet budget of one browser's address.
type source struct {
	addr      *net.UDPAddr // shared by all its packets
	last      time.Time    // of the last packet
	window    time.Time    // when the running second began
	count     int          // packets in it
	over      bool         // the budget was exceeded in it
	since     time.Time    // when the running row of seconds with excess began
	reporters []uint32     // SSRCs seen in RTCP
}

// maxReporters is how many SSRCs a browser may send RTCP from: that of its microphone, and perhaps one for each ear.
const maxReporters = 8

// judge is empty when the packet is within the budget, else says what it exceeds.
func (s *source) judge(k kind, p []byte, now time.Time, g *guard) string {
	if now.Sub(s.window) >= time.Second {
		if !s.over || now.Sub(s.window) >= 2*time.Second {
			s.since = time.Time{}
		}
		s.window, s.count, s.over = now, 0, false
	}
	s.last = now
	s.count++
	reason := ""
	switch {
	case s.count > g.maxRate:
		reason = "rate"
	case k == kindSRTP && g.offered[binary.BigEndian.Uint32(p[8:])] == 0:
		reason = "ssrc"
	case k == kindSRTCP && !s.admitReporter(binary.BigEndian.Uint32(p[4:])):
		reason = "ssrc"
	}
	if reason != "" && !s.over {
		s.over = true
		if s.since.IsZero() {
			s.since = now
		}
	}
	return reason
}

// overdue says that the budget has been exceeded in every second for longer than it may.
func (s *source) overdue(now time.Time, limit time.Duration) bool { return now.Sub(s.since) >= limit }

// admitReporter says whether an SSRC is known or may still become so.
func (s *source) admitReporter(ssrc uint32) bool {
	if slices.Contains(s.reporters, ssrc) {
		return true
	}
	if len(s.reporters) >= maxReporters {
		return false
	}
	s.reporters = append(s.reporters, ssrc)
	return true
}

// unmap makes IPv4 addresses seen by an IPv6 socket equal to what they are elsewhere.
func unmap(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }
