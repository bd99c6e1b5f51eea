package api

import (
	"net/http"
	"strings"

	"seatbridge/call"
)

// notFound answers where nothing serves the request: 405 with Allow where another method is served at its path (RFC 9110
// section 15.5.6), else 404.
func notFound(mux *http.ServeMux, w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete} {
		other := &http.Request{Method: method, URL: r.URL, Host: r.Host}
		if _, pattern := mux.Handler(other); strings.Contains(pattern, " ") { // only patterns with a method have one
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		fail(w, http.StatusNotFound, call.Errorf(call.CodeNotFound, "there is no %s %s", r.Method, r.URL.Path))
		return
	}
	notAllowed(w, r, allowed...)
}

// notAllowed answers who used a method that the path does not take.
func notAllowed(w http.ResponseWriter, r *http.Request, allowed ...string) {
	list := strings.Join(allowed, ", ")
	w.Header().Set("Allow", list)
	fail(w, http.StatusMethodNotAllowed, call.Errorf(call.CodeBadRequest, "%s takes %s only", r.URL.Path, list))
}
