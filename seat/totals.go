package seat

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"
)

// timeKey is whose time in what, and when.
type timeKey struct {
	user   string
	day    Day
	status Status
}

// unsaved is what the Store is still to be told; Directory.mu guards it. It holds at most one line for each seat, and
// one for each seat, status and day. Without a Store it keeps the times of today.
type unsaved struct {
	stored bool
	dirty  chan struct{} // something is there
	wanted map[string]Wanted
	times  map[timeKey]time.Duration
}

func newUnsaved(stored bool) *unsaved {
	return &unsaved{
		stored: stored, dirty: make(chan struct{}, 1), wanted: map[string]Wanted{}, times: map[timeKey]time.Duration{},
	}
}

func (u *unsaved) want(w Wanted) {
	if u.stored {
		u.wanted[w.User] = w
		signal(u.dirty)
	}
}

func (u *unsaved) add(k timeKey, d time.Duration) {
	if _, ok := u.times[k]; !ok && !u.stored {
		maps.DeleteFunc(u.times, func(old timeKey, _ time.Duration) bool { return old.day < k.day })
	}
	u.times[k] += d
	if u.stored {
		signal(u.dirty)
	}
}

func (d *Directory) day(t time.Time) Day { return Day(t.In(d.config.Zone).Format(time.DateOnly)) }

// Today is the day that it is in Config.Zone.
func (d *Directory) Today() Day { return d.day(time.Now()) }

// account puts the time in a seat's status until now into the totals, split at midnights.
func (d *Directory) account(p *place, now time.Time) {
	for p.counted.Before(now) {
		t := p.counted.In(d.config.Zone)
		end := time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, d.config.Zone)
		if !end.After(t) || end.After(now) { // the former where the zone has no such midnight
			end = now
		}
		d.unsaved.add(timeKey{p.staff.User, d.day(t), p.status}, end.Sub(p.counted))
		p.counted = end
	}
}

// Times are how long each user was in each status on a day, of today until now, by user and status. Without a Store
// only today is known. The error is the Store's.
func (d *Directory) Times(ctx context.Context, day Day) ([]StatusTime, error) {
	d.saving.Lock()
	defer d.saving.Unlock()
	total := map[timeKey]time.Duration{}
	err := d.stored(func(s Store) error {
		times, err := s.TimesOf(ctx, day)
		for _, t := range times {
			total[timeKey{t.User, t.Day, t.Status}] += t.Time
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	d.accountAll()
	d.mu.Lock()
	defer d.mu.Unlock()
	for k, t := range d.unsaved.times {
		if k.day == day {
			total[k] += t
		}
	}
	return statusTimes(total), nil
}

// accountAll brings the totals up to date.
func (d *Directory) accountAll() {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	for _, p := range d.byUser {
		d.account(p, now)
	}
}

func statusTimes(times map[timeKey]time.Duration) []StatusTime {
	all := make([]StatusTime, 0, len(times))
	for k, t := range times {
		all = append(all, StatusTime{User: k.user, Day: k.day, Status: k.status, Time: t})
	}
	slices.SortFunc(all, func(a, b StatusTime) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.User, b.User), cmp.Compare(a.Status, b.Status))
	})
	return all
}
