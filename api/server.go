// Package api owns what is said over HTTP: the browsers' WebSocket protocol (docs/protocol.md), the tokens that open
// it, the page that uses it, and the endpoints for operations.
package api

import (
	"context"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"time"

	"seatbridge/call"
	"seatbridge/seat"
)

// Account is a staff member who may log in.
type Account struct {
	seat.Staff
	// PasswordHash is a bcrypt hash; an account without one cannot log in by password.
	PasswordHash string
}

// Config is what a Server needs. Everything without a default must be set, unless said otherwise.
type Config struct {
	Commands call.Commands
	Media    Media
	Tracer   Tracer
	Accounts []Account
	// DemoLogin lets anyone log in as anyone without a password. Only for listeners on loopback: the caller checks the
	// listener, the Server checks that requests name a loopback host.
	DemoLogin bool
	// Origins are the origins of pages elsewhere that may open the WebSocket, such as https://crm.example.com. Pages
	// of this server always may.
	Origins []string
	// Page is served at /; nil means that there is none.
	Page fs.FS
	// Ready is why the gateway takes no new work, or nil; it is asked by /readyz.
	Ready func() error
	// MetricsHandler is served at /metrics; nil means that there is none.
	MetricsHandler http.Handler
	Metrics        *Metrics
	Limits         Limits
	Log            *slog.Logger
}

// Limits bound what one client can use up. Zero values mean the defaults.
type Limits struct {
	LoginWait    time.Duration // from the upgrade to the login frame; it defaults to 5 s
	Ping         time.Duration // between pings; it defaults to 15 s; two without an answer in a third of it are the end
	WriteStall   time.Duration // for one message to be taken by the network; it defaults to 5 s
	Away         time.Duration // that a login survives without a socket; it defaults to 30 s
	TokenLife    time.Duration // it defaults to 10 minutes
	MessageBytes int64         // of one message from a browser; it defaults to 64 KB
	MessageRate  float64       // messages per second from a browser, sustained; it defaults to 50
	MessageBurst int           // messages at once; it defaults to 100
	QueueLength  int           // messages waiting for a browser; it defaults to 256
	QueueBytes   int           // bytes waiting for a browser; it defaults to 1 MB
	Recent       int           // events kept for a reconnect; it defaults to 256
}

// Server serves the API. It is the call.Watcher whose events the browsers get.
type Server struct {
	config Config
}

// New makes a Server; nothing runs before Serve.
func New(c Config) (*Server, error) {
	return &Server{config: c}, nil
}

// Handler is everything that the Server serves, for a test or a listener of one's own.
func (s *Server) Handler() http.Handler { return http.NewServeMux() }

// Serve answers on the listener until Shutdown, and then returns nil. Any number of listeners may be served.
func (s *Server) Serve(ln net.Listener) error { return nil }

// Shutdown closes every socket with a going-away frame, logs every browser out, and waits for all requests to end, or
// for ctx, after which it cuts what is left.
func (s *Server) Shutdown(ctx context.Context) error { return nil }

// CallEvent sends the event to the browser of its user, numbered, now or when it reconnects. It never blocks.
func (s *Server) CallEvent(e call.Event) {}
