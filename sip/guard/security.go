package guard

import (
	"net/netip"
	"time"
)

// scanLogEvery is the time between two lines about one source that sends what is not SIP.
const scanLogEvery = time.Minute

// security writes the one line about something that a firewall may act on. Its form is a promise (docs/operations.md):
// the source comes before anything that strangers make up.
func (g *Guard) security(event string, from netip.Addr, more ...any) {
	source := from.Unmap().WithZone("").String()
	g.log.Warn("security", append([]any{"event", event, "service", "sip", "source", source}, more...)...)
}

// scanned tells of a stranger who sends what is not SIP. last is its address, or an error of ours.
func (g *Guard) scanned(transport string, why reason, last any) {
	from, ok := last.(netip.Addr)
	if !ok || why != malformed && why != incomplete && why != badTLS {
		return
	}
	s, now := sourceOf(from), g.now()
	due := false
	g.mu.Lock()
	if g.lane(from, s, now) == laneStranger {
		next, _ := g.scans.get(s, now)
		if due = now >= *next; due {
			*next = now + scanLogEvery
		}
	}
	g.mu.Unlock()
	if due && g.securityLog.Allow() {
		g.security("scan", from, "transport", transport, "reason", why.String())
	}
}

// cutUser is as much of a user name as a log line has room for.
func cutUser(name string) string {
	const most = 64
	if len(name) > most {
		return name[:most]
	}
	return name
}
