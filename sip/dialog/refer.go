package dialog

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"
)

// referLife is how long the peer is told of a call that it asked for.
const referLife = 5 * time.Minute

// Refer asks the peer to call to (RFC 3515), taking over the dialog replaces if that is given (RFC 3891). done, which
// may be nil, is told whether the peer took it; what came of the call follows as ReferProgress.
func (d *Dialog) Refer(to sip.Uri, replaces *Replaces, done func(Result)) {
	to = *to.Clone()
	if replaces != nil {
		to.Headers.Add("Replaces", url.QueryEscape(replaces.String()))
	}
	d.ask(func() {
		by := d.rec.local.Address
		d.requests.add(&requestJob{method: sip.REFER, done: done, headers: []sip.Header{
			sip.NewHeader("Refer-To", "<"+to.String()+">"), sip.NewHeader("Referred-By", "<"+by.String()+">")}})
	}, done)
}

// onRefer asks the observer whether to call whom the peer names.
func (d *Dialog) onRefer(t *Transaction) {
	e, err := parseRefer(t.Request)
	if err != nil {
		d.reply(t, 400)
		return
	}
	sub := &Subscription{d: d, id: t.Request.CSeq().SeqNo, began: time.Now(),
		silent: strings.EqualFold(headerValue(t.Request, "Refer-Sub"), "false")}
	var answered atomic.Bool
	d.hold() // until the subscription is over: the peer's BYE may come at once
	e.Accept = func() *Subscription {
		if answered.CompareAndSwap(false, true) {
			sub.begin(t)
		}
		return sub
	}
	e.Reject = func(code int) {
		if answered.CompareAndSwap(false, true) {
			d.reply(t, code)
			d.post(d.release)
		}
	}
	d.emit(e)
	e.Reject(603)
}

// parseRefer reads Refer-To and Referred-By, also under their compact names.
func parseRefer(req *sip.Request) (Refer, error) {
	e := Refer{Request: req, ReferredBy: headerValue(req, "Referred-By", "b")}
	all := slices.Concat(req.GetHeaders("Refer-To"), req.GetHeaders("r"))
	if len(all) != 1 {
		return e, fmt.Errorf("dialog: %d Refer-To", len(all))
	}
	if _, err := sip.ParseAddressValue(all[0].Value(), &e.To, nil); err != nil {
		return e, err
	}
	for _, h := range e.To.Headers {
		if !strings.EqualFold(h.K, "Replaces") {
			continue
		}
		value, err := url.PathUnescape(h.V)
		if err != nil {
			return e, err
		}
		r, err := ParseReplaces(value)
		if err != nil {
			return e, err
		}
		e.Replaces = &r
	}
	e.To.Headers = nil
	return e, nil
}

// Subscription tells the peer who sent a REFER what becomes of it, by NOTIFY with message/sipfrag (RFC 3515 section
// 2.4). It outlives the call of the dialog: transferors hang up early.
type Subscription struct {
	d      *Dialog
	id     uint32
	began  time.Time
	silent bool // the peer wants no NOTIFY (RFC 4488)
	over   bool // belongs to the dialog's goroutine
}

// Notify reports a status of the call that was asked for. One of 200 or more is the last; calls after it are ignored.
func (s *Subscription) Notify(code int) {
	s.d.post(func() { s.notify(code, "noresource") })
}

// begin answers the REFER and sends the first NOTIFY.
func (s *Subscription) begin(t *Transaction) {
	if s.silent {
		s.d.reply(t, 202, sip.NewHeader("Refer-Sub", "false"))
	} else {
		s.d.reply(t, 202)
	}
	s.d.post(func() {
		s.notify(100, "")
		s.d.after(referLife, func() { s.notify(408, "timeout") })
	})
}

func (s *Subscription) notify(code int, reason string) {
	if s.over {
		return
	}
	s.over = code >= 200
	if s.silent {
		if s.over {
			s.d.release()
		}
		return
	}
	left := max(0, int((referLife-time.Since(s.began))/time.Second))
	state := "active;expires=" + strconv.Itoa(left)
	if s.over {
		state = "terminated;reason=" + reason
	}
	j := &requestJob{method: sip.NOTIFY, outlives: true, contentType: "message/sipfrag;version=2.0",
		body:    fmt.Appendf(nil, "SIP/2.0 %d %s\r\n", code, phrase(code)),
		headers: []sip.Header{sip.NewHeader("Event", fmt.Sprintf("refer;id=%d", s.id)), sip.NewHeader("Subscription-State", state)}}
	last := s.over
	j.done = func(r Result) {
		switch {
		case last:
			s.d.release()
		case r.Code == 481 && !s.over: // the peer has forgotten it (RFC 6665 section 4.2.2)
			s.over = true
			s.d.release()
		}
	}
	s.d.requests.add(j)
}

// onNotify takes the peer's report about a REFER of ours; other events are the observer's.
func (d *Dialog) onNotify(t *Transaction) {
	event, _, _ := strings.Cut(headerValue(t.Request, "Event", "o"), ";")
	if !strings.EqualFold(strings.TrimSpace(event), "refer") {
		d.onRequest(t)
		return
	}
	code, ok := sipfrag(t.Request.Body())
	if !ok {
		d.reply(t, 400)
		return
	}
	d.reply(t, 200)
	state := strings.ToLower(headerValue(t.Request, "Subscription-State"))
	d.emit(ReferProgress{Code: code, Terminated: strings.HasPrefix(state, "terminated")})
}

// sipfrag reads the status line of a message/sipfrag body (RFC 3420).
func sipfrag(body []byte) (int, bool) {
	rest, ok := strings.CutPrefix(string(body), "SIP/2.0 ")
	if !ok || len(rest) < 3 {
		return 0, false
	}
	code, err := strconv.Atoi(rest[:3])
	return code, err == nil && code >= 100 && code <= 699
}
