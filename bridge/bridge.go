package bridge

import (
	"slices"
	"sync"
	"sync/atomic"

	"seatbridge/codec"
	"seatbridge/media"
)

// Config is what a Bridge works with.
type Config struct {
	Clock   *media.Clock   // paces sounds; shared by all bridges; needed where a row has a sound
	Codec   codec.Options  // of the encoders
	Metrics *media.Metrics // of decoders and encoders; may be nil
}

// Bridge feeds the parties of one session by a Table. Its methods are safe to call from any goroutine and wait for
// nothing but packets that are being sent at that moment.
type Bridge struct {
	config Config
	routes atomic.Pointer[routes] // swapped as a whole; each speaker loads it once a packet

	mu      sync.Mutex
	parties map[PartyID]*party
	table   Table  // the last that was applied
	mixer   *mixer // nil while there is nothing to mix
}

// New makes a Bridge without parties.
func New(c Config) *Bridge {
	b := &Bridge{config: c, parties: map[PartyID]*party{}}
	b.routes.Store(&routes{})
	return b
}

// Add takes a party in: from now on its Receiver hands to the Bridge. A party of the same id is replaced. What the
// table in force says about the id counts at once.
func (b *Bridge) Add(id PartyID, p media.Port) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if old := b.parties[id]; old != nil {
		b.drop(old)
	}
	added := &party{id: id, port: p, ears: make([]ear, len(p.Ears))}
	added.speaker = newSpeaker(p.In, &b.routes, b.config)
	b.parties[id] = added
	b.settle()
	p.In.SetSink(added.speaker)
}

// Remove takes a party out of the session, and out of every row. Once it returns nothing reaches or leaves the party.
func (b *Bridge) Remove(id PartyID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p := b.parties[id]; p != nil {
		b.drop(p)
	}
}

// drop is Remove under the lock.
func (b *Bridge) drop(p *party) {
	p.port.In.SetSink(nil)
	delete(b.parties, p.id)
	p.silence()
	b.settle()
	p.speaker.close()
}

// Apply puts a table into force, as a whole and between two packets. Once it returns nobody hears who is not in its
// row. Ids of parties that were not added are ignored until they are.
func (b *Bridge) Apply(t Table) {
	t = t.clone()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.table = t
	b.settle()
}

// settle brings everything in line with the table and the parties that are there: sounds that end, then the swap, then
// it waits for what is on its way by the old routes, then sounds that begin.
func (b *Bridge) settle() {
	for id, p := range b.parties {
		p.assign(b.table[id], b.parties)
	}
	before := b.routes.Load()
	next := compile(b.parties, before, b.config)
	b.routes.Store(next)
	for _, p := range b.parties {
		p.speaker.settle(next)
	}
	b.settleMixer(next)
	b.retire(before, next)
	for _, p := range b.parties {
		p.sound(b.config.Clock)
	}
}

// settleMixer has a mixer run just while there is something to mix.
func (b *Bridge) settleMixer(next *routes) {
	switch {
	case len(next.mixes) == 0 && b.mixer != nil:
		b.mixer.close()
		b.mixer = nil
	case len(next.mixes) > 0 && b.mixer == nil:
		b.mixer = newMixer(&b.routes)
	case b.mixer != nil:
		b.mixer.settle(next)
	}
}

// retire frees the inputs and mixes that are in use no more.
func (b *Bridge) retire(before, next *routes) {
	for _, in := range before.inputs {
		if !slices.Contains(next.inputs, in) {
			b.config.Metrics.Untrack(in.JitterBuffer)
		}
	}
	for _, old := range before.mixes {
		if !slices.ContainsFunc(next.mixes, func(r mixRoute) bool { return r.mix == old.mix }) {
			old.mix.outputs.close()
		}
	}
}

// Hears is the row of a listener in force: the speakers that it hears, as far as they are there.
func (b *Bridge) Hears(id PartyID) []PartyID {
	return slices.Clone(b.routes.Load().hears[id])
}

// Close takes all parties out and frees what the Bridge holds.
func (b *Bridge) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.table = nil
	for _, p := range b.parties {
		b.drop(p)
	}
}
