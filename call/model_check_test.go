package call

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"seatbridge/leg"
)

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
		m.checkTaps(s.id, info)
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
	want := tableFor(members, s.sounds())
	if s.secure {
		want = withoutDigits(want, members)
	}
	want = s.withTaps(want, members)
	if !sameTable(want, s.table) {
		return fmt.Sprintf("table %v, want %v", s.table, want)
	}
	for _, p := range s.parties {
		if row, ok := s.table[p.id]; ok && s.secure && p.role == RoleCustomer && !row.Secret {
			return fmt.Sprintf("the digits of %s are told", p.id)
		}
	}
	if fault := m.faultOfHolds(s); fault != "" {
		return fault
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
	m.checkRefers()
	if m.t.Failed() {
		m.fail("not all is well in the end")
	}
	m.checkTapes()
}

// checkStories checks that each user heard of each session from its beginning to its end, and nothing after it.
func (m *model) checkStories() {
	m.t.Helper()
	stories, transfers := map[string][]EventType{}, map[string]string{}
	for _, e := range m.watch.events {
		key := e.User + " " + e.SessionID
		stories[key] = append(stories[key], e.Type)
		m.checkTransfer(key, transfers, e)
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

// checkTransfer checks that a transfer that has started is told one end, before anything else begins or ends. under has
// those that are under way.
func (m *model) checkTransfer(key string, under map[string]string, e Event) {
	m.t.Helper()
	on := under[key] != ""
	switch {
	case e.Type == EventSessionEnded && on:
		m.t.Errorf("%s was told the end of the session and not of the transfer", key)
	case e.Type != EventTransfer:
		return
	case on == (e.State == transferStarted):
		m.t.Errorf("%s was told %s after %q", key, e.State, under[key])
	}
	under[key] = e.State
	switch e.State {
	case transferCompleted, transferCancelled, transferFailed:
		delete(under, key)
	}
}

// checkRefers checks that each phone that asked for a transfer was told one final status at last, and nothing after it.
func (m *model) checkRefers() {
	m.t.Helper()
	for _, r := range m.refers {
		final := slices.IndexFunc(r.codes, func(code int) bool { return code >= 200 })
		if (r.heard || len(r.codes) > 0) && (final < 0 || final != len(r.codes)-1) {
			m.t.Errorf("%s asked for a transfer and was told %v", r.leg.id, r.codes)
		}
	}
}

// faultOfHolds checks that nobody was left with the word that a party holds which does not.
func (m *model) faultOfHolds(s *session) string {
	told := map[[2]string]bool{}
	m.watch.mu.Lock()
	defer m.watch.mu.Unlock()
	for _, e := range m.watch.events {
		switch {
		case e.SessionID != s.id:
		case e.Type == EventHeld && e.By != "":
			told[[2]string{e.User, e.By}] = e.Held
		case e.Type == EventSessionEnded: // it may come back
			maps.DeleteFunc(told, func(pair [2]string, _ bool) bool { return pair[0] == e.User })
		}
	}
	for _, p := range s.parties {
		for _, by := range s.parties {
			if p.user != "" && !p.left && told[[2]string{p.user, by.user}] && !s.holds(by.user) {
				return fmt.Sprintf("%s still believes that %s holds", p.user, by.user)
			}
		}
	}
	return ""
}

func (s *session) holds(user string) bool {
	p := s.byUser(user)
	return p != nil && p.role.converses() && (p.held || p.holding)
}
