package dialog

import (
	crand "crypto/rand"
	"net"
	"slices"

	"github.com/emiago/sipgo/sip"
)

// InviteConfig says whom to call and how.
type InviteConfig struct {
	RequestURI sip.Uri
	// Flow is where to send the INVITE.
	Flow Flow
	// From is us; a tag is added.
	From sip.FromHeader
	// To is the called party.
	To sip.ToHeader
	// CallID defaults to a random one.
	CallID string
	// Routes are Route headers to begin with, such as an outbound proxy's.
	Routes []sip.Uri
	// Headers are for the first INVITE only, such as Replaces or P-Asserted-Identity.
	Headers []sip.Header
	// SDP is the offer. It must be given.
	SDP []byte
	Options
}

// inviting is our first INVITE. It belongs to the dialog's goroutine.
type inviting struct {
	d          *Dialog
	x          *exchange // nil until the INVITE is on its way
	proceeding bool      // a 1xx came
	cancelling bool      // we want to cancel
	cancelled  bool      // CANCEL was sent
	reasons    []sip.Header
	acks       map[string]func() // sends the ACK, by the To tag of the 2xx
}

// Invite sends an INVITE. The dialog's events tell what came of it; the last is Ended also where nothing could be sent.
// To ring several phones at once, call it once for each.
func (s *Stack) Invite(c InviteConfig, obs Observer) *Dialog {
	if c.CallID == "" {
		c.CallID = crand.Text()
	}
	d := s.newDialog(c.Options, obs, ID{CallID: c.CallID, LocalTag: newTag()})
	d.outgoing = true
	c.From.Params = append(c.From.Params.Clone(), sip.HeaderKV{K: "tag", V: d.id.LocalTag})
	c.To.Params = c.To.Params.Clone()
	c.To.Params.Remove("tag")
	d.rec = record{callID: c.CallID, local: c.From, remote: c.To, localSeq: newSeq(), target: c.RequestURI,
		routes: c.Routes, flow: c.Flow, follow: c.FollowFlow, contactUser: c.ContactUser}
	d.uac = &inviting{d: d, acks: map[string]func(){}}
	d.publish()
	if !s.add(d) {
		d.stillborn()
		return d
	}
	d.post(func() { d.uac.connect(c) })
	return d
}

// connect finds the way, aside where that takes time, so that a Hangup need not wait for it.
func (u *inviting) connect(c InviteConfig) {
	d, s := u.d, u.d.s
	if s.ready(c.Flow) {
		addr, err := s.reach(s.ctx, c.Flow)
		u.send(c, addr, err)
		return
	}
	d.hold()
	s.spawn(func() {
		addr, err := s.reach(s.ctx, c.Flow)
		d.post(func() {
			d.release()
			u.send(c, addr, err)
		})
	})
}

func (u *inviting) send(c InviteConfig, addr string, err error) {
	d := u.d
	if d.ended {
		return
	}
	var to target
	if err == nil {
		to, err = d.s.target(c.Flow.Transport, addr)
	}
	if err != nil {
		d.failed(err)
		return
	}
	if d.rec.flow.ServerName == "" {
		d.rec.flow.ServerName, _, _ = net.SplitHostPort(c.Flow.Remote)
	}
	d.rec.flow.Remote = addr
	m := d.rec.draft(sip.INVITE, d.rec.localSeq)
	req := m.aimed(d.s, to)
	d.dress(req, c.SDP)
	for _, h := range c.Headers {
		req.AppendHeader(sip.HeaderClone(h))
	}
	d.offers.local = c.SDP
	u.x = &exchange{d: d, req: req, to: to, provisional: u.provisional, success: u.success, final: u.final}
	u.x.retry = func(next *sip.Request, res *sip.Response) bool { return !d.ended && d.session.retry(next, res) }
	u.x.send()
}

// dress gives an INVITE or UPDATE of ours the headers that say what we can do, and its offer.
func (d *Dialog) dress(req *sip.Request, sdp []byte) {
	req.AppendHeader(sip.NewHeader("Allow", d.s.Allow()))
	req.AppendHeader(sip.NewHeader("Supported", d.supported()))
	for _, h := range slices.Concat(d.session.asking(), d.o.Headers) {
		req.AppendHeader(sip.HeaderClone(h))
	}
	setSDP(req, sdp)
}

func (u *inviting) provisional(res *sip.Response) {
	d := u.d
	u.proceeding = true
	u.cancel()
	if res.StatusCode == 100 {
		d.emit(Trying{})
		return
	}
	if tag := toTag(res); tag != "" {
		d.rec.remote.Params.Add("tag", tag)
		d.publish()
	}
	sdp, _ := sdpOf(res)
	d.emit(Provisional{Code: res.StatusCode, SDP: sdp, Tag: toTag(res), Response: res})
}

// success takes every 2xx: the first, the same once more, and those of other branches of a fork (section 13.2.2.4).
func (u *inviting) success(res *sip.Response) {
	d := u.d
	tag := toTag(res)
	if ack, again := u.acks[tag]; again {
		d.s.metrics.retransmissions.WithLabelValues("in").Inc()
		ack()
		return
	}
	if d.established {
		u.refuseFork(res)
		return
	}
	d.established = true
	d.rec.answered(res)
	d.publish()
	u.acks[tag] = d.acker(&d.rec, u.x.req, res)
	if d.ended { // it crossed our CANCEL
		d.bye(u.reasons)
		return
	}
	d.session.answered(res)
	sdp, _ := sdpOf(res)
	d.offers.remote = sdp
	d.emit(Answered{SDP: sdp, Response: res})
}

// refuseFork ends the dialog with a second party that answered.
func (u *inviting) refuseFork(res *sip.Response) {
	d := u.d
	fork := d.rec
	fork.localSeq = res.CSeq().SeqNo
	fork.answered(res)
	u.acks[toTag(res)] = d.acker(&fork, u.x.req, res)
	d.exchange(fork.request(sip.BYE), nil, func(*sip.Response, error) {})
}

// acker acknowledges a 2xx, with the CSeq and the credentials of its INVITE (sections 13.2.2.4 and 22.1). It returns what
// sends the same ACK again.
func (d *Dialog) acker(rec *record, invite *sip.Request, res *sip.Response) func() {
	m := rec.draft(sip.ACK, res.CSeq().SeqNo)
	var ack *sip.Request
	send := func() {
		var err error
		if ack == nil {
			ack, _, err = m.build(d.s.ctx, d.s)
			copyCredentials(ack, invite)
		}
		if err == nil {
			err = d.s.write(ack)
		}
		if err != nil { // the peer sends its 2xx again, and gets it then
			d.log.Warn("ACK could not be sent", "error", err.Error())
		}
	}
	send()
	return send
}

func copyCredentials(ack, invite *sip.Request) {
	if ack == nil {
		return
	}
	for _, name := range []string{"Authorization", "Proxy-Authorization"} {
		for _, h := range invite.GetHeaders(name) {
			ack.AppendHeader(sip.HeaderClone(h))
		}
	}
}

func (u *inviting) final(res *sip.Response, err error) {
	d := u.d
	switch {
	case err != nil:
		d.failed(err)
	case !res.IsSuccess():
		d.end(Ended{Why: Rejected, Remote: true, Code: res.StatusCode, Reason: res.Reason, Response: res})
	}
}

// giveUp cancels the INVITE as soon as that is allowed.
func (u *inviting) giveUp(headers []sip.Header) {
	u.cancelling = true
	u.reasons = headers
	u.cancel()
}

// cancel sends CANCEL once, and not before a 1xx came (section 9.1).
func (u *inviting) cancel() {
	if !u.cancelling || !u.proceeding || u.cancelled || u.x.done {
		return
	}
	u.cancelled = true
	d := u.d
	x := &exchange{d: d, req: cancelOf(u.x.req, u.x.to, u.reasons), to: u.x.to, final: func(*sip.Response, error) {}}
	x.send()
	d.after(64*d.s.c.Timers.T1, func() { // the peer forgot the INVITE
		if !u.x.done {
			u.x.tx.terminate()
		}
	})
}
