package dialog

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/emiago/sipgo/sip"
)

const (
	// rebindTries and rebindWait are for the moment in which sipgo lost a UDP socket that is being served again.
	rebindTries = 40
	rebindWait  = 5 * time.Millisecond
	// startPatience is how long we wait for sipgo to do a step of its own.
	startPatience = 500 * time.Millisecond
)

// clientTx is a request of ours on its way. Responses reach it in the order of the wire: onMessage brings them, not
// sipgo, which loses the order.
type clientTx struct {
	key        string
	req        *sip.Request
	sends      atomic.Int32
	onResponse func(*sip.Response) // called in the read loop
	onEnd      func(error)         // called once, when the transaction is over
	ended      sync.Once
	started    chan struct{} // closed when sipgo has set its timers
	drained    chan struct{} // closed when drain has returned
	tx         *sip.ClientTx // nil where it could not be made
}

// terminate stops the transaction where it still runs.
func (c *clientTx) terminate() {
	if c.tx != nil {
		c.tx.Terminate()
	}
}

func (c *clientTx) end(s *Stack, err error) {
	c.ended.Do(func() {
		s.mu.Lock()
		if s.clients[c.key] == c {
			delete(s.clients, c.key)
		}
		s.mu.Unlock()
		c.onEnd(err)
	})
}

// send starts a transaction. All that goes wrong reaches onEnd, also what goes wrong here. Neither callback may block.
func (s *Stack) send(req *sip.Request, onResponse func(*sip.Response), onEnd func(error)) *clientTx {
	c := &clientTx{req: req, onResponse: onResponse, onEnd: onEnd, started: make(chan struct{}),
		drained: make(chan struct{})}
	c.key, _ = sip.ClientTxKeyMake(req)
	s.mu.Lock()
	s.clients[c.key] = c
	s.mu.Unlock()
	err := s.start(c)
	close(c.started)
	if err != nil {
		c.end(s, err)
		c.terminate()
	}
	return c
}

// connectionLost ends what waits on a connection that is gone: our requests for their answers, the peer's INVITEs for
// ours. sipgo can do that too, but a transaction that is not yet initialised then makes it panic on a goroutine of its
// own, which ends the process.
func (s *Stack) connectionLost(network, remote string) {
	s.mu.Lock()
	var waiting []*clientTx
	for _, c := range s.clients {
		if sip.NetworkToLower(c.req.Transport()) == network && c.req.Destination() == remote {
			waiting = append(waiting, c)
		}
	}
	dialogs := slices.Collect(maps.Values(s.dialogs))
	s.mu.Unlock()
	for _, d := range dialogs {
		d.post(func() { d.connectionLost(network, remote) })
	}
	for _, c := range waiting {
		<-c.started
		c.end(s, fmt.Errorf("%w: the connection ended", ErrUnreachable))
		c.terminate()
	}
}

// connectionLost ends the transaction of the peer's INVITE, if it came over that connection and has no answer yet.
func (d *Dialog) connectionLost(network, remote string) {
	inv := d.uas
	if inv != nil && !inv.final && sip.NetworkToLower(inv.req.Transport()) == network && inv.req.Source() == remote {
		inv.tx.Terminate()
	}
}

func (s *Stack) start(c *clientTx) error {
	if err := sendable(c.req); err != nil {
		return err
	}
	var tx *sip.ClientTx
	err := rebinding(func() (err error) {
		tx, err = s.transactions.NewClientTransaction(s.ctx, c.req)
		return err
	})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	c.tx = tx
	if !s.spawn(c.drain) {
		return ErrClosed
	}
	if !tx.OnTerminate(func(_ string, err error) { c.end(s, txError(err)) }) { // the connection broke just now
		return ErrUnreachable
	}
	if err := tx.Init(); err != nil {
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return nil
}

// drain takes the responses that sipgo would otherwise wait with; onMessage has brought them already. It returns after
// the final one, which sipgo hands over when it has sent the ACK for a refused INVITE.
func (c *clientTx) drain() {
	defer close(c.drained)
	for {
		select {
		case res := <-c.tx.Responses():
			if !res.IsProvisional() {
				return
			}
		case <-c.tx.Done():
			return
		}
	}
}

// awaitAck waits until sipgo has acknowledged a refused INVITE, so that another one comes after the ACK.
func (c *clientTx) awaitAck() {
	select {
	case <-c.drained:
	case <-time.After(startPatience):
	}
}

// write sends a message that has no transaction: an ACK.
func (s *Stack) write(req *sip.Request) error {
	if err := sendable(req); err != nil {
		return err
	}
	return rebinding(func() error { return s.transport.WriteMsg(req) })
}

// rebinding tries again while sipgo does not have the UDP socket: between two rounds of serving it, sipgo tries to bind
// its address once more.
func rebinding(f func() error) error {
	for try := 1; ; try++ {
		err := f()
		if !errors.Is(err, syscall.EADDRINUSE) || try == rebindTries {
			return err
		}
		<-time.After(rebindWait)
	}
}

func txError(err error) error {
	switch {
	case errors.Is(err, sip.ErrTransactionTimeout):
		return ErrTimeout
	case errors.Is(err, sip.ErrTransactionTransport):
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return err
}

// onResponse brings a response to its request.
func (s *Stack) onResponse(res *sip.Response) {
	key, err := sip.ClientTxKeyMake(res)
	if err != nil || res.From() == nil || res.To() == nil || res.CallID() == nil || len(res.GetHeaders("Via")) != 1 {
		s.metrics.dropped.WithLabelValues("bad response").Inc()
		return
	}
	s.mu.Lock()
	c := s.clients[key]
	s.mu.Unlock()
	if c == nil {
		s.metrics.dropped.WithLabelValues("stray response").Inc()
		return
	}
	c.awaitStart()
	tidyParams(res.To().Params)
	c.onResponse(res)
}

// awaitStart keeps a response back that is faster than sipgo: it sends a request first and sets the transaction's timers
// then. One whose answer came in between would lose them, or have them end a call that rings.
func (c *clientTx) awaitStart() {
	select {
	case <-c.started:
	case <-time.After(startPatience):
	}
}

// countSends counts what sipgo's transactions send again.
func (s *Stack) countSends(k sketch) {
	s.mu.Lock()
	c := s.clients[k.branch+sip.TxSeperator+k.method]
	s.mu.Unlock()
	if c != nil && k.method != "ACK" && c.sends.Add(1) > 1 {
		s.metrics.retransmissions.WithLabelValues("out").Inc()
	}
}
