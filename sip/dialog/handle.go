package dialog

import (
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"github.com/emiago/sipgo/sip"
)

// onMessage is called in sipgo's read loops, for each message in the order of the wire.
func (s *Stack) onMessage(msg sip.Message) {
	s.received(msg)
	switch m := msg.(type) {
	case *sip.Request:
		if s.intake.add(m) {
			s.metrics.retransmissions.WithLabelValues("in").Inc()
		}
	case *sip.Response:
		s.onResponse(m)
	}
}

// onRequest is called by sipgo for each new transaction, on a goroutine of its own.
func (s *Stack) onRequest(req *sip.Request, tx *sip.ServerTx) {
	if req.Method == sip.CANCEL && s.overtook(req, tx) {
		return
	}
	a := s.intake.take(req, tx)
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
	t := newTransaction(s, req, tx, a)
	s.guarded(t, func() { s.route(t, a) })
}

// overtook handles a CANCEL that overtook its INVITE within sipgo, which would else have answered it.
func (s *Stack) overtook(cancel *sip.Request, tx *sip.ServerTx) bool {
	invite := s.intake.inviteOf(cancel)
	if invite == nil {
		return false
	}
	t := time.NewTimer(turnTimeout)
	defer t.Stop()
	select {
	case <-invite.reached:
	case <-t.C: // it never will
		return false
	}
	if err := tx.Respond(s.response(cancel, 200, "")); err != nil {
		s.log.Debug("CANCEL not answered", "error", err.Error())
	}
	_ = invite.tx.Receive(cancel) // sends 487, and calls OnCancel
	return true
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
		if err != nil || len(t.Request.GetHeaders("Replaces")) > 1 {
			_ = t.RespondStateless(400, "Bad Replaces")
			return
		}
		in.Replaces = &r
	}
	defer func() {
		if t.opened != nil {
			t.opened.queue.resume()
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

// allowed says whether the Stack takes requests of this method, in or outside dialogs.
func (s *Stack) allowed(method sip.RequestMethod, inDialog bool) bool {
	if inDialog {
		return slices.Contains(inDialogMethods, method)
	}
	return method == sip.INVITE || method == sip.CANCEL || method == sip.ACK || slices.Contains(s.c.Methods, method)
}
