package trunk

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
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
	Trunks    []*Trunk
	Requester Requester
	Addresses func([]netip.Prefix) // told all trunks' addresses whenever they change; may be nil
	Resolver  *net.Resolver        // it defaults to net.DefaultResolver
	Log       *slog.Logger
	Metrics   *Metrics // may be nil
}

// Manager watches the trunks' gateways, keeps our registrations and picks where to send a call.
type Manager struct {
	cfg ManagerConfig
}

// NewManager resolves nothing yet and sends nothing; Start does.
func NewManager(cfg ManagerConfig) *Manager { return &Manager{cfg: cfg} }

// Start begins to resolve, probe and register.
func (m *Manager) Start() {}

// Close unregisters (2 s at most), stops every goroutine and waits for it.
func (m *Manager) Close() {}

// Target is one gateway to try.
type Target struct {
	Trunk       *Trunk
	Gateway     Gateway
	Destination string // host:port for SetDestination; the host is an address unless the transport is tls
	Credentials *digest.Credentials
}

// Pick orders the gateways of the named trunks, in the order of the names, then by priority, then at random by weight.
// Those that are down are left out, unless all are.
func (m *Manager) Pick(names ...string) []Target { return nil }

// Failed marks a gateway by what a call met: a connection error, or silence for SilentAfter.
func (m *Manager) Failed(t Target) {}

// Answered marks a gateway as well: it sent any SIP answer.
func (m *Manager) Answered(t Target) {}

// Match finds the trunk that a request from outside belongs to by its source address. A trunk by digest account is
// found by Account instead.
func (m *Manager) Match(source netip.AddrPort, req *sip.Request) (*Trunk, bool) { return nil, false }

// Account finds the trunk whose inbound calls authenticate as user.
func (m *Manager) Account(user string) (*Trunk, bool) { return nil, false }

// Trunk finds a trunk by name.
func (m *Manager) Trunk(name string) (*Trunk, bool) { return nil, false }

// Status is a snapshot of one trunk for readyz and the API.
type Status struct {
	Name       string          `json:"name"`
	Registered *bool           `json:"registered,omitempty"` // absent where we don't register
	Gateways   []GatewayStatus `json:"gateways"`
}

// GatewayStatus is a snapshot of one gateway.
type GatewayStatus struct {
	Address string    `json:"address"` // host:port;transport
	Up      bool      `json:"up"`
	Since   time.Time `json:"since"`
}

// Status lists the trunks in configured order.
func (m *Manager) Status() []Status { return nil }
