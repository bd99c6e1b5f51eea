package call

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"sync"

	"seatbridge/leg"
	"seatbridge/seat"
)

// Manager owns all sessions. It takes the legs that come in (leg.Handler) and the seats' Commands.
type Manager struct {
	config Config
	router router
	policy *policy

	running sync.WaitGroup // the sessions' goroutines

	mu       sync.Mutex
	live     map[string]*session
	recent   recent
	watchers []Watcher
	draining bool
	empty    chan struct{} // closed once draining came to its end
}

var (
	_ leg.Handler = (*Manager)(nil)
	_ Commands    = (*Manager)(nil)
)

// New makes a Manager. The error wraps ErrRoutes where the routes contradict themselves.
func New(c Config) (*Manager, error) {
	c = c.withDefaults()
	if err := c.Routes.check(); err != nil {
		return nil, err
	}
	for _, who := range c.Routes.vacant(c.Seats) {
		c.Log.Warn("a rule leads to nobody: its calls are refused", "to", who)
	}
	return &Manager{
		config: c, router: router{routes: c.Routes, seats: c.Seats, limits: c.Limits},
		policy: newPolicy(c.Limits),
		live:   map[string]*session{}, recent: recent{most: c.Limits.Recent, age: c.Limits.RecentFor},
		empty: make(chan struct{}),
	}, nil
}

// Watch adds somebody to be told events: in order for each session, from the session's goroutine.
func (m *Manager) Watch(w Watcher) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.watchers = append(m.watchers[:len(m.watchers):len(m.watchers)], w)
}

func (m *Manager) emit(e Event) {
	m.mu.Lock()
	watchers := m.watchers
	m.mu.Unlock()
	for _, w := range watchers {
		w.CallEvent(e)
	}
}

// Incoming takes a leg that came in: it begins a session, or says why not.
func (m *Manager) Incoming(in leg.Incoming) (leg.Observer, *leg.Cause) {
	if in.Replaces != "" {
		return m.replace(in)
	}
	p, cause := m.planIncoming(in)
	if cause != nil {
		return nil, m.refuse(in, cause)
	}
	s, cause := m.open(p)
	if cause != nil {
		return nil, m.refuse(in, cause)
	}
	return s.observer(s.caller), nil
}

// refuse refuses a leg that came in.
func (m *Manager) refuse(in leg.Incoming, c *leg.Cause) *leg.Cause {
	by := ""
	if in.Account != "" {
		who := m.phone(in.Account, in.From)
		by = who.spender()
	}
	m.denied(c, by, in.To, "")
	m.recordRefused(in, c)
	return m.refused(c, "leg", in.Leg.ID(), "from", in.From.Number, "to", in.To, "trunk", in.Trunk)
}

// Call begins a session from a seat: its own device is called first, then whom it wants. The Info is of the session's
// first moment.
func (m *Manager) Call(_ context.Context, o Outbound) (Info, error) {
	switch {
	case (o.Number == "") == (o.CalleeUser == ""):
		return Info{}, Errorf(CodeBadRequest, "a call needs a number or a user, and not both")
	case o.UseMobile && o.CalleeUser == "":
		return Info{}, Errorf(CodeBadRequest, "a mobile is a user's")
	}
	p, cause := m.planOutbound(o)
	if cause != nil {
		return Info{}, m.unplaced(o, cause)
	}
	s, cause := m.open(p)
	if cause != nil {
		return Info{}, m.unplaced(o, cause)
	}
	return s.view.info().forSeat(), nil
}

// unplaced refuses a seat's command to call.
func (m *Manager) unplaced(o Outbound, c *leg.Cause) error {
	m.denied(c, o.User, cmp.Or(o.Number, o.CalleeUser), "")
	m.recordUnplaced(o, c)
	return commandError(m.refused(c, "user", o.User, "to", o.Number+o.CalleeUser))
}

// open takes the seats, makes the session and starts it.
func (m *Manager) open(p plan) (*session, *leg.Cause) {
	id := newID()
	if cause := m.claim(id, &p); cause != nil {
		return nil, cause
	}
	cause := m.charge(p.caller.spender(), &p.callee)
	if cause == nil {
		s := newSession(id, p, m)
		if cause = m.admit(s); cause == nil {
			return s, nil
		}
	}
	p.callee.charge.release()
	m.release(id, &p)
	return nil, cause
}

// newID is a session's id: nobody can guess it.
func newID() string { return rand.Text() }

// claim takes a slot of each seat that the session needs.
func (m *Manager) claim(id string, p *plan) *leg.Cause {
	if p.caller.user != "" && p.caller.user == p.callee.user {
		return refusal(leg.Busy, "%s calls itself", p.caller.user)
	}
	err := m.claimSeat(m.config.Seats.ClaimToDial, p.caller.user, id)
	if err == nil {
		ring := m.config.Seats.ClaimToRing
		if p.useMobile {
			ring = m.config.Seats.ClaimToRingMobile
		}
		err = m.claimSeat(ring, p.callee.user, id)
	}
	if err != nil && !p.callee.emergency { // neither a rest nor another call keeps from calling for help
		m.release(id, p)
		return claimCause(err)
	}
	return nil
}

func (m *Manager) claimSeat(claim func(user, session string) error, user, id string) error {
	if user == "" {
		return nil
	}
	return claim(user, id)
}

func claimCause(err error) *leg.Cause {
	if errors.Is(err, seat.ErrBusy) {
		return refusal(leg.Busy, "%v", err)
	}
	if errors.Is(err, seat.ErrStatus) {
		return refusal(leg.Unavailable, "%v", err)
	}
	return refusal(leg.Failed, "%v", err)
}

func (m *Manager) release(id string, p *plan) {
	for _, user := range p.users() {
		m.config.Seats.Release(user, id)
	}
}

// admit starts the session, unless there are too many or the gateway is stopping.
func (m *Manager) admit(s *session) *leg.Cause {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.draining:
		return &leg.Cause{Reason: leg.Congestion, SIP: 503, Text: "the gateway is stopping"}
	case len(m.live) >= m.config.Limits.Sessions && !s.plan.callee.emergency:
		return &leg.Cause{Reason: leg.Congestion, SIP: 503, Text: "too many sessions"}
	}
	m.live[s.id] = s
	m.running.Go(func() {
		s.run()
		m.remove(s)
	})
	return nil
}

// remove lets go of a session that is over.
func (m *Manager) remove(s *session) {
	info := s.view.info()
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.live, s.id)
	m.recent.add(info)
	m.checkEmpty()
}

// refused counts and logs a call that never became a session.
func (m *Manager) refused(c *leg.Cause, who ...any) *leg.Cause {
	m.config.Metrics.refused.WithLabelValues(string(c.Reason)).Inc()
	m.config.Log.Info("call refused", append(who, "reason", string(c.Reason), "text", c.Text)...)
	return c
}

// commandError is a refusal in the words of the commands.
func commandError(c *leg.Cause) error {
	code := CodeUnavailable
	switch c.Reason {
	case leg.Busy:
		code = CodeBusy
	case leg.Congestion:
		if c.Policy != "" {
			code = CodeBusy
		}
	case leg.NotFound:
		code = CodeNotFound
	case leg.Forbidden:
		code = CodeForbidden
	}
	return Errorf(code, "%s", c.Text)
}

// find is a live session.
func (m *Manager) find(id string) (*session, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.live[id]
	return s, ok
}

// all are the live sessions.
func (m *Manager) all() []*session {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := make([]*session, 0, len(m.live))
	for _, s := range m.live {
		all = append(all, s)
	}
	return all
}
