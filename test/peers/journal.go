package peers

import (
	"fmt"
	"sync"
	"time"
)

// journal keeps all that a peer has told, in order, for tests that wait for something in it.
type journal[T any] struct {
	mu      sync.Mutex
	entries []T
	changed chan struct{} // closed at the next entry or at the end
	ended   bool
}

func newJournal[T any]() *journal[T] { return &journal[T]{changed: make(chan struct{})} }

// add appends an entry and wakes who waits.
func (j *journal[T]) add(e T) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, e)
	j.wake()
}

// end says that no more will come.
func (j *journal[T]) end() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.ended = true
	j.wake()
}

// wake is called with mu held.
func (j *journal[T]) wake() {
	close(j.changed)
	j.changed = make(chan struct{})
}

// length is how many entries there are so far.
func (j *journal[T]) length() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.entries)
}

// after returns the entries from number n on, whether more may come, and what tells of more.
func (j *journal[T]) after(n int) (entries []T, open bool, changed <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.entries[min(n, len(j.entries)):], !j.ended, j.changed
}

// wait returns the first entry from number n on that matches, and the number of the one after it.
func (j *journal[T]) wait(n int, timeout time.Duration, match func(T) bool) (found T, next int, err error) {
	deadline := time.NewTimer(timeout)
	defer deadline.Stop()
	for {
		entries, open, changed := j.after(n)
		for i, e := range entries {
			if match(e) {
				return e, n + i + 1, nil
			}
		}
		n += len(entries)
		if !open {
			return found, n, fmt.Errorf("the peer has ended")
		}
		select {
		case <-changed:
		case <-deadline.C:
			return found, n, fmt.Errorf("nothing of the kind within %v", timeout)
		}
	}
}
