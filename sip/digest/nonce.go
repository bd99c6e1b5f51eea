package digest

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"sync"
	"time"
)

// A nonce is 8 bytes time of issue (nanoseconds since newNonces), 8 bytes random, 16 bytes HMAC of both and the source:
// nothing is stored when it is issued, and it is worth nothing from another address.
const (
	nonceBody = 16
	nonceSize = 32
)

// countWindow is how far a nonce count may lag behind the highest one that was seen: UDP reorders.
const countWindow = 32

// counts remembers the nonce counts (nc) that were used: the highest, and one bit for each of those just below.
type counts struct {
	highest int
	seen    uint32 // bit i: highest-i was used
}

// use is true the first time that nc is used.
func (c *counts) use(nc int) bool {
	if nc > c.highest {
		c.seen = c.seen<<min(nc-c.highest, countWindow) | 1
		c.highest = nc
		return true
	}
	bit := uint32(1) << min(c.highest-nc, countWindow)
	if bit == 0 || c.seen&bit != 0 {
		return false
	}
	c.seen |= bit
	return true
}

// nonces issues nonces and sees to it that no nonce count is used twice.
type nonces struct {
	key   []byte
	start time.Time // monotonic: nonces don't mind when the wall clock is set
	life  time.Duration

	mu    sync.Mutex
	used  map[[nonceBody]byte]*counts
	order [][nonceBody]byte // keys of used in order of first use; a ring once it is full
	next  int               // of the ring
	floor time.Duration     // nonces issued until then are stale: what was known of them was forgotten
}

func newNonces(life time.Duration, size int) *nonces {
	key := make([]byte, 32)
	rand.Read(key) // never fails, see its documentation
	return &nonces{
		key: key, start: time.Now(), life: life, floor: -1,
		used: make(map[[nonceBody]byte]*counts), order: make([][nonceBody]byte, 0, size),
	}
}

// issue makes a nonce for source.
func (n *nonces) issue(source netip.Addr) string {
	var b [nonceSize]byte
	binary.BigEndian.PutUint64(b[:], uint64(time.Since(n.start)))
	rand.Read(b[8:nonceBody])
	n.sign(&b, source)
	return hex.EncodeToString(b[:])
}

// check is true where nonce was issued to source and is not too old. It returns the nonce for count.
func (n *nonces) check(nonce string, source netip.Addr) (id [nonceBody]byte, ok bool) {
	var b [nonceSize]byte
	if len(nonce) != 2*nonceSize {
		return id, false
	}
	if _, err := hex.Decode(b[:], []byte(nonce)); err != nil {
		return id, false
	}
	signed := b
	n.sign(&signed, source)
	id = [nonceBody]byte(b[:nonceBody])
	return id, hmac.Equal(signed[:], b[:]) && time.Since(n.start)-issuedAt(id) <= n.life
}

// count is true the first time that a checked nonce is used with nc.
func (n *nonces) count(id [nonceBody]byte, nc int) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	c := n.used[id]
	if c == nil {
		if issuedAt(id) <= n.floor {
			return false
		}
		c = n.remember(id)
	}
	return c.use(nc)
}

// remember starts to count a nonce. When there is no room the one remembered longest is forgotten, and no nonce as old
// as that is accepted any more: it could be used twice. Called with mu held.
func (n *nonces) remember(id [nonceBody]byte) *counts {
	c := &counts{}
	n.used[id] = c
	if len(n.order) < cap(n.order) {
		n.order = append(n.order, id)
		return c
	}
	old := n.order[n.next]
	n.floor = max(n.floor, issuedAt(old))
	delete(n.used, old)
	n.order[n.next] = id
	n.next = (n.next + 1) % len(n.order)
	return c
}

func (n *nonces) sign(b *[nonceSize]byte, source netip.Addr) {
	m := hmac.New(sha256.New, n.key)
	m.Write(b[:nonceBody])
	a := source.As16()
	m.Write(a[:])
	copy(b[nonceBody:], m.Sum(nil))
}

func issuedAt(id [nonceBody]byte) time.Duration {
	return time.Duration(binary.BigEndian.Uint64(id[:]))
}
