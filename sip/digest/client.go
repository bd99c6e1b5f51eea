package digest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

// Why Authorize refuses.
var (
	ErrNoChallenge = errors.New("digest: no challenge that can be answered")
	ErrRejected    = errors.New("digest: the credentials were already refused")
	ErrForeign     = errors.New("digest: the challenge is not from the trunk that the credentials are for")
)

// Credentials are ours towards one trunk. They must not be copied, and are safe for concurrent use.
type Credentials struct {
	Username string
	Password string
	Realm    string // when set, no other realm's challenge is answered
	// Trusted says whether an address is the trunk's; nothing is ever answered to another one (the digest leak,
	// CVE-2021-41158: whoever gets our BYE may answer it with 407). nil trusts nobody.
	Trusted func(netip.Addr) bool

	mu     sync.Mutex
	recent []answered // at most recentNonces, the newest last
}

// answered is a nonce and how often it was answered.
type answered struct {
	nonce string
	count int
}

// recentNonces bounds what is remembered; calls at the same time have nonces of their own.
const recentNonces = 16

// Authorize answers the 401 or 407 res by putting an Authorization or Proxy-Authorization header into req, in place of
// an older one for the same realm. Raising CSeq and renewing the branch (RFC 3261 section 22.2) is left to the caller,
// who owns them. The error is one of the Err values above.
func (c *Credentials) Authorize(req *sip.Request, res *sip.Response) error {
	challengeName, answerName := "WWW-Authenticate", "Authorization"
	if res.StatusCode == sip.StatusProxyAuthRequired {
		challengeName, answerName = "Proxy-Authenticate", "Proxy-Authorization"
	}
	if !c.trusts(req, res) {
		return ErrForeign
	}
	chal, err := c.choose(res.GetHeaders(challengeName))
	if err != nil {
		return err
	}
	old, rest := split(req.GetHeaders(answerName), chal.Realm)
	if old != nil && (!chal.Stale || old.Nonce == chal.Nonce) {
		return ErrRejected // RFC 3261 section 22.1: never again with credentials that were refused
	}
	cred, err := digest.Digest(chal, digest.Options{
		Method: string(req.Method), URI: req.Recipient.String(),
		Username: c.Username, Password: c.Password, Count: c.next(chal.Nonce),
		GetBody: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(req.Body())), nil },
	})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoChallenge, err)
	}
	for req.RemoveHeader(answerName) {
	}
	for _, h := range rest {
		req.AppendHeader(h)
	}
	req.AppendHeader(sip.NewHeader(answerName, cred.String()))
	return nil
}

// trusts is true where both the address that the request went to and the one that the challenge came from are the
// trunk's.
func (c *Credentials) trusts(req *sip.Request, res *sip.Response) bool {
	if c.Trusted == nil {
		return false
	}
	known := false
	for _, hostport := range []string{req.Destination(), res.Source()} {
		ap, err := netip.ParseAddrPort(hostport)
		if err != nil {
			continue // a host name, or not said: the other one decides
		}
		if !c.Trusted(ap.Addr().Unmap()) {
			return false
		}
		known = true
	}
	return known
}

// choose takes the strongest challenge that we understand and may answer.
func (c *Credentials) choose(headers []sip.Header) (*digest.Challenge, error) {
	var best *digest.Challenge
	err := ErrNoChallenge
	for _, h := range headers {
		chal, parseErr := digest.ParseChallenge(h.Value())
		if parseErr != nil {
			continue
		}
		for i, qop := range chal.QOP {
			chal.QOP[i] = strings.TrimSpace(qop)
		}
		switch {
		case strength(chal) == 0 || !digest.CanDigest(chal):
		case c.Realm != "" && chal.Realm != c.Realm:
			err = ErrForeign
		case best == nil || strength(chal) > strength(best):
			best = chal
		}
	}
	if best == nil {
		return nil, err
	}
	return best, nil
}

// strength orders the algorithms; 0 is unknown.
func strength(c *digest.Challenge) int {
	switch strings.ToUpper(c.Algorithm) {
	case "", "MD5":
		return 1
	case "SHA-256":
		return 2
	case "SHA-512-256":
		return 3
	}
	return 0
}

// next is the nonce count (nc) for the next use of nonce (RFC 7616 section 3.4).
func (c *Credentials) next(nonce string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.recent {
		if c.recent[i].nonce == nonce {
			c.recent[i].count++
			return c.recent[i].count
		}
	}
	if len(c.recent) == recentNonces {
		c.recent = slices.Delete(c.recent, 0, 1)
	}
	c.recent = append(c.recent, answered{nonce: nonce, count: 1})
	return 1
}

// split finds the credentials for realm among headers, and those for other realms.
func split(headers []sip.Header, realm string) (mine *digest.Credentials, others []sip.Header) {
	for _, h := range headers {
		cred, err := digest.ParseCredentials(h.Value())
		if err == nil && cred.Realm == realm {
			mine = cred
			continue
		}
		others = append(others, h)
	}
	return mine, others
}
