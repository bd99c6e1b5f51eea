package seat

import (
	"slices"
	"time"
)

// do does something under the lock, deals free seats to who waits, and then tells what has changed.
func (d *Directory) do(f func(now time.Time) error) error {
	d.mu.Lock()
	now := time.Now()
	err := f(now)
	d.settle(now)
	touched, watchers, wake := d.touched, d.watchers, d.wakes()
	d.touched = nil
	d.mu.Unlock()
	if wake {
		signal(d.wake)
	}
	tell(watchers, touched)
	return err
}

// signal wakes whoever waits on a channel of capacity 1.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// wakes says that run has something to do before it would wake up.
func (d *Directory) wakes() bool {
	next, ok := d.timers.next()
	return len(d.outbox) > 0 || ok && (d.sleeps.IsZero() || next.Before(d.sleeps))
}

// touch remembers whose watchers are to be told.
func (d *Directory) touch(p *place) {
	if !slices.Contains(d.touched, p.staff.User) {
		d.touched = append(d.touched, p.staff.User)
	}
}

func tell(watchers []func(string), users []string) {
	for _, user := range users {
		for _, w := range watchers {
			w(user)
		}
	}
}

// run is the goroutine of the timers and of the waiters' callbacks. It ends when the Directory is closed.
func (d *Directory) run() {
	alarm := time.NewTimer(time.Hour)
	defer alarm.Stop()
	for {
		calls, sleep, closed := d.turn()
		for _, c := range calls {
			c()
		}
		switch {
		case len(calls) > 0:
			continue
		case closed:
			return
		}
		alarm.Reset(sleep)
		select {
		case <-d.wake:
		case <-alarm.C:
		}
	}
}

// turn does what is due. It returns the callbacks to call and how long there is nothing else to do.
func (d *Directory) turn() (calls []func(), sleep time.Duration, closed bool) {
	d.mu.Lock()
	now := time.Now()
	d.timers.fire(now)
	d.settle(now)
	touched, watchers := d.touched, d.watchers
	calls, d.touched, d.outbox = d.outbox, nil, nil
	sleep = time.Hour
	if next, ok := d.timers.next(); ok {
		sleep = min(sleep, next.Sub(now))
	}
	d.sleeps = now.Add(sleep)
	closed = d.closed
	d.mu.Unlock()
	tell(watchers, touched)
	return calls, sleep, closed
}
