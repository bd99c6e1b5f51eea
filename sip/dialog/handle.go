package dialog

import (
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"

	"github.com/emiago/sipgo/sip"
)

// errAnswered says that a request has its answer already.
var errAnswered = errors.New("dialog: already answered")

// onMessage is called in sipgo's read loops, for each message in the order of the wire.
func (s *Stack) onMessage(msg sip.Message) {
	s.received(msg)
	switch m := msg.(type) {
	case *sip.Request:
		if !s.intake.add(m) {
			s.metrics.retransmissions.WithLabelValues("in").Inc()
		}
	case *sip.Response:
		s.onResponse(m)
	}
}

// onRequest is called by sipgo for each new transaction, on a goroutine of its own.
func (s *Stack) onRequest(req *sip.Request, tx *sip.ServerTx) {
	a := s.intake.take(req)
	defer s.intake.handled(a)
	if !tx.OnTerminate(func(string, error) { s.intake.forget(a) }) {
		s.intake.forget(a)
	}
	if !s.enter() {
		tx.Terminate()
		return
	}
	defer s.leave()
	if !a.turn() {
		s.metrics.dropped.WithLabelValues("turn").Inc()
	}
	t := &Transaction{Request: req, Flow: flowOf(req), s: s, tx: tx, tag: a.tag}
	s.guarded(t, func() { s.route(t, a) })
}

// guarded runs a handler and makes sure that the request is answered.
func (s *Stack) guarded(t *Transaction, handle func()) {
	defer func() {
		if p := recover(); p != nil {
			s.panicked("handler", p)
			t.fail()
		}
	}()
	handle()
}

func (s *Stack) panicked(where string, p any) {
	s.metrics.panics.Inc()
	s.log.Error("panic", "where", where, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
}

// route finds out whom a request is for.
func (s *Stack) route(t *Transaction, a *arrival) {
	req := t.Request
	refused := s.validate(req, a)
	switch {
	case req.Method == sip.ACK:
		t.tx.Terminate() // an ACK is never answered
		if refused == nil {
			s.routeInDialog(t)
		}
	case refused != nil:
		s.metrics.dropped.WithLabelValues(refused.label).Inc()
		_ = t.RespondStateless(refused.code, refused.reason, refused.headers...)
	case req.Method == sip.CANCEL: // sipgo answers those of INVITEs that are there
		_ = t.RespondStateless(481, "")
	case a.tag == "":
		s.routeInDialog(t)
	case req.Method == sip.INVITE:
		s.routeInvite(t)
	default:
		s.c.Handler.Request(t)
		if !t.isAnswered() {
			_ = t.Respond(500, "")
		}
	}
}

func (s *Stack) routeInvite(t *Transaction) {
	in := &Incoming{Transaction: t}
	in.sdp, _ = sdpOf(t.Request)
	if h := header(t.Request, "Replaces"); h != nil {
		r, err := ParseReplaces(h.Value())
		if err != nil {
			_ = t.RespondStateless(400, "Bad Replaces")
			return
		}
		in.Replaces = &r
	}
	defer func() {
		if t.opened != nil {
			t.opened.resume()
		}
	}()
	s.c.Handler.Invite(in)
	if !t.isAnswered() {
		_ = t.Respond(500, "")
	}
}

func (s *Stack) routeInDialog(t *Transaction) {
	req := t.Request
	d := s.find(req.CallID().Value(), toTag(req))
	if d != nil && d.deliver(t) {
		return
	}
	if req.Method != sip.ACK {
		s.metrics.dropped.WithLabelValues("no dialog").Inc()
		_ = t.RespondStateless(481, "")
	}
}

// flowOf returns the way that a request came.
func flowOf(req *sip.Request) Flow {
	network := sip.NetworkToLower(req.Transport())
	return Flow{Transport: network, Remote: req.Source(), Existing: network != "udp"}
}

// Transaction is a received request outside dialogs and the way to answer it.
type Transaction struct {
	// Request is the request as received. It may be read only.
	Request *sip.Request
	// Flow is where it came from; Existing is set for streams.
	Flow Flow

	s      *Stack
	tx     *sip.ServerTx
	tag    string // our To tag where the request is outside dialogs
	opened *Dialog

	mu       sync.Mutex
	answered bool
}

// Respond answers through the transaction, which repeats the answer to retransmissions. An empty reason means the
// usual phrase of the code.
func (t *Transaction) Respond(code int, reason string, headers ...sip.Header) error {
	if code >= 200 && !t.answer() {
		return errAnswered
	}
	return t.tx.Respond(t.s.response(t.Request, code, reason, headers...))
}

// RespondStateless answers and keeps nothing (RFC 3261 section 8.2.7). It is the way to challenge or refuse a request
// whose sender is not authenticated: no memory is held, nothing is retransmitted.
func (t *Transaction) RespondStateless(code int, reason string, headers ...sip.Header) error {
	if !t.answer() {
		return errAnswered
	}
	defer t.tx.Terminate()
	return t.tx.Connection().WriteMsg(t.s.response(t.Request, code, reason, headers...))
}

// answer notes that the request is being answered; only the first caller may.
func (t *Transaction) answer() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	first := !t.answered
	t.answered = true
	return first
}

func (t *Transaction) isAnswered() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.answered
}

// fail answers a request whose handler panicked.
func (t *Transaction) fail() {
	switch {
	case t.opened != nil:
		t.opened.Hangup(500)
	case t.Request.Method != sip.ACK:
		_ = t.Respond(500, "")
	}
}

// allowed says whether the Stack takes requests of this method, in or outside dialogs.
func (s *Stack) allowed(method sip.RequestMethod, inDialog bool) bool {
	if inDialog {
		return slices.Contains(inDialogMethods, method)
	}
	return method == sip.INVITE || method == sip.CANCEL || method == sip.ACK || slices.Contains(s.c.Methods, method)
}
