package sip

import (
	"net/netip"

	"github.com/emiago/sipgo/sip"

	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/sip/dialog"
	"seatbridge/sip/registrar"
	"seatbridge/sip/trunk"
)

// Dial starts a leg towards an extension or, through trunks, a number.
func (e *Endpoint) Dial(d leg.Dial, o leg.Observer) leg.Leg {
	p, groups, peer, refusal := e.route(d)
	if len(d.Codecs) > 0 {
		p.codecs = prefer(p.codecs, d.Codecs)
	}
	if refusal != nil {
		return newDeadLeg(d.ID, p, *refusal, o)
	}
	l, err := e.newLeg(d.ID, p, peer)
	if err != nil {
		e.log.Warn("leg not started: no RTP port", "leg", d.ID, "error", err.Error())
		return newDeadLeg(d.ID, p, leg.Cause{Reason: leg.Congestion, Text: err.Error()}, o)
	}
	l.observe(o)
	out := &outgoing{l: l, groups: groups, live: map[*dialog.Dialog]*attempt{}}
	l.outgoing = out
	l.log.Debug("leg dialled", "number", d.To.Number, "extension", d.To.Extension)
	out.start(d.Timeout)
	return l
}

// route finds the places to send INVITEs to; the cause says why there are none.
func (e *Endpoint) route(d leg.Dial) (profile, [][]candidate, netip.Addr, *leg.Cause) {
	if d.To.Number != "" {
		return e.routeTrunk(d)
	}
	return e.routePhone(d)
}

// routePhone rings all bindings of an extension at once (RFC 3261 section 16.6 calls it a parallel search).
func (e *Endpoint) routePhone(d leg.Dial) (profile, [][]candidate, netip.Addr, *leg.Cause) {
	p := phoneProfile(e.accounts[d.To.Extension])
	p.remote = d.To.Extension
	var group []candidate
	var peer netip.Addr
	for _, b := range e.registrar.Bindings(d.To.Extension) {
		if b.Reachable {
			group = append(group, e.binding(d, b))
			peer = b.Source.Addr()
		}
	}
	if len(group) == 0 {
		return p, nil, peer, &leg.Cause{Reason: leg.Unavailable, Remote: true, Text: "not registered"}
	}
	return p, [][]candidate{group}, peer, nil
}

func (e *Endpoint) binding(d leg.Dial, b registrar.Binding) candidate {
	host := e.host(b.Transport)
	from := sip.FromHeader{
		DisplayName: d.From.Name, Address: sip.Uri{Scheme: "sip", User: d.From.Number, Host: host},
	}
	if from.Address.User == "" {
		from.Address.User = "anonymous"
	}
	invite := dialog.InviteConfig{
		RequestURI: b.Contact,
		Flow:       b.Flow(),
		From:       from,
		To:         sip.ToHeader{Address: sip.Uri{Scheme: "sip", User: b.Extension, Host: host}},
		Options:    dialog.Options{FollowFlow: true, ContactUser: "seatbridge"},
	}
	if d.AutoAnswer {
		// The two headers that between them most desk phones obey.
		invite.Headers = append(invite.Headers,
			sip.NewHeader("Call-Info", "<sip:"+host+">;answer-after=0"),
			sip.NewHeader("Alert-Info", "<http://"+host+">;info=alert-autoanswer;delay=0"))
	}
	nothing := func() {}
	return candidate{invite: invite, heard: nothing, failed: nothing, next: func(dialog.Ended) bool { return false }}
}

// routeTrunk tries the gateways of the trunks one after the other.
func (e *Endpoint) routeTrunk(d leg.Dial) (profile, [][]candidate, netip.Addr, *leg.Cause) {
	var groups [][]candidate
	var p profile
	var peer netip.Addr
	refusal := &leg.Cause{Reason: leg.TrunkFailed, Text: "no gateway"}
	for _, target := range e.trunks.Pick(d.To.Trunks...) {
		caller := leg.Identity{Number: d.CallerID, Name: d.From.Name}
		out, err := target.Trunk.Outbound(target.Gateway, d.To.Number, caller)
		if err != nil {
			refusal = &leg.Cause{Reason: leg.Forbidden, Text: err.Error()}
			continue
		}
		if len(groups) == 0 {
			p = trunkProfile(target.Trunk)
			peer = addressOf(target.Destination)
		} else if target.Trunk.Name != p.remote {
			break // another trunk has other codecs and other media networks: it is a leg of its own
		}
		groups = append(groups, []candidate{e.gateway(target, out)})
	}
	if len(groups) == 0 {
		p.kind = leg.KindTrunk
		return p, nil, peer, refusal
	}
	return p, groups, peer, nil
}

func (e *Endpoint) gateway(target trunk.Target, out trunk.Outbound) candidate {
	return candidate{
		invite: dialog.InviteConfig{
			RequestURI: out.RequestURI,
			Flow: dialog.Flow{
				Transport: target.Gateway.Transport, Remote: target.Destination, ServerName: target.Gateway.Host,
			},
			From: out.From, To: out.To, Headers: out.Headers,
			Options: dialog.Options{ContactUser: out.From.Address.User, Auth: target.Credentials},
		},
		silent: trunk.SilentAfter,
		heard:  func() { e.trunks.Answered(target) },
		failed: func() { e.trunks.Failed(target) },
		next: func(ended dialog.Ended) bool {
			return trunk.Classify(ended.Response, ended.Err) == trunk.TryNext
		},
	}
}

func addressOf(destination string) netip.Addr {
	at, err := netip.ParseAddrPort(destination)
	if err != nil {
		return netip.AddrFrom4([4]byte{127, 0, 0, 1}) // a name, which TLS needs: only the address family matters here
	}
	return at.Addr()
}

// prefer orders what a far end may use by what the other side of the call has.
func prefer(allowed, wanted []codec.ID) []codec.ID {
	var ordered, rest []codec.ID
	for _, id := range wanted {
		for _, a := range allowed {
			if a == id {
				ordered = append(ordered, id)
			}
		}
	}
	for _, a := range allowed {
		found := false
		for _, o := range ordered {
			found = found || o == a
		}
		if !found {
			rest = append(rest, a)
		}
	}
	return append(ordered, rest...)
}
