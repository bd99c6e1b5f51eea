package seat

import (
	"container/heap"
	"time"
)

// timers are what is to be done later, soonest first; Directory.mu guards them.
type timers []*timer

type timer struct {
	at    time.Time
	do    func(now time.Time)
	index int // in timers; -1 when it is not there
}

// at does something later.
func (ts *timers) at(at time.Time, do func(now time.Time)) *timer {
	t := &timer{at: at, do: do}
	heap.Push(ts, t)
	return t
}

// stop forgets a timer; nil and those that have fired are fine.
func (ts *timers) stop(t *timer) {
	if t != nil && t.index >= 0 {
		heap.Remove(ts, t.index)
	}
}

// fire does what is due.
func (ts *timers) fire(now time.Time) {
	for len(*ts) > 0 && !(*ts)[0].at.After(now) {
		heap.Pop(ts).(*timer).do(now)
	}
}

// next is when the next one is due; false where there is none.
func (ts timers) next() (time.Time, bool) {
	if len(ts) == 0 {
		return time.Time{}, false
	}
	return ts[0].at, true
}

// These are for container/heap.

func (ts timers) Len() int           { return len(ts) }
func (ts timers) Less(i, j int) bool { return ts[i].at.Before(ts[j].at) }
func (ts timers) Swap(i, j int) {
	ts[i], ts[j] = ts[j], ts[i]
	ts[i].index, ts[j].index = i, j
}

// Push is for container/heap.
func (ts *timers) Push(x any) {
	t := x.(*timer)
	t.index = len(*ts)
	*ts = append(*ts, t)
}

// Pop is for container/heap.
func (ts *timers) Pop() any {
	last := len(*ts) - 1
	t := (*ts)[last]
	(*ts)[last] = nil
	*ts = (*ts)[:last]
	t.index = -1
	return t
}
