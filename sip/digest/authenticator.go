package digest

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

// Why Verify refuses.
var (
	ErrNoCredentials = errors.New("digest: no credentials for this realm")
	ErrMalformed     = errors.New("digest: malformed credentials")
	ErrCredentials   = errors.New("digest: unknown user or wrong password")
	ErrStale         = errors.New("digest: the nonce is old, foreign or used")
	ErrBanned        = errors.New("digest: user is locked for this source")
)

// Gate is told of every verdict and may close the door; guard.Guard is one. Its methods must not block.
type Gate interface {
	// AuthFailed is called for a wrong password and for an unknown user alike.
	AuthFailed(source netip.Addr, user string)
	// AuthPassed is called for a right password with a good nonce.
	AuthPassed(source netip.Addr, user string)
	// AuthPermitted says whether the user's credentials from source are looked at at all.
	AuthPermitted(source netip.Addr, user string) bool
}

// Config is what an Authenticator needs.
type Config struct {
	Realm     string
	NonceLife time.Duration // it defaults to 300 s
	MaxNonces int           // nonces whose counts are remembered; it defaults to 65536
	Gate      Gate          // may be nil
}

// Authenticator challenges requests and verifies credentials. It is safe for concurrent use.
type Authenticator struct {
	realm  string
	gate   Gate
	nonces *nonces
	dummy  string // an HA1 that nobody has, for unknown users
}

// NewAuthenticator makes an Authenticator with a fresh random key: nonces do not outlive the process.
func NewAuthenticator(cfg Config) *Authenticator {
	if cfg.NonceLife <= 0 {
		cfg.NonceLife = 300 * time.Second
	}
	if cfg.MaxNonces <= 0 {
		cfg.MaxNonces = 65536
	}
	return &Authenticator{
		realm:  cfg.Realm,
		gate:   cfg.Gate,
		nonces: newNonces(cfg.NonceLife, cfg.MaxNonces),
		dummy:  HA1(MD5, rand.Text(), cfg.Realm, rand.Text()),
	}
}

// Realm is the protection domain that users see.
func (a *Authenticator) Realm() string { return a.realm }

// Challenge makes the header that belongs into the answer to req: WWW-Authenticate for 401, Proxy-Authenticate for
// 407. It is the only challenge of that answer: baresip 1.0.0 fails on two (RFC 8760 would allow them). The answer must
// be sent without a transaction (RFC 3261 section 26.3.2.4): a retransmitted challenge is an amplifier.
func (a *Authenticator) Challenge(req *sip.Request, status int, alg Algorithm, stale bool) sip.Header {
	c := digest.Challenge{
		Realm:     a.realm,
		Nonce:     a.nonces.issue(sourceAddr(req)),
		Algorithm: string(alg),
		QOP:       []string{"auth"},
		Stale:     stale,
	}
	name := "WWW-Authenticate"
	if status == sip.StatusProxyAuthRequired {
		name = "Proxy-Authenticate"
	}
	return sip.NewHeader(name, c.String())
}

// Verify checks the credentials of req and returns the user that they prove. The error is one of the Err values above:
// on ErrBanned the request is to be dropped without an answer, on the others it is to be challenged, with stale set on
// ErrStale. An unknown user takes the same path as a wrong password.
//
// The password is looked at only with a nonce of ours (RFC 7616 section 3.3 allows stale without it): a guess needs one
// of ours, and so an address that our challenge reached. Nobody can get another's address banned by forging it.
func (a *Authenticator) Verify(req *sip.Request, lookup Lookup) (user string, err error) {
	cred, err := a.credentials(req)
	if err != nil {
		return "", err
	}
	source := sourceAddr(req)
	if a.gate != nil && !a.gate.AuthPermitted(source, cred.Username) {
		return "", ErrBanned
	}
	nonce, ok := a.nonces.check(cred.Nonce, source)
	if !ok {
		return "", ErrStale
	}
	secret, known := lookup(cred.Username)
	if !known {
		secret = Secret{HA1: a.dummy, Algorithm: Algorithm(cred.Algorithm)}
	}
	if !matches(cred, req.Method, secret) || !known {
		if a.gate != nil {
			a.gate.AuthFailed(source, cred.Username)
		}
		return "", ErrCredentials
	}
	if !a.nonces.count(nonce, cred.Nc) {
		return "", ErrStale
	}
	if a.gate != nil {
		a.gate.AuthPassed(source, cred.Username)
	}
	return cred.Username, nil
}

// credentials finds those for our realm. A request carries several where proxies on the way have realms of their own.
func (a *Authenticator) credentials(req *sip.Request) (*digest.Credentials, error) {
	for _, name := range []string{"Authorization", "Proxy-Authorization"} {
		for _, h := range req.GetHeaders(name) {
			cred, err := digest.ParseCredentials(h.Value())
			if err != nil || cred.Realm != a.realm {
				continue
			}
			if cred.QOP != "auth" || cred.Nc <= 0 || cred.Cnonce == "" || cred.Userhash || !sameTarget(cred.URI, req) {
				return nil, ErrMalformed
			}
			if cred.Algorithm == "" {
				cred.Algorithm = string(MD5) // RFC 7616 section 3.3
			}
			return cred, nil
		}
	}
	return nil, ErrNoCredentials
}

// matches computes the response that the password's owner would have sent.
func matches(cred *digest.Credentials, method sip.RequestMethod, secret Secret) bool {
	chal := digest.Challenge{
		Realm: cred.Realm, Nonce: cred.Nonce, Algorithm: string(secret.Algorithm), QOP: []string{"auth"},
	}
	want, err := digest.Digest(&chal, digest.Options{
		Method: string(method), URI: cred.URI, Username: cred.Username, A1: secret.HA1,
		Count: cred.Nc, Cnonce: cred.Cnonce,
	})
	return err == nil && strings.EqualFold(cred.Algorithm, string(secret.Algorithm)) &&
		subtle.ConstantTimeCompare([]byte(want.Response), []byte(strings.ToLower(cred.Response))) == 1
}

// sameTarget is true where the digest's URI names the same resource as the request (RFC 7616 section 3.4.6): who hears
// the credentials of one call can't use them for another number. Ports and parameters are left aside: phones differ.
func sameTarget(text string, req *sip.Request) bool {
	var u sip.Uri
	if err := sip.ParseUri(text, &u); err != nil {
		return false
	}
	return unescape(u.User) == unescape(req.Recipient.User) && strings.EqualFold(u.Host, req.Recipient.Host) &&
		u.Raw() == req.Recipient.Raw()
}

// unescape takes the %-escapes off a URI's user part: some phones escape # in one place and not in the other.
func unescape(user string) string {
	if plain, err := url.PathUnescape(user); err == nil {
		return plain
	}
	return user
}

// sourceAddr is where the request came from; the zero Addr where that is not known.
func sourceAddr(req *sip.Request) netip.Addr {
	ap, err := netip.ParseAddrPort(req.Source())
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap()
}
