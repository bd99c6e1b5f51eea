package bridge

import (
	"sync"
	"sync/atomic"
	"time"

	"seatbridge/media"
)

// mixer makes the mixes of one session. Only a session that has an ear with several speakers on it has one. It runs by
// a clock of its own, reads what is there and never waits: what is late is silence.
type mixer struct {
	routes *atomic.Pointer[routes]
	pacer  *media.Pacer

	mu sync.Mutex // held for a tick, so that older routes can be waited out
}

// firstMix is when a new mixer makes its first block. Whoever comes to be heard with it has sent a packet 20 ms later at
// the latest, of which the jitter buffer, and a decoder of Opus, hold the beginning back for 13 ms: so all of them are in
// the second block, 35 ms after the change.
const firstMix = 15 * time.Millisecond

func newMixer(r *atomic.Pointer[routes]) *mixer {
	m := &mixer{routes: r}
	m.pacer = media.NewPacer(firstMix, m.tick)
	return m
}

// tick mixes one block of everything.
func (m *mixer) tick() {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, now := m.routes.Load(), time.Now()
	for _, in := range r.inputs {
		in.Read(in.block[:], now)
	}
	for _, x := range r.mixes {
		x.mix.next(x.to)
	}
}

// settle waits until nothing is mixed by older routes than r, and closes what r needs no more.
func (m *mixer) settle(r *routes) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, x := range r.mixes {
		x.mix.keep(x.to)
	}
}

func (m *mixer) close() { m.pacer.Close() }
