package trunk

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"seatbridge/sip/dialog"
	"seatbridge/sip/digest"
)

// Requester sends a request outside dialogs and returns its final response; *dialog.Stack is one.
type Requester interface {
	Do(ctx context.Context, c dialog.RequestConfig) (*sip.Response, error)
}

// SilentAfter is how long an INVITE may stay without any answer before the next gateway is tried.
const SilentAfter = 3 * time.Second

// ManagerConfig is what a Manager needs.
type ManagerConfig struct {
	Trunks    []*Trunk // with names of their own
	Requester Requester
	Addresses func([]netip.Prefix) // told all trunks' addresses at the start and whenever they change; may be nil
	Resolver  *net.Resolver        // it defaults to net.DefaultResolver
	Log       *slog.Logger
	Metrics   *Metrics
}

// Manager watches the trunks' gateways, keeps our registrations and picks where to send a call. It is safe for
// concurrent use.
type Manager struct {
	cfg     ManagerConfig
	ctx     context.Context
	cancel  context.CancelFunc
	wg      sync.WaitGroup
	changed chan struct{} // addresses did
	states  []*state      // in configured order

	mu sync.Mutex // guards what changes of gateways and registrations
}

// state is a trunk with its health.
type state struct {
	*Trunk
	gateways     []*gateway
	credentials  *digest.Credentials // nil where the trunk has none
	registration *registration       // nil where we don't register
	limit        limit
}

// NewManager resolves nothing yet and sends nothing; Start does.
func NewManager(cfg ManagerConfig) *Manager {
	if cfg.Resolver == nil {
		cfg.Resolver = net.DefaultResolver
	}
	if cfg.Addresses == nil {
		cfg.Addresses = func([]netip.Prefix) {}
	}
	m := &Manager{cfg: cfg, changed: make(chan struct{}, 1)}
	m.ctx, m.cancel = context.WithCancel(context.Background())
	for _, t := range cfg.Trunks {
		s := &state{Trunk: t, limit: newLimit(t)}
		for _, g := range t.Gateways {
			s.gateways = append(s.gateways, newGateway(t, g))
		}
		if t.Username != "" {
			s.credentials = &digest.Credentials{
				Username: t.Username, Password: t.Password, Realm: t.Realm,
				Trusted: func(a netip.Addr) bool { return m.owns(s, a) },
			}
		}
		if t.Register {
			s.registration = newRegistration(s)
		}
		m.states = append(m.states, s)
	}
	status := m.Status
	cfg.Metrics.status.Store(&status)
	return m
}

// Start tells the addresses, and begins to resolve, probe and register.
func (m *Manager) Start() {
	m.cfg.Addresses(m.addresses())
	m.wg.Go(m.run)
	for _, s := range m.states {
		for _, g := range s.gateways {
			m.wg.Go(func() { m.watch(g) })
		}
		if s.registration != nil {
			m.wg.Go(func() { m.keepRegistered(s.registration) })
		}
	}
}

// Close unregisters (2 s at most), stops every goroutine and waits for it.
func (m *Manager) Close() {
	m.cancel()
	m.wg.Wait()
}

// run tells the addresses when they change.
func (m *Manager) run() {
	for {
		select {
		case <-m.ctx.Done():
			return
		case <-m.changed:
			m.cfg.Addresses(m.addresses())
		}
	}
}

// addresses lists where the trunks' requests come from.
func (m *Manager) addresses() []netip.Prefix {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []netip.Prefix
	for _, s := range m.states {
		all = append(all, s.Config.Inbound...)
		for _, g := range s.gateways {
			for _, a := range g.addrs {
				all = append(all, netip.PrefixFrom(a, a.BitLen()))
			}
		}
	}
	return all
}

// owns says whether an address is one of the trunk's.
func (m *Manager) owns(s *state, a netip.Addr) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return s.inbound(a) || slices.ContainsFunc(s.gateways, func(g *gateway) bool { return slices.Contains(g.addrs, a) })
}

// inbound says whether an address is in the trunk's list.
func (s *state) inbound(a netip.Addr) bool {
	return slices.ContainsFunc(s.Config.Inbound, func(p netip.Prefix) bool { return p.Contains(a) })
}

// Trunk finds a trunk by name.
func (m *Manager) Trunk(name string) (*Trunk, bool) {
	for _, s := range m.states {
		if s.Name == name {
			return s.Trunk, true
		}
	}
	return nil, false
}

// Account finds the trunk whose inbound calls authenticate as user.
func (m *Manager) Account(user string) (*Trunk, bool) {
	for _, s := range m.states {
		if s.Account == user && user != "" {
			return s.Trunk, true
		}
	}
	return nil, false
}

// Status is a snapshot of one trunk for readyz and the API.
type Status struct {
	Name       string          `json:"name"`
	Registered *bool           `json:"registered,omitempty"` // absent where we don't register
	Calls      int             `json:"calls"`                // that it carries, both ways
	Gateways   []GatewayStatus `json:"gateways"`
}

// GatewayStatus is a snapshot of one gateway.
type GatewayStatus struct {
	Address string    `json:"address"` // host:port;transport
	Up      bool      `json:"up"`
	Since   time.Time `json:"since"`
}

// Status lists the trunks in configured order.
func (m *Manager) Status() []Status {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := make([]Status, len(m.states))
	for i, s := range m.states {
		all[i] = Status{Name: s.Name, Calls: s.limit.calls, Gateways: make([]GatewayStatus, len(s.gateways))}
		if s.registration != nil {
			registered := s.registration.valid(time.Now())
			all[i].Registered = &registered
		}
		for j, g := range s.gateways {
			up := !g.down && len(g.addrs) > 0
			all[i].Gateways[j] = GatewayStatus{Address: g.address(), Up: up, Since: g.since}
		}
	}
	return all
}
