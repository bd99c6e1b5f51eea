package seat

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestTimes has the time in each status counted by day, over midnight, with and without a Store, and over a restart.
func TestTimes(t *testing.T) {
	for name, store := range map[string]Store{
		"kept": newMemory(Saved{Staff: []Staff{phone("ann", "1001")}}), "not kept": nil,
	} {
		bubble(t, name, func(t *testing.T) {
			c := Config{Store: store, Staff: []Staff{phone("ann", "1001")}}
			f := openFloor(t, c)
			first := f.Today()
			time.Sleep(22 * time.Hour)
			f.ask("ann", StatusRest)
			time.Sleep(time.Hour)
			f.times(first, map[Status]time.Duration{StatusFree: 22 * time.Hour, StatusRest: time.Hour})
			time.Sleep(3 * time.Hour)
			f.must(f.claim("ann", "s1", never))
			time.Sleep(90 * time.Second)
			f.times(f.Today(), map[Status]time.Duration{StatusRest: 2 * time.Hour, StatusBusy: 90 * time.Second})
			if store == nil {
				return
			}
			f.times(first, map[Status]time.Duration{StatusFree: 22 * time.Hour, StatusRest: 2 * time.Hour})
			f.Close()
			f = openFloor(t, c)
			f.is("ann", StatusRest) // what was wanted is kept
			time.Sleep(time.Hour)
			f.times(f.Today(), map[Status]time.Duration{StatusRest: 3 * time.Hour, StatusBusy: 90 * time.Second})
		})
	}
}

func (f *floor) times(day Day, want map[Status]time.Duration) {
	f.t.Helper()
	got, err := f.Times(f.t.Context(), day)
	f.must(err)
	if len(got) != len(want) {
		f.t.Errorf("%v, want %v", got, want)
	}
	for _, s := range got {
		if s.User != "ann" || s.Day != day || s.Time != want[s.Status] {
			f.t.Errorf("%+v, want %v", s, want)
		}
	}
}

// TestSaving has the Store be told soon, in few writes, and again what it did not take.
func TestSaving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory(Saved{Staff: []Staff{phone("ann", "1001"), phone("ben", "1002")}})
		f := openFloor(t, Config{Store: store})
		start := time.Now()
		wanted := func(user string, want Status) {
			t.Helper()
			for _, w := range store.saved.Wanted {
				if w.User == user && w.Status == want {
					return
				}
			}
			t.Errorf("stored %v, want %s to want %s", store.saved.Wanted, user, want)
		}
		for range 100 {
			f.ask("ann", StatusRest)
			f.ask("ann", StatusNotReady)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		wanted("ann", StatusNotReady)
		if store.writes > 3 {
			t.Errorf("%d writes in a second", store.writes)
		}
		store.failing(errors.New("locked"))
		f.ask("ann", StatusRest)
		f.ask("ben", StatusRest)
		time.Sleep(5 * time.Minute)
		f.ask("ben", StatusFree)
		f.ask("ben", StatusRest)
		store.duringWrite(func() { f.ask("ben", StatusNotReady) }) // newer than what is being written
		time.Sleep(5 * time.Second)
		store.failing(nil)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		wanted("ann", StatusRest)
		wanted("ben", StatusNotReady)
		time.Sleep(2 * time.Minute) // nothing happens but time
		synctest.Wait()
		total := time.Duration(0)
		for k, d := range store.times {
			if k.user == "ann" {
				total += d
			}
		}
		if lost := time.Since(start) - total; lost < 0 || lost > time.Minute {
			t.Errorf("a crash would lose %v", lost)
		}
	})
}
