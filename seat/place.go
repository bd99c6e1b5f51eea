package seat

import "time"

// place is one seat; Directory.mu guards it.
type place struct {
	staff     Staff
	browsers  int       // logins
	arrived   time.Time // of the last login
	reachable bool      // by Config.Reachable
	asked     uint64    // how often Config.Reachable was asked: only the last answer counts
	deleted   bool      // gone when the last slot is
	slots     map[string]*slot
	groups    []*group // that it is a member of

	status  Status
	since   time.Time // of the status
	counted time.Time // until when the status' time is in the totals
	idle    time.Time // for LongestIdle; a call that rang for nothing does not change it
	freed   bool      // it is in Directory.freed, for settle to deal
	shunned time.Time // until when nobody is offered to it: its device was not there
	wanted  Wanted

	wrapUp time.Duration // due after the sessions
	until  *timer        // of the wrap-up

	misses   int // in a row
	taken    int // on takenDay
	takenDay Day
}

// slot is a session's hold on a seat.
type slot struct {
	rings  *waiter       // that the seat rings for; nil for all other sessions
	idle   time.Time     // the place's idle, from before it rang
	wrapUp time.Duration // due when the session is over
}

func newPlace(s Staff) *place {
	return &place{staff: s, slots: map[string]*slot{}, wanted: Wanted{User: s.User, Status: StatusFree}}
}

func (p *place) get() (Staff, bool) {
	if p == nil {
		return Staff{}, false
	}
	return p.staff, true
}

func (p *place) full() bool { return len(p.slots) >= p.staff.MaxCalls }

// device is where the calls go now.
func (p *place) device() Device {
	if p.staff.Mobile == "" {
		return p.staff.Device
	}
	if p.staff.UseMobile == MobileAlways || p.staff.UseMobile == MobileOffline && !p.ownThere() {
		return DeviceMobile
	}
	return p.staff.Device
}

// ownThere says that the seat's own device can be called.
func (p *place) ownThere() bool {
	switch p.staff.Device {
	case DeviceBrowser, DeviceMiniProgram:
		return p.browsers > 0
	}
	return p.reachable
}

// there says that the device of the moment can be called: a mobile that stands in always can.
func (p *place) there() bool { return p.device() != p.staff.Device || p.ownThere() }

// takenOn is how many callers it took on a day.
func (p *place) takenOn(day Day) int {
	if p.takenDay != day {
		return 0
	}
	return p.taken
}

// step moves a seat on by an event.
func (d *Directory) step(p *place, on event, now time.Time) {
	to := d.table.next(p.status, on, p.wanted.Status, p.there())
	if to == p.status {
		return
	}
	d.account(p, now)
	if p.until != nil {
		d.timers.stop(p.until)
		p.until = nil
	}
	p.status, p.since = to, now
	if to == StatusOffline {
		d.left = append(d.left, p.groups...)
	}
	if to == StatusFree {
		p.idle = now
		d.free(p)
	}
	d.touch(p)
}

// free has settle deal the seat, where it is free then.
func (d *Directory) free(p *place) {
	if !p.freed {
		p.freed = true
		d.freed = append(d.freed, p)
	}
}

// want sets the status that is asked for.
func (d *Directory) want(p *place, s Status, reason string, now time.Time) {
	if s != StatusRest {
		reason = ""
	}
	w := Wanted{User: p.staff.User, Status: s, Reason: reason}
	if p.wanted != w {
		p.wanted = w
		d.unsaved.want(w)
		d.touch(p)
	}
	d.step(p, eventAsked, now)
}

// presence does what may change whether a seat's device is there.
func (d *Directory) presence(p *place, now time.Time, change func()) {
	was := p.there()
	change()
	switch is := p.there(); {
	case is && !was:
		d.step(p, eventThere, now)
	case was && !is:
		d.step(p, eventGone, now)
	}
	d.touch(p)
}

// drop takes a session's slot away. After the last one comes what is wanted, or first the wrap-up.
func (d *Directory) drop(p *place, session string, now time.Time) {
	s := p.slots[session]
	delete(p.slots, session)
	p.wrapUp = max(p.wrapUp, s.wrapUp)
	d.touch(p)
	if len(p.slots) > 0 {
		return
	}
	wrapUp := p.wrapUp
	p.wrapUp = 0
	switch {
	case p.deleted:
		d.forget(p, now)
	case wrapUp > 0 && p.there():
		d.step(p, eventWrapUp, now)
		p.until = d.timers.at(now.Add(wrapUp), func(now time.Time) {
			p.until = nil
			d.step(p, eventWrapped, now)
		})
	default:
		d.step(p, eventEnded, now)
	}
}
