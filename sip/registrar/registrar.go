// Package registrar owns the registrations of phones: RFC 3261 section 10, the flow back to each phone, and whether it
// still answers.
package registrar

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"github.com/emiago/sipgo/sip"

	"seatbridge/sip/digest"
)

// Requester sends a request outside any dialog and returns its final answer. It fills in Via, From, To, Call-ID, CSeq
// and Max-Forwards where they are missing.
type Requester interface {
	Do(ctx context.Context, req *sip.Request) (*sip.Response, error)
}

// Binding is one phone's place: a Contact of an extension and the flow that it registered from.
type Binding struct {
	Extension string
	Contact   sip.Uri        // the Request-URI of requests to the phone
	Source    netip.AddrPort // where the REGISTER came from; requests go back there (RFC 3581, RFC 5626)
	Transport string         // udp, tcp or tls
	UserAgent string
	Q         float64   // 0 to 1, 1 where not given; higher is tried first
	Expires   time.Time // monotonic
	Reachable bool      // false after it left several OPTIONS unanswered
}

// EventKind says what happened to a binding.
type EventKind string

// The kinds of events.
const (
	Registered   EventKind = "registered"
	Refreshed    EventKind = "refreshed"
	Unregistered EventKind = "unregistered" // by the phone
	Replaced     EventKind = "replaced"     // by newer bindings, there were too many
	Expired      EventKind = "expired"
	Disconnected EventKind = "disconnected" // its TCP or TLS connection ended
	Unreachable  EventKind = "unreachable"  // too many OPTIONS unanswered; the binding stays
	Reachable    EventKind = "reachable"    // answers again
)

// Event tells an observer what happened to a binding.
type Event struct {
	Kind    EventKind
	Binding Binding
}

// Config is what a Registrar needs.
type Config struct {
	Auth      *digest.Authenticator
	Accounts  digest.Lookup    // by extension, which is the digest user too
	Algorithm digest.Algorithm // of the challenge to an unknown extension; it defaults to MD5
	Requester Requester        // for OPTIONS; may be nil when KeepAlive is negative
	Observer  func(Event)      // in order, one at a time; must not block; may be nil
	Store     Store            // it defaults to NewMemory()
	Log       *slog.Logger
	Metrics   *Metrics // may be nil

	MinExpires     time.Duration // it defaults to 60 s
	MaxExpires     time.Duration // it defaults to 3600 s
	DefaultExpires time.Duration // where the phone asks for nothing; it defaults to 3600 s
	MaxBindings    int           // of one extension; it defaults to 10
	KeepAlive      time.Duration // between OPTIONS, give or take a tenth; it defaults to 30 s, negative is never
	Misses         int           // OPTIONS unanswered in a row that make a binding unreachable; it defaults to 3
}

// Registrar keeps the bindings. It is safe for concurrent use; Close stops its goroutines.
type Registrar struct {
	cfg Config
}

// New makes a Registrar and starts its expiry and keep-alive loop.
func New(cfg Config) *Registrar { return &Registrar{cfg: cfg} }

// Answer is what is to be done with a request.
type Answer struct {
	Response *sip.Response // nil: drop the request in silence
	// Stateless says that nobody has proved who he is: the response is to be sent without a transaction, once, to the
	// request's source (RFC 3261 section 26.3.2.4).
	Stateless bool
}

// Register handles a REGISTER; the request's source and transport must be set as sipgo does.
func (r *Registrar) Register(req *sip.Request) Answer { return Answer{} }

// Bindings are the current bindings of an extension, the highest q first, then the newest.
func (r *Registrar) Bindings(extension string) []Binding { return nil }

// ConnectionClosed drops the bindings of a TCP or TLS connection that ended. It fits guard.Guard.Listener.
func (r *Registrar) ConnectionClosed(transport string, remote netip.AddrPort) {}

// Close stops the loop and waits for it and for the OPTIONS under way.
func (r *Registrar) Close() {}
