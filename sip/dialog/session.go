package dialog

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

// maxSmall is how often a session interval may be called too small.
const maxSmall = 3

// session is a dialog's session timer (RFC 4028). It belongs to the dialog's goroutine.
type session struct {
	d         *Dialog
	off       bool
	ask       time.Duration // what our next request asks for
	min       time.Duration
	small     int  // how many 422 came
	running   bool // the peer agreed
	refresher bool // we are
	refresh   *time.Timer
	expiry    *time.Timer
}

func newSession(d *Dialog) *session {
	c := d.s.c.Session
	return &session{d: d, off: c.Off || d.o.NoSessionTimer, ask: c.Expires, min: c.MinSE}
}

// expires is the value of a Session-Expires header.
type expires struct {
	interval  time.Duration
	refresher string // "uac", "uas" or empty
}

func sessionExpires(msg sip.Message) (expires, bool) {
	value, params, _ := strings.Cut(strings.ToLower(headerValue(msg, "Session-Expires", "x")), ";")
	n, err := strconv.ParseUint(strings.TrimSpace(value), 10, 31)
	if err != nil {
		return expires{}, false
	}
	e := expires{interval: time.Duration(n) * time.Second}
	for p := range strings.SplitSeq(params, ";") {
		if k, v, _ := strings.Cut(p, "="); strings.TrimSpace(k) == "refresher" {
			e.refresher = strings.TrimSpace(v)
		}
	}
	return e, true
}

// asking returns the headers of an INVITE or UPDATE of ours (section 7.1).
func (s *session) asking() []sip.Header {
	if s.off {
		return nil
	}
	value := strconv.Itoa(seconds(s.ask))
	switch {
	case s.running && s.refresher:
		value += ";refresher=uac"
	case s.running:
		value += ";refresher=uas"
	}
	return []sip.Header{sip.NewHeader("Session-Expires", value), sip.NewHeader("Min-SE", strconv.Itoa(seconds(s.min)))}
}

// retry asks for a longer session after 422 (section 7.4).
func (s *session) retry(next *sip.Request, res *sip.Response) bool {
	least, err := strconv.ParseUint(headerValue(res, "Min-SE"), 10, 31)
	if s.off || res.StatusCode != 422 || err != nil || s.small == maxSmall {
		return false
	}
	s.small++
	s.min = max(s.min, time.Duration(least)*time.Second)
	s.ask = max(s.ask, s.min)
	next.RemoveHeader("Session-Expires")
	next.RemoveHeader("Min-SE")
	for _, h := range s.asking() {
		next.AppendHeader(h)
	}
	return true
}

// answered takes the 2xx to an INVITE or UPDATE of ours (section 7.2).
func (s *session) answered(res *sip.Response) {
	e, ok := sessionExpires(res)
	if !ok || s.off {
		s.stop()
		return
	}
	s.start(e.interval, e.refresher != "uas")
}

// accept returns the headers of our 2xx to the peer's INVITE or UPDATE, and starts the timer (section 9).
func (s *session) accept(req *sip.Request) []sip.Header {
	e, asked := sessionExpires(req)
	knows := slices.Contains(tokens(req, "Supported", "k"), "timer")
	if s.off || !asked && !knows {
		s.stop()
		return nil
	}
	least, _ := strconv.ParseUint(headerValue(req, "Min-SE"), 10, 31)
	if !asked || e.interval > s.ask {
		e.interval = max(s.ask, time.Duration(least)*time.Second)
	}
	switch {
	case !knows: // a proxy asked, for a peer that cannot
		e.refresher = "uas"
	case e.refresher != "uas":
		e.refresher = "uac"
	}
	s.start(e.interval, e.refresher == "uas")
	h := []sip.Header{sip.NewHeader("Session-Expires", fmt.Sprintf("%d;refresher=%s", seconds(e.interval), e.refresher))}
	if e.refresher == "uac" {
		h = append(h, sip.NewHeader("Require", "timer"))
	}
	return h
}

// start begins a new interval. The refresher acts at half of it; a session that was not refreshed is ended a little
// before its time (section 10).
func (s *session) start(interval time.Duration, refresher bool) {
	s.stop()
	if interval <= 0 {
		return
	}
	s.running, s.refresher, s.ask = true, refresher, interval
	if refresher {
		s.refresh = s.d.after(interval/2, s.d.offers.refresh)
	}
	var expiry *time.Timer
	expiry = s.d.after(interval-min(32*time.Second, interval/3), func() {
		if s.expiry == expiry {
			s.expired()
		}
	})
	s.expiry = expiry
}

func (s *session) expired() {
	reason := sip.NewHeader("Reason", `SIP;cause=408;text="Session Timer Expired"`)
	s.d.hangup(0, []sip.Header{reason}, Ended{Why: Expired, Remote: true, Code: 408})
}

func (s *session) stop() {
	if s.refresh != nil {
		s.refresh.Stop()
	}
	if s.expiry != nil {
		s.expiry.Stop()
	}
	s.refresh, s.expiry, s.running = nil, nil, false
}

// seconds is a header's delta-seconds, at least one.
func seconds(d time.Duration) int { return max(1, int(d/time.Second)) }
