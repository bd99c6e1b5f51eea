package media

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"seatbridge/codec"
)

const (
	tick       = 20 * time.Millisecond
	maxCatchUp = 3 // ticks that are made up for at once
)

// Clock paces sounds: one goroutine with a tick every 20 ms for all listeners. A tick that comes late is made up for,
// up to three of them at once; after a longer stall the Clock begins anew.
type Clock struct {
	stop, done chan struct{}

	mu     sync.Mutex
	plays  []*Playback
	closed bool

	due    time.Time   // of the next tick; of the goroutine
	now    []*Playback // copy of plays for one tick; of the goroutine
	late   atomic.Uint64
	resets atomic.Uint64
}

// NewClock starts a Clock. Close ends it.
func NewClock() *Clock {
	c := newClock(time.Now())
	go c.run()
	return c
}

// newClock makes a Clock that does not run.
func newClock(now time.Time) *Clock {
	return &Clock{stop: make(chan struct{}), done: make(chan struct{}), due: now.Add(tick)}
}

// Close stops the Clock and waits for its goroutine.
func (c *Clock) Close() {
	c.mu.Lock()
	if !c.closed {
		c.closed = true
		close(c.stop)
	}
	c.mu.Unlock()
	<-c.done
}

func (c *Clock) run() {
	defer close(c.done)
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		select {
		case <-c.stop:
			return
		case <-t.C:
			c.catchUp(time.Now())
		}
	}
}

// catchUp does all ticks that are due.
func (c *Clock) catchUp(now time.Time) {
	for n := 0; !c.due.After(now); n++ {
		if n == maxCatchUp {
			c.resets.Add(1)
			c.due = now.Add(tick)
			return
		}
		if n > 0 {
			c.late.Add(1)
		}
		c.due = c.due.Add(tick)
		c.tick()
	}
}

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
	return ClockStats{Playing: len(c.plays), Late: c.late.Load(), Resets: c.resets.Load()}
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
	if stopped {
		return
	}
	c := p.clock
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
	f.Timestamp += uint32(tick * time.Duration(id.ClockRate()) / time.Second)
	f.Payload = p.clip.payload(id, p.next)
	if p.next++; p.next == p.clip.len() {
		p.next = 0
	}
	if len(f.Payload) > 0 {
		p.to.Send(f)
	}
}
