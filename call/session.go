package call

import (
	"log/slog"
	"runtime/debug"
	"time"

	"seatbridge/bridge"
	"seatbridge/leg"
	"seatbridge/media"
	"seatbridge/seat"
)

// session is one conversation. Everything in it below "owned by run" is touched by that goroutine alone; the rest of
// the world puts messages into the mailbox and reads the published snapshot.
type session struct {
	id      string
	plan    plan
	config  *Config
	manager *Manager
	metrics *Metrics
	log     *slog.Logger
	emit    func(Event)
	started time.Time

	mail *mailbox
	done chan struct{} // closed when run is over
	view view

	// owned by run
	bridge     Bridge
	caller     *party   // the calling party
	callee     *party   // the called party; nil until it is called
	parties    []*party // those that have a leg
	legs       int      // that it ever had
	told       []string // users who were told of the session
	seats      []string // users whose seats it has claimed
	transfer   *transfer
	takeover   *intercept
	joining    *joining
	menu       *menuing    // while the caller is in a menu
	queue      *queued     // while somebody waits for a seat of a group
	secure     bool        // the customer's digits are kept to itself
	music      *media.Clip // in place of Sounds.Hold; may be nil
	table      bridge.Table
	status     Status
	answered   time.Time
	ended      time.Time
	cause      leg.Cause
	closedBy   string
	path       []PathStep    // the keys that the caller pressed in a menu
	inMenu     time.Duration // that it spent there
	queuedAt   time.Time     // when it began to wait for a seat; zero where it did not
	group      int64         // that it waited for last
	unserved   seat.Why      // why it got none
	rangAtEnd  bool          // a seat rang for it when it ended
	menuAtEnd  bool          // the caller was in a menu when it ended
	callerLeft bool          // it ended because the caller's leg did, or by its command
	recorded   bool          // Config.Ended was told
	advance    advance       // that Config.Progress was told
	taping     taping
	tracks     []Track   // of parties that were called and are forgotten
	deadline   time.Time // what happens then depends on the status: see expired
}

// newSession makes a session of a plan. Nothing happens before run.
func newSession(id string, p plan, m *Manager) *session {
	s := &session{
		id: id, plan: p, config: &m.config, manager: m, metrics: m.config.Metrics, log: m.config.Log.With("session", id),
		emit: m.emit, started: time.Now(), status: StatusSeatJoining,
		mail: newMailbox(m.config.Limits.Mailbox), done: make(chan struct{}),
		caller: p.caller.party(), seats: p.users(), music: p.music,
	}
	s.caller.client = p.direction == DirectionInbound
	s.deadline = s.started.Add(maxRing)
	if p.incoming != nil {
		s.status = StatusRinging
	}
	s.publish()
	return s
}

// join gives a party its leg.
func (s *session) join(p *party, l leg.Leg, st state) {
	p.home.Store(s)
	p.id, p.kind, p.leg = bridge.PartyID(l.ID()), l.Kind(), l
	s.parties = append(s.parties, p)
	s.legs++
	s.setState(p, st)
}

// run is the session's goroutine. It ends when the session has ended and every leg has said that it is gone, or was
// given up waiting for.
func (s *session) run() {
	defer close(s.done)
	defer s.closeMail()
	timer := time.NewTimer(time.Until(s.deadline))
	defer timer.Stop()
	s.metrics.sessionStatus(s.plan.direction, "", s.status)
	s.step(s.start)
	defer s.record() // where it ended at once
	s.tellProgress()
	for !s.gone() {
		timer.Reset(time.Until(s.nextDeadline()))
		select {
		case <-s.mail.wake:
			s.deliver()
		case <-timer.C:
			s.step(s.tick)
		}
		s.endRecording()
		s.tellProgress()
		s.record()
	}
	s.metrics.sessionStatus(s.plan.direction, s.status, "")
}

// deliver does all that the mailbox holds.
func (s *session) deliver() {
	messages, overflowed := s.mail.take()
	if overflowed {
		s.metrics.overflows.Inc()
		s.log.Error("mailbox overflowed")
		s.step(func() { s.end(leg.Cause{Reason: leg.Failed, Text: "too much happened at once"}, closedByAdmin) })
	}
	for _, m := range messages {
		if m.event != nil {
			if s.forward(m) {
				continue
			}
			s.step(func() { s.legEvent(m.party, m.event) })
			continue
		}
		err := error(Errorf(CodeUnavailable, "the session failed"))
		s.step(func() { err = m.do() })
		m.answer(err)
	}
}

// forward passes the event of a party that went to another session on to it.
func (s *session) forward(m message) bool {
	if m.party == nil || m.party.home.Load() == s {
		return false
	}
	m.party.post(m)
	return true
}

// closeMail ends the mailbox; what came too late is answered, or passed on.
func (s *session) closeMail() {
	for _, m := range s.mail.close() {
		if m.lost != nil {
			m.lost()
		}
		s.forward(m)
	}
}

// step does one thing, makes the bridge follow it, and publishes what came of it. A panic in it ends this session and
// no other.
func (s *session) step(do func()) {
	defer s.publish()
	defer func() {
		if fault := recover(); fault != nil {
			s.fault(fault)
			s.end(leg.Cause{Reason: leg.Failed, Text: "a fault of the gateway"}, closedByAdmin)
		}
	}()
	do()
	s.apply()
}

// apply makes the bridge have all parties and the table that is due.
func (s *session) apply() {
	if s.ending() {
		return
	}
	for _, p := range s.parties {
		switch ended := p.state == stateEnded; {
		case ended && p.bridged:
			p.bridged = false
			s.bridge.Remove(p.id)
		case !ended && !p.bridged:
			p.bridged = true
			s.bridge.Add(p.id, p.leg.Port())
		}
	}
	s.startRecording()
	members := s.members()
	t := tableFor(members, s.sounds())
	if s.secure {
		t = withoutDigits(t, members)
	}
	t = s.withTaps(t, members)
	if !sameTable(t, s.table) {
		s.table = t
		s.bridge.Apply(t)
		s.tellHearing()
	}
	s.tellWaiting()
}

// members are the parties as the table sees them.
func (s *session) members() []member {
	var members []member
	agent := s.agent()
	for _, p := range s.parties {
		m := p.member()
		m.coached = p == agent
		m.waits = s.waitSound(p)
		members = append(members, m)
	}
	return members
}

// waitSound is what a party hears that waits alone, or nil.
func (s *session) waitSound(p *party) *media.Clip {
	switch {
	case s.menu != nil && p == s.caller:
		return s.menu.program.clip()
	case s.queue != nil && s.waitingParty() == p:
		return s.queue.program.clip()
	case s.transfer != nil && p != s.transfer.by:
		return s.sounds().Hold
	}
	return nil
}

// tickWaiting goes on with what somebody hears who waits, and ends a menu where nothing was pressed.
func (s *session) tickWaiting(now time.Time) {
	if q := s.queue; q != nil {
		q.program.goOn(now)
		if !now.Before(q.announce) {
			s.announce(now)
		}
	}
	if m := s.menu; m != nil {
		m.program.goOn(now)
		if !now.Before(m.until) {
			s.askAgain()
		}
	}
}

// guard does something that must not keep what follows it from being done.
func (s *session) guard(do func()) {
	defer func() {
		if fault := recover(); fault != nil {
			s.fault(fault)
		}
	}()
	do()
}

func (s *session) fault(fault any) {
	s.metrics.panics.Inc()
	s.log.Error("fault in session", "fault", fault, "stack", string(debug.Stack()))
}

// tick does what is due by now.
func (s *session) tick() {
	now := time.Now()
	for _, p := range s.parties {
		if p.digits.dueBy(now) {
			s.digitsDue(p)
		}
		if !p.ringUntil.IsZero() && !now.Before(p.ringUntil) {
			s.unanswered(p)
		}
	}
	s.tickWaiting(now)
	if s.takeover != nil && !now.Before(s.takeover.next) {
		s.watchTakeover(now)
	}
	if !now.Before(s.deadline) {
		s.expired()
	}
}

// nextDeadline is when tick has something to do.
func (s *session) nextDeadline() time.Time {
	next := s.deadline
	for _, p := range s.parties {
		next = earlier(earlier(next, p.digits.due), p.ringUntil)
	}
	if s.takeover != nil {
		next = earlier(next, s.takeover.next)
	}
	if q := s.queue; q != nil {
		next = earlier(earlier(next, q.program.next), q.announce)
	}
	if m := s.menu; m != nil {
		next = earlier(earlier(next, m.program.next), m.until)
	}
	return next
}

// earlier is the first of a time and another that may be unset.
func earlier(t, other time.Time) time.Time {
	if other.IsZero() || t.Before(other) {
		return t
	}
	return other
}

func (s *session) ending() bool { return s.status == StatusFinished }

// gone says that nothing is left to wait for.
func (s *session) gone() bool {
	for _, p := range s.parties {
		if p.state != stateEnded {
			return false
		}
	}
	return s.ending() && s.joining == nil
}

func (s *session) setStatus(to Status) {
	s.metrics.sessionStatus(s.plan.direction, s.status, to)
	s.status = to
}
