// Package digest owns SIP digest authentication (RFC 3261 section 22, RFC 7616, RFC 8760): challenging and verifying
// phones, and answering the challenges of a trunk.
package digest

import (
	"errors"
	"net/netip"
	"time"

	"github.com/emiago/sipgo/sip"
)

// Algorithm is a digest algorithm by its name on the wire.
type Algorithm string

// The algorithms. A request is challenged with exactly one of them: baresip 1.0.0 fails on two headers (RFC 8760
// allows several).
const (
	MD5    Algorithm = "MD5"
	SHA256 Algorithm = "SHA-256"
)

// Why Verify refuses.
var (
	ErrNoCredentials = errors.New("digest: no credentials for this realm")
	ErrMalformed     = errors.New("digest: malformed credentials")
	ErrCredentials   = errors.New("digest: unknown user or wrong password")
	ErrStale         = errors.New("digest: right password, but the nonce is old, foreign or used")
	ErrBanned        = errors.New("digest: user is locked for this source")
)

// Secret is what is stored of a password.
type Secret struct {
	HA1       string // hex of H(user:realm:password), see HA1
	Algorithm Algorithm
}

// Lookup finds a user's secret.
type Lookup func(user string) (Secret, bool)

// Gate is told of every verdict and may close the door; guard.Guard is one. Its methods must not block.
type Gate interface {
	// AuthFailed is called for a wrong password and for an unknown user alike.
	AuthFailed(source netip.Addr, user string)
	// AuthPassed is called for a right password.
	AuthPassed(source netip.Addr, user string)
	// AuthPermitted says whether the user's credentials from source are looked at at all.
	AuthPermitted(source netip.Addr, user string) bool
}

// Config is what an Authenticator needs.
type Config struct {
	Realm     string
	NonceLife time.Duration // it defaults to 300 s
	MaxNonces int           // nonces in use whose count is remembered; it defaults to 65536
	Gate      Gate          // may be nil
}

// Authenticator challenges requests and verifies credentials. It is safe for concurrent use.
type Authenticator struct {
	cfg Config
}

// NewAuthenticator makes an Authenticator with a fresh random key: nonces do not outlive the process.
func NewAuthenticator(cfg Config) *Authenticator { return &Authenticator{cfg: cfg} }

// Challenge makes the 401 or 407 answer to req, with one challenge. It must be sent without a transaction
// (RFC 3261 section 26.3.2.4): a retransmitted challenge is an amplifier.
func (a *Authenticator) Challenge(req *sip.Request, status int, alg Algorithm, stale bool) *sip.Response {
	return nil
}

// Verify checks the credentials of req and returns the user that they prove. The error is one of the Err values above;
// on ErrBanned the request is to be dropped without an answer, on the others it is to be challenged, with stale set on
// ErrStale.
func (a *Authenticator) Verify(req *sip.Request, lookup Lookup) (user string, err error) {
	return "", ErrNoCredentials
}

// HA1 is the hex of H(user:realm:password) (RFC 7616 section 3.4.2), which is stored instead of the password.
func HA1(alg Algorithm, user, realm, password string) string { return "" }
