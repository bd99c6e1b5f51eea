package digest

import (
	"errors"
	"net/netip"

	"github.com/emiago/sipgo/sip"
)

// Why Authorize refuses.
var (
	ErrNoChallenge = errors.New("digest: no challenge that can be answered")
	ErrRejected    = errors.New("digest: the credentials were already refused")
	ErrForeign     = errors.New("digest: the challenge is not from the trunk that the credentials are for")
)

// Credentials are ours towards one trunk. They are safe for concurrent use.
type Credentials struct {
	Username string
	Password string
	Realm    string // when set, no other realm's challenge is answered
	// Trusted says whether an address is the trunk's; nothing is ever answered to another one (the digest leak,
	// CVE-2021-41158: whoever gets our BYE answers 407). nil trusts nobody.
	Trusted func(netip.Addr) bool
}

// Authorize answers the 401 or 407 res by putting an Authorization or Proxy-Authorization header into req. Raising
// CSeq and renewing the branch (RFC 3261 section 22.2) is left to the caller, who owns them. The error is one of the
// Err values above.
func (c *Credentials) Authorize(req *sip.Request, res *sip.Response) error { return ErrNoChallenge }
