package api

import (
	"io/fs"
	"net/http"
	"net/url"
	"strings"

	"seatbridge/call"
)

// demoRoutes serve the page of a business that there might be, /demo/crm, and what its server would do.
func (s *Server) demoRoutes(mux *http.ServeMux, site fs.FS) error {
	files, err := newPage(site)
	if err != nil {
		return err
	}
	for name, file := range files {
		path := "GET /demo/" + strings.TrimSuffix(name, ".html")
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { file.send(w, r) })
	}
	mux.HandleFunc("POST /api/v1/demo/sdk", s.handleDemoSDK)
	return nil
}

// handleDemoSDK answers with an SdkURL for a user, as a business's server gets it from CreateSDKLoginToken. Nobody is
// asked for a password: that is what the demo is.
func (s *Server) handleDemoSDK(w http.ResponseWriter, r *http.Request) {
	q, status, err := s.readTokenRequest(w, r)
	if err != nil {
		fail(w, status, err)
		return
	}
	if _, ok := s.config.Seats.Lookup(q.User); !ok {
		fail(w, http.StatusNotFound, call.Errorf(call.CodeNotFound, "no staff member %s", q.User))
		return
	}
	ticket, _ := s.Ticket(q.User, true)
	respond(w, http.StatusOK, map[string]string{"SdkURL": "/sdk/v1?ticket=" + url.QueryEscape(ticket)})
}
