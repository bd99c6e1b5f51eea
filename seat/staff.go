package seat

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Add adds a staff member; Version is ignored. It is stored when Add returns it. The error is ErrConfig, ErrExists, or
// the Store's.
func (d *Directory) Add(ctx context.Context, s Staff) (Staff, error) {
	s.Version = 0
	s = s.withDefaults()
	err := d.replace(ctx, s.User, func(*place) (Staff, error) { return s, d.checkNew(s.User) })
	return s, err
}

// Change replaces the staff member of that User, where Version is the one that is there. It is stored when Change
// returns it. The error is ErrUnknown, ErrConflict, ErrConfig, ErrExists (the extension), or the Store's.
func (d *Directory) Change(ctx context.Context, s Staff) (Staff, error) {
	err := d.replace(ctx, s.User, func(p *place) (Staff, error) {
		switch {
		case p == nil || p.deleted:
			return s, fmt.Errorf("%w: %q", ErrUnknown, s.User)
		case p.staff.Version != s.Version:
			return s, fmt.Errorf("%w: %q has version %d", ErrConflict, s.User, p.staff.Version)
		}
		s = s.withDefaults()
		s.Version++
		return s, nil
	})
	return s, err
}

// SetDevice changes where a seat takes its calls from now on; sessions that it has stay where they are. The error is
// ErrUnknown, ErrConfig where the seat lacks what the device needs, or the Store's.
func (d *Directory) SetDevice(ctx context.Context, user string, device Device) error {
	return d.replace(ctx, user, func(p *place) (Staff, error) {
		if p == nil || p.deleted {
			return Staff{}, fmt.Errorf("%w: %q", ErrUnknown, user)
		}
		s := p.staff
		s.Device = device
		s.Version++
		return s, nil
	})
}

// replace checks, stores and then makes a change: to is the new staff member by the old place, which is nil where there
// is none. The lock is free while the Store writes: calls go on.
func (d *Directory) replace(ctx context.Context, user string, to func(p *place) (Staff, error)) error {
	d.admin.Lock()
	s, err := d.replacement(user, to)
	if err == nil {
		err = d.stored(func(store Store) error { return store.PutStaff(ctx, s) })
	}
	if err == nil {
		// Asked before, so that a seat that only changes its device is never offline in between: its callers would leave.
		reachable := d.config.Reachable == nil || d.config.Reachable(s)
		_ = d.do(func(now time.Time) error {
			d.putPlace(s, reachable, now)
			return nil
		})
	}
	d.admin.Unlock()
	if err == nil {
		d.Refresh(user)
	}
	return err
}

func (d *Directory) replacement(user string, to func(p *place) (Staff, error)) (Staff, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, err := to(d.byUser[user])
	if err != nil {
		return s, err
	}
	return s, d.checkStaff(s)
}

// putPlace makes or changes a seat; reachable says whether its phone or mobile can be called.
func (d *Directory) putPlace(s Staff, reachable bool, now time.Time) {
	p := d.byUser[s.User]
	if p == nil {
		d.addPlace(s, now)
		return
	}
	d.presence(p, now, func() {
		if old := p.staff; old.Device != s.Device || old.Extension != s.Extension || old.Mobile != s.Mobile {
			p.reachable = reachable
		}
		delete(d.byExtension, p.staff.Extension)
		p.staff = s
		d.nameExtension(p)
	})
}

func (d *Directory) addPlace(s Staff, now time.Time) {
	p := newPlace(s)
	p.reachable = d.config.Reachable == nil
	p.status, p.since, p.counted, p.idle = StatusOffline, now, now, now
	d.byUser[s.User] = p
	d.users = append(d.users, s.User)
	d.nameExtension(p)
	d.touch(p)
	d.step(p, eventAsked, now)
}

func (d *Directory) nameExtension(p *place) {
	if p.staff.Extension != "" {
		d.byExtension[p.staff.Extension] = p
	}
}

// Delete deletes a staff member, and its memberships. It keeps the calls that it has and gets no others; the seat is
// gone after them. The error is ErrUnknown, or the Store's.
func (d *Directory) Delete(ctx context.Context, user string) error {
	d.admin.Lock()
	defer d.admin.Unlock()
	if !slices.Contains(d.Users(), user) {
		return fmt.Errorf("%w: %q", ErrUnknown, user)
	}
	if err := d.stored(func(s Store) error { return s.DeleteStaff(ctx, user) }); err != nil {
		return err
	}
	return d.change(user, func(p *place, now time.Time) error {
		p.deleted = true
		d.users = slices.DeleteFunc(d.users, func(u string) bool { return u == user })
		for _, g := range p.groups {
			g.drop(p)
		}
		d.left = append(d.left, p.groups...)
		p.groups = nil
		d.touch(p)
		if len(p.slots) == 0 {
			d.forget(p, now)
		}
		return nil
	})
}

// forget ends a seat that was deleted and has no session any more.
func (d *Directory) forget(p *place, now time.Time) {
	d.account(p, now)
	d.timers.stop(p.until)
	p.status = StatusOffline
	delete(d.byUser, p.staff.User)
	delete(d.byExtension, p.staff.Extension)
	d.touch(p)
}
