package dialog

import "sync"

// queue runs functions one after the other, on one goroutine at a time, which is started when there is something to do
// and ends when there is nothing left: a dialog that is quiet costs no goroutine.
type queue struct {
	spawn func(run func()) bool
	step  func(f func())

	mu     sync.Mutex
	jobs   []func()
	busy   bool // the goroutine runs, or must not run yet
	closed bool
}

// posted is what became of a function that was given to a queue.
type posted int

const (
	queued posted = iota
	full
	closed
)

// post adds f to the end. limit is how many may wait, or 0.
func (q *queue) post(f func(), limit int) posted {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.closed:
		return closed
	case limit > 0 && len(q.jobs) >= limit:
		return full
	}
	q.jobs = append(q.jobs, f)
	q.wake()
	return queued
}

// wake starts the goroutine where it is needed and not there. mu is held.
func (q *queue) wake() {
	if !q.busy && len(q.jobs) > 0 {
		q.busy = q.spawn(q.run)
	}
}

// pause keeps the goroutine from starting until resume.
func (q *queue) pause() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.busy = true
}

func (q *queue) resume() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.busy = false
	q.wake()
}

// close has the queue take nothing more; what is in it still runs. It is false where it was closed before.
func (q *queue) close() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	first := !q.closed
	q.closed = true
	return first
}

func (q *queue) run() {
	for {
		q.mu.Lock()
		if len(q.jobs) == 0 {
			q.busy = false
			q.mu.Unlock()
			return
		}
		f := q.jobs[0]
		q.jobs = q.jobs[1:]
		q.mu.Unlock()
		q.step(f)
	}
}
