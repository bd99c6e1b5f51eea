package dialog

import (
	"context"
	crand "crypto/rand"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
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
	// maxChallenges is how often one request may be challenged.
	maxChallenges = 4
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

// challenges remembers how often one request was challenged.
type challenges struct {
	seen  []int
	total int
}

// meet answers a challenge: it returns whether req, which it changes, is worth another try.
func (c *challenges) meet(auth Authorizer, req *sip.Request, res *sip.Response) bool {
	if auth == nil || res.StatusCode != 401 && res.StatusCode != 407 {
		return false
	}
	name := "WWW-Authenticate"
	if res.StatusCode == 407 {
		name = "Proxy-Authenticate"
	}
	stale := strings.Contains(strings.ToLower(strings.ReplaceAll(headerValue(res, name), " ", "")), "stale=true")
	if c.total++; c.total > maxChallenges || slices.Contains(c.seen, res.StatusCode) && !stale {
		return false
	}
	c.seen = append(c.seen, res.StatusCode)
	return auth.Authorize(req, res) == nil
}

// RequestConfig describes a request of ours outside dialogs, such as OPTIONS or REGISTER.
type RequestConfig struct {
	Method sip.RequestMethod
	URI    sip.Uri
	Flow   Flow
	From   sip.FromHeader // a tag is added where it has none
	To     sip.ToHeader
	// CallID defaults to a random one.
	CallID string
	// CSeq defaults to a random one. Where Auth is called the request is sent again with the next one.
	CSeq uint32
	// ContactUser is the user part of our Contact, which is added where this is not empty.
	ContactUser string
	Headers     []sip.Header
	Body        []byte
	Auth        Authorizer
}

// Do sends a request outside dialogs and waits for its final response, of whatever status. The response's CSeq is
// that of the request sent last. Errors: ErrTimeout, ErrUnreachable, ErrClosed, or the context's.
func (s *Stack) Do(ctx context.Context, c RequestConfig) (*sip.Response, error) {
	if !s.enter() {
		return nil, ErrClosed
	}
	defer s.leave()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()
	addr, err := s.reach(ctx, c.Flow)
	if err != nil {
		return nil, err
	}
	to, err := s.target(c.Flow.Transport, addr)
	if err != nil {
		return nil, err
	}
	req := s.outside(c, to)
	var met challenges
	for {
		res, err := s.exchange(ctx, req)
		if err != nil {
			return nil, err
		}
		next := again(req, to, req.CSeq().SeqNo+1)
		if !met.meet(c.Auth, next, res) {
			return res, nil
		}
		req = next
	}
}

// outside builds the request that c describes.
func (s *Stack) outside(c RequestConfig, to target) *sip.Request {
	if c.CallID == "" {
		c.CallID = crand.Text()
	}
	if c.CSeq == 0 {
		c.CSeq = newSeq()
	}
	c.From.Params = c.From.Params.Clone()
	if !c.From.Params.Has("tag") {
		c.From.Params.Add("tag", newTag())
	}
	req := s.newRequest(c.Method, c.URI, to, c.From, c.To, c.CallID, c.CSeq)
	if c.ContactUser != "" {
		req.AppendHeader(to.l.contact(c.ContactUser))
	}
	for _, h := range c.Headers {
		req.AppendHeader(sip.HeaderClone(h))
	}
	if c.Body != nil {
		req.SetBody(c.Body)
	}
	return req
}

// exchange sends a request and waits for its final response.
func (s *Stack) exchange(ctx context.Context, req *sip.Request) (*sip.Response, error) {
	final := make(chan *sip.Response, 1)
	failed := make(chan error, 1)
	c := s.send(req, func(res *sip.Response) {
		if res.IsProvisional() {
			return
		}
		select {
		case final <- res:
		default: // a retransmission
		}
	}, func(err error) { failed <- err })
	defer c.terminate()
	select {
	case res := <-final:
		return res, nil
	case err := <-failed:
		select {
		case res := <-final: // both at once
			return res, nil
		default:
		}
		return nil, err
	case <-ctx.Done():
		if s.ctx.Err() != nil {
			return nil, ErrClosed
		}
		return nil, ctx.Err()
	}
}

// newSeq returns a first CSeq: any below 2^31 will do, a small one is easier on the eye.
func newSeq() uint32 { return 1 + rand.Uint32N(10000) }
