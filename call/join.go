package call

import (
	"slices"

	"seatbridge/leg"
)

// An attended transfer of a phone joins two sessions: whom the phone talks to in the one comes into the other, and the
// phone is out of both. The session that was asked (the taker) asks the other one (the giver), by messages: neither
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
	var here []string
	for _, o := range s.parties {
		if o.isThere() {
			here = append(here, o.user)
		}
	}
	answer := func(given *party) {
		s.mail.put(message{must: true, do: func() error { s.joined(given); return nil }})
	}
	ask := message{
		do:   func() error { giver.give(id, here, s, answer); return nil },
		lost: func() { answer(nil) },
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
// can't be.
func (s *session) give(id string, here []string, taker *session, answer func(*party)) {
	var far *party
	defer func() { answer(far) }() // also after a fault
	at := slices.IndexFunc(s.parties, func(p *party) bool { return string(p.id) == id })
	if at < 0 || s.ending() || s.busy() || !s.talks(s.parties[at]) {
		return
	}
	other := s.other(s.parties[at])
	if other == nil || other.state != stateAnswered || other.user != "" && slices.Contains(here, other.user) {
		return
	}
	s.bridge.Remove(other.id)
	if other.user != "" {
		s.config.Seats.Move(other.user, s.id, taker.id)
		s.seats = slices.DeleteFunc(s.seats, func(user string) bool { return user == other.user })
	}
	// What stays is a record of it; its leg's events go to the taker from now on.
	s.parties[slices.Index(s.parties, other)] = other.record()
	other.home.Store(taker)
	far = other
	s.end(leg.Cause{Reason: leg.Transferred, Text: "transferred to session " + taker.id}, closedBySeat)
}

// record is a copy of the party as one that has left.
func (p *party) record() *party {
	return &party{
		id: p.id, kind: p.kind, role: p.role, user: p.user, target: p.target, leg: p.leg, state: stateEnded, left: true,
		muted: p.muted, codec: p.codec,
	}
}

// joined takes the party that was given in the place of the one that asked.
func (s *session) joined(given *party) {
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
	s.log.Info("transferred", "from", j.by.id, "to", given.id)
	s.tell(given.user, Event{Type: EventCallIn})
	s.tell(given.user, Event{Type: EventUserAccessed})
	j.result(200)
	s.dismiss(j.by, leg.Cause{Reason: leg.Transferred, Text: "transferred"}, closedBySeat)
}
