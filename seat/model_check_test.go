package seat

import (
	"cmp"
	"slices"
	"testing/synctest"
	"time"
)

// check is what holds whenever nothing is on its way.
func (m *model) check() {
	m.mu.Lock()
	defer m.mu.Unlock()
	members := map[int64]map[string]bool{}
	priority := map[int64]int{}
	for _, g := range m.Groups() {
		members[g.ID], priority[g.ID] = map[string]bool{}, g.Priority
		for _, member := range g.Members {
			members[g.ID][member.User] = true
		}
	}
	before := func(a, b *caller) int {
		return cmp.Or(cmp.Compare(b.Priority+priority[b.Group], a.Priority+priority[a.Group]), a.Since.Compare(b.Since),
			cmp.Compare(a.number, b.number))
	}
	could := func(c *caller, user string, at time.Time) bool {
		missed, was := c.missed[user]
		shunned, shuns := m.shunned[user]
		return members[c.Group][user] && (!was || at.Sub(missed) >= 5*time.Second) &&
			(!shuns || at.Sub(shunned) >= 5*time.Second)
	}
	m.checkSeats()
	m.checkWaiting(could)
	m.checkOffers(could, before)
	m.checkPositions(before)
}

// checkSeats wants each seat to hold just the sessions that it should, and to be in the status that follows.
func (m *model) checkSeats() {
	held := map[string][]string{}
	rings := map[string]int{}
	for s, c := range m.callers {
		for user := range c.ringing {
			held[user] = append(held[user], s)
			rings[user]++
		}
		if c.taken != "" {
			held[c.taken] = append(held[c.taken], s)
		}
	}
	for s, user := range m.own {
		held[user] = append(held[user], s)
	}
	for user, sessions := range held {
		state, ok := m.State(user)
		slices.Sort(sessions)
		slices.Sort(state.Sessions)
		switch {
		case !ok || !slices.Equal(state.Sessions, sessions):
			m.t.Errorf("%s holds %q, want %q", user, state.Sessions, sessions)
		case len(sessions) > state.Staff.MaxCalls || rings[user] > 1:
			m.t.Errorf("%s holds %q of %d, %d ring", user, sessions, state.Staff.MaxCalls, rings[user])
		}
	}
	for _, user := range m.Users() {
		state, _ := m.State(user)
		if (state.Status == StatusBusy) != (len(held[user]) > 0) {
			m.t.Errorf("%s is %s and should hold %q", user, state.Status, held[user])
		}
		settled := state.Wanted.Status
		if !state.There {
			settled = StatusOffline
		}
		wraps := state.Status == StatusArrange && state.Until.After(time.Now())
		if len(held[user]) == 0 && state.Status != settled && !wraps {
			m.t.Errorf("%s is stuck in %s: %+v", user, state.Status, state)
		}
	}
}

// checkWaiting wants no free seat beside a caller who could have it, and nobody to wait for longer than it may.
func (m *model) checkWaiting(could func(c *caller, user string, at time.Time) bool) {
	for s, c := range m.callers {
		if c.ends > 1 {
			m.t.Errorf("%s ended %d times", s, c.ends)
		}
		if !c.waits() {
			continue
		}
		g, ok := m.Group(c.Group)
		if !ok || g.MaxWait > 0 && time.Since(c.entered) >= g.MaxWait {
			m.t.Errorf("%s is stuck in group %d, %+v, for %v", s, c.Group, g, time.Since(c.entered))
		}
		if !slices.ContainsFunc(g.Members, func(member Member) bool {
			status, _ := m.Status(member.User)
			return status != StatusOffline
		}) {
			m.t.Errorf("%s waits in group %d, where nobody is online", s, c.Group)
		}
		for _, user := range m.Users() {
			if status, _ := m.Status(user); status == StatusFree && could(c, user, time.Now()) {
				m.t.Errorf("%s waits beside %s", s, user)
			}
		}
	}
}

// checkOffers wants nobody to wait still who was there before, comes first, and could have had the seat.
func (m *model) checkOffers(could func(*caller, string, time.Time) bool, before func(a, b *caller) int) {
	for _, o := range m.offers {
		for s, c := range m.callers {
			if c.waits() && c.waiting.Before(o.at) && before(c, o.c) < 0 && could(c, o.user, o.at) {
				m.t.Errorf("%s was offered to %s, and %s still waits", o.user, o.c.Session, s)
			}
		}
	}
	m.offers = nil
}

func (m *model) checkPositions(before func(a, b *caller) int) {
	lines := map[int64][]*caller{}
	for _, c := range m.callers {
		if c.waits() {
			lines[c.Group] = append(lines[c.Group], c)
		}
	}
	for _, line := range lines {
		slices.SortFunc(line, before)
		for i, c := range line {
			if at, of, ok := m.q.Position(c.Session); at != i+1 || of != len(line) || !ok {
				m.t.Errorf("%s is at %d of %d, %v; want %d of %d", c.Session, at, of, ok, i+1, len(line))
			}
		}
	}
}

// pass lets time go by, and checks what came of it.
func (m *model) pass(d time.Duration) {
	synctest.Wait()
	m.check()
	time.Sleep(d)
	synctest.Wait()
	m.check()
}

// finish has all work until nobody waits any more: everybody is served or given up, and all seats are as they were
// asked to be.
func (m *model) finish() {
	for _, g := range m.Groups() {
		g.Members = nil
		for _, user := range m.Users() {
			g.Members = append(g.Members, Member{User: user})
		}
		_, err := m.ChangeGroup(m.t.Context(), g)
		m.must(err)
		m.pass(time.Millisecond)
	}
	for _, user := range m.Users() {
		m.must(m.LoggedIn(user))
		m.pass(time.Millisecond)
	}
	for range 1000 {
		for _, user := range m.Users() {
			m.must(m.SetStatus(user, StatusFree, ""))
			m.pass(time.Millisecond)
		}
		if len(m.sessions(func(c *caller) bool { return c.ends == 0 || c.taken != "" })) == 0 && len(m.own) == 0 {
			break
		}
		m.answer()
		m.pass(time.Millisecond)
		m.hangUp()
		m.pass(time.Second)
	}
	m.pass(5 * time.Second) // until nobody is shunned
	for s, c := range m.callers {
		if c.ends != 1 || c.taken != "" {
			m.t.Errorf("%s ended %d times, is %q's", s, c.ends, c.taken)
		}
	}
	for _, info := range m.q.Snapshot() {
		if info.Waiting+info.Ringing > 0 {
			m.t.Errorf("left: %+v", info)
		}
	}
	if m.timers.Len() > 0 || len(m.waiters) > 0 {
		m.t.Errorf("%d timers and %d waiters are left", m.timers.Len(), len(m.waiters))
	}
}
