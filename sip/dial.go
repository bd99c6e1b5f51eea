package sip

import (
	"errors"
	"net/netip"
	"slices"

	"github.com/emiago/sipgo/sip"

	"seatbridge/leg"
	"seatbridge/sip/dialog"
	"seatbridge/sip/registrar"
	"seatbridge/sip/rtpsock"
	"seatbridge/sip/trunk"
)

// Dial starts a leg towards an extension or, through trunks, a number.
func (e *Endpoint) Dial(d leg.Dial, o leg.Observer) leg.Leg {
	dead := leg.Info{ID: d.ID, Kind: leg.KindPhone, Remote: d.To.Extension}
	route := e.routePhone
	if d.To.Number != "" {
		dead.Kind, dead.Remote = leg.KindTrunk, ""
		route = e.routeTrunk
	}
	groups, cause := route(d)
	if cause != nil {
		return newDeadLeg(dead, *cause, o)
	}
	for i := range groups {
		groups[i].profile = groups[i].profile.prefer(d.Codecs)
	}
	l, err := e.newLeg(d.ID, groups[0].profile, groups[0].candidates[0].peer)
	if err != nil {
		return newDeadLeg(dead, e.notStarted(err), o)
	}
	l.tell.observe(o)
	out := &outgoing{l: l, groups: groups, live: map[*dialog.Dialog]*attempt{}}
	l.outgoing = out
	l.log.Debug("leg dialled", "number", d.To.Number, "extension", d.To.Extension)
	out.start(d.Timeout)
	return l
}

// notStarted is why there is no leg: newLeg failed.
func (e *Endpoint) notStarted(err error) leg.Cause {
	if errors.Is(err, rtpsock.ErrClosed) {
		return leg.Cause{Reason: leg.Shutdown, Text: "the SIP endpoint is closed"}
	}
	e.log.Warn("no RTP port for a leg", "error", err.Error())
	return leg.Cause{Reason: leg.Congestion, Text: err.Error()}
}

// routePhone rings all bindings of an extension at once (RFC 3261 section 16.6 calls it a parallel search). The cause
// says why there is none.
func (e *Endpoint) routePhone(d leg.Dial) ([]group, *leg.Cause) {
	account, _ := e.accounts.get(d.To.Extension)
	g := group{profile: phoneProfile(account)}
	for _, b := range e.registrar.Bindings(d.To.Extension) {
		if b.Reachable {
			g.candidates = append(g.candidates, e.binding(d, b))
		}
	}
	if len(g.candidates) == 0 {
		return nil, &leg.Cause{Reason: leg.Unavailable, Remote: true, Text: "not registered"}
	}
	return []group{g}, nil
}

func (e *Endpoint) binding(d leg.Dial, b registrar.Binding) candidate {
	host := e.host(b.Transport)
	user := escapeUser(d.From.Number)
	if user == "" {
		user = "anonymous"
	}
	invite := dialog.InviteConfig{
		RequestURI: b.Contact,
		Flow:       b.Flow(),
		From:       sip.FromHeader{DisplayName: d.From.Name, Address: sip.Uri{Scheme: "sip", User: user, Host: host}},
		To:         sip.ToHeader{Address: sip.Uri{Scheme: "sip", User: b.Extension, Host: host}},
		Options:    dialog.Options{FollowFlow: true, ContactUser: "seatbridge"},
	}
	if d.AutoAnswer {
		// The two headers that between them most desk phones obey.
		us, web := sip.Uri{Scheme: "sip", Host: host}, sip.Uri{Scheme: "http", HierarhicalSlashes: true, Host: host}
		invite.Headers = append(invite.Headers,
			sip.NewHeader("Call-Info", "<"+us.String()+">;answer-after=0"),
			sip.NewHeader("Alert-Info", "<"+web.String()+">;info=alert-autoanswer;delay=0"))
	}
	nothing := func() {}
	uncounted := func() (func(), *leg.Cause) { return nothing, nil }
	return candidate{
		invite: invite, peer: b.Source.Addr(), heard: nothing, failed: nothing, enter: uncounted,
		next: func(dialog.Ended) bool { return false },
	}
}

// routeTrunk tries the gateways of the trunks one after the other. The cause says why there is none.
func (e *Endpoint) routeTrunk(d leg.Dial) ([]group, *leg.Cause) {
	var groups []group
	cause := &leg.Cause{Reason: leg.TrunkFailed, Text: "no gateway"}
	ours := slices.ContainsFunc(d.To.Trunks, func(name string) bool {
		t, ok := e.trunks.Trunk(name)
		return ok && slices.Contains(t.CallerIDs, d.CallerID)
	})
	entered := map[*trunk.Trunk]bool{} // another gateway of the same trunk is still the same call; under the leg's mu
	enter := func(t *trunk.Trunk) func() (func(), *leg.Cause) {
		return func() (func(), *leg.Cause) {
			leave, cause := e.enterTrunk(t, d.Emergency || entered[t])
			entered[t] = entered[t] || cause == nil
			return leave, cause
		}
	}
	for _, target := range e.trunks.Pick(d.To.Trunks...) {
		caller := leg.Identity{Number: d.CallerID, Name: d.From.Name}
		if ours && !slices.Contains(target.Trunk.CallerIDs, d.CallerID) {
			caller.Number = firstOwned(target.Trunk, d.CallerIDs) // another trunk's number: this one shows its own
		}
		out, err := target.Trunk.Outbound(target.Gateway, d.To.Number, caller)
		switch {
		case errors.Is(err, trunk.ErrNumber):
			cause = &leg.Cause{Reason: leg.NotFound, Text: err.Error()}
		case err != nil:
			cause = &leg.Cause{Reason: leg.Forbidden, Text: err.Error()}
		default:
			groups = append(groups, group{
				profile: trunkProfile(target.Trunk), candidates: []candidate{e.gateway(target, out, enter(target.Trunk))},
			})
		}
	}
	if len(groups) == 0 {
		return nil, cause
	}
	return groups, nil
}

// firstOwned is the first of the numbers that a trunk owns; empty where it owns none.
func firstOwned(t *trunk.Trunk, numbers []string) string {
	i := slices.IndexFunc(numbers, func(number string) bool { return slices.Contains(t.CallerIDs, number) })
	if i < 0 {
		return ""
	}
	return numbers[i]
}

// The limits of a trunk, as leg.Cause.Policy names them.
const (
	policyTrunkCalls = "trunkCalls"
	policyTrunkRate  = "trunkRate"
)

// enterTrunk counts a call by a trunk, or says which limit of it is reached.
func (e *Endpoint) enterTrunk(t *trunk.Trunk, unlimited bool) (leave func(), cause *leg.Cause) {
	leave, err := e.trunks.Enter(t, unlimited)
	switch {
	case err == nil:
		return leave, nil
	case errors.Is(err, trunk.ErrCalls):
		return nil, &leg.Cause{Reason: leg.Congestion, Policy: policyTrunkCalls, Text: err.Error()}
	}
	return nil, &leg.Cause{Reason: leg.Congestion, Policy: policyTrunkRate, Text: err.Error()}
}

func (e *Endpoint) gateway(target trunk.Target, out trunk.Outbound, enter func() (func(), *leg.Cause)) candidate {
	at, _ := netip.ParseAddrPort(target.Destination) // a Target's is always an address
	return candidate{
		invite: dialog.InviteConfig{
			RequestURI: out.RequestURI, Flow: target.Flow(), From: out.From, To: out.To, Headers: out.Headers,
			Options: dialog.Options{ContactUser: out.From.Address.User, Auth: target.Credentials},
		},
		peer:   at.Addr(),
		silent: e.c.times.gateway,
		enter:  enter,
		heard:  func() { e.trunks.Answered(target) },
		failed: func() { e.trunks.Failed(target) },
		next: func(ended dialog.Ended) bool {
			return trunk.Classify(ended.Response, ended.Err) == trunk.TryNext
		},
	}
}
