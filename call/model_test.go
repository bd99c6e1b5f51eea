package call

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"seatbridge/codec"
	"seatbridge/leg"
)

// model drives a gateway at random and knows, from the legs alone, who must hear whom.
type model struct {
	*gateway
	r     *rand.Rand
	muted map[*fakeLeg]bool
	held  map[*fakeLeg]bool
	// changed are the sessions that are more than two parties who talk: held by command, handed over, supervised.
	changed map[string]bool
	taking  sync.WaitGroup // intercepts under way
	did     []string
}

// TestRandomCalls runs thousands of random sequences of calls, commands, far ends and failures, several calls at a
// time, and checks everything after every step. A failure names its seed.
func TestRandomCalls(t *testing.T) {
	sequences := 2000
	if testing.Short() {
		sequences = 300
	}
	for seed := range sequences {
		synctest.Test(t, func(t *testing.T) {
			m := &model{
				gateway: newGateway(t, Limits{Sessions: 6}), r: rand.New(rand.NewPCG(uint64(seed), 1)),
				muted: map[*fakeLeg]bool{}, held: map[*fakeLeg]bool{}, changed: map[string]bool{},
			}
			for range 10 + m.r.IntN(90) {
				m.step()
				synctest.Wait()
				m.check()
			}
			m.finish()
		})
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func (m *model) step() {
	steps := []struct {
		weight int
		do     func()
	}{
		{3, m.trunkCalls}, {2, m.phoneCalls}, {3, m.seatCalls},
		{16, m.legGoesOn}, {3, m.legEnds}, {1, m.bothEnd}, {5, m.legDisturbs},
		{8, m.command}, {8, m.handsOver}, {8, m.supervises}, {4, m.timePasses}, {1, m.goesOffline},
	}
	total := 0
	for _, s := range steps {
		total += s.weight
	}
	n := m.r.IntN(total)
	for _, s := range steps {
		if n -= s.weight; n < 0 {
			s.do()
			return
		}
	}
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

func (m *model) note(format string, args ...any) { m.did = append(m.did, fmt.Sprintf(format, args...)) }

func (m *model) number() string {
	return pick(m.r, "1001", "1002", "1010", "1011", "1020", "1030", "089555", "+1555", "nonsense")
}

func (m *model) user() string {
	return pick(m.r, "ann", "ben", "pat", "quinn", "two", "mob", "mini", "sue", "rex", "zoe", "")
}

func (m *model) trunkCalls() {
	to := fmt.Sprintf("+493010%d", m.r.IntN(9))
	m.note("trunk calls %s", to)
	m.gateway.call("", to)
}

func (m *model) phoneCalls() {
	account, to := pick(m.r, "1010", "1011", "1020", "1030", "1031"), m.number()
	m.note("phone %s calls %s", account, to)
	m.gateway.call(account, to)
}

func (m *model) seatCalls() {
	o := Outbound{User: m.user(), Number: m.number()}
	if m.r.IntN(2) == 0 {
		o.Number, o.CalleeUser = "", m.user()
	}
	m.note("seat %s calls %s%s", o.User, o.Number, o.CalleeUser)
	_, _ = m.Call(m.t.Context(), o) // refusals are part of it
}

// live are the legs that have not ended.
func (m *model) live() []*fakeLeg {
	return slices.DeleteFunc(m.legs(), func(l *fakeLeg) bool { _, ended := l.is(); return ended })
}

func (m *model) legGoesOn() {
	legs := m.live()
	if len(legs) == 0 {
		return
	}
	l := pick(m.r, legs...)
	if l.dial.ID == "" {
		return // a calling party goes on by what it is asked
	}
	switch m.r.IntN(4) {
	case 0:
		m.note("%s rings", l.id)
		l.ring()
	case 1:
		m.note("%s sends early media", l.id)
		l.earlyMedia(codec.PCMA)
	default:
		m.note("%s answers", l.id)
		l.answer(pick(m.r, codec.PCMA, codec.PCMU, codec.Opus))
	}
}

func (m *model) cause() leg.Cause {
	return leg.Cause{
		Reason: pick(m.r, leg.Normal, leg.Cancelled, leg.Busy, leg.NoAnswer, leg.Rejected, leg.NotFound, leg.Unavailable,
			leg.NoCodec, leg.TrunkFailed, leg.MediaDead, leg.Gone, leg.Expired),
		Remote: m.r.IntN(2) == 0,
	}
}

func (m *model) legEnds() {
	if legs := m.live(); len(legs) > 0 {
		l, c := pick(m.r, legs...), m.cause()
		m.note("%s ends: %s", l.id, c.Reason)
		l.end(c)
	}
}

func (m *model) bothEnd() {
	legs := m.live()
	m.r.Shuffle(len(legs), func(i, j int) { legs[i], legs[j] = legs[j], legs[i] })
	for _, l := range legs[:min(len(legs), 2)] {
		c := m.cause()
		m.note("at once, %s ends: %s", l.id, c.Reason)
		go l.end(c)
	}
}

func (m *model) legDisturbs() {
	legs := m.live()
	if len(legs) == 0 {
		return
	}
	l := pick(m.r, legs...)
	l.sounds()
	switch m.r.IntN(4) {
	case 0:
		m.held[l] = !m.held[l]
		m.note("%s holds: %v", l.id, m.held[l])
		l.event(leg.HeldChanged{Held: m.held[l]})
	case 1:
		l.event(leg.Digit{Event: 5, Relayed: m.r.IntN(2) == 0})
	case 2:
		m.note("%s refers", l.id)
		m.change(m.sessionOf(l))
		refer := leg.Referred{To: m.number(), Result: func(int) {}}
		if other := pick(m.r, legs...); m.r.IntN(2) == 0 {
			refer.Replaces = "call-" + other.id + ";to-tag=1;from-tag=2"
			for _, o := range legs { // most often another call of the same phone
				if o != l && o.remote == l.remote && l.remote != "" {
					refer.Replaces = "call-" + o.id
				}
			}
			m.change(m.sessionOf(other))
		}
		l.event(refer)
	case 3:
		l.event(leg.MediaLost{Reason: "model"})
	}
}

// command lets some user do something to some session, its own or not.
func (m *model) command() {
	user, id := m.user(), "nosuch"
	if all := m.Sessions(""); len(all) > 0 {
		id = pick(m.r, all...).ID
	}
	what := m.r.IntN(4)
	m.note("%s commands %d to %s", user, what, id)
	info, ok := m.Session(id)
	mine := ok && info.has(user)
	var err error
	switch ctx := m.t.Context(); what {
	case 0:
		err = m.Accept(ctx, user, id)
	case 1:
		err = m.HangUp(ctx, user, id)
	case 2:
		muted := m.r.IntN(2) == 0
		if err = m.SetMuted(ctx, user, id, muted); err == nil {
			m.muted[m.legOf(user, id)] = muted
		}
	case 3:
		err = m.SendDigits(ctx, user, id, "1,2")
	}
	if err == nil && !mine {
		m.t.Errorf("%s had its way with session %s of others", user, id)
	}
}

// legOf is the leg of a user in a session.
func (m *model) legOf(user, id string) *fakeLeg {
	info, _ := m.Session(id)
	for _, p := range info.Parties {
		if p.User == user && !p.Left {
			legs := m.legs()
			return legs[slices.IndexFunc(legs, func(l *fakeLeg) bool { return l.id == p.ID })]
		}
	}
	m.t.Fatalf("%s is not in session %s", user, id)
	return nil
}

func (m *model) change(id string) {
	if id != "" {
		m.changed[id] = true
	}
}

// sessionOf is the session that a leg is in.
func (m *model) sessionOf(l *fakeLeg) string {
	for _, s := range m.Sessions("") {
		if slices.ContainsFunc(s.Parties, func(p PartyInfo) bool { return p.ID == l.id }) {
			return s.ID
		}
	}
	return ""
}

// own is a session and one of its seats, or strangers to each other.
func (m *model) own() (user, id string) {
	user, id = m.user(), "nosuch"
	if all := m.Sessions(""); len(all) > 0 {
		s := pick(m.r, all...)
		id = s.ID
		if p := pick(m.r, s.Parties...); len(s.Parties) > 0 && m.r.IntN(5) > 0 {
			user = p.User
		}
	}
	return user, id
}

// handsOver has a seat hold, transfer and consult.
func (m *model) handsOver() {
	user, id := m.own()
	to := TransferTo{Number: m.number()}
	if m.r.IntN(3) == 0 {
		to = TransferTo{User: m.user()}
	}
	ctx, what := m.t.Context(), m.r.IntN(12)
	m.note("%s hands over (%d) %s to %+v", user, what, id, to)
	var err error
	switch what {
	case 0, 1:
		err = m.SetHeld(ctx, user, id, what == 0)
	case 2, 3:
		err = m.Transfer(ctx, user, id, to)
	case 4, 8, 9:
		err = m.Consult(ctx, user, id, to)
	case 5:
		err = m.CompleteTransfer(ctx, user, id)
	case 6, 10:
		err = m.Swap(ctx, user, id)
	case 7:
		err = m.CancelTransfer(ctx, user, id)
	case 11:
		err = m.SetSecureDigits(ctx, user, id, m.r.IntN(2) == 0)
	}
	if err == nil {
		m.change(id)
	}
	if codeOf(err) == "" && err != nil {
		m.fail("an error without a code: %v", err)
	}
}

// supervises has somebody supervise, who may or may not.
func (m *model) supervises() {
	user, id := m.own()
	if m.r.IntN(4) > 0 {
		user = pick(m.r, "sue", "rex")
	}
	ctx, what := m.t.Context(), m.r.IntN(7)
	m.note("%s supervises (%d) %s", user, what, id)
	modes := []Mode{ModeMonitor, ModeMonitor, ModeWhisper, ModeBarge}
	switch {
	case what < len(modes):
		if err := m.Supervise(ctx, user, id, modes[what]); err == nil {
			m.change(id)
			if user != "sue" && user != "rex" {
				m.fail("%s may supervise", user)
			}
			if got := m.party(user, id); got.Mode != modes[what] || got.Role != RoleSupervisor {
				m.fail("%s is %+v, want %s", user, got, modes[what])
			}
		}
	case what == 4:
		_ = m.Leave(ctx, user, id)
	default:
		m.taking.Go(func() { _ = m.Intercept(ctx, user, id) })
	}
}

func (m *model) party(user, id string) PartyInfo {
	info, _ := m.Session(id)
	for _, p := range info.Parties {
		if p.User == user && !p.Left {
			return p
		}
	}
	m.fail("%s is not in %s", user, id)
	return PartyInfo{}
}

func (m *model) timePasses() {
	d := time.Duration(m.r.IntN(int(10 * time.Second)))
	if m.r.IntN(20) == 0 {
		d = 5 * time.Hour
	}
	m.note("%v pass", d)
	pass(d)
}

func (m *model) goesOffline() {
	m.dialer.mu.Lock()
	defer m.dialer.mu.Unlock()
	to := pick(m.r, "ann", "1010", "+4989555")
	m.dialer.offline[to] = !m.dialer.offline[to]
	m.note("%s is offline: %v", to, m.dialer.offline[to])
}

// check compares every table, seat and leg with what must be.
func (m *model) check() {
	m.t.Helper()
	taken := map[string][]string{}
	for _, s := range m.all() {
		info := s.view.info()
		if info.Status == StatusFinished {
			m.checkFinished(s, info)
			continue
		}
		for _, user := range m.checkParties(s, info) {
			taken[user] = append(taken[user], s.id)
		}
		if !m.changed[s.id] {
			m.checkTable(s.id, info)
		}
	}
	for _, user := range m.seats.Users() {
		state, _ := m.seats.State(user)
		slices.Sort(state.Sessions)
		slices.Sort(taken[user])
		if !slices.Equal(state.Sessions, taken[user]) {
			m.fail("%s holds %v, want %v", user, state.Sessions, taken[user])
		}
	}
}

func (m *model) fail(format string, args ...any) {
	m.t.Helper()
	m.t.Fatalf(format+"\nafter:\n%s", append(args, strings.Join(m.did, "\n"))...)
}

func (m *model) checkFinished(s *session, info Info) {
	m.t.Helper()
	if !m.bridge(s.id).closed || info.ClosedBy == "" || info.Cause.Reason == "" {
		m.fail("session %+v has not ended well", info)
	}
}

// seatsOf are the seats that must be taken by a session: those of its parties, and of who has still to be called.
func seatsOf(s *session) []string {
	var users []string
	for _, p := range s.parties {
		if p.user != "" && !p.left {
			users = append(users, p.user)
		}
	}
	if s.callee == nil && s.plan.callee.user != "" {
		users = append(users, s.plan.callee.user)
	}
	return users
}

// checkParties has the session's goroutine look at its parties, and returns the seats that it must have taken.
func (m *model) checkParties(s *session, info Info) []string {
	m.t.Helper()
	var fault string
	var seats []string
	reply := make(chan error, 1)
	look := func() error {
		fault, seats = m.faultOf(s, info), seatsOf(s)
		return nil
	}
	if s.mail.put(message{do: look, reply: reply}) != delivered {
		m.fail("session %s takes no messages", s.id)
	}
	if <-reply; fault != "" {
		m.fail("session %s: %s", s.id, fault)
	}
	return seats
}

// faultOf checks that the bridge has what the roles say, and that who is there should be there.
func (m *model) faultOf(s *session, info Info) string {
	talking, members := 0, s.members()
	if fault := faultIn(members, s.table); fault != "" {
		return fmt.Sprintf("%s\nparties %+v", fault, members)
	}
	want := tableFor(members, s.config.Sounds)
	if s.secure {
		want = withoutDigits(want, members)
	}
	if !sameTable(want, s.table) {
		return fmt.Sprintf("table %v, want %v", s.table, want)
	}
	for i, p := range s.parties {
		if got := m.bridge(s.id).hears(string(p.id)); !slices.Equal(got, info.Parties[i].Hears) {
			return fmt.Sprintf("%s hears %v in the bridge, shown are %v", p.id, got, info.Parties[i].Hears)
		}
		l := p.leg.(*fakeLeg)
		if _, ended := l.is(); ended != (p.state == stateEnded) || !p.isThere() && !p.left {
			return fmt.Sprintf("%s is %s (left: %v), its leg has ended: %v", p.id, p.state, p.left, ended)
		}
		if p.state == stateLeaving && !l.wasAsked("hangup") || p.left && p.isThere() {
			return fmt.Sprintf("%s has left and was not hung up", p.id)
		}
		if p.isThere() && p.role.converses() {
			talking++
		}
	}
	if talking < 2 && s.status == StatusInProgress {
		return fmt.Sprintf("it goes on with %d who talk", talking)
	}
	if t := s.transfer; t != nil && (!t.target.isThere() || t.by.left != !t.by.isThere()) {
		return "it is handed over to who is gone"
	}
	return ""
}

func (m *model) checkTable(id string, info Info) {
	m.t.Helper()
	var legs []*fakeLeg
	for _, l := range m.legs() {
		if slices.ContainsFunc(info.Parties, func(p PartyInfo) bool { return p.ID == l.id }) {
			legs = append(legs, l)
		}
	}
	for i, p := range info.Parties {
		var want []string
		l := legs[slices.IndexFunc(legs, func(l *fakeLeg) bool { return l.id == p.ID })]
		for _, s := range legs {
			if s != l && m.canHear(l) && m.canSpeak(s) && !m.muted[s] && !m.held[s] && !m.held[l] {
				want = append(want, s.id)
			}
		}
		if got := m.bridge(id).hears(p.ID); !slices.Equal(got, want) || !slices.Equal(info.Parties[i].Hears, want) {
			m.fail("%s hears %v (shown: %v), want %v", p.ID, got, p.Hears, want)
		}
		if _, ended := l.is(); ended {
			m.fail("session %s goes on without %s", id, l.id)
		}
	}
}

// canHear says, from what the leg was asked and did, that its user's ear is open to us.
func (m *model) canHear(l *fakeLeg) bool {
	answered, _ := l.is()
	return answered || l.wasAsked("progress PCMA") || m.accepted(l)
}

func (m *model) canSpeak(l *fakeLeg) bool {
	answered, _ := l.is()
	return answered || l.early || m.accepted(l)
}

func (m *model) accepted(l *fakeLeg) bool {
	return l.wasAsked("accept PCMA") || l.wasAsked("accept PCMU") || l.wasAsked("accept opus")
}

// finish ends what goes on, in one of several ways, and checks that nothing is left and everybody was told properly.
func (m *model) finish() {
	m.t.Helper()
	switch m.r.IntN(3) {
	case 0:
		m.HangUpAll(leg.Cause{Reason: leg.Shutdown})
	case 1:
		for _, l := range m.live() {
			go l.end(m.cause())
		}
	case 2:
		pass(5 * time.Hour)
	}
	m.settle()
	m.taking.Wait()
	m.checkStories()
	if m.t.Failed() {
		m.fail("not all is well in the end")
	}
}

// checkStories checks that each user heard of each session from its beginning to its end, and nothing after it.
func (m *model) checkStories() {
	m.t.Helper()
	stories := map[string][]EventType{}
	for _, e := range m.watch.events {
		key := e.User + " " + e.SessionID
		stories[key] = append(stories[key], e.Type)
	}
	begins := []EventType{EventCallIn, EventCallOuted, EventMonitor}
	for key, story := range stories {
		if story[len(story)-1] != EventSessionEnded {
			m.t.Errorf("%s was told %v, and not the end", key, story)
		}
		for i, e := range story { // who leaves may come back, which begins anew
			if begin := i == 0 || story[i-1] == EventSessionEnded; begin && !slices.Contains(begins, e) {
				m.t.Errorf("%s was told %v, where %d does not begin it", key, story, i)
			}
		}
	}
}
