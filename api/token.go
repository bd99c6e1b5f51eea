package api

import (
	"encoding/json"
	"errors"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"time"

	"seatbridge/call"
)

// maxBody bounds the body of a request, in bytes.
const maxBody = 4 << 10

// tokenRequest asks for a token.
type tokenRequest struct {
	User     string  `json:"user"`
	Password string  `json:"password"`
	For      purpose `json:"for"` // login where it is empty
}

// tokenAnswer hands a token out.
type tokenAnswer struct {
	Token     string    `json:"token"`
	For       purpose   `json:"for"`
	ExpiresAt time.Time `json:"expiresAt"`
	ExpiresIn int       `json:"expiresIn"` // seconds
}

// handleToken gives a token to whoever knows the password, or to anyone in the demo.
func (s *Server) handleToken(w http.ResponseWriter, r *http.Request) {
	q, status, err := s.readTokenRequest(w, r)
	if err == nil {
		status, err = s.authenticate(r, q)
	}
	if err != nil {
		s.metrics.tokens.WithLabelValues(string(err.Code)).Inc()
		if err.Code == codeRateLimited {
			w.Header().Set("Retry-After", "12")
		}
		fail(w, status, err)
		return
	}
	s.metrics.tokens.WithLabelValues("ok").Inc()
	secret, expires := s.tokens.issue(q.User, q.For, time.Now())
	respond(w, http.StatusOK, tokenAnswer{
		Token: secret, For: q.For, ExpiresAt: wireTime(expires), ExpiresIn: int(s.tokens.life.Seconds()),
	})
}

func (s *Server) readTokenRequest(w http.ResponseWriter, r *http.Request) (q tokenRequest, status int, _ *call.Error) {
	// A form of a page elsewhere cannot send this type without asking first (CORS), and we allow nobody.
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return q, http.StatusUnsupportedMediaType, call.Errorf(call.CodeBadRequest, "send application/json")
	}
	if r.Header.Get("Origin") != "" && !s.originAllowed(r) {
		return q, http.StatusForbidden, call.Errorf(call.CodeForbidden, "pages from elsewhere get no tokens")
	}
	err = json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&q)
	var tooBig *http.MaxBytesError
	switch {
	case errors.As(err, &tooBig):
		return q, http.StatusRequestEntityTooLarge, call.Errorf(call.CodeBadRequest, "more than %d bytes", maxBody)
	case err != nil:
		return q, http.StatusBadRequest, call.Errorf(call.CodeBadRequest, "this is not the JSON that was expected: %v", err)
	}
	setDefault(&q.For, forLogin)
	if q.User == "" || q.For != forLogin && q.For != forOperations {
		return q, http.StatusBadRequest, call.Errorf(call.CodeBadRequest, `"user" is missing, or "for" is neither %s nor %s`,
			forLogin, forOperations)
	}
	return q, http.StatusOK, nil
}

// authenticate says whether the request comes from the user that it names.
func (s *Server) authenticate(r *http.Request, q tokenRequest) (status int, _ *call.Error) {
	wrong := call.Errorf(codeUnauthorized, "user or password is wrong")
	if s.config.DemoLogin && q.Password == "" {
		if _, ok := s.config.Seats.Lookup(q.User); !ok {
			return http.StatusUnauthorized, wrong
		}
		return http.StatusOK, nil
	}
	address := clientNetwork(r.RemoteAddr)
	if !s.passwords.allow(address, q.User) {
		s.authFailed(r, "rate", q.User)
		return http.StatusTooManyRequests, call.Errorf(codeRateLimited, "too many attempts: wait a moment")
	}
	ok, err := s.passwords.check(r.Context(), address, q.User, q.Password)
	switch {
	case err != nil:
		return http.StatusServiceUnavailable, call.Errorf(call.CodeUnavailable, "too many are logging in: try again")
	case !ok:
		s.authFailed(r, "password", q.User)
		return http.StatusUnauthorized, wrong
	}
	if _, ok := s.config.Seats.Lookup(q.User); !ok {
		s.authFailed(r, "password", q.User)
		return http.StatusUnauthorized, wrong
	}
	return http.StatusOK, nil
}

// clientNetwork is what counts as one guesser: an IPv4 address, or the /64 that one IPv6 client has to itself.
func clientNetwork(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return remote
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || ip.Unmap().Is4() {
		return host
	}
	return netip.PrefixFrom(ip.WithZone(""), 64).Masked().String()
}

// demoAnswer is what the page offers where the demo is on.
type demoAnswer struct {
	Demo    bool         `json:"demo"`
	Users   []seatView   `json:"users,omitempty"`
	Numbers []DemoNumber `json:"numbers,omitempty"`
}

// handleDemo lists who can be logged in as, in the demo alone.
func (s *Server) handleDemo(w http.ResponseWriter, _ *http.Request) {
	answer := demoAnswer{Demo: s.config.DemoLogin}
	if answer.Demo {
		answer.Numbers = s.config.DemoNumbers
		for _, user := range s.config.Seats.Users() {
			if staff, ok := s.config.Seats.Lookup(user); ok {
				answer.Users = append(answer.Users, newSeatView(staff))
			}
		}
	}
	respond(w, http.StatusOK, answer)
}
