// Package api owns what is said over HTTP: the browsers' WebSocket protocol (docs/protocol.md), the tokens that open
// it, the page that uses it, and the endpoints for operations.
package api

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"seatbridge/call"
	"seatbridge/seat"
)

// DemoNumber is a number that the demo's page offers to call.
type DemoNumber struct {
	Number string `json:"number"`
	Label  string `json:"label"` // what answers there
}

// Config is what a Server needs. Everything must be set, unless said otherwise.
type Config struct {
	Commands call.Commands
	Media    Media
	Tracer   Tracer
	// Recordings are the finished ones; nil means that there are none.
	Recordings Recordings
	// Seats are told of every browser that logs in or out, and asked for passwords and statuses.
	Seats *seat.Directory
	// Trunks and Registrations are what operations are shown; nil means that there are none.
	Trunks        func() []Trunk
	Registrations func() []Registration
	// DemoLogin lets anyone log in as anyone without a password. It is only for listeners on loopback: the caller sees
	// to that, and the Server to it that requests name a loopback host.
	DemoLogin bool
	// DemoNumbers are offered by the page where DemoLogin is on; may be empty.
	DemoNumbers []DemoNumber
	// Demo is the page of a small CRM, served at /demo/crm where DemoLogin is on; nil means that there is none.
	Demo fs.FS
	// Ears is how many receive tracks a browser has: one for its own calls and the rest for listening in.
	// It defaults to 3.
	Ears int
	// Origins are the origins of pages elsewhere that may open the WebSocket, such as https://crm.example.com; pages
	// of this server always may. May be empty.
	Origins []string
	// ServerAPI is served at POST / and POST /ccc; nil means that there is none.
	ServerAPI http.Handler
	// Page is served at /; nil means that there is none.
	Page fs.FS
	// SDK is the script of the browser SDK, served at /sdk/v1; nil means that there is none.
	SDK []byte
	// SDKTypes are its types, served at /sdk/v1/tccc.d.ts; nil means that there are none.
	SDKTypes []byte
	// Ready is why the gateway takes no new work, or nil; it is asked by /readyz. A nil func means always ready.
	Ready func() error
	// MetricsHandler is served at /metrics; nil means that there is none.
	MetricsHandler http.Handler
	Metrics        *Metrics
	Limits         Limits
	Log            *slog.Logger
}

// Server serves the API. It is the call.Watcher whose events the browsers get.
type Server struct {
	config    Config
	commands  map[string]command
	tokens    *tokens
	passwords *passwords
	logins    *logins
	metrics   *Metrics
	log       *slog.Logger
	http      *http.Server

	stop chan struct{} // asks run to end
	done chan struct{} // run has ended

	mu       sync.Mutex
	stopping bool
	sockets  map[*socket]struct{}
	serving  sync.WaitGroup // requests, sockets among them; Add only under mu and while not stopping
}

// New makes a Server whose housekeeping runs until Shutdown.
func New(c Config) (*Server, error) {
	c.Limits = c.Limits.withDefaults()
	setDefault(&c.Ears, 3)
	if c.Metrics == nil {
		c.Metrics = NewMetrics(nil)
	}
	s := &Server{
		config:  c,
		tokens:  newTokens(c.Limits.TokenLife),
		logins:  newLogins(),
		metrics: c.Metrics,
		log:     c.Log,
		stop:    make(chan struct{}),
		done:    make(chan struct{}),
		sockets: make(map[*socket]struct{}),
	}
	s.commands = s.commandTable()
	var err error
	if s.passwords, err = newPasswords(c.Seats.Users(), s.passwordHash); err != nil {
		return nil, err
	}
	handler, err := s.routes()
	if err != nil {
		return nil, err
	}
	s.http = newHTTPServer(handler, c.Log)
	c.Seats.Watch(s.seatChanged)
	go s.run()
	return s, nil
}

func newHTTPServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, netConnKey{}, c)
		},
	}
}

// netConnKey finds a request's connection in its context: cutting it is the one sure way to end a socket.
type netConnKey struct{}

// run does the housekeeping: logins that stayed away for too long, tokens and failures that are out of date.
func (s *Server) run() {
	defer close(s.done)
	tick := time.NewTicker(min(time.Second, s.config.Limits.Away/4))
	defer tick.Stop()
	for {
		select {
		case <-s.stop:
			return
		case now := <-tick.C:
			for _, l := range s.logins.all() {
				if l.expire(now, s.config.Limits.Away) {
					s.forget(l, "away")
				}
			}
			s.tokens.sweep(now)
			s.passwords.sweep(now)
		}
	}
}

// Serve answers on the listener until Shutdown, and then returns nil. Any number of listeners may be served. For HTTPS
// the listener does TLS and offers http/1.1 alone: a WebSocket needs it.
func (s *Server) Serve(ln net.Listener) error {
	if err := s.http.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// CallEvent sends the event to the browser of its user, numbered, now or when it reconnects. It never blocks.
func (s *Server) CallEvent(e call.Event) {
	if l := s.logins.user(e.User); l != nil {
		s.metrics.events.WithLabelValues(string(e.Type)).Inc()
		l.emit(newEvent(e))
	}
}

// MediaChanged tells the browser of a login what its peer connection has come to, as the gateway sees it: connecting,
// connected, disconnected or closed; reason is for people. It never blocks.
func (s *Server) MediaChanged(user, login, state, reason string) {
	if l := s.logins.id(login); l != nil && l.user == user {
		s.metrics.events.WithLabelValues(string(eventMedia)).Inc()
		m := newEvent(call.Event{Type: eventMedia, Reason: reason})
		m.State = state
		l.emit(m)
	}
}

// Shutdown closes every socket with a going-away frame, logs every browser out, and waits until all requests have
// ended or ctx is over, when it cuts what is left. It must be called once.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.stopping = true
	for sock := range s.sockets {
		sock.end(closeGoingAway)
	}
	s.mu.Unlock()

	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.serving.Wait()
	}()
	select {
	case <-ended:
	case <-ctx.Done():
		s.cut()
	}
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	<-ended
	close(s.stop)
	<-s.done
	for _, l := range s.logins.all() {
		l.leave()
		s.forget(l, "shutdown")
	}
	return err
}

// cut closes the connections of all sockets without a word.
func (s *Server) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for sock := range s.sockets {
		sock.raw.Close()
	}
}

// begin counts a request in, unless the Server stops.
func (s *Server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		return false
	}
	s.serving.Add(1)
	return true
}

// add makes a socket known to Shutdown.
func (s *Server) add(sock *socket) {
	s.metrics.sockets.Inc()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sockets[sock] = struct{}{}
	if s.stopping {
		sock.end(closeGoingAway)
	}
}

func (s *Server) remove(sock *socket) {
	s.metrics.sockets.Dec()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sockets, sock)
}
