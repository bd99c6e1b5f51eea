package ccc

import (
	"crypto/sha256"
	"slices"
	"sync"
	"time"
)

// sameSecond is for how long a signature may come again. The vendor's clients sign neither the action nor anything that
// differs between two requests of one second: the same parameters give the same signature, for any action. Beside that
// second it leaves room for what a busy network takes.
const sameSecond = 5 * time.Second

// maxUses bounds the signatures that are remembered: 100 a second for as long as each could be used.
const maxUses = 60_000

// uses remembers the signatures that were used, for as long as they could be used again.
type uses struct {
	mu     sync.Mutex
	known  map[[sha256.Size]byte]*use
	oldest []*use // in the order of their coming
}

type use struct {
	signature [sha256.Size]byte
	at        time.Time
	address   string
	changes   []string // actions that changed something
}

func newUses() *uses { return &uses{known: map[[sha256.Size]byte]*use{}} }

// take notes one use of a valid signature by a client's address, or says why it may not be used: again by another
// address, after sameSecond, or to change the same thing again. changes says that the action changes something.
func (u *uses) take(signature [sha256.Size]byte, address, action string, changes bool, now time.Time) *Error {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.sweep(now)
	before := u.known[signature]
	switch {
	case before == nil && len(u.oldest) >= maxUses:
		return errorf(codeRequestLimit, "too many requests: try again later")
	case before == nil:
		before = &use{signature: signature, at: now, address: address}
		u.known[signature] = before
		u.oldest = append(u.oldest, before)
	case before.address != address || now.Sub(before.at) > sameSecond || slices.Contains(before.changes, action):
		return errorf(codeSignatureExpire, "this signature was used before: sign each request anew")
	}
	if changes {
		before.changes = append(before.changes, action)
	}
	return nil
}

// sweep forgets what is too old to be used: a signature's time may be up to skew ahead of ours. The caller holds mu.
func (u *uses) sweep(now time.Time) {
	n := 0
	for n < len(u.oldest) && now.Sub(u.oldest[n].at) > 2*skew {
		delete(u.known, u.oldest[n].signature)
		n++
	}
	u.oldest = u.oldest[n:]
}
