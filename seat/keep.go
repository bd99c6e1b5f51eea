package seat

import (
	"context"
	"maps"
	"slices"
	"time"
)

const (
	keepEvery = time.Minute            // a crash loses the times of at most so long
	keepPause = 200 * time.Millisecond // between two writes, so that many changes make one
	keepAgain = 2 * time.Second        // after one that failed
	keepTime  = 5 * time.Second        // for one
)

// keep is the goroutine that writes statuses and times to the Store: never in the way of a call.
func (d *Directory) keep() {
	every := time.NewTicker(keepEvery)
	defer every.Stop()
	for {
		select {
		case <-d.unsaved.dirty:
		case <-every.C:
			d.accountAll()
		case <-d.stop:
			d.accountAll()
			d.save()
			return
		}
		pause := keepPause
		if !d.save() {
			pause = keepAgain
			signal(d.unsaved.dirty)
		}
		select {
		case <-time.After(pause):
		case <-d.stop:
		}
	}
}

// save writes all that is unsaved. What the Store did not take is unsaved again, unless something newer is.
func (d *Directory) save() bool {
	d.saving.Lock()
	defer d.saving.Unlock()
	d.mu.Lock()
	wanted, times := d.unsaved.wanted, d.unsaved.times
	d.unsaved.wanted, d.unsaved.times = map[string]Wanted{}, map[timeKey]time.Duration{}
	d.mu.Unlock()
	if len(wanted) == 0 && len(times) == 0 {
		return true
	}
	ctx, cancel := context.WithTimeout(context.Background(), keepTime)
	defer cancel()
	err := d.config.Store.SaveStatuses(ctx, slices.Collect(maps.Values(wanted)), statusTimes(times))
	if err == nil {
		return true
	}
	d.config.Log.Error("statuses were not saved", "err", err)
	d.mu.Lock()
	defer d.mu.Unlock()
	maps.Copy(wanted, d.unsaved.wanted)
	d.unsaved.wanted = wanted
	for k, t := range times {
		d.unsaved.times[k] += t
	}
	return false
}
