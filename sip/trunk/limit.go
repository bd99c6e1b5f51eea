package trunk

import (
	"fmt"
	"sync"

	"golang.org/x/time/rate"
)

// limit is what a trunk carries at the moment. Manager.mu guards calls.
type limit struct {
	calls int
	rate  *rate.Limiter // nil where there is no limit
}

func newLimit(t *Trunk) limit {
	if t.CallsPerSecond == 0 {
		return limit{}
	}
	return limit{rate: rate.NewLimiter(rate.Limit(t.CallsPerSecond), t.CallsPerSecond)}
}

// Enter counts a call that we begin by a trunk until leave is called, once or more. The error wraps ErrCalls or ErrRate
// where the trunk has a limit that is reached; unlimited keeps it from being refused.
func (m *Manager) Enter(t *Trunk, unlimited bool) (leave func(), err error) {
	s := m.state(t)
	if s == nil {
		return func() {}, nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case unlimited:
	case t.MaxCalls > 0 && s.limit.calls >= t.MaxCalls:
		return nil, fmt.Errorf("%w: %s, %d", ErrCalls, t.Name, s.limit.calls)
	case s.limit.rate != nil && !s.limit.rate.Allow():
		return nil, fmt.Errorf("%w: %s, %d a second", ErrRate, t.Name, t.CallsPerSecond)
	}
	return m.count(s), nil
}

// Came counts a call that came by a trunk; it is never refused here.
func (m *Manager) Came(t *Trunk) (leave func()) {
	s := m.state(t)
	if s == nil {
		return func() {}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.count(s)
}

// count counts a call; mu is held.
func (m *Manager) count(s *state) (leave func()) {
	s.limit.calls++
	return sync.OnceFunc(func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		s.limit.calls--
	})
}

func (m *Manager) state(t *Trunk) *state {
	for _, s := range m.states {
		if s.Trunk == t {
			return s
		}
	}
	return nil
}
