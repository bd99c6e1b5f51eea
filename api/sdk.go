package api

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/url"
	"strings"
	"time"

	"seatbridge/call"
)

// sdkLogin is what the script that is served knows of its page.
type sdkLogin struct {
	Token   string `json:"token,omitempty"`
	User    string `json:"user,omitempty"`
	Problem string `json:"problem,omitempty"` // why there is no token, for people
}

// handleSDK serves the browser SDK for a ticket. Also for a bad one: only a script that runs can tell its page so.
func (s *Server) handleSDK(w http.ResponseWriter, r *http.Request) {
	if s.config.SDK == nil {
		fail(w, http.StatusServiceUnavailable, call.Errorf(call.CodeUnavailable, "this gateway was built without the SDK"))
		return
	}
	origin := pageOf(r)
	login := s.sdkLogin(r, origin)
	h := w.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // script tags of pages elsewhere are what it is for
	h.Set("Vary", "Origin, Accept-Encoding")
	if o := r.Header.Get("Origin"); o != "" {
		h.Set("Access-Control-Allow-Origin", o)
	}
	// The script is the body of a function that is given what it must know, and so leaves no other global behind.
	body := bytes.Join([][]byte{[]byte("(function(seatbridgeLogin){"), s.config.SDK, []byte("})("), marshal(login),
		[]byte(");\n")}, nil)
	if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		_, _ = w.Write(body) // an error means that the client is gone, also below
		return
	}
	h.Set("Content-Encoding", "gzip")
	z := gzip.NewWriter(w)
	_, _ = z.Write(body)
	_ = z.Close()
}

// handleSDKTypes serves the SDK's types to whoever compiles a page, also in a browser.
func (s *Server) handleSDKTypes(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8") // there is no registered type, and a browser shows this one
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	_, _ = w.Write(s.config.SDKTypes) // as above
}

// sdkLogin uses the ticket up.
func (s *Server) sdkLogin(r *http.Request, origin string) sdkLogin {
	ticket := r.URL.Query().Get("ticket")
	if ticket == "" {
		return sdkLogin{}
	}
	token, user, ok := s.tokens.serve(ticket, origin, time.Now())
	if !ok {
		s.metrics.tokens.WithLabelValues(string(codeUnauthorized)).Inc()
		return sdkLogin{Problem: "the ticket of this SDK is wrong, used up or too old: get another by CreateSDKLoginToken"}
	}
	s.metrics.tokens.WithLabelValues("ok").Inc()
	return sdkLogin{Token: token, User: user}
}

// pageOf is the origin of the page that a script is for: browsers say so where the tag has crossorigin, and most others
// tell it by the Referer. It is empty where it is not known.
func pageOf(r *http.Request) string {
	if origin := r.Header.Get("Origin"); origin != "" {
		return origin
	}
	u, err := url.Parse(r.Referer())
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
