// Package ccc owns the server API: one endpoint in the format of the vendor's cloud API (version 2020-02-10 of its
// product ccc), by which a business's own servers run the contact centre. docs/server-api.md lists what is served.
package ccc

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"seatbridge/call"
	"seatbridge/seat"
)

// Version is the X-TC-Version that is served.
const Version = "2020-02-10"

// What a request may take up.
const (
	maxBody      = 256 << 10 // bytes
	perSecond    = 20        // of each action, as at the vendor's
	longestServe = 20 * time.Second
)

// Calls are the sessions; *call.Manager is one. See there for each method.
type Calls interface {
	Call(ctx context.Context, o call.Outbound) (call.Info, error)
	Terminate(ctx context.Context, session string) error
	Session(id string) (call.Info, bool)
	Sessions(user string) []call.Info
}

// Logins are the browsers of agents.
type Logins interface {
	// Ticket makes a token by which the user can log in, once or until it expires.
	Ticket(user string, once bool) (token string, expires time.Time)
	// KickOut logs the user's browser out, and says whether one was logged in.
	KickOut(user string) bool
}

// Config is what a Server needs. Everything must be set, unless said otherwise.
type Config struct {
	SecretID, SecretKey string // of the one who may ask
	SDKAppID            int64  // the application id that requests have to name
	// URL is where browsers reach the gateway, without a slash at its end; empty means where the request went to.
	URL        string
	SIP        SIP
	Calls      Calls
	Seats      *seat.Directory
	Logins     Logins
	Extensions Extensions
	Records    Records
	Log        *slog.Logger
}

// SIP is what a desk phone has to be told.
type SIP struct {
	Domain    string // the realm of its account
	Proxy     string // host:port
	Transport string // UDP, TCP or TLS
}

// Server answers requests.
type Server struct {
	config  Config
	keys    keys
	uses    *uses
	actions map[string]action
	limits  map[string]*rate.Limiter // by action
	// changing lets one change of staff and groups at a time pass that has to look first.
	changing sync.Mutex
}

// New makes a Server.
func New(c Config) *Server {
	s := &Server{config: c, keys: keys{c.SecretID, c.SecretKey}, uses: newUses(), limits: map[string]*rate.Limiter{}}
	s.actions = s.table()
	for name := range s.actions {
		s.limits[name] = rate.NewLimiter(perSecond, perSecond)
	}
	return s
}

// ServeHTTP answers one POST. The status is always 200, as the vendor's clients want it: errors are in the body.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, began := newRequestID(), time.Now()
	name := r.Header.Get("X-TC-Action")
	ctx, cancel := context.WithTimeout(r.Context(), longestServe)
	defer cancel()
	answer, err := s.serve(ctx, w, r, name)
	var failed *Error
	if err != nil {
		failed = asError(err)
		if failed.Code == codeInternal {
			s.config.Log.Error("server API", "action", name, "request", id, "error", err.Error())
		}
		answer = nil
	}
	respond(w, answer, failed, id)
	s.log(r, name, id, failed, time.Since(began))
}

// log tells what was changed, who was refused, and in detail what was asked for.
func (s *Server) log(r *http.Request, name, id string, failed *Error, took time.Duration) {
	level, result := slog.LevelDebug, "ok"
	if a, known := s.actions[name]; known && a.changes && failed == nil {
		level = slog.LevelInfo
	}
	if failed != nil {
		level, result = slog.LevelInfo, string(failed.Code)
		s.logSecurity(r, failed.Code)
	}
	s.config.Log.Log(r.Context(), level, "server API", "action", cut(name), "result", result, "request", id,
		"from", r.RemoteAddr, "took", took)
}

// logSecurity writes the one line about a failed authentication, which a firewall may act on (docs/operations.md). A
// signature that is too old is a clock that is off, or an old one again, and no guess.
func (s *Server) logSecurity(r *http.Request, c code) {
	if c != codeInvalidAuthorization && c != codeSecretIDNotFound && c != codeSignatureFailure {
		return
	}
	s.config.Log.Warn("security", "event", "auth_failed", "service", "api", "source", source(r), "reason", "signature")
}

// source is the address that a request comes from, without its port.
func source(r *http.Request) string {
	a, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return a.Addr().Unmap().WithZone("").String()
}

// cut keeps what a stranger sent from filling the log.
func cut(text string) string { return text[:min(len(text), 64)] }

// serve checks a request and does what it asks for.
func (s *Server) serve(ctx context.Context, w http.ResponseWriter, r *http.Request, name string) (any, error) {
	body, err := readBody(w, r)
	if err != nil {
		return nil, err
	}
	signed, failed := s.keys.verify(r, body, time.Now())
	if failed != nil {
		return nil, failed
	}
	a, known := s.actions[name]
	switch {
	case name == "":
		return nil, errorf(codeMissingParameter, "the header X-TC-Action is missing")
	case r.Header.Get("X-TC-Version") != Version:
		return nil, errorf(codeNoSuchVersion, "X-TC-Version must be %s", Version)
	case !known:
		return nil, errorf(codeInvalidAction, "the action %q is not served", cut(name))
	}
	// Before the limit: who sends others' requests again must not use it up.
	if failed = s.uses.take(signed.signature, source(r), name, a.changes, time.Now()); failed != nil {
		return nil, failed
	}
	if !s.limits[name].Allow() {
		return nil, errorf(codeRequestLimit, "more than %d times %s in a second", perSecond, name)
	}
	return a.run(ctx, request{server: s, http: r, body: body})
}

// readBody reads all of a body that is not too large.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, errorf(codeRequestTooLarge, "the body has more than %d bytes", maxBody)
	case err != nil:
		return nil, errorf(codeInvalidParameter, "the body did not arrive")
	}
	return body, nil
}
