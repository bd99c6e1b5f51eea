package sip

import (
	"errors"
	"net/netip"
	"strings"

	"github.com/emiago/sipgo/sip"

	"seatbridge/codec"
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
		in.Drop() // sipgo always has it
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
	account, ok := e.accounts.get(user)
	if !ok { // removed since Verify
		e.challenge(in, false)
		return
	}
	e.fromPhone(in, account, source)
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

// refuse answers through the transaction: who calls is known.
func (e *Endpoint) refuse(in *dialog.Incoming, code int, headers ...sip.Header) {
	if err := in.Respond(code, "", headers...); err != nil {
		e.log.Debug("response not sent", "error", err.Error())
	}
}

func (e *Endpoint) fromTrunk(in *dialog.Incoming, t *trunk.Trunk, source netip.AddrPort) {
	from, to := t.Inbound(in.Request)
	e.open(in, trunkProfile(t), source, leg.Incoming{From: from, To: to, Trunk: t.Name})
}

// fromPhone takes a call of an extension. The phone may show its own name or nothing, never another's number.
func (e *Endpoint) fromPhone(in *dialog.Incoming, a Account, source netip.AddrPort) {
	h := in.Request.From()
	from := leg.Identity{Number: a.Extension, Name: trunk.PlainName(h.DisplayName)}
	switch user := userOf(&h.Address); {
	case strings.EqualFold(user, "anonymous"): // RFC 3323 section 4.1.1.3
		from = leg.Identity{}
	case user != a.Extension:
		e.refuse(in, 403)
		return
	}
	e.open(in, phoneProfile(a), source, leg.Incoming{
		From: from, To: userOf(&in.Request.Recipient), Account: a.Extension,
	})
}

// open makes a leg of an INVITE and hands it to call control.
func (e *Endpoint) open(in *dialog.Incoming, p profile, source netip.AddrPort, what leg.Incoming) {
	if in.Replaces != nil {
		id, code := e.replaced(*in.Replaces, p)
		if code != 0 {
			e.refuse(in, code)
			return
		}
		what.Replaces = id
	}
	var err error
	if what.Codecs, err = p.offered(in.SDP()); err != nil {
		e.log.Info("call refused", "remote", p.remote, "error", err.Error())
		e.refuse(in, statusOfOffer(err))
		return
	}
	l, err := e.newLeg(newID(), p, source.Addr().Unmap())
	if err != nil {
		code, headers := refusal(e.notStarted(err).Reason)
		e.refuse(in, code, headers...)
		return
	}
	what.Leg = l
	if t, ok := e.trunks.Trunk(what.Trunk); ok {
		l.leave = e.trunks.Came(t)
	}
	l.callID = in.Request.CallID().Value()
	e.trace.open(l.id, l.callID)
	l.incoming = &incoming{offer: in.SDP()}
	l.mu.Lock()
	l.dialog = in.Open(dialog.Options{FollowFlow: p.followFlow, Owner: l}, l.event)
	l.mu.Unlock()
	l.log.Debug("leg incoming", "remote", p.remote, "call_id", l.callID, "from", what.From.Number, "to", what.To)
	observer, cause := e.c.Handler.Incoming(what)
	if cause != nil {
		l.tell.observe(func(leg.Event) {})
		l.Hangup(*cause)
		return
	}
	l.tell.observe(observer)
}

// offered is what the caller offers of the codecs that it may use. The error says why its offer can't be answered at
// all: nobody is to be rung for that.
func (p profile) offered(offer []byte) ([]codec.ID, error) {
	if offer == nil {
		return p.codecs, nil
	}
	trial := p.session(netip.AddrPortFrom(netip.IPv4Unspecified(), 2))
	if _, _, err := trial.Answer(offer, codec.None); err != nil {
		return nil, err
	}
	ids, err := sdp.OfferedCodecs(offer)
	return keep(ids, p.codecs), err
}
