package media

import (
	"math/rand/v2"
	"sync"
	"time"

	"seatbridge/codec"
)

// Clock paces sounds: one goroutine for all listeners.
type Clock struct {
	pacer *Pacer

	mu    sync.Mutex
	plays []*Playback

	now []*Playback // copy of plays for one tick; of the goroutine
}

// NewClock starts a Clock. Close ends it.
func NewClock() *Clock {
	c := &Clock{}
	c.pacer = NewPacer(Tick, c.tick)
	return c
}

// Close stops the Clock and waits for its goroutine.
func (c *Clock) Close() { c.pacer.Close() }

// tick sends one frame to every listener.
func (c *Clock) tick() {
	c.mu.Lock()
	c.now = append(c.now[:0], c.plays...)
	c.mu.Unlock()
	for _, p := range c.now {
		p.send()
	}
	clear(c.now) // let go of those that stop
}

// Stats is a snapshot.
func (c *Clock) Stats() ClockStats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return ClockStats{Playing: len(c.plays), Late: c.pacer.late.Load(), Resets: c.pacer.resets.Load()}
}

// ClockStats counts what a Clock did.
type ClockStats struct {
	Playing int    // listeners now
	Late    uint64 // ticks that were made up for
	Resets  uint64 // stalls too long for that
}

// Playback is a Clip being played to one Sender.
type Playback struct {
	clock *Clock
	clip  *Clip
	to    *Sender
	index int // in clock.plays, under its lock

	mu      sync.Mutex
	stopped bool
	next    int   // frame of the clip
	frame   Frame // lent to the Sender
}

// Play plays a Clip to a Sender from its beginning, round and round until Stop.
func (c *Clock) Play(clip *Clip, to *Sender) *Playback {
	p := &Playback{clock: c, clip: clip, to: to}
	c.mu.Lock()
	defer c.mu.Unlock()
	p.index = len(c.plays)
	c.plays = append(c.plays, p)
	return p
}

// Clip is what is played.
func (p *Playback) Clip() *Clip { return p.clip }

// Stop ends the Playback; once it returns no more of it is sent.
func (p *Playback) Stop() {
	p.mu.Lock()
	stopped := p.stopped
	p.stopped = true
	p.mu.Unlock()
	if !stopped {
		p.clock.forget(p)
	}
}

// forget takes a Playback off the list.
func (c *Clock) forget(p *Playback) {
	c.mu.Lock()
	defer c.mu.Unlock()
	last := len(c.plays) - 1
	c.plays[p.index] = c.plays[last]
	c.plays[p.index].index = p.index
	c.plays[last] = nil
	c.plays = c.plays[:last]
}

// send sends the next frame.
func (p *Playback) send() {
	p.mu.Lock()
	defer p.mu.Unlock()
	id := p.to.Codec()
	if p.stopped || id == codec.None {
		return
	}
	f := &p.frame
	if f.Codec != id {
		f.Stream, f.Codec, f.Timestamp = rand.Uint64(), id, 0
	}
	f.Seq++
	f.Timestamp += uint32(Tick * time.Duration(id.ClockRate()) / time.Second)
	f.Payload = p.clip.payload(id, p.next)
	p.next = (p.next + 1) % p.clip.Len()
	if len(f.Payload) > 0 {
		p.to.Send(f)
	}
}
