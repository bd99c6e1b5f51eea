package call

import (
	"slices"

	"seatbridge/bridge"
	"seatbridge/codec"
	"seatbridge/leg"
)

// A phone takes the place of another leg of its own account by INVITE with Replaces: a call that it has on another
// device, or one that rings there. The session goes on; nobody in it needs to be asked, and nobody new is called.

// replace has the leg that came in take the place of the one that it names.
func (m *Manager) replace(in leg.Incoming) (leg.Observer, *leg.Cause) {
	var s *session
	for _, live := range m.all() {
		if slices.ContainsFunc(live.view.info().Parties, func(p PartyInfo) bool { return p.ID == in.Replaces && !p.Left }) {
			s = live
		}
	}
	refused := refusal(leg.Rejected, "the call to take over is gone")
	if s == nil {
		return nil, m.refused(refused, "leg", in.Leg.ID(), "replaces", in.Replaces)
	}
	p := &party{}
	observer := s.observer(p)
	msg := message{do: func() error { s.replaceBy(p, in); return nil }, lost: func() { in.Leg.Hangup(*refused) }}
	if s.mail.put(msg) != delivered {
		return nil, m.refused(refused, "leg", in.Leg.ID(), "replaces", in.Replaces)
	}
	return observer, nil
}

// replaceBy puts the party of a new leg in the place of the one that the leg names, or refuses the leg.
func (s *session) replaceBy(p *party, in leg.Incoming) {
	defer func() { // also after a fault
		if p.leg == nil {
			in.Leg.Hangup(leg.Cause{Reason: leg.Rejected, Text: "the call can't be taken over now"})
		}
	}()
	at := slices.IndexFunc(s.parties, func(o *party) bool { return o.id == bridge.PartyID(in.Replaces) })
	if at < 0 || !s.replaceable(s.parties[at]) {
		s.log.Info("take-over refused", "leg", in.Leg.ID(), "replaces", in.Replaces)
		return
	}
	old := s.parties[at]
	p.role, p.user, p.target, p.room, p.muted, p.holding = old.role, old.user, old.target, old.room, old.muted, old.holding
	p.held, old.left = old.held, true
	// It is one part of one seat.
	p.times, p.from, p.group, p.client, old.tracked = old.times, old.from, old.group, old.client, true
	if other := s.other(old); other != nil {
		p.codec = other.codec
	}
	if p.codec == codec.None && len(in.Codecs) > 0 {
		p.codec = in.Codecs[0]
	}
	s.log.Info("taken over", "leg", in.Leg.ID(), "from", old.id, "user", p.user)
	s.substitute(old, p)
	waited := old.state != stateAnswered
	reason := leg.Transferred
	if waited {
		reason = leg.Elsewhere
	}
	s.join(p, in.Leg, stateAnswered)
	in.Leg.Accept(p.codec)
	s.hangUpLeg(old, leg.Cause{Reason: reason, Text: "taken over by another device"})
	s.heldChanged(p, false) // the new device tells if it holds
	if waited {
		s.answeredBy(p)
	}
}

// replaceable says that another leg may take the party's place: it talks, or is called, and nobody else is just changing
// who talks but by a transfer, which goes on with the new leg.
func (s *session) replaceable(old *party) bool {
	called := old.state == stateDialling || old.state == stateRinging || old.state == stateEarly
	return !s.ending() && s.takeover == nil && s.joining == nil && len(s.parties) < maxParties &&
		old.role.converses() && (old.state == stateAnswered || called)
}

// substitute has all that points to a party point to another.
func (s *session) substitute(old, p *party) {
	places := []**party{&s.caller, &s.callee}
	if s.transfer != nil {
		places = append(places, &s.transfer.by, &s.transfer.target)
	}
	for _, place := range places {
		if *place == old {
			*place = p
		}
	}
	if s.queue != nil {
		if at := slices.Index(s.queue.ringing, old); at >= 0 {
			s.queue.ringing[at] = p
		}
	}
}
