package dialog

import (
	"errors"
	"sync"

	"github.com/emiago/sipgo/sip"
)

// errAnswered says that a request has its answer already.
var errAnswered = errors.New("dialog: already answered")

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
// usual phrase of the code. An INVITE is accepted by Open, not by this.
func (t *Transaction) Respond(code int, reason string, headers ...sip.Header) error {
	if code >= 200 && !t.answer() {
		return errAnswered
	}
	return respond(t.tx, t.s.response(t.Request, code, reason, headers...), func() *sip.Response {
		return t.s.response(t.Request, 487, "")
	})
}

// respond sends a response. A CANCEL may be faster: sipgo answered the INVITE with 487 then, but sends whatever
// response it was given last to retransmissions, and so has to be told again.
func respond(tx *sip.ServerTx, res *sip.Response, terminated func() *sip.Response) error {
	err := tx.Respond(res)
	if errors.Is(err, sip.ErrTransactionCanceled) {
		_ = tx.Respond(terminated())
	}
	return err
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

// Drop forgets a request without an answer: what is due to a source that is banned, which an answer would only
// encourage.
func (t *Transaction) Drop() {
	if t.answer() {
		t.tx.Terminate()
	}
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

func newTransaction(s *Stack, req *sip.Request, tx *sip.ServerTx, a *arrival) *Transaction {
	return &Transaction{Request: req, Flow: flowOf(req), s: s, tx: tx, tag: a.tag}
}

// flowOf returns the way that a request came.
func flowOf(req *sip.Request) Flow {
	network := sip.NetworkToLower(req.Transport())
	return Flow{Transport: network, Remote: req.Source(), Existing: network != "udp"}
}
