package seat

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// model plays a contact centre at random and knows what must hold after each step (model_check_test.go).
type model struct {
	*Directory
	q      *Queues
	t      *testing.T
	random *rand.Rand
	made   int // users, sessions and groups so far
	steps  []string

	mu      sync.Mutex // the callbacks come from another goroutine
	callers map[string]*caller
	offers  []offered // since the last check
	own     map[string]string
	shunned map[string]time.Time // since when, by user
}

// caller is what the model knows of one Waiter.
type caller struct {
	Waiter
	number  int
	entered time.Time
	waiting time.Time // since when, without a break by ringing
	ringing map[string]bool
	missed  map[string]time.Time
	taken   string // by whom
	ends    int
	to      Overflow
}

type offered struct {
	c    *caller
	user string
	at   time.Time
}

func (c *caller) waits() bool { return c.ends == 0 && len(c.ringing) == 0 }

func TestModel(t *testing.T) {
	for seed := range 50 {
		bubble(t, fmt.Sprint("seed ", seed), func(t *testing.T) {
			m := newModel(t, uint64(seed))
			for range 200 {
				m.step()
				m.check()
				if t.Failed() {
					t.Fatalf("after %q", m.steps[max(0, len(m.steps)-15):])
				}
			}
			m.finish()
		})
	}
}

func newModel(t *testing.T, seed uint64) *model {
	d, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	m := &model{
		Directory: d, q: d.Queues(), t: t, random: rand.New(rand.NewPCG(seed, 1)), callers: map[string]*caller{},
		own: map[string]string{}, shunned: map[string]time.Time{},
	}
	for range 5 {
		m.hire()
	}
	for range 3 {
		m.found()
	}
	return m
}

func (m *model) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Error(err)
	}
}

// pick is one of some, or "" of none.
func (m *model) pick(some []string) string {
	if len(some) == 0 {
		return ""
	}
	slices.Sort(some)
	return some[m.random.IntN(len(some))]
}

// step does one thing at random, and a little later.
func (m *model) step() {
	time.Sleep(time.Millisecond)
	user := m.pick(m.Users())
	what := m.random.IntN(100)
	m.steps = append(m.steps, fmt.Sprint(what, user))
	switch {
	case what < 25:
		m.enter("", time.Time{}, nil)
	case what < 45:
		m.answer()
	case what < 55:
		m.miss()
	case what < 65:
		m.hangUp()
	case what < 70:
		m.leave()
	case what < 75:
		m.must(m.SetStatus(user, []Status{
			StatusFree, StatusFree, StatusFree, StatusNotReady, StatusRest, StatusArrange, StatusOffline,
		}[m.random.IntN(7)], ""))
	case what < 78:
		m.must(m.LoggedIn(user))
	case what < 80:
		m.must(m.LoggedOut(user))
	case what < 84:
		m.dial(user)
	case what < 88:
		m.reorganise()
	case what < 89:
		m.dissolve()
	case what < 91:
		m.hire()
	case what < 92:
		m.dismiss(user)
	default:
		time.Sleep(time.Duration(m.random.IntN(10_000)) * time.Millisecond)
	}
	synctest.Wait()
}

func (m *model) name(kind string) string {
	m.made++
	return fmt.Sprint(kind, m.made)
}

func (m *model) enter(session string, since time.Time, been []int64) {
	groups := m.Groups()
	if len(groups) == 0 {
		return
	}
	now := time.Now()
	c := &caller{entered: now, waiting: now, ringing: map[string]bool{}, missed: map[string]time.Time{}}
	if session == "" {
		session = m.name("s")
		since = time.Now().Add(-time.Duration(m.random.IntN(3)) * time.Second)
	}
	c.number = m.made
	c.Waiter = Waiter{
		Session: session, Group: groups[m.random.IntN(len(groups))].ID, Priority: m.random.IntN(3),
		Since: since, Been: been,
		Number: fmt.Sprint(m.random.IntN(5)),
		Offer: func(users []string) {
			m.mu.Lock()
			defer m.mu.Unlock()
			if c.ends > 0 {
				m.t.Errorf("%s was offered to %q after its end", session, users)
			}
			for _, u := range users {
				if missed, was := c.missed[u]; was && time.Since(missed) < 5*time.Second {
					m.t.Errorf("%s was offered to %s again at once", session, u)
				}
				c.ringing[u] = true
				m.offers = append(m.offers, offered{c, u, time.Now()})
			}
		},
		GiveUp: func(_ Why, to Overflow) {
			m.mu.Lock()
			defer m.mu.Unlock()
			c.ends++
			c.to = to
			clear(c.ringing)
		},
	}
	m.callers[session] = c
	m.must(m.q.Enter(c.Waiter))
	synctest.Wait()
	if c.to.Group != 0 && len(been) < 5 {
		m.enter(session, c.Since, append(been, c.Group))
	}
}

// sessions are those of callers for whom something holds.
func (m *model) sessions(holds func(c *caller) bool) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var some []string
	for s, c := range m.callers {
		if holds(c) {
			some = append(some, s)
		}
	}
	return some
}

// rings is a caller for whom seats ring, and one of the seats.
func (m *model) rings() (*caller, string) {
	c := m.callers[m.pick(m.sessions(func(c *caller) bool { return c.ends == 0 && len(c.ringing) > 0 }))]
	if c == nil {
		return nil, ""
	}
	return c, m.pick(slices.Collect(maps.Keys(c.ringing)))
}

func (m *model) answer() {
	c, user := m.rings()
	if c == nil {
		return
	}
	m.mu.Lock()
	c.ends++
	c.taken = user
	clear(c.ringing)
	m.mu.Unlock()
	m.must(m.q.Taken(c.Session, user))
	if m.q.Taken(c.Session, user) == nil {
		m.t.Errorf("%s was taken twice", c.Session)
	}
}

func (m *model) miss() {
	c, user := m.rings()
	if c == nil {
		return
	}
	m.mu.Lock()
	delete(c.ringing, user)
	c.missed[user] = time.Now()
	c.waiting = time.Now()
	m.mu.Unlock()
	switch m.random.IntN(5) {
	case 0:
		m.q.Missed(c.Session, user, MissFailed)
	case 4:
		m.shunned[user] = time.Now()
		m.q.Missed(c.Session, user, MissUnreachable)
	case 1:
		m.Release(user, c.Session)
	default:
		m.q.Missed(c.Session, user, MissNoAnswer)
	}
}

// hangUp ends a call that was taken, or one of a seat's own.
func (m *model) hangUp() {
	if s := m.pick(slices.Collect(maps.Keys(m.own))); s != "" && m.random.IntN(3) == 0 {
		m.Release(m.own[s], s)
		delete(m.own, s)
		return
	}
	s := m.pick(m.sessions(func(c *caller) bool { return c.taken != "" }))
	if c := m.callers[s]; c != nil {
		m.Release(c.taken, s)
		c.taken = ""
	}
}

func (m *model) leave() {
	s := m.pick(m.sessions(func(c *caller) bool { return c.ends == 0 }))
	if c := m.callers[s]; c != nil {
		m.mu.Lock()
		c.ends++
		clear(c.ringing)
		m.mu.Unlock()
		m.q.Leave(s)
	}
}

func (m *model) dial(user string) {
	if s := m.name("own"); m.ClaimToDial(user, s) == nil {
		m.own[s] = user
	}
}

func (m *model) hire() {
	s := Staff{User: m.name("u"), Role: RoleAgent, MaxCalls: 1 + m.random.IntN(2)}
	if m.random.IntN(2) == 0 {
		s.Device, s.Extension = DevicePhone, fmt.Sprint(1000+m.made)
	}
	_, err := m.Add(m.t.Context(), s)
	m.must(err)
	m.must(m.LoggedIn(s.User))
}

func (m *model) dismiss(user string) {
	if len(m.Users()) > 3 {
		m.must(m.Delete(m.t.Context(), user))
	}
}

// group is one with random rules.
func (m *model) group(g Group) Group {
	n := m.random.IntN
	g.Strategy = []Strategy{LongestIdle, RoundRobin, LeastCalls, ByLevel, RingAll, RingAll}[n(6)]
	g.WrapUp, g.Misses, g.MaxWaiting = time.Duration(n(2)*5)*time.Second, n(3), n(2)*4
	g.MaxWait, g.Priority, g.LastAgentFirst = time.Duration(n(2)*20)*time.Second, n(2), n(2) == 0
	g.Members, g.Overflow = nil, Overflow{}
	for _, u := range m.Users() {
		if n(2) == 0 {
			g.Members = append(g.Members, Member{u, n(6)})
		}
	}
	if all := m.Groups(); len(all) > 0 {
		if to := all[n(len(all))].ID; to != g.ID {
			g.Overflow.Group = to
		}
	}
	return g
}

func (m *model) found() {
	_, err := m.AddGroup(m.t.Context(), m.group(Group{Name: m.name("g")}))
	m.must(err)
}

func (m *model) reorganise() {
	all := m.Groups()
	if len(all) < 3 {
		m.found()
		return
	}
	_, err := m.ChangeGroup(m.t.Context(), m.group(all[m.random.IntN(len(all))]))
	m.must(err)
}

func (m *model) dissolve() {
	if all := m.Groups(); len(all) > 1 {
		m.must(m.DeleteGroup(m.t.Context(), all[m.random.IntN(len(all))].ID))
	}
}
