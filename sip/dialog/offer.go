package dialog

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/emiago/sipgo/sip"
)

// maxOfferTries is how often one offer of ours is made where the peer's keeps crossing it.
const maxOfferTries = 4

// Result is what came of a request that we sent in the dialog.
type Result struct {
	// Code is the final status; 408 stands for no answer, 503 for a peer that could not be reached, 487 where the
	// dialog ended before.
	Code int
	// SDP is the answer in a 2xx, or nil.
	SDP      []byte
	Response *sip.Response // nil where there was none
}

// OK is true for a 2xx.
func (r Result) OK() bool { return r.Code >= 200 && r.Code < 300 }

func resultOf(res *sip.Response, err error) Result {
	switch {
	case errors.Is(err, ErrTimeout):
		return Result{Code: 408}
	case err != nil:
		return Result{Code: 503}
	}
	sdp, _ := sdpOf(res)
	return Result{Code: res.StatusCode, SDP: sdp, Response: res}
}

// offerLane is a dialog's offers and answers after the first: one at a time, ours or the peer's (RFC 3264 section 4,
// RFC 3261 section 14). It belongs to the dialog's goroutine.
type offerLane struct {
	d       *Dialog
	jobs    []*offerJob
	current *offerJob   // on its way
	waiting *time.Timer // until the first job may be tried again
	peer    *peerOffer  // not answered yet
	local   []byte      // our SDP as it stands
	remote  []byte      // the peer's, as far as a refresh needs to know it
}

// offerJob is an offer of ours, or a refresh of the session.
type offerJob struct {
	method  sip.RequestMethod
	sdp     []byte
	offer   func() []byte // makes sdp anew for each try; nil where sdp is given
	refresh bool
	tries   int
	done    func(Result)
}

func (j *offerJob) report(r Result) {
	if done := j.done; done != nil {
		j.done = nil
		done(r)
	}
}

// peerOffer is the peer's re-INVITE or UPDATE until it is answered.
type peerOffer struct {
	t   *Transaction
	inv *invited // of a re-INVITE
}

// Reinvite offers a changed session by re-INVITE. A glare (491) is tried again after the time of RFC 3261 section 14.1.
// A second offer waits for the first. done may be nil.
func (d *Dialog) Reinvite(sdp []byte, done func(Result)) {
	d.ask(func() { d.offers.add(&offerJob{method: sip.INVITE, sdp: sdp, done: done}) }, done)
}

// ReinviteWith does the same with an offer that is made when it is sent, and made again for another try: the peer's own
// may have come in between. It is called on the dialog's goroutine; nil means that nothing is to be offered any more,
// which done is told as 487.
func (d *Dialog) ReinviteWith(offer func() []byte, done func(Result)) {
	d.ask(func() { d.offers.add(&offerJob{method: sip.INVITE, offer: offer, done: done}) }, done)
}

// Update offers a changed session by UPDATE (RFC 3311); with nil it only refreshes the target. done may be nil.
func (d *Dialog) Update(sdp []byte, done func(Result)) {
	d.ask(func() { d.offers.add(&offerJob{method: sip.UPDATE, sdp: sdp, done: done}) }, done)
}

func (l *offerLane) add(j *offerJob) {
	if l.d.ended {
		j.report(Result{Code: 487})
		return
	}
	l.jobs = append(l.jobs, j)
	l.next()
}

// refresh keeps the session alive (RFC 4028 section 10). Any offer of ours does that too.
func (l *offerLane) refresh() {
	if l.current != nil || len(l.jobs) > 0 {
		return
	}
	j := &offerJob{method: sip.UPDATE, refresh: true}
	if !l.d.rec.allowsUpdate {
		j.method, j.sdp = sip.INVITE, l.local
	}
	l.add(j)
}

// next sends the next offer if it is our turn.
func (l *offerLane) next() {
	d := l.d
	if len(l.jobs) == 0 || l.current != nil || l.waiting != nil || l.peer != nil || len(d.unacked) > 0 ||
		!d.established || d.ended {
		return
	}
	l.current, l.jobs = l.jobs[0], l.jobs[1:]
	l.send(l.current)
}

func (l *offerLane) send(j *offerJob) {
	d := l.d
	j.tries++
	if j.offer != nil {
		if j.sdp = j.offer(); j.sdp == nil {
			l.current = nil
			j.report(Result{Code: 487})
			l.next()
			return
		}
	}
	req, to, err := d.rec.request(j.method).build(d.s.ctx, d.s)
	if err != nil {
		l.finish(j, nil, err)
		return
	}
	d.dress(req, j.sdp)
	x := &exchange{d: d, req: req, to: to, retry: d.session.retry,
		final: func(res *sip.Response, err error) { l.finish(j, res, err) }}
	if j.method == sip.INVITE {
		var ack func()
		x.success = func(res *sip.Response) {
			if ack == nil {
				d.rec.retarget(res)
				ack = d.acker(&d.rec, x.req, res)
				return
			}
			d.s.metrics.retransmissions.WithLabelValues("in").Inc()
			ack()
		}
	}
	x.send()
}

// finish takes the final response to an offer of ours.
func (l *offerLane) finish(j *offerJob, res *sip.Response, err error) {
	d := l.d
	l.current = nil
	if d.ended {
		j.report(Result{Code: 487})
		return
	}
	if err == nil && l.again(j, res) {
		return
	}
	r := resultOf(res, err)
	if r.OK() {
		d.rec.retarget(res)
		d.session.answered(res)
		l.settled(j, r)
	}
	j.report(r)
	d.checkLost(r)
	l.next()
}

// settled notes the SDPs that stand. The answer to a refresh is news only where it differs.
func (l *offerLane) settled(j *offerJob, r Result) {
	if j.sdp != nil {
		l.local = j.sdp
	}
	if r.SDP == nil {
		return
	}
	if j.refresh && !bytes.Equal(l.remote, r.SDP) {
		l.d.emit(OfferAnswered{SDP: r.SDP})
	}
	l.remote = r.SDP
}

// again puts an offer back that the peer refused for the moment.
func (l *offerLane) again(j *offerJob, res *sip.Response) bool {
	switch {
	case j.refresh && j.method == sip.UPDATE && (res.StatusCode == 405 || res.StatusCode == 501):
		l.d.rec.allowsUpdate = false
		l.refresh()
		return true
	case j.tries >= maxOfferTries:
		return false
	case res.StatusCode == 491:
		l.wait(j, l.glare())
		return true
	case res.StatusCode == 500 && header(res, "Retry-After") != nil:
		after, _ := strconv.Atoi(headerValue(res, "Retry-After"))
		l.wait(j, time.Duration(min(max(after, 0), 10))*time.Second+l.glare())
		return true
	}
	return false
}

// glare is how long to wait after 491: 2.1 to 4 s for who made the Call-ID, 0 to 2 s for the other (section 14.1). The
// RFC's seconds go with a T1 of 500 ms.
func (l *offerLane) glare() time.Duration {
	t1 := l.d.s.c.Timers.T1
	if l.d.outgoing {
		return t1*42/10 + rand.N(t1*38/10)
	}
	return rand.N(t1 * 4)
}

func (l *offerLane) wait(j *offerJob, d time.Duration) {
	l.jobs = slices.Insert(l.jobs, 0, j)
	l.waiting = l.d.after(d, func() {
		l.waiting = nil
		l.next()
	})
}

// receive handles the peer's re-INVITE or UPDATE (sections 14.2 and RFC 3311 section 5.2).
func (l *offerLane) receive(t *Transaction) {
	d, req := l.d, t.Request
	invite := req.Method == sip.INVITE
	sdp, _ := sdpOf(req)
	switch {
	case !invite && sdp == nil:
		d.rec.retarget(req)
		d.reply(t, 200, slices.Concat([]sip.Header{d.contact()}, d.session.accept(req))...)
	case !d.established || l.peer != nil:
		d.reply(t, 500, retryAfter())
	case l.current != nil || l.answerDue():
		d.reply(t, 491)
	default:
		l.ask(t, sdp)
	}
}

// answerDue says whether the peer owes us the answer to an offer in our 2xx.
func (l *offerLane) answerDue() bool {
	for _, inv := range l.d.unacked {
		if inv.lateOffer {
			return true
		}
	}
	return false
}

// ask tells the observer of the peer's offer.
func (l *offerLane) ask(t *Transaction, sdp []byte) {
	d := l.d
	p := &peerOffer{t: t}
	l.peer = p
	if t.Request.Method == sip.INVITE {
		p.inv = &invited{req: t.Request, tx: t.tx, seq: t.Request.CSeq().SeqNo, lateOffer: sdp == nil}
		d.watch(p.inv, func() { l.withdrawn(p.inv) })
		_ = p.inv.respond(d, d.s.response(t.Request, 100, ""))
	}
	d.emit(Offer{Request: t.Request, SDP: sdp,
		Accept: func(answer []byte) { d.post(func() { l.accept(p, sdp, answer) }) },
		Reject: func(code int) { d.post(func() { l.reject(p, code) }) },
	})
}

func (l *offerLane) accept(p *peerOffer, offer, answer []byte) {
	d := l.d
	if l.peer != p {
		return
	}
	l.peer = nil
	d.rec.retarget(p.t.Request)
	if p.inv != nil {
		if !d.accept(p.inv, answer, nil) {
			return
		}
	} else {
		res := d.s.response(p.t.Request, 200, "", slices.Concat([]sip.Header{d.contact()},
			d.session.accept(p.t.Request))...)
		setSDP(res, answer)
		_ = p.t.tx.Respond(res)
	}
	l.local, l.remote = answer, offer
	l.next()
}

func (l *offerLane) reject(p *peerOffer, code int) {
	if l.peer != p {
		return
	}
	l.peer = nil
	if p.inv != nil {
		p.inv.reject(l.d, code, nil)
	} else {
		l.d.reply(p.t, code)
	}
	l.next()
}

// withdrawn forgets a re-INVITE that was cancelled, or whose connection broke.
func (l *offerLane) withdrawn(inv *invited) {
	if l.peer != nil && l.peer.inv == inv {
		inv.final = true
		l.peer = nil
		l.next()
	}
}

// refusePeer answers the peer's offer when the dialog ends.
func (l *offerLane) refusePeer() {
	if l.peer != nil {
		l.reject(l.peer, 487)
	}
}

// fail reports to all who wait for an answer that none comes.
func (l *offerLane) fail() {
	if l.waiting != nil {
		l.waiting.Stop()
		l.waiting = nil
	}
	jobs := l.jobs
	if l.current != nil {
		jobs = append(jobs, l.current)
	}
	l.jobs = nil
	for _, j := range jobs {
		j.report(Result{Code: 487})
	}
}
