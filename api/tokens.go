package api

import (
	"crypto/rand"
	"crypto/sha256"
	"sync"
	"time"
)

// purpose is the one thing that a token opens.
type purpose string

const (
	forLogin      purpose = "login"      // one login on the WebSocket, once
	forOperations purpose = "operations" // the endpoints for operations, any number of times
)

// tokensPerUser bounds the live tokens of one user and purpose; the oldest makes room.
const tokensPerUser = 20

// tokens are the short-lived secrets that were handed out, known by their hashes alone.
type tokens struct {
	life time.Duration

	mu     sync.Mutex
	byHash map[[sha256.Size]byte]token
}

type token struct {
	user    string
	purpose purpose
	expires time.Time
	again   bool // it opens as often as one likes until then
	served  bool // the SDK was served for it, which is done once
	// page is the origin of the page elsewhere that the token logs in, where it was made for one.
	page string
}

func newTokens(life time.Duration) *tokens {
	return &tokens{life: life, byHash: make(map[[sha256.Size]byte]token)}
}

// issue makes a token of 130 random bits.
func (t *tokens) issue(user string, p purpose, now time.Time) (secret string, expires time.Time) {
	tok := token{user: user, purpose: p, expires: now.Add(t.life), again: p != forLogin}
	return t.put(tok), tok.expires
}

// put keeps a token and makes its secret.
func (t *tokens) put(tok token) (secret string) {
	secret = rand.Text()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.makeRoom(tok.user, tok.purpose)
	t.byHash[sha256.Sum256([]byte(secret))] = tok
	return secret
}

// makeRoom drops the oldest token of a user who has as many as may be. The caller holds mu.
func (t *tokens) makeRoom(user string, p purpose) {
	var oldest [sha256.Size]byte
	var expires time.Time
	n := 0
	for hash, tok := range t.byHash {
		if tok.user != user || tok.purpose != p {
			continue
		}
		if n++; n == 1 || tok.expires.Before(expires) {
			oldest, expires = hash, tok.expires
		}
	}
	if n >= tokensPerUser {
		delete(t.byHash, oldest)
	}
}

// use is whose token it is; one that does not open again is used up by it.
func (t *tokens) use(secret string, p purpose, now time.Time) (user string, ok bool) {
	return t.useAt(secret, p, "", now)
}

// useAt is use by a page elsewhere, of whose origin the token must be; at ours, where page is empty, all are good.
func (t *tokens) useAt(secret string, p purpose, page string, now time.Time) (user string, ok bool) {
	hash := sha256.Sum256([]byte(secret))
	t.mu.Lock()
	defer t.mu.Unlock()
	tok, ok := t.byHash[hash]
	if !ok || tok.purpose != p || !now.Before(tok.expires) || page != "" && page != tok.page {
		return "", false
	}
	if !tok.again {
		delete(t.byHash, hash)
	}
	return tok.user, true
}

// sweep forgets tokens that are out of date.
func (t *tokens) sweep(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for hash, tok := range t.byHash {
		if !now.Before(tok.expires) {
			delete(t.byHash, hash)
		}
	}
}
