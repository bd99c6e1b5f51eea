package sip

import (
	"errors"
	"net/netip"

	"github.com/emiago/sipgo/sip"

	"seatbridge/leg"
	"seatbridge/sip/dialog"
	"seatbridge/sip/digest"
	"seatbridge/sip/sdp"
	"seatbridge/sip/trunk"
)

// Request answers REGISTER and OPTIONS outside dialogs.
func (e *Endpoint) Request(t *dialog.Transaction) {
	var err error
	switch t.Request.Method {
	case sip.REGISTER:
		a := e.registrar.Register(t.Request)
		switch {
		case a.Code == 0:
			t.Drop()
		case a.Stateless:
			err = t.RespondStateless(a.Code, a.Reason, a.Headers...)
		default:
			err = t.Respond(a.Code, a.Reason, a.Headers...)
		}
	default:
		err = t.RespondStateless(200, "",
			sip.NewHeader("Allow", e.stack.Allow()), sip.NewHeader("Supported", e.stack.Supported()),
			sip.NewHeader("Accept", "application/sdp"))
	}
	if err != nil {
		e.log.Debug("response not sent", "error", err.Error())
	}
}

// Invite takes a call from a trunk, known by its address, or from a phone, which has to prove who it is.
func (e *Endpoint) Invite(in *dialog.Incoming) {
	source, err := netip.ParseAddrPort(in.Flow.Remote)
	if err != nil {
		e.refuse(in, 400)
		return
	}
	if t, ok := e.trunks.Match(source, in.Request); ok {
		e.fromTrunk(in, t, source)
		return
	}
	user, err := e.auth.Verify(in.Request, e.inviteSecret)
	switch {
	case errors.Is(err, digest.ErrBanned):
		in.Drop()
		return
	case err != nil:
		e.challenge(in, errors.Is(err, digest.ErrStale))
		return
	}
	if t, ok := e.trunks.Account(user); ok {
		e.fromTrunk(in, t, source)
		return
	}
	e.fromPhone(in, e.accounts[user], source)
}

// inviteSecret looks up who may call: extensions, and trunks that prove themselves by digest.
func (e *Endpoint) inviteSecret(user string) (digest.Secret, bool) {
	if s, ok := e.secret(user); ok {
		return s, true
	}
	if t, ok := e.trunks.Account(user); ok {
		return t.Secret, true
	}
	return digest.Secret{}, false
}

// challenge asks who calls. Nothing is kept of the request (RFC 3261 section 26.3.2.4).
func (e *Endpoint) challenge(in *dialog.Incoming, stale bool) {
	algorithm := e.c.Algorithm
	if from := in.Request.From(); from != nil {
		if s, ok := e.inviteSecret(from.Address.User); ok {
			algorithm = s.Algorithm
		}
	}
	if err := in.RespondStateless(401, "", e.auth.Challenge(in.Request, 401, algorithm, stale)); err != nil {
		e.log.Debug("challenge not sent", "error", err.Error())
	}
}

func (e *Endpoint) refuse(in *dialog.Incoming, code int) {
	if err := in.RespondStateless(code, ""); err != nil {
		e.log.Debug("response not sent", "error", err.Error())
	}
}

func (e *Endpoint) fromTrunk(in *dialog.Incoming, t *trunk.Trunk, source netip.AddrPort) {
	from, to := t.Inbound(in.Request)
	e.open(in, trunkProfile(t), source, leg.Incoming{From: from, To: to, Trunk: t.Name})
}

// fromPhone takes a call of an extension. The phone may show its own name, never another's number.
func (e *Endpoint) fromPhone(in *dialog.Incoming, a Account, source netip.AddrPort) {
	from := leg.Identity{Number: a.Extension}
	if h := in.Request.From(); h != nil {
		if h.Address.User != a.Extension {
			e.refuse(in, 403)
			return
		}
		from.Name = h.DisplayName
	}
	e.open(in, phoneProfile(a), source, leg.Incoming{
		From: from, To: in.Request.Recipient.User, Account: a.Extension,
	})
}

// open makes a leg of an INVITE and hands it to call control.
func (e *Endpoint) open(in *dialog.Incoming, p profile, source netip.AddrPort, what leg.Incoming) {
	what.Codecs = p.codecs
	if offer := in.SDP(); offer != nil {
		offered, err := sdp.OfferedCodecs(offer)
		if err != nil {
			e.refuseOffer(in, err)
			return
		}
		what.Codecs = offered
	}
	l, err := e.newLeg(newID(), p, source.Addr())
	if err != nil {
		e.log.Warn("call refused: no RTP port", "error", err.Error())
		in.Respond(503, "", sip.NewHeader("Retry-After", "5"))
		return
	}
	what.Leg = l
	if h := in.Request.CallID(); h != nil {
		l.callIDs = []string{h.Value()}
		e.trace.open(h.Value())
	}
	l.incoming = &incoming{offer: in.SDP()}
	l.mu.Lock()
	l.dialog = in.Open(dialog.Options{FollowFlow: p.followFlow}, l.event)
	l.mu.Unlock()
	observer, cause := e.c.Handler.Incoming(what)
	if cause != nil {
		l.observe(func(leg.Event) {})
		l.Hangup(*cause)
		return
	}
	l.observe(observer)
	l.log.Debug("leg incoming", "from", what.From.Number, "to", what.To)
}

func (e *Endpoint) refuseOffer(in *dialog.Incoming, err error) {
	code := 488
	if errors.Is(err, sdp.ErrBadSDP) {
		code = 400
	}
	e.refuse(in, code)
}
