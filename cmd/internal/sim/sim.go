// Package sim owns simulated peers for demonstrations: a carrier and a desk phone that speak real SIP and RTP on
// loopback.
package sim

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/prometheus/client_golang/prometheus"

	"seatbridge/media"
	"seatbridge/sip/dialog"
	"seatbridge/sip/digest"
	"seatbridge/sip/rtpsock"
)

// Config says what a simulated peer is.
type Config struct {
	Name   string
	Listen netip.AddrPort // UDP
	// Gateway is where its calls and its REGISTER go.
	Gateway netip.AddrPort
	// User and Password register it at the gateway; a peer without a user does not register.
	User, Password string
	// Answer says how it answers a call to a number.
	Answer func(number string) Script
	Log    *slog.Logger
}

// Script is what a simulated peer does with a call.
type Script struct {
	// Status refuses the call, or is 0.
	Status int
	// RingFor is how long it rings before it answers.
	RingFor time.Duration
	// Early plays what follows while it rings (183).
	Early bool
	// Play is heard by the caller; nil is silence.
	Play *media.Clip
	// Echo sends back what the caller says.
	Echo bool
	// HangUpAfter ends the call; 0 leaves that to the caller.
	HangUpAfter time.Duration
	// CallBack is called when the call is over; nil is not.
	CallBack func(p *Peer, caller string)
}

// Peer is a simulated carrier or phone.
type Peer struct {
	c     Config
	log   *slog.Logger
	stack *dialog.Stack
	pool  *rtpsock.Pool
	clock *media.Clock
	ctx   context.Context
	stop  context.CancelFunc
	tasks sync.WaitGroup

	mu    sync.Mutex
	calls map[*dialog.Dialog]*call
}

// New binds the peer's socket.
func New(c Config) (*Peer, error) {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(c.Listen))
	if err != nil {
		return nil, fmt.Errorf("sim: %s: %w", c.Name, err)
	}
	c.Listen = conn.LocalAddr().(*net.UDPAddr).AddrPort() // its port may have been 0
	p := &Peer{c: c, log: c.Log.With("simulated", c.Name), calls: map[*dialog.Dialog]*call{}}
	p.ctx, p.stop = context.WithCancel(context.Background())
	quiet := slog.New(slog.DiscardHandler)
	p.stack, err = dialog.New(dialog.Config{
		Listeners: []dialog.Listener{{Transport: "udp", PacketConn: conn}}, Handler: p,
		UserAgent: "Seatbridge-simulated-" + c.Name, Logger: quiet, Metrics: dialog.NewMetrics(prometheus.NewRegistry()),
		Session: dialog.SessionTimer{Off: true},
	})
	if err != nil {
		conn.Close()
		return nil, err
	}
	p.pool, err = rtpsock.NewPool(rtpsock.PoolConfig{
		Address: c.Listen.Addr(), SendOnlyTo: []netip.Prefix{netip.PrefixFrom(c.Gateway.Addr(), 8)}, Logger: quiet,
	})
	if err != nil {
		return nil, err
	}
	p.clock = media.NewClock()
	return p, nil
}

// Start serves, and registers where there is a user.
func (p *Peer) Start() {
	p.stack.Start()
	if p.c.User != "" {
		p.tasks.Go(p.register)
	}
}

// Close hangs up and ends everything.
func (p *Peer) Close() {
	p.stop()
	p.mu.Lock()
	for d := range p.calls {
		d.Hangup(0)
	}
	p.mu.Unlock()
	p.tasks.Wait()
	p.stack.Close()
	p.mu.Lock()
	left := p.calls
	p.calls = map[*dialog.Dialog]*call{}
	p.mu.Unlock()
	for _, c := range left {
		c.close()
	}
	p.clock.Close()
	p.pool.Close()
}

// register keeps the peer registered.
func (p *Peer) register() {
	const expires = 60 * time.Second
	callID, seq := fmt.Sprintf("%s-%d@%s", p.c.Name, time.Now().UnixNano(), p.c.Listen.Addr()), uint32(0)
	for {
		seq += 2
		wait := expires / 2
		ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second)
		res, err := p.stack.Do(ctx, p.registerRequest(callID, seq, expires))
		cancel()
		if err != nil || res.StatusCode != 200 {
			wait = time.Second
		}
		select {
		case <-time.After(wait):
		case <-p.ctx.Done():
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			if _, err := p.stack.Do(ctx, p.registerRequest(callID, seq+2, 0)); err != nil {
				p.log.Debug("not unregistered", "error", err.Error())
			}
			return
		}
	}
}

func (p *Peer) registerRequest(callID string, seq uint32, expires time.Duration) dialog.RequestConfig {
	return dialog.RequestConfig{
		Method: sip.REGISTER, URI: sip.Uri{Scheme: "sip", Host: p.c.Gateway.Addr().String()}, Flow: p.flow(),
		From: sip.FromHeader{Address: p.uri(p.c.User)}, To: sip.ToHeader{Address: p.uri(p.c.User)},
		CallID: callID, CSeq: seq, ContactUser: p.c.User, Auth: p.credentials(),
		Headers: []sip.Header{sip.NewHeader("Expires", strconv.Itoa(int(expires.Seconds())))},
	}
}

func (p *Peer) flow() dialog.Flow {
	return dialog.Flow{Transport: "udp", Remote: p.c.Gateway.String()}
}

func (p *Peer) uri(user string) sip.Uri {
	return sip.Uri{Scheme: "sip", User: user, Host: p.c.Gateway.Addr().String(), Port: int(p.c.Gateway.Port())}
}

func (p *Peer) credentials() dialog.Authorizer {
	if p.c.User == "" {
		return nil
	}
	return &digest.Credentials{
		Username: p.c.User, Password: p.c.Password,
		Trusted: func(a netip.Addr) bool { return a == p.c.Gateway.Addr() },
	}
}
