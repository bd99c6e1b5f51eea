package call

import (
	"cmp"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"seatbridge/leg"
)

// policy bounds what each seat, or phone of nobody, calls outside, whatever becomes of the calls: those that it handed
// over are still its own.
type policy struct {
	perMinute, atOnce int // 0 means no limit

	mu       sync.Mutex
	spenders map[string]*spender // by user, or by the extension of a phone of nobody
}

// spender is who is bounded.
type spender struct {
	rate  *rate.Limiter
	calls int // that go on
}

// charge is one call outside of a spender's.
type charge struct {
	policy *policy
	name   string
	by     *spender
	once   sync.Once
}

func newPolicy(l Limits) *policy {
	return &policy{perMinute: l.SeatPerMinute, atOnce: l.SeatOutside, spenders: map[string]*spender{}}
}

// charge counts a call outside, or says why it may not be. What is refused costs nothing.
func (p *policy) charge(by string) (*charge, *leg.Cause) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.spenders[by]
	if s == nil {
		s = &spender{rate: rate.NewLimiter(rate.Inf, 0)}
		if p.perMinute > 0 {
			s.rate = rate.NewLimiter(rate.Every(time.Minute/time.Duration(p.perMinute)), p.perMinute)
		}
		p.spenders[by] = s
	}
	switch {
	case p.atOnce > 0 && s.calls >= p.atOnce:
		return nil, denial(leg.Congestion, policySeatCalls,
			"%s has %d calls outside, which is as many as it may", by, s.calls)
	case !s.rate.Allow():
		return nil, denial(leg.Congestion, policySeatRate, "%s may place %d calls outside a minute", by, p.perMinute)
	}
	s.calls++
	return &charge{policy: p, name: by, by: s}, nil
}

// release ends the call, once; a nil charge is nobody's.
func (c *charge) release() {
	if c == nil {
		return
	}
	c.once.Do(func() {
		c.policy.mu.Lock()
		defer c.policy.mu.Unlock()
		c.by.calls--
	})
}

// who is who is charged; empty where nobody is.
func (c *charge) who() string {
	if c == nil {
		return ""
	}
	return c.name
}

// charge charges a call to a target, where it is one outside that a seat or a phone asked for. Calls to a mobile that
// stands in for a seat's device are not, nor are emergency calls.
func (m *Manager) charge(by string, t *target) *leg.Cause {
	switch {
	case t.role != RoleCustomer && !t.asked || by == "":
		return nil
	case t.emergency:
		m.config.Log.Warn("emergency call", "by", by, "to", t.to.Number)
		return nil
	}
	var cause *leg.Cause
	t.charge, cause = m.policy.charge(by)
	return cause
}

// spender is who pays for what a party asks for: its seat, or the phone of nobody.
func (t *target) spender() string {
	if t.role == RoleCustomer {
		return ""
	}
	return cmp.Or(t.user, t.shown.Number)
}

// denied counts and logs a call outside that policy refused, in a line of one shape for who watches for fraud.
func (m *Manager) denied(c *leg.Cause, by, to, session string) {
	if c == nil || c.Policy == "" {
		return
	}
	m.config.Metrics.denied.WithLabelValues(c.Policy).Inc()
	m.config.Log.Warn("outbound refused", "policy", c.Policy, "by", by, "to", to, "session", session, "text", c.Text)
}
