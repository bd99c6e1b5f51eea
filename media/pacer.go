package media

import (
	"sync"
	"sync/atomic"
	"time"
)

// Tick is the period of everything that has no packets to drive it.
const Tick = 20 * time.Millisecond

// maxCatchUp is how many ticks are made up for at once.
const maxCatchUp = 3

// Pacer calls a function every Tick on a goroutine of its own. A tick that comes late is made up for, up to three of
// them at once; after a longer stall the Pacer begins anew.
type Pacer struct {
	f          func()
	stop, done chan struct{}
	once       sync.Once
	due        time.Time // of the next tick; of the goroutine
	late       atomic.Uint64
	resets     atomic.Uint64
}

// NewPacer starts a Pacer whose first tick comes after the given time. Close ends it.
func NewPacer(first time.Duration, f func()) *Pacer {
	p := newPacer(f, time.Now().Add(first-Tick))
	go p.run()
	return p
}

// newPacer makes a Pacer that does not run.
func newPacer(f func(), now time.Time) *Pacer {
	return &Pacer{f: f, stop: make(chan struct{}), done: make(chan struct{}), due: now.Add(Tick)}
}

// Close stops the Pacer and waits for its goroutine; so the function must not call it.
func (p *Pacer) Close() {
	p.once.Do(func() { close(p.stop) })
	<-p.done
}

func (p *Pacer) run() {
	defer close(p.done)
	t := time.NewTimer(time.Until(p.due))
	defer t.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-t.C:
			p.catchUp(time.Now())
			t.Reset(time.Until(p.due))
		}
	}
}

// catchUp does all ticks that are due.
func (p *Pacer) catchUp(now time.Time) {
	for n := 0; !p.due.After(now); n++ {
		if n == maxCatchUp {
			p.resets.Add(1)
			p.due = now.Add(Tick)
			return
		}
		if n > 0 {
			p.late.Add(1)
		}
		p.due = p.due.Add(Tick)
		p.f()
	}
}
