package call

import (
	"cmp"
	"slices"
	"strconv"
	"time"
)

// maxTracks bounds how many parts a record tells; of a caller whom more seats missed the latest are kept.
const maxTracks = 200

// times are the moments of a party.
type times struct{ called, rang, answered, left time.Time }

// note keeps the first time of each of a party's states.
func (t *times) note(to state, now time.Time) {
	first := func(at *time.Time) {
		if at.IsZero() {
			*at = now
		}
	}
	switch to {
	case stateDialling, stateCalling:
		first(&t.called)
	case stateRinging, stateEarly:
		first(&t.rang)
	case stateAnswered:
		first(&t.answered)
	case stateLeaving, stateEnded:
		first(&t.left)
	}
}

// serves says that the party has a part in serving the customer, or in a call between seats.
func (p *party) serves() bool { return p.role.converses() && !p.client }

// trackEnded keeps the part of a party that is gone and that the session forgets.
func (s *session) trackEnded(p *party) {
	if p.tracked || !p.serves() || p.times.called.IsZero() {
		return
	}
	p.tracked = true
	if len(s.tracks) >= maxTracks {
		s.tracks = slices.Delete(s.tracks, 0, 1)
	}
	s.tracks = append(s.tracks, s.track(p))
}

// track is a party's part, as far as it is.
func (s *session) track(p *party) Track {
	t := Track{
		User: p.user, Number: cmp.Or(p.target.to.Number, p.target.shown.Number), Device: p.target.device, Group: p.group,
		Started: p.times.called, Rang: p.times.rang, Accepted: p.times.answered, Ended: p.times.left,
		From: p.from, To: p.to, Asked: p.role == RoleConsulted,
	}
	if p == s.caller { // its part is whom it calls; its own device is on the way to that
		t.Rang, t.Accepted = s.calleeRang(), s.answered
	}
	if t.Ended.IsZero() {
		t.Ended = s.ended
	}
	if !t.Ended.IsZero() {
		t.End = s.partEnd(p, t.Accepted)
	}
	return t
}

// partEnd is how a party's part ended.
func (s *session) partEnd(p *party, accepted time.Time) EndStatus {
	switch {
	case !accepted.IsZero():
		return EndOK
	case p.cause.Reason != "":
		return statusFor(p.cause.Reason)
	case s.answered.IsZero():
		return s.endStatus()
	case s.plan.direction == DirectionInbound: // the call was being handed to it when it ended
		return EndRingingGiveUp
	case p.times.rang.IsZero():
		return EndCallerCancel
	}
	return EndCallerCancelWhileRing
}

// handOverTo notes that a party gave the call to another.
func (p *party) handOverTo(to *party) {
	p.to, to.from = to.asTaker(), p.asGiver()
}

// asGiver is how a party stands in the part of who got the call from it.
func (p *party) asGiver() Handover {
	if p.user != "" {
		return Handover{HandoverUser, p.user}
	}
	return Handover{HandoverNumber, cmp.Or(p.target.to.Number, p.target.shown.Number)}
}

// asTaker is how a party stands in the part of who gave the call to it.
func (p *party) asTaker() Handover {
	if p.group != 0 {
		return Handover{HandoverGroup, strconv.FormatInt(p.group, 10)}
	}
	return p.asGiver()
}
