package seat

import "time"

// LoggedIn counts one more browser login of a user. The first one asks for free where offline was asked for: who logs
// in wants to work. The error is ErrUnknown.
func (d *Directory) LoggedIn(user string) error {
	return d.change(user, func(p *place, now time.Time) error {
		d.presence(p, now, func() { p.browsers, p.arrived = p.browsers+1, now })
		if p.browsers == 1 && p.wanted.Status == StatusOffline {
			d.want(p, StatusFree, "", now)
		}
		return nil
	})
}

// LoggedOut counts one browser login less. The error is ErrUnknown.
func (d *Directory) LoggedOut(user string) error {
	return d.change(user, func(p *place, now time.Time) error {
		d.presence(p, now, func() { p.browsers = max(p.browsers-1, 0) })
		return nil
	})
}

// DeviceOf is where a seat's calls go now: its device, or the mobile as UseMobile says. The error is ErrUnknown.
func (d *Directory) DeviceOf(user string) (Device, error) {
	s, ok := d.State(user)
	if !ok {
		return "", ErrUnknown
	}
	return s.Device, nil
}

// Refresh asks Config.Reachable about a seat again: its phone registered, or is gone. Unknown users are ignored.
func (d *Directory) Refresh(user string) {
	if d.config.Reachable == nil {
		return
	}
	d.mu.Lock()
	p := d.byUser[user]
	if p == nil {
		d.mu.Unlock()
		return
	}
	p.asked++
	asked, s := p.asked, p.staff
	d.mu.Unlock()

	reachable := d.config.Reachable(s)
	_ = d.do(func(now time.Time) error {
		// Of two who asked at once only the later counts: what it was told is newer, or will be asked for again.
		if p.asked == asked && p.reachable != reachable {
			d.presence(p, now, func() { p.reachable = reachable })
		}
		return nil
	})
}
