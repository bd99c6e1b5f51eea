package seat

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// AddGroup adds a group; an ID of 0 means the next one, and Version is ignored. It is stored when AddGroup returns it.
// The error is ErrConfig, ErrExists, or the Store's.
func (d *Directory) AddGroup(ctx context.Context, g Group) (Group, error) {
	d.admin.Lock()
	defer d.admin.Unlock()
	g.Version = 0
	if g.ID == 0 {
		g.ID = d.nextGroup()
	}
	if _, ok := d.Group(g.ID); ok {
		return g, fmt.Errorf("%w: group %d", ErrExists, g.ID)
	}
	return d.writeGroup(ctx, g, Group{})
}

func (d *Directory) nextGroup() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.lastGroup + 1
}

// ChangeGroup replaces the group of that ID, where Version is the one that is there. It is stored when ChangeGroup
// returns it. Those who wait stay, with the new times. The error is ErrUnknownGroup, ErrConflict, ErrConfig, or the
// Store's.
func (d *Directory) ChangeGroup(ctx context.Context, g Group) (Group, error) {
	d.admin.Lock()
	defer d.admin.Unlock()
	old, ok := d.Group(g.ID)
	switch {
	case !ok:
		return g, fmt.Errorf("%w: %d", ErrUnknownGroup, g.ID)
	case old.Version != g.Version:
		return g, fmt.Errorf("%w: group %d has version %d", ErrConflict, g.ID, old.Version)
	}
	return d.writeGroup(ctx, g, old)
}

// writeGroup checks, stores and then makes a change of a group. The lock is free while the Store writes: calls go on.
func (d *Directory) writeGroup(ctx context.Context, g, old Group) (Group, error) {
	g = g.withDefaults()
	g.Version++
	if err := d.checkWritten(g, old); err != nil {
		return g, err
	}
	if err := d.stored(func(s Store) error { return s.PutGroup(ctx, g) }); err != nil {
		return g, err
	}
	return g, d.do(func(now time.Time) error {
		d.putGroup(g, now)
		return nil
	})
}

func (d *Directory) checkWritten(g, old Group) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.checkGroup(g); err != nil {
		return err
	}
	// A group that was deleted later stays written; nobody is led there.
	if to := g.Overflow.Group; to != 0 && to != old.Overflow.Group && d.groups[to] == nil {
		return fmt.Errorf("%w: group %q overflows into group %d, which is not there", ErrConfig, g.Name, to)
	}
	return nil
}

// putGroup makes or changes a group.
func (d *Directory) putGroup(g Group, now time.Time) {
	at := d.groups[g.ID]
	if at == nil {
		at = &group{}
		d.groups[g.ID] = at
		d.lastGroup = max(d.lastGroup, g.ID)
	}
	at.leave()
	at.Group, at.members, at.zones = g, nil, nil
	for _, h := range g.Hours {
		zone, _ := time.LoadLocation(h.Zone) // was checked
		at.zones = append(at.zones, zone)
	}
	for _, m := range g.Members {
		p := d.byUser[m.User]
		at.members = append(at.members, member{place: p, level: m.Level})
		p.groups = append(p.groups, at)
	}
	for _, w := range slices.Clone(at.waiting) {
		d.wait(w, now)
	}
}

// DeleteGroup deletes a group. Those who wait in it are given up, to its Overflow; seats that ring go on, and who is
// missed by them is given up then. The error is ErrUnknownGroup, or the Store's.
func (d *Directory) DeleteGroup(ctx context.Context, id int64) error {
	d.admin.Lock()
	defer d.admin.Unlock()
	if _, ok := d.Group(id); !ok {
		return fmt.Errorf("%w: %d", ErrUnknownGroup, id)
	}
	if err := d.stored(func(s Store) error { return s.DeleteGroup(ctx, id) }); err != nil {
		return err
	}
	return d.do(func(now time.Time) error {
		g := d.groups[id]
		delete(d.groups, id)
		g.deleted = true
		g.leave()
		for len(g.waiting) > 0 {
			d.giveUp(g.waiting[0], WhyDeleted, now)
		}
		return nil
	})
}

// Group finds a group. Its slices are not to be changed.
func (d *Directory) Group(id int64) (Group, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if g := d.groups[id]; g != nil {
		return g.Group, true
	}
	return Group{}, false
}

// Groups are all groups, by ID. Their slices are not to be changed.
func (d *Directory) Groups() []Group {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := make([]Group, 0, len(d.groups))
	for _, g := range d.groups {
		all = append(all, g.Group)
	}
	slices.SortFunc(all, func(a, b Group) int { return cmp.Compare(a.ID, b.ID) })
	return all
}
