package call

import (
	"slices"
	"time"

	"seatbridge/leg"
)

// An attended transfer of a phone joins two sessions: whom the phone talks to in the one comes into the other, and the
// phone is out of both. Where whom it called has not answered yet, that ringing leg comes over, and the transfer goes on
// as a blind one. The session that was asked (the taker) asks the other one (the giver), by messages: neither
// waits.

// joining is a taker's waiting for the giver's answer, which always comes.
type joining struct {
	by     *party
	result func(code int)
}

func (j *joining) concerns(p *party) bool { return j != nil && p == j.by }

// attend asks for the party that p talks to in the dialog of its own that replaces names; it is false where there is no
// such dialog.
func (s *session) attend(p *party, callID string, result func(int)) bool {
	giver, id := s.manager.dialogOf(p.leg.Info(), callID)
	if giver == nil || giver == s {
		return false
	}
	here := s.present()
	answer := func(given *party, secure bool) {
		s.mail.put(message{must: true, do: func() error { s.joined(given, secure); return nil }})
	}
	ask := message{
		do:   func() error { giver.give(id, here, s, answer); return nil },
		lost: func() { answer(nil, false) },
	}
	if giver.mail.put(ask) != delivered {
		return false
	}
	s.joining = &joining{by: p, result: result}
	s.log.Info("attended transfer", "leg", p.id, "other", giver.id)
	return true
}

// dialogOf finds the other leg of the same phone by its Call-ID.
func (m *Manager) dialogOf(own leg.Info, callID string) (*session, string) {
	for _, s := range m.all() {
		for _, p := range s.view.info().Parties {
			l := p.Leg
			if l.CallID == callID && l.Kind == own.Kind && l.Remote == own.Remote && l.ID != own.ID && !p.Left {
				return s, p.ID
			}
		}
	}
	return nil, ""
}

// give lets go of whom the party of that id talks to, and ends what is left of the session; answer gets nil where that
// can't be, and whether digits are secret here.
func (s *session) give(id string, here []target, taker *session, answer func(*party, bool)) {
	var far *party
	defer func() { // also after a fault
		answer(far, s.secure)
		if far != nil { // its leg's events go to the taker from now on, where they find it and what is to be kept back
			far.home.Store(taker)
		}
	}()
	at := slices.IndexFunc(s.parties, func(p *party) bool { return string(p.id) == id })
	if at < 0 || s.ending() || s.busy() {
		return
	}
	other := s.givable(s.parties[at])
	if other == nil || slices.ContainsFunc(here, other.target.is) {
		return
	}
	s.bridge.Remove(other.id)
	other.target.protect = s.protects(other)
	other.taping = taping{wanted: s.taping.wanted, paused: s.taping.paused}
	if other.user != "" {
		s.config.Seats.Move(other.user, s.id, taker.id)
		s.seats = slices.DeleteFunc(s.seats, func(user string) bool { return user == other.user })
	}
	stays := other.record()
	s.parties[slices.Index(s.parties, other)] = stays
	s.substitute(other, stays)
	far = other
	s.parties[at].to = whoElse(here, s.parties[at].target)
	s.end(leg.Cause{Reason: leg.Transferred, Text: "transferred to session " + taker.id}, closedBySeat)
}

// givable is whom p talks to, or has called and waits for; or nil.
func (s *session) givable(p *party) *party {
	switch other := s.other(p); {
	case other == nil:
	case s.talks(p) && other.state == stateAnswered:
		return other
	case p == s.caller && p.isThere() && other == s.callee && s.status == StatusRinging:
		return other
	}
	return nil
}

// whoElse is the first of targets that is not the given one, as who takes the call over.
func whoElse(targets []target, not target) Handover {
	for _, t := range targets {
		if !t.is(not) && t.shown.Number != not.shown.Number {
			return t.party().asTaker()
		}
	}
	return Handover{}
}

// record is a copy of the party as one that has left. The part that goes on elsewhere begins anew.
func (p *party) record() *party {
	now := time.Now()
	copied := &party{
		id: p.id, kind: p.kind, role: p.role, user: p.user, target: p.target, leg: p.leg, state: stateEnded, left: true,
		muted: p.muted, codec: p.codec, times: p.times, from: p.from, to: p.to, group: p.group, client: p.client,
	}
	copied.times.left = now
	p.times, p.from, p.group = times{called: now}, Handover{}, 0
	p.times.note(p.state, now)
	return copied
}

// noteJoined notes who got the call from whom: of two customers the one who was here first stays that.
func (s *session) noteJoined(by, given *party) {
	far := s.other(by)
	if given.client && far != nil && !far.client {
		by.handOverTo(far)
		return
	}
	given.client = given.client && (far == nil || !far.client)
	by.handOverTo(given)
}

// joined takes the party that was given in the place of the one that asked. Digits are secret where they were secret in
// either session.
func (s *session) joined(given *party, secure bool) {
	j := s.joining
	s.joining = nil
	if given == nil {
		s.log.Info("attended transfer failed", "leg", j.by.id)
		j.result(603)
		if j.by.left {
			s.end(leg.Cause{Reason: leg.Normal, Text: "the transferor left"}, closedBySeat)
		}
		return
	}
	if secure && !s.ending() {
		s.setSecure(true, j.by.user)
	}
	s.taping.follow(given.taping)
	given.bridged, given.room, given.holding = false, roomMain, false
	s.parties = append(s.parties, given)
	s.trunkMusic(given)
	if given.user != "" {
		s.seats = append(s.seats, given.user)
	}
	if s.ending() { // it ended while it waited
		s.hangUpLeg(given, s.cause)
		s.release()
		j.result(487)
		return
	}
	s.tell(given.user, Event{Type: EventCallIn})
	if given.state != stateAnswered {
		s.joinedRinging(j, given)
		return
	}
	s.noteJoined(j.by, given)
	s.log.Info("transferred", "from", j.by.id, "to", given.id)
	s.accessed(given.user)
	j.result(200)
	s.dismiss(j.by, leg.Cause{Reason: leg.Transferred, Text: "transferred"}, closedBySeat)
}

// joinedRinging goes on with the leg that was given as the target of a blind transfer.
func (s *session) joinedRinging(j *joining, given *party) {
	given.client = false // it is to serve who is here
	given.ringUntil = time.Now().Add(given.target.ring + ringGrace)
	s.transfer = &transfer{by: j.by, target: given, result: j.result}
	if j.by.room = roomAway; j.by.holding {
		s.hold(j.by, false)
	}
	s.log.Info("transfer", "leg", j.by.id, "to", given.target.shown.Number, "user", given.user, "ringing", given.id)
	s.tellTransfer(transferStarted, "")
	if given.state == stateRinging {
		s.transferRang()
	}
}
