package call

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"seatbridge/codec"
	"seatbridge/leg"
)

// side is one side of a pairing.
type side struct {
	name string
	user string
	role Role
	// As a caller: the account of a leg that comes in ("" for a trunk), or whether a command starts it.
	account string
	command bool
	// As a callee: what is dialled, what a trunk dials to get there, and the Destination's name.
	dial, inbound, dest string
}

func callers() []side {
	return []side{
		{name: "trunk", role: RoleCustomer},
		{name: "seat's phone", role: RoleAgent, user: "pat", account: "1010"},
		{name: "bare phone", role: RoleAgent, account: "1031"},
		{name: "browser", role: RoleAgent, user: "ann", command: true, dest: "ann"},
		{name: "click to dial", role: RoleAgent, user: "quinn", command: true, dest: "1011"},
	}
}

func callees() []side {
	return []side{
		{name: "browser", role: RoleAgent, user: "ben", dial: "1002", inbound: "+4930106", dest: "ben"},
		{name: "seat's phone", role: RoleAgent, user: "two", dial: "1020", inbound: "+4930107", dest: "1020"},
		{name: "bare phone", role: RoleAgent, dial: "1030", inbound: "+4930102", dest: "1030"},
		{name: "outside", role: RoleCustomer, dial: "089555", inbound: "+4930103", dest: "+4989555"},
	}
}

// scene is a pairing whose callee was called.
type scene struct {
	*gateway
	from, to       side
	session        string
	caller, callee *fakeLeg
}

// begin starts a pairing and goes on until the callee was called.
func begin(g *gateway, from, to side) *scene {
	g.t.Helper()
	s := &scene{gateway: g, from: from, to: to}
	switch {
	case from.command:
		info, err := g.Call(g.t.Context(), Outbound{User: from.user, Number: to.dial, Tab: "tab"})
		if err != nil {
			g.t.Fatal(err)
		}
		if info.Status != StatusSeatJoining {
			g.t.Fatalf("status %s, want seatJoining", info.Status)
		}
		synctest.Wait()
		s.caller = g.dialer.leg(from.dest)
		if d := s.caller.dial; !d.AutoAnswer || g.dialer.leg(to.dest) != nil {
			g.t.Fatalf("the seat's own device must be called first, to answer by itself: %+v", d)
		}
		pass(latency)               // a browser answers by itself
		s.caller.answer(codec.PCMU) // and the phone now
		synctest.Wait()
	case from.account != "":
		s.caller = comesIn(g, from.account, to.dial)
	default:
		s.caller = comesIn(g, "", to.inbound)
	}
	s.session = g.only().ID
	if s.callee = g.dialer.leg(to.dest); s.callee == nil {
		g.t.Fatal("the callee was not called")
	}
	return s
}

func comesIn(g *gateway, account, to string) *fakeLeg {
	g.t.Helper()
	l, cause := g.call(account, to)
	if cause != nil {
		g.t.Fatalf("refused: %+v", cause)
	}
	return l
}

// stage is how far a call goes before it ends.
type stage int

const (
	dialling stage = iota
	ringing
	early
	answered
)

// advance takes the call to a stage, and checks who hears whom at each one on the way.
func (s *scene) advance(to stage) {
	s.t.Helper()
	b := s.bridge(s.session)
	connected := s.from.command
	s.hear(b, "dialling", false, false)
	if to >= ringing {
		s.callee.ring()
		synctest.Wait()
		s.hear(b, "ringing", false, false)
		if got := b.sound(s.caller.id) != nil; got != connected {
			s.t.Errorf("ringback from the bridge is %v, want it for connected callers alone", got)
		}
	}
	if to >= early {
		s.callee.earlyMedia(codec.PCMA)
		synctest.Wait()
		s.hear(b, "early media", true, false)
	}
	if to >= answered {
		s.callee.answer(codec.PCMA)
		pass(latency)
		s.hear(b, "answered", true, true)
		if b.sound(s.caller.id) != nil {
			s.t.Error("ringback goes on after the answer")
		}
	}
	s.askedOfCaller(to)
}

// askedOfCaller checks what the caller's leg was asked: one that came in to ring and so on, a called one to pick up.
func (s *scene) askedOfCaller(at stage) {
	s.t.Helper()
	want := []string{"ring", "progress PCMA", "accept PCMA"}[:at]
	if s.from.command {
		want = []string{"pickup"}
	}
	s.caller.mu.Lock()
	defer s.caller.mu.Unlock()
	if !slices.Equal(s.caller.asked, want) {
		s.t.Errorf("the caller's leg was asked %v, want %v", s.caller.asked, want)
	}
}

func (s *scene) hear(b *fakeBridge, when string, caller, callee bool) {
	s.t.Helper()
	for l, want := range map[*fakeLeg]bool{s.caller: caller, s.callee: callee} {
		if got := len(b.hears(l.id)) == 1; got != want {
			s.t.Errorf("%s: %s hears %v, want %v", when, l.id, b.hears(l.id), want)
		}
	}
}

// ending is a way for a call to end.
type ending struct {
	name     string
	from, to stage // the stages at which it can happen
	do       func(s *scene)
	reason   leg.Reason // of the session
	by       func(s *scene) string
	told     func(s *scene) *fakeLeg // the leg that must be hung up with reason; nil where both are
	users    func(s *scene) bool     // nil means always
}

func byCaller(s *scene) string { return s.from.closes() }
func byCallee(s *scene) string { return s.to.closes() }

func (s *side) closes() string {
	if s.role == RoleCustomer {
		return "client"
	}
	return "seat"
}

func by(who string) func(*scene) string {
	return func(*scene) string { return who }
}
func toCaller(s *scene) *fakeLeg { return s.caller }
func toCallee(s *scene) *fakeLeg { return s.callee }

// giveUp is a calling party that leaves before the answer: a leg that came in says Cancelled, a connected one Normal.
func giveUp(s *scene) {
	reason := leg.Cancelled
	if s.from.command {
		reason = leg.Normal
	}
	s.caller.end(leg.Cause{Reason: reason, Remote: true})
}

func calleeEnds(c leg.Cause) func(*scene) { return func(s *scene) { s.callee.end(c) } }
func callerEnds(c leg.Cause) func(*scene) { return func(s *scene) { s.caller.end(c) } }

func hangUpBy(user func(*scene) string) func(*scene) {
	return func(s *scene) {
		if err := s.HangUp(s.t.Context(), user(s), s.session); err != nil {
			s.t.Error(err)
		}
	}
}

func callerUser(s *scene) string { return s.from.user }
func calleeUser(s *scene) string { return s.to.user }

func endings() []ending {
	hasCaller := func(s *scene) bool { return s.from.user != "" }
	hasCallee := func(s *scene) bool { return s.to.user != "" }
	normal := leg.Cause{Reason: leg.Normal, Remote: true}
	return []ending{
		{"caller gives up", dialling, early, giveUp, leg.Cancelled, byCaller, toCallee, nil},
		{"busy", dialling, early, calleeEnds(leg.Cause{Reason: leg.Busy, Remote: true, SIP: 486}), leg.Busy, byCallee,
			toCaller, nil},
		{"rejected", dialling, early, calleeEnds(leg.Cause{Reason: leg.Rejected, Remote: true}), leg.Rejected, byCallee,
			toCaller, nil},
		{"not found", dialling, dialling, calleeEnds(leg.Cause{Reason: leg.NotFound, Remote: true}), leg.NotFound,
			byCallee, toCaller, nil},
		{"unavailable", dialling, dialling, calleeEnds(leg.Cause{Reason: leg.Unavailable}), leg.Unavailable,
			by("admin"), toCaller, nil},
		{"trunk failed", dialling, early, calleeEnds(leg.Cause{Reason: leg.TrunkFailed}), leg.TrunkFailed, by("admin"),
			toCaller, nil},
		{"no codec", answered, answered, callerEnds(leg.Cause{Reason: leg.NoCodec}), leg.NoCodec, by("admin"), toCallee,
			nil},
		{"no answer", dialling, early, func(*scene) { pass(181 * time.Second) }, leg.NoAnswer, by("timer"), toCaller, nil},
		{"caller hangs up", answered, answered, callerEnds(normal), leg.Normal, byCaller, toCallee, nil},
		{"callee hangs up", answered, answered, calleeEnds(normal), leg.Normal, byCallee, toCaller, nil},
		{"media dead", answered, answered, calleeEnds(leg.Cause{Reason: leg.MediaDead}), leg.MediaDead, by("admin"),
			toCaller, nil},
		{"caller is gone", answered, answered, callerEnds(leg.Cause{Reason: leg.Gone, Remote: true}), leg.Gone, byCaller,
			toCallee, nil},
		{"longest call", answered, answered, func(*scene) { pass(4 * time.Hour) }, leg.Expired, by("timer"), nil, nil},
		{"calling seat gives up", dialling, early, hangUpBy(callerUser), leg.Cancelled, by("seat"), nil, hasCaller},
		{"called seat declines", dialling, early, hangUpBy(calleeUser), leg.Rejected, by("seat"), nil, hasCallee},
		{"calling seat hangs up", answered, answered, hangUpBy(callerUser), leg.Normal, by("seat"), nil, hasCaller},
		{"called seat hangs up", answered, answered, hangUpBy(calleeUser), leg.Normal, by("seat"), nil, hasCallee},
		{"shutdown", dialling, answered, func(s *scene) { s.HangUpAll(leg.Cause{Reason: leg.Shutdown}) }, leg.Shutdown,
			by("admin"), nil, nil},
	}
}

// TestPairings takes every kind of caller to every kind of callee, and ends the call in every way at every stage.
func TestPairings(t *testing.T) {
	for _, from := range callers() {
		for _, to := range callees() {
			for _, e := range endings() {
				for at := e.from; at <= e.to; at++ {
					s := &scene{from: from, to: to}
					if e.users != nil && !e.users(s) {
						continue
					}
					stages := []string{"dialling", "ringing", "early", "answered"}
					t.Run(from.name+" to "+to.name+"/"+e.name+" "+stages[at], func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) { runPairing(t, from, to, e, at) })
					})
				}
			}
		}
	}
}

func runPairing(t *testing.T, from, to side, e ending, at stage) {
	g := newGateway(t, Limits{})
	s := begin(g, from, to)
	s.advance(at)
	pass(time.Second)
	e.do(s)
	synctest.Wait()
	info, ok := g.Session(s.session)
	if !ok || info.Status != StatusFinished || info.Cause.Reason != e.reason || info.ClosedBy != e.by(s) {
		t.Errorf("session is %s by %s, cause %+v; want finished by %s, %s", info.Status, info.ClosedBy, info.Cause,
			e.by(s), e.reason)
	}
	if info.Answered.IsZero() != (at < answered) {
		t.Errorf("answered at %v", info.Answered)
	}
	for _, l := range []*fakeLeg{s.caller, s.callee} {
		if e.told == nil || e.told(s) == l {
			if why := l.why(t); why.Reason != e.reason || why.Remote {
				t.Errorf("leg %s was hung up with %+v, want %s by us", l.id, why, e.reason)
			}
		} else if l.wasAsked("hangup") {
			t.Errorf("leg %s, which ended by itself, was hung up", l.id)
		}
	}
	s.checkEvents(at, e, info)
	g.settle()
	if recent := g.Recent(); len(recent) != 1 || recent[0].ID != s.session || len(recent[0].Parties) != 2 {
		t.Errorf("recent sessions are %+v", recent)
	}
}

// checkEvents checks what both seats were told, in order.
func (s *scene) checkEvents(at stage, e ending, info Info) {
	s.t.Helper()
	calling := []EventType{EventCallOuted, EventRinging, EventEarlyMedia, EventCalloutAccepted}[:at+1]
	called := []EventType{EventCallIn}
	if at == answered {
		called = append(called, EventUserAccessed)
	}
	for user, want := range map[string][]EventType{s.from.user: calling, s.to.user: called} {
		if user == "" {
			continue
		}
		want = append(slices.Clone(want), EventSessionEnded)
		if got := s.watch.of(user); !slices.Equal(got, want) {
			s.t.Errorf("%s was told %v, want %v", user, got, want)
		}
		last := s.watch.last(s.t, user, EventSessionEnded)
		var talked time.Duration
		if at == answered {
			talked = info.Ended.Sub(info.Answered)
		}
		if last.ClosedBy != e.by(s) || last.Cause.Reason != e.reason || last.Duration != talked {
			s.t.Errorf("%s was told %+v; want %s, %s, %v", user, last, e.by(s), e.reason, talked)
		}
	}
}
