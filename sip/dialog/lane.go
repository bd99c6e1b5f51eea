package dialog

import (
	"slices"

	"github.com/emiago/sipgo/sip"
)

// requestLane sends a dialog's requests other than offers, ACK, CANCEL and BYE: one at a time, so that a lost one is not
// overtaken (the peer would refuse it for its CSeq). It belongs to the dialog's goroutine.
type requestLane struct {
	d        *Dialog
	jobs     []*requestJob
	current  *requestJob // on its way
	farewell func()      // the BYE that waits until the peer was told what became of its transfer
}

type requestJob struct {
	method      sip.RequestMethod
	contentType string
	body        []byte
	headers     []sip.Header
	outlives    bool // the call: a NOTIFY about a transfer
	done        func(Result)
}

// Info sends an INFO (RFC 6086). done may be nil.
func (d *Dialog) Info(contentType string, body []byte, done func(Result)) {
	d.Send(sip.INFO, contentType, body, done)
}

// Send sends any other request in the dialog: NOTIFY, MESSAGE, OPTIONS. done may be nil.
func (d *Dialog) Send(method sip.RequestMethod, contentType string, body []byte, done func(Result),
	headers ...sip.Header) {
	j := &requestJob{method: method, contentType: contentType, body: body, headers: headers, done: done}
	d.ask(func() { d.requests.add(j) }, done)
}

func (j *requestJob) report(r Result) {
	if j.done != nil {
		j.done(r)
	}
}

func (l *requestLane) add(j *requestJob) {
	if !l.d.established || l.d.ended && !j.outlives {
		j.report(Result{Code: 487})
		return
	}
	l.jobs = append(l.jobs, j)
	l.next()
}

func (l *requestLane) next() {
	if l.current != nil || len(l.jobs) == 0 {
		return
	}
	j := l.jobs[0]
	l.jobs = l.jobs[1:]
	l.current = j
	d := l.d
	req, to, err := d.rec.request(j.method).build(d.s.ctx, d.s)
	if err != nil {
		l.finish(j, nil, err)
		return
	}
	for _, h := range j.headers {
		req.AppendHeader(sip.HeaderClone(h))
	}
	if j.body != nil {
		setBody(req, j.contentType, j.body)
	}
	x := &exchange{d: d, req: req, to: to, final: func(res *sip.Response, err error) { l.finish(j, res, err) }}
	x.send()
}

func (l *requestLane) finish(j *requestJob, res *sip.Response, err error) {
	l.current = nil
	r := resultOf(res, err)
	j.report(r)
	if !j.outlives { // the end of a subscription is not the end of the call
		l.d.checkLost(r)
	}
	l.next()
	if !l.owes() {
		l.sayFarewell()
	}
}

// owes says that something which outlives the call has not reached the peer yet.
func (l *requestLane) owes() bool {
	outlives := func(j *requestJob) bool { return j.outlives }
	return l.current != nil && l.current.outlives || slices.ContainsFunc(l.jobs, outlives)
}

// sayFarewell sends the BYE that waits, if one does.
func (l *requestLane) sayFarewell() {
	if bye := l.farewell; bye != nil {
		l.dropFarewell()
		bye()
	}
}

// dropFarewell forgets the BYE that waits.
func (l *requestLane) dropFarewell() {
	if l.farewell != nil {
		l.farewell = nil
		l.d.release()
	}
}

// fail drops what belongs to the call.
func (l *requestLane) fail() {
	var kept []*requestJob
	for _, j := range l.jobs {
		if j.outlives {
			kept = append(kept, j)
		} else {
			j.report(Result{Code: 487})
		}
	}
	l.jobs = kept
}
