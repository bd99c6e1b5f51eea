package seat

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"
)

// loadTime is how long the Store may take at the start.
const loadTime = 30 * time.Second

// build is New without the goroutines.
func build(c Config) (*Directory, error) {
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Metrics == nil {
		c.Metrics = NewMetrics(nil)
	}
	c.TryAgain = cmp.Or(c.TryAgain, 5*time.Second)
	d := &Directory{
		config: c, table: newTable(), wake: make(chan struct{}, 1), stop: make(chan struct{}),
		byUser: map[string]*place{}, byExtension: map[string]*place{}, groups: map[int64]*group{},
		waiters: map[string]*waiter{}, unsaved: newUnsaved(c.Store != nil),
	}
	saved := Saved{Staff: c.Staff, Groups: c.Groups}
	if c.Store != nil {
		ctx, cancel := context.WithTimeout(context.Background(), loadTime)
		defer cancel()
		var err error
		if saved, err = c.Store.LoadSeats(ctx); err != nil {
			return nil, fmt.Errorf("seat: store: %w", err)
		}
	}
	if err := d.load(saved); err != nil {
		return d, err
	}
	c.Metrics.directory.Store(d)
	return d, nil
}

func (d *Directory) load(saved Saved) error {
	now := time.Now()
	for _, s := range saved.Staff {
		s = s.withDefaults()
		if err := cmp.Or(d.checkNew(s.User), d.checkStaff(s)); err != nil {
			return err
		}
		d.addPlace(s, now)
	}
	for _, w := range saved.Wanted {
		if p := d.byUser[w.User]; p != nil && w.Status.may() {
			p.wanted = w
		}
	}
	for _, p := range d.byUser {
		reachable := d.config.Reachable == nil || d.config.Reachable(p.staff)
		d.presence(p, now, func() { p.reachable = reachable })
		d.step(p, eventAsked, now)
	}
	if err := d.loadGroups(saved, now); err != nil {
		return err
	}
	for _, s := range saved.Served {
		if p := d.byUser[s.User]; p != nil {
			d.served(p, s.Number, s.At)
		}
	}
	d.settle(now)   // nobody waits yet,
	d.touched = nil // nor watches
	return nil
}

func (d *Directory) loadGroups(saved Saved, now time.Time) error {
	d.lastGroup = saved.LastGroup
	for _, g := range saved.Groups {
		if g.ID == 0 {
			g.ID = d.lastGroup + 1
		}
		g = g.withDefaults()
		g.Version = max(g.Version, 1)
		if d.groups[g.ID] != nil {
			return fmt.Errorf("%w: group %d is there twice", ErrConfig, g.ID)
		}
		if err := d.checkGroup(g); err != nil {
			return err
		}
		d.putGroup(g, now)
	}
	return nil
}
