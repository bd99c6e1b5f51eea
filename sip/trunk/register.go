package trunk

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"seatbridge/sip/dialog"
)

const (
	registerTimeout   = 10 * time.Second // for one REGISTER and the answer to its challenge
	unregisterTimeout = 2 * time.Second
	firstBackoff      = 2 * time.Second
	lastBackoff       = 5 * time.Minute
	maxRetryAfter     = time.Hour
	maxExpires        = 24 * time.Hour // that a 423 may ask for
)

// registration is our registration at a trunk (RFC 3261 section 10.2). Its goroutine is keepRegistered.
type registration struct {
	s       *state
	callID  string
	cseq    uint32        // of the next REGISTER
	expires time.Duration // to ask for
	backoff time.Duration // 0 while all is well

	at    Target    // who accepted; Manager.mu guards both
	until time.Time // the registration is valid
}

func newRegistration(s *state) *registration {
	return &registration{s: s, callID: rand.Text(), cseq: 1, expires: s.Expires}
}

// valid says whether we are registered. Called with Manager.mu held.
func (r *registration) valid(now time.Time) bool { return now.Before(r.until) }

// keepRegistered registers, refreshes and, in the end, unregisters.
func (m *Manager) keepRegistered(r *registration) {
	for m.ctx.Err() == nil {
		timer := time.NewTimer(m.refresh(r))
		select {
		case <-m.ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
	m.unregister(r)
}

// refresh tries the gateways in turn and returns the time until the next refresh: at 80 % of what was granted, or
// after a pause that grows.
func (m *Manager) refresh(r *registration) time.Duration {
	err := errors.New("no gateway resolved")
	var retry time.Duration
	for _, target := range m.Pick(r.s.Name) {
		var granted time.Duration
		granted, retry, err = m.register(r, target, r.expires)
		if err == nil {
			m.accepted(r, target, granted)
			return granted * 4 / 5
		}
		if m.ctx.Err() != nil {
			return 0
		}
	}
	m.mu.Lock()
	registered := r.valid(time.Now())
	m.mu.Unlock()
	r.backoff = min(max(2*r.backoff, firstBackoff), lastBackoff)
	m.cfg.Log.Warn("trunk registration failed", "trunk", r.s.Name, "error", err, "registered", registered,
		"retry", r.backoff)
	pause := r.backoff/2 + time.Duration(mathrand.Int64N(int64(r.backoff/2)))
	return max(pause, retry)
}

// accepted notes a registration.
func (m *Manager) accepted(r *registration, target Target, granted time.Duration) {
	now := time.Now()
	m.mu.Lock()
	fresh := !r.valid(now)
	r.at, r.until = target, now.Add(granted)
	m.mu.Unlock()
	r.backoff = 0
	if fresh {
		m.cfg.Log.Info("trunk registered", "trunk", r.s.Name, "gateway", target.Destination, "expires", granted)
	}
}

// register sends one REGISTER, and another where the first was too brief. retry is the Retry-After of a refusal.
func (m *Manager) register(
	r *registration, target Target, expires time.Duration,
) (granted, retry time.Duration, err error) {
	res, err := m.send(m.ctx, r, target, expires)
	if err == nil && res.StatusCode == sip.StatusIntervalToBrief {
		if minimum := seconds(res.GetHeader("Min-Expires")); minimum > expires && minimum <= maxExpires {
			r.expires = minimum
			expires = minimum
			res, err = m.send(m.ctx, r, target, expires)
		}
	}
	if err != nil {
		if m.ctx.Err() == nil {
			m.Failed(target)
		}
		return 0, 0, err
	}
	m.Answered(target)
	if !res.IsSuccess() {
		retry = min(max(seconds(res.GetHeader("Retry-After")), 0), maxRetryAfter)
		return 0, retry, refused(res)
	}
	if granted = r.granted(res, expires); granted <= 0 {
		return 0, 0, errors.New("trunk: REGISTER accepted for no time")
	}
	return granted, 0, nil
}

func refused(res *sip.Response) error {
	return fmt.Errorf("trunk: REGISTER answered with %d %q", res.StatusCode, res.Reason)
}

// unregister ends the registration, if there is one.
func (m *Manager) unregister(r *registration) {
	m.mu.Lock()
	target, registered := r.at, r.valid(time.Now())
	r.until = time.Time{}
	m.mu.Unlock()
	if !registered {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(m.ctx), unregisterTimeout)
	defer cancel()
	res, err := m.send(ctx, r, target, 0)
	if err == nil && !res.IsSuccess() {
		err = refused(res)
	}
	if err != nil {
		m.cfg.Log.Warn("trunk not unregistered", "trunk", r.s.Name, "error", err)
		return
	}
	m.cfg.Log.Info("trunk unregistered", "trunk", r.s.Name)
}

// send sends a REGISTER and answers its challenge.
func (m *Manager) send(
	ctx context.Context, r *registration, target Target, expires time.Duration,
) (*sip.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, registerTimeout)
	defer cancel()
	aor := r.s.uri(target.Gateway, cmp.Or(r.s.FromUser, r.s.Username))
	registrar := aor
	registrar.User = ""
	aor.Port = 0
	res, err := m.cfg.Requester.Do(ctx, dialog.RequestConfig{
		Method: sip.REGISTER, URI: registrar, Flow: target.Flow(),
		From: sip.FromHeader{Address: aor}, To: sip.ToHeader{Address: aor},
		CallID: r.callID, CSeq: r.cseq, ContactUser: r.s.Username, Auth: target.Credentials,
		Headers: []sip.Header{sip.NewHeader("Expires", strconv.Itoa(int(expires/time.Second)))},
	})
	r.cseq += 10 // more than challenges can have used up
	if err == nil && res.CSeq() != nil {
		r.cseq = res.CSeq().SeqNo + 1
	}
	return res, err
}

// granted is how long a registration lasts: the expires of our contact, else of any (some carriers rewrite it), else
// Expires, else what we asked for. Contacts that a former life of ours left there are listed too: the newest lasts
// longest.
func (r *registration) granted(res *sip.Response, asked time.Duration) time.Duration {
	ours, others := time.Duration(-1), time.Duration(-1)
	for _, header := range res.GetHeaders("Contact") {
		h, ok := header.(*sip.ContactHeader)
		if !ok {
			continue
		}
		for _, p := range h.Params {
			switch expires := parseSeconds(p.V); {
			case !strings.EqualFold(p.K, "expires"):
			case h.Address.User == r.s.Username:
				ours = max(ours, expires)
			default:
				others = max(others, expires)
			}
		}
	}
	for _, d := range []time.Duration{ours, others, seconds(res.GetHeader("Expires"))} {
		if d >= 0 {
			return d
		}
	}
	return asked
}

// seconds reads delta-seconds from a header; it is negative where there are none.
func seconds(h sip.Header) time.Duration {
	if h == nil {
		return -1
	}
	return parseSeconds(h.Value())
}

// parseSeconds reads delta-seconds; what follows them, such as a comment, is left aside.
func parseSeconds(text string) time.Duration {
	text = strings.TrimSpace(text)
	if i := strings.IndexFunc(text, func(c rune) bool { return c < '0' || c > '9' }); i >= 0 {
		text = text[:i]
	}
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return -1
	}
	return time.Duration(n) * time.Second
}
