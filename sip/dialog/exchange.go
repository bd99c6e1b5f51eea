package dialog

import (
	"github.com/emiago/sipgo/sip"
)

// exchange is a request of a dialog until its final response, through challenges and other reasons to try again. It
// belongs to the dialog's goroutine.
type exchange struct {
	d           *Dialog
	req         *sip.Request
	to          target
	tx          *clientTx
	met         challenges
	done        bool
	held        bool
	provisional func(*sip.Response)
	success     func(*sip.Response)                           // INVITE: every 2xx, also one that comes again
	retry       func(next *sip.Request, _ *sip.Response) bool // whether next, which it changed, is worth a try
	final       func(*sip.Response, error)                    // once
}

// exchange sends a request in the dialog; final is called once, on the dialog's goroutine.
func (d *Dialog) exchange(m draft, headers []sip.Header, final func(*sip.Response, error)) {
	req, to, err := m.build(d.s.ctx, d.s)
	if err != nil {
		final(nil, err)
		return
	}
	for _, h := range headers {
		req.AppendHeader(sip.HeaderClone(h))
	}
	(&exchange{d: d, req: req, to: to, final: final}).send()
}

func (x *exchange) send() {
	d := x.d
	if !x.held {
		x.held = true
		d.hold()
	}
	var c *clientTx // set before any of these runs: we are on the dialog's goroutine
	c = d.s.send(x.req,
		func(res *sip.Response) { d.post(func() { x.response(c, res) }) },
		func(err error) { d.post(func() { x.over(c, err) }) })
	x.tx = c
}

func (x *exchange) response(c *clientTx, res *sip.Response) {
	switch {
	case c != x.tx: // of a try before this one
	case res.IsSuccess():
		x.succeeded(res)
	case x.done:
	case res.IsProvisional():
		if x.provisional != nil {
			x.provisional(res)
		}
	case !x.tryAgain(res):
		x.finish(res, nil)
	}
}

func (x *exchange) succeeded(res *sip.Response) {
	if x.success != nil {
		x.success(res)
	}
	if !x.done {
		x.finish(res, nil)
	}
}

// tryAgain sends the request once more where the final response asks for that.
func (x *exchange) tryAgain(res *sip.Response) bool {
	if x.req.Method == sip.CANCEL || x.req.Method == sip.INVITE && x.d.ended {
		return false
	}
	rec := &x.d.rec
	next := again(x.req, x.to, rec.localSeq+1)
	if !x.met.meet(x.d.o.Auth, next, res) && (x.retry == nil || !x.retry(next, res)) {
		return false
	}
	if x.req.Method == sip.INVITE {
		x.tx.awaitAck()
	}
	rec.localSeq++
	x.req = next
	x.send()
	return true
}

// finish ends the exchange. The transaction of an INVITE goes on: it acknowledges and repeats.
func (x *exchange) finish(res *sip.Response, err error) {
	x.done = true
	if x.req.Method != sip.INVITE {
		x.tx.terminate()
	}
	if res == nil || !res.IsSuccess() || x.success == nil {
		x.letGo()
	}
	x.final(res, err)
}

// over is called when the transaction has ended.
func (x *exchange) over(c *clientTx, err error) {
	if c != x.tx {
		return
	}
	if !x.done {
		x.finish(nil, err)
	}
	x.letGo()
}

func (x *exchange) letGo() {
	if x.held {
		x.held = false
		x.d.release()
	}
}
