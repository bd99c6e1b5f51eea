package call

import (
	"slices"
	"strconv"
	"time"

	"seatbridge/codec"
	"seatbridge/leg"
)

// start begins the session: it calls the seat that wants to call, or whom the leg that came in wants.
func (s *session) start() {
	p := &s.plan
	s.log.Info("session started", "direction", p.direction.String(), "from", p.from.Number, "to", p.to.Number,
		"trunk", p.trunk, "user", p.caller.user, "called", p.callee.user)
	s.tell(p.caller.user, Event{Type: EventCallOuted, Group: p.group})
	if p.incoming != nil {
		s.join(s.caller, p.incoming, stateCalling)
	}
	s.bridge = s.config.NewBridge(s.id)
	if p.incoming != nil {
		s.reach(p.callee)
		return
	}
	s.call(s.caller, p.caller, leg.Dial{From: s.calleeShown(), AutoAnswer: true})
	// A browser's user has said by the command that it wants to talk; a phone does what AutoAnswer makes of it.
	s.caller.leg.Pickup()
}

// reach goes on with whom the caller wants: a menu, a group, or a device.
func (s *session) reach(t target) {
	s.plan.callee = t
	s.taping.wanted = s.taping.wanted || t.record
	if t.menu == nil && t.group == 0 {
		s.claimAndCall(t)
		return
	}
	s.setStatus(StatusRinging)
	s.deadline = time.Now().Add(s.config.Limits.Longest)
	if s.caller.state == stateCalling || s.caller.state == stateListening {
		s.caller.leg.Accept(codec.None) // so that it can be spoken to
		s.setState(s.caller, stateAnswered)
	}
	if t.menu != nil {
		s.openMenu(t.menu)
		return
	}
	s.enqueue(t.group, time.Now())
}

// claimAndCall calls a device, whose seat is claimed unless the session has it already.
func (s *session) claimAndCall(t target) {
	if t.user != "" && !slices.Contains(s.seats, t.user) {
		if err := s.config.Seats.ClaimToRing(t.user, s.id); err != nil {
			s.end(*claimCause(err), closedByAdmin)
			return
		}
		s.seats = append(s.seats, t.user)
	}
	first := s.plan.codecs
	if first == nil {
		first = []codec.ID{s.caller.codec}
	}
	s.callCallee(first)
}

// callCallee calls whom the session is for, offering the caller's codecs first, so that both sides may come to speak
// the same one.
func (s *session) callCallee(first []codec.ID) {
	t := s.plan.callee
	s.setStatus(StatusRinging)
	s.callee = t.party()
	s.callee.client = s.plan.direction == DirectionOutbound
	s.call(s.callee, t, leg.Dial{From: s.callerShown(t), CallerID: s.plan.callerID, Codecs: s.codecs(first)})
	s.tell(t.user, Event{Type: EventCallIn, Timeout: t.ring})
}

// call starts a party's leg to its target. What the Dial leaves open is the target's.
func (s *session) call(p *party, t target, d leg.Dial) {
	d.ID = s.id + "-" + strconv.Itoa(s.legs+1) // of forgotten ones too
	d.To, d.Timeout, d.Emergency, d.CallerIDs = t.to, t.ring, t.emergency, t.callerIDs
	if d.CallerID == "" {
		d.CallerID = s.manager.router.callerID(&t)
	}
	s.log.Info("leg called", "leg", d.ID, "extension", t.to.Extension, "user", t.to.User, "number", t.to.Number)
	s.join(p, s.config.Dialer.Dial(d, s.observer(p)), stateDialling)
	// The leg keeps its own time; ours is for a leg that forgets to.
	late := time.Now().Add(t.ring + ringGrace)
	if s.status == StatusInProgress || p.role == RoleSupervisor || s.queue != nil {
		p.ringUntil = late
	} else {
		s.deadline = late
	}
}

// ringGrace is how much longer than its Timeout a leg may take to say that nobody answered.
const ringGrace = 5 * time.Second

// codecs are the first ones and then what else we can do.
func (s *session) codecs(first []codec.ID) []codec.ID {
	all := slices.DeleteFunc(slices.Clone(first), func(c codec.ID) bool { return c == codec.None })
	for _, c := range s.config.Codecs {
		if !slices.Contains(all, c) {
			all = append(all, c)
		}
	}
	return all
}

// observer is what a party's leg tells its events to: it queues them. The seat of a leg that has ended is free at once,
// for its user may call again before the session has come to know of the end.
func (s *session) observer(p *party) leg.Observer {
	p.home.Store(s)
	return func(e leg.Event) {
		_, last := e.(leg.Ended)
		if last && p.user != "" {
			p.vacate.Do(func() { s.config.Seats.Release(p.user, p.home.Load().id) })
		}
		if p.post(message{party: p, event: e, must: last}) == closed {
			s.metrics.late.Inc()
		}
	}
}

// post puts a message into the mailbox of the session that the party is in, also where it has just gone to another.
func (p *party) post(m message) delivery {
	for {
		home := p.home.Load()
		if d := home.mail.put(m); d != closed || p.home.Load() == home {
			return d
		}
	}
}

// legEvent does what follows from something that happened on a leg.
func (s *session) legEvent(p *party, e leg.Event) {
	if p.leg == nil || p.state == stateEnded {
		return // the leg never joined, or broke its word that Ended is the last event
	}
	switch e := e.(type) {
	case leg.Ended:
		s.legEnded(p, e.Cause)
		return
	case leg.Referred:
		s.referred(p, e)
		return
	}
	if s.ending() || p.state == stateLeaving {
		return
	}
	switch e := e.(type) {
	case leg.Ringing:
		s.rang(p)
	case leg.EarlyMedia:
		s.early(p, e.Codec)
	case leg.Answered:
		s.legAnswered(p, e)
	case leg.PickupRefused:
		s.pickupRefused(p)
	case leg.Digit:
		s.digit(p, e)
	case leg.DigitsSent:
		s.digitsSent(p, e.OK)
	case leg.HeldChanged:
		s.heldChanged(p, e.Held)
	case leg.MediaLost:
		s.soundLost(p, e.Reason)
	case leg.MediaBack:
		s.soundBack(p)
	}
}

// isTarget says that the call is being handed over to the party.
func (s *session) isTarget(p *party) bool { return s.transfer != nil && s.transfer.target == p }

// rang passes on that the called device rings.
func (s *session) rang(p *party) {
	if p.state != stateDialling {
		return
	}
	s.setState(p, stateRinging)
	s.log.Info("ringing", "leg", p.id)
	if s.isTarget(p) {
		s.transferRang()
	}
	if p != s.callee {
		return
	}
	if s.caller.state == stateCalling {
		s.caller.leg.Ring()
	}
	s.tell(s.caller.user, Event{Type: EventRinging})
}

// early lets the caller hear what the called side sends before it answers.
func (s *session) early(p *party, c codec.ID) {
	if p.state != stateDialling && p.state != stateRinging {
		return
	}
	s.setState(p, stateEarly)
	p.codec = c
	s.log.Info("early media", "leg", p.id, "codec", c.Name())
	if p != s.callee {
		return
	}
	if s.caller.state == stateCalling {
		s.caller.leg.Progress(c)
		s.setState(s.caller, stateListening)
	}
	s.tell(s.caller.user, Event{Type: EventEarlyMedia})
}

// legAnswered goes on to call the callee once the seat that wants to call is there, and connects both once the callee
// answered.
func (s *session) legAnswered(p *party, e leg.Answered) {
	p.codec = e.Codec
	s.trunkMusic(p)
	s.shownBy(p)
	if p.state == stateAnswered {
		return // a calling party's Accept took effect
	}
	s.setState(p, stateAnswered)
	s.log.Info("leg answered", "leg", p.id, "codec", e.Codec.Name(), "number", e.Number)
	s.answeredBy(p)
}

// shownBy keeps the number that was shown in truth: that of the trunk which took the call, perhaps not the first one.
func (s *session) shownBy(p *party) {
	if p != s.callee || s.plan.direction != DirectionOutbound {
		return
	}
	if number := s.manager.router.shownBy(p.leg.Info().Remote, &p.target); number != "" {
		s.plan.from.Number, s.plan.from.Location = number, s.manager.router.location(number)
	}
}

// answeredBy goes on with a party that is there now.
func (s *session) answeredBy(p *party) {
	switch {
	case p.role == RoleSupervisor:
	case s.queue.concerns(p):
		s.taken(p)
	case s.isTarget(p):
		s.transferAnswered()
	case p == s.callee:
		s.connect()
	case s.callee == nil:
		s.reach(s.plan.callee)
	}
}

// connect lets both sides talk.
func (s *session) connect() {
	s.answered = time.Now()
	s.deadline = s.answered.Add(s.config.Limits.Longest)
	s.setStatus(StatusInProgress)
	s.metrics.sessionAnswered(s.plan.direction, s.answered.Sub(s.started))
	s.log.Info("session answered", "after", s.answered.Sub(s.started))
	if s.caller.state != stateAnswered {
		s.caller.leg.Accept(s.callee.codec)
		s.setState(s.caller, stateAnswered)
	}
	s.wrapUp(s.caller.user, s.plan.group)
	s.tell(s.callee.user, Event{Type: EventUserAccessed})
	s.tell(s.caller.user, Event{Type: EventCalloutAccepted})
}

// wrapUp has the after-call work of a group be due for a user who serves its customer without having come by its queue.
func (s *session) wrapUp(user string, group int64) {
	if g, ok := s.config.Seats.Group(group); ok && g.WrapUp > 0 {
		s.config.Seats.WrapUp(user, s.id, g.WrapUp)
	}
}
