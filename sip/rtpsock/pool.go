// Package rtpsock owns the RTP and RTCP sockets of SIP legs: which port, whose packets are believed, SRTP, reports.
package rtpsock

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"
)

// ErrExhausted says that every port pair of the range is in use or draining; it is due a 503.
var ErrExhausted = errors.New("rtpsock: no free RTP port")

// ErrClosed says that the pool or the socket was closed.
var ErrClosed = errors.New("rtpsock: closed")

// PoolConfig says where ports come from.
type PoolConfig struct {
	// Address is the local address to bind, IPv4 or IPv6; a pool serves one.
	Address netip.Addr
	// MinPort and MaxPort bound the range, both included; RTP takes the even ports, RTCP the odd ones above them. With
	// both 0 the kernel picks the pairs.
	MinPort, MaxPort uint16
	// SendOnlyTo are the networks that packets may be sent to; empty means everywhere but loopback, which needs a
	// socket on loopback or to be named here.
	SendOnlyTo []netip.Prefix
	// DrainQuiet is how long a closed socket's port must have been silent before it is used again. It defaults to 30 s.
	DrainQuiet time.Duration
	// DrainMax bounds the drain of a port that is never silent. It defaults to 10 min.
	DrainMax time.Duration
	// Metrics may be nil.
	Metrics *Metrics
	// Logger must be given.
	Logger *slog.Logger
}

// Pool hands out port pairs on one address and drains those of closed legs, so that a late stream never reaches the
// next call.
type Pool struct {
	c   PoolConfig
	now func() time.Time // of packets; tests have their own

	draining sync.WaitGroup

	mu     sync.Mutex
	free   []uint16 // even ports of the range
	drains map[*drain]struct{}
	closed bool
}

// NewPool makes a Pool. It fails on a range without an even port that has an odd one above it.
func NewPool(c PoolConfig) (*Pool, error) {
	c.Address = c.Address.Unmap()
	if c.DrainQuiet == 0 {
		c.DrainQuiet = 30 * time.Second
	}
	if c.DrainMax == 0 {
		c.DrainMax = 10 * time.Minute
	}
	p := &Pool{c: c, now: time.Now, drains: map[*drain]struct{}{}}
	if c.MinPort == 0 && c.MaxPort == 0 {
		return p, nil
	}
	for port := int(c.MinPort) + int(c.MinPort)%2; port < int(c.MaxPort); port += 2 {
		if port != 0 {
			p.free = append(p.free, uint16(port))
		}
	}
	if len(p.free) == 0 {
		return nil, fmt.Errorf("rtpsock: no pair of an even and an odd port from %d to %d", c.MinPort, c.MaxPort)
	}
	return p, nil
}

// Open binds a pair and starts its Socket. Errors: ErrExhausted, ErrClosed, and what the system says to binding.
func (p *Pool) Open(c Config) (*Socket, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, ErrClosed
	}
	pr, err := p.bind()
	if err != nil {
		p.c.Metrics.exhaust()
		return nil, err
	}
	p.c.Metrics.ports(inUse, 1)
	return newSocket(p, c, pr), nil
}

// bind takes a random pair: a port that can be guessed invites to spray it. The caller holds mu.
func (p *Pool) bind() (pair, error) {
	if p.c.MaxPort == 0 {
		return p.bindAny()
	}
	for i := range p.free {
		j := i + rand.IntN(len(p.free)-i)
		p.free[i], p.free[j] = p.free[j], p.free[i]
		pr, err := bindPair(netip.AddrPortFrom(p.c.Address, p.free[i]))
		if errors.Is(err, syscall.EADDRINUSE) { // somebody else's; it may be free next time
			continue
		}
		if err != nil {
			return pair{}, err
		}
		p.free[i] = p.free[len(p.free)-1]
		p.free = p.free[:len(p.free)-1]
		return pr, nil
	}
	return pair{}, ErrExhausted
}

// bindAny has the kernel pick an even port whose neighbour is free.
func (p *Pool) bindAny() (pair, error) {
	var last error
	for range 100 {
		rtp, err := listenUDP(netip.AddrPortFrom(p.c.Address, 0))
		if err != nil {
			return pair{}, err
		}
		pr := pair{rtp: rtp}
		if port := pr.addr().Port(); port%2 == 0 {
			if pr.rtcp, last = listenUDP(netip.AddrPortFrom(p.c.Address, port+1)); last == nil {
				return pr, nil
			}
		}
		rtp.Close()
	}
	return pair{}, fmt.Errorf("%w: %w", ErrExhausted, last)
}

// Close ends all draining and waits for it. Sockets should be closed before.
func (p *Pool) Close() {
	p.mu.Lock()
	p.closed = true
	for d := range p.drains {
		d.pair.close()
	}
	p.mu.Unlock()
	p.draining.Wait()
}

// pair is an RTP socket and the RTCP socket on the port above it.
type pair struct{ rtp, rtcp *net.UDPConn }

func bindPair(addr netip.AddrPort) (pair, error) {
	rtp, err := listenUDP(addr)
	if err != nil {
		return pair{}, err
	}
	rtcp, err := listenUDP(netip.AddrPortFrom(addr.Addr(), addr.Port()+1))
	if err != nil {
		rtp.Close()
		return pair{}, err
	}
	return pair{rtp, rtcp}, nil
}

// addr is the RTP address.
func (p pair) addr() netip.AddrPort {
	a, _ := p.rtp.LocalAddr().(*net.UDPAddr)
	return unmap(a.AddrPort())
}

func (p pair) close() {
	p.rtp.Close()
	p.rtcp.Close()
}
