package api

import (
	"net"
	"net/http"
	"net/netip"
)

// authFailed writes the one line about a failed authentication, which a firewall may act on. Its form is a promise
// (docs/operations.md), and that of the SIP side: the source comes before anything that strangers make up.
func (s *Server) authFailed(r *http.Request, reason, user string) {
	source := r.RemoteAddr
	if host, _, err := net.SplitHostPort(source); err == nil {
		source = host
	}
	if a, err := netip.ParseAddr(source); err == nil {
		source = a.Unmap().WithZone("").String()
	}
	const most = 64 // bytes of a name that strangers make up
	s.log.Warn("security", "event", "auth_failed", "service", "api", "source", source, "reason", reason,
		"user", user[:min(len(user), most)])
}
