package api

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"seatbridge/call"
)

// routes are all paths, behind what holds for every request.
func (s *Server) routes() (http.Handler, error) {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/v1/token", s.handleToken)
	mux.HandleFunc("GET /api/v1/demo", s.handleDemo)
	mux.HandleFunc("GET /api/v1/ws", s.handleSocket)
	mux.HandleFunc("GET /sdk/v1", s.handleSDK)
	if s.config.SDKTypes != nil {
		mux.HandleFunc("GET /sdk/v1/tccc.d.ts", s.handleSDKTypes)
	}
	mux.HandleFunc("GET /api/v1/sessions", s.operations(s.handleSessions))
	mux.HandleFunc("GET /api/v1/sessions/{id}", s.operations(s.handleSession))
	mux.HandleFunc("GET /api/v1/sessions/{id}/trace", s.operations(s.handleTrace))
	mux.HandleFunc("GET /api/v1/sessions/{id}/ladder", s.operations(s.handleLadder))
	mux.HandleFunc("GET /api/v1/seats", s.operations(s.handleSeats))
	mux.HandleFunc("GET /api/v1/queues", s.operations(s.handleQueues))
	mux.HandleFunc("GET /api/v1/trunks", s.operations(s.handleTrunks))
	mux.HandleFunc("GET /api/v1/registrations", s.operations(s.handleRegistrations))
	mux.HandleFunc("GET /api/v1/recordings/{id}", s.operationsBy(s.handleRecording))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		respond(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	mux.HandleFunc("GET /readyz", s.handleReady)
	if s.config.MetricsHandler != nil {
		mux.Handle("GET /metrics", s.config.MetricsHandler)
	}
	if s.config.ServerAPI != nil {
		mux.Handle("POST /{$}", s.config.ServerAPI) // where the vendor's clients post to
		mux.Handle("POST /ccc", s.config.ServerAPI)
	}
	if s.config.Demo != nil && s.config.DemoLogin {
		if err := s.demoRoutes(mux, s.config.Demo); err != nil {
			return nil, err
		}
	}
	page := pageFiles{}
	if s.config.Page != nil {
		var err error
		if page, err = newPage(s.config.Page); err != nil {
			return nil, err
		}
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if !page.serve(w, r) {
			notFound(mux, w, r)
		}
	})
	return s.guard(mux), nil
}

// guard counts and logs each request, survives its panics, and refuses what no request may do.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.begin() {
			fail(w, http.StatusServiceUnavailable, call.Errorf(call.CodeUnavailable, "the gateway stops"))
			return
		}
		defer s.serving.Done()
		began := time.Now()
		answer := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			if fault := recover(); fault != nil {
				s.log.Error("a request failed", "path", r.URL.Path, "fault", fault, "stack", string(debug.Stack()))
				fail(answer, http.StatusInternalServerError, call.Errorf(codeInternal, "a fault of the gateway"))
			}
			// The query is left out: somebody may have put a secret there.
			s.log.Debug("request", "method", r.Method, "path", r.URL.Path, "status", answer.status,
				"took", time.Since(began), "from", r.RemoteAddr)
		}()
		setSecurityHeaders(w.Header())
		if status, err := s.refusal(r); err != nil {
			fail(answer, status, err)
			return
		}
		next.ServeHTTP(answer, r)
	})
}

// setSecurityHeaders says what pages of ours may do: nothing comes from elsewhere, nothing is inline, nobody frames us.
func setSecurityHeaders(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "+
		"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "microphone=(self), camera=(), geolocation=()")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
}

// refusal is what is wrong with a request whatever it asks for, or nil.
func (s *Server) refusal(r *http.Request) (status int, err *call.Error) {
	if r.URL.Query().Has("token") {
		return http.StatusBadRequest, call.Errorf(call.CodeBadRequest,
			"a token must not be in the URL, where logs keep it: send it in the first message")
	}
	if s.config.DemoLogin && !isLoopbackHost(r.Host) {
		// A page elsewhere whose name points to 127.0.0.1 (DNS rebinding) would log in without a password.
		return http.StatusMisdirectedRequest, call.Errorf(call.CodeForbidden,
			"the demo answers to localhost and loopback addresses only, not to %q", r.Host)
	}
	return 0, nil
}

func isLoopbackHost(hostPort string) bool {
	host := hostPort
	if h, _, err := net.SplitHostPort(hostPort); err == nil {
		host = h
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.IsLoopback()
}

// originAllowed says that a page of the request's Origin may talk to us: one of ours, or one from the list.
func (s *Server) originAllowed(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return false
	}
	return strings.EqualFold(u.Host, r.Host) || slices.ContainsFunc(s.config.Origins, func(allowed string) bool {
		return strings.EqualFold(allowed, origin)
	})
}

// isPage says that a page elsewhere has a ticket of ours, or is logged in by one.
func (s *Server) isPage(origin string) bool {
	return s.tokens.isPage(origin, time.Now()) || s.logins.isPage(origin)
}

func (s *Server) handleReady(w http.ResponseWriter, _ *http.Request) {
	if s.config.Ready != nil {
		if err := s.config.Ready(); err != nil {
			fail(w, http.StatusServiceUnavailable, call.Errorf(call.CodeUnavailable, "%v", err))
			return
		}
	}
	respond(w, http.StatusOK, map[string]string{"status": "ready"})
}

// statusWriter remembers the status for the log.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// socketBuffer is how much of a WebSocket is read and written at once, in bytes: more than most messages have.
const socketBuffer = 1 << 10

// Hijack hands the connection to a WebSocket, with buffers of their size: net/http's have 4 KiB each.
func (w *statusWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, large, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	early, _ := large.Peek(large.Reader.Buffered()) // sent by a client that did not wait for our answer
	in := bufio.NewReaderSize(io.MultiReader(bytes.NewReader(early), conn), max(socketBuffer, len(early)))
	if _, err := in.Peek(len(early)); err != nil {
		return nil, nil, errors.Join(err, conn.Close())
	}
	return conn, bufio.NewReadWriter(in, bufio.NewWriterSize(conn, socketBuffer)), nil
}

// Unwrap lets http.ResponseController find what is below.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
