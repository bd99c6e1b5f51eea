package guard

import (
	"hash/maphash"
	"net/netip"
	"time"
)

// ways is the number of places that a key may take in a table.
const ways = 8

// table maps keys to values in a bounded amount of memory: when all places of a key are taken, the one that was used
// longest ago gives way.
type table[K comparable, V any] struct {
	seed maphash.Seed
	sets []*[ways]place[K, V] // nil until used: few are, unless somebody floods us
}

type place[K comparable, V any] struct {
	taken bool
	used  time.Duration
	key   K
	value V
}

// newTable makes a table of size places, a power of two.
func newTable[K comparable, V any](size int) *table[K, V] {
	return &table[K, V]{seed: maphash.MakeSeed(), sets: make([]*[ways]place[K, V], size/ways)}
}

// set is where the set of places of key hangs.
func (t *table[K, V]) set(key K) **[ways]place[K, V] {
	return &t.sets[maphash.Comparable(t.seed, key)%uint64(len(t.sets))]
}

// find returns the value of key, or nil.
func (t *table[K, V]) find(key K) *V {
	set := *t.set(key)
	if set == nil {
		return nil
	}
	for i := range set {
		if set[i].taken && set[i].key == key {
			return &set[i].value
		}
	}
	return nil
}

// get returns the value of key; where there is none it takes a place for it, and fresh is true.
func (t *table[K, V]) get(key K, now time.Duration) (v *V, fresh bool) {
	at := t.set(key)
	if *at == nil {
		*at = new([ways]place[K, V])
	}
	set := *at
	oldest := &set[0]
	for i := range set {
		p := &set[i]
		if p.taken && p.key == key {
			p.used = now
			return &p.value, false
		}
		if !p.taken || oldest.taken && p.used < oldest.used {
			oldest = p
		}
	}
	*oldest = place[K, V]{taken: true, used: now, key: key}
	return &oldest.value, true
}

// clear empties the table.
func (t *table[K, V]) clear() { clear(t.sets) }

// source is what rates and bans count as one: an IPv4 address, or the /64 that one IPv6 customer has.
type source [16]byte

func sourceOf(a netip.Addr) source {
	a = a.Unmap()
	s := source(a.As16())
	if a.Is6() {
		clear(s[8:])
	}
	return s
}

// bucket is a token bucket.
type bucket struct {
	tokens float64
	last   time.Duration
}

// fill makes the bucket full.
func (b *bucket) fill(r Rate, now time.Duration) { *b = bucket{tokens: r.Burst, last: now} }

// take takes a token if there is one.
func (b *bucket) take(r Rate, now time.Duration) bool {
	b.tokens = min(r.Burst, b.tokens+(now-b.last).Seconds()*r.PerSecond)
	b.last = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
