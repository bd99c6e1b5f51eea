package call

import (
	"context"
	"slices"
	"sync"

	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/seat"
)

func (m *model) change(id string) {
	if id != "" {
		m.changed[id] = true
	}
}

// sessionOf is the session that a leg is in.
func (m *model) sessionOf(l *fakeLeg) string {
	for _, s := range m.Sessions("") {
		if slices.ContainsFunc(s.Parties, func(p PartyInfo) bool { return p.ID == l.id }) {
			return s.ID
		}
	}
	return ""
}

// own is a session and one of its seats, or strangers to each other.
func (m *model) own() (user, id string) {
	user, id = m.user(), "nosuch"
	if all := m.Sessions(""); len(all) > 0 {
		s := pick(m.r, all...)
		id = s.ID
		if p := pick(m.r, s.Parties...); len(s.Parties) > 0 && m.r.IntN(5) > 0 {
			user = p.User
		}
	}
	return user, id
}

// handsOver has a seat hold, transfer and consult.
func (m *model) handsOver() {
	user, id := m.own()
	to := TransferTo{Number: m.number()}
	if m.r.IntN(3) == 0 {
		to = TransferTo{User: m.user()}
	}
	ctx, what := m.t.Context(), m.r.IntN(12)
	m.note("%s hands over (%d) %s to %+v", user, what, id, to)
	var err error
	switch what {
	case 0, 1:
		err = m.SetHeld(ctx, user, id, what == 0)
	case 2, 3:
		err = m.Transfer(ctx, user, id, to)
	case 4, 8, 9:
		err = m.Consult(ctx, user, id, to)
	case 5:
		err = m.CompleteTransfer(ctx, user, id)
	case 6, 10:
		err = m.Swap(ctx, user, id)
	case 7:
		err = m.CancelTransfer(ctx, user, id)
	case 11:
		err = m.SetSecureDigits(ctx, user, id, m.r.IntN(2) == 0)
	}
	if err == nil {
		m.change(id)
	}
	if codeOf(err) == "" && err != nil {
		m.fail("an error without a code: %v", err)
	}
}

// supervises has somebody supervise, who may or may not.
func (m *model) supervises() {
	user, id := m.own()
	if m.r.IntN(4) > 0 {
		user = pick(m.r, "sue", "rex")
	}
	ctx, what := m.t.Context(), m.r.IntN(7)
	m.note("%s supervises (%d) %s", user, what, id)
	modes := []Mode{ModeMonitor, ModeMonitor, ModeWhisper, ModeBarge}
	switch {
	case what < len(modes):
		if err := m.Supervise(ctx, user, id, modes[what]); err == nil {
			m.change(id)
			if user != "sue" && user != "rex" {
				m.fail("%s may supervise", user)
			}
			if got := m.party(user, id); got.Mode != modes[what] || got.Role != RoleSupervisor {
				m.fail("%s is %+v, want %s", user, got, modes[what])
			}
		}
	case what == 4:
		_ = m.Leave(ctx, user, id)
	default:
		m.taking.Go(func() { _ = m.Intercept(ctx, user, id, "") })
	}
}

func (m *model) party(user, id string) PartyInfo {
	info, _ := m.Session(id)
	for _, p := range info.Parties {
		if p.User == user && !p.Left {
			return p
		}
	}
	m.fail("%s is not in %s", user, id)
	return PartyInfo{}
}

// refer is what a phone that asked for a transfer was told.
type refer struct {
	leg   *fakeLeg
	heard bool // the session must have heard of it

	mu    sync.Mutex
	codes []int
}

// refer is a phone's wish to hand its call over, blindly or by another call.
func (m *model) refer(l *fakeLeg, legs []*fakeLeg) leg.Referred {
	m.change(m.sessionOf(l))
	r := &refer{leg: l}
	m.refers = append(m.refers, r)
	e := leg.Referred{To: m.number(), Result: func(code int) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.codes = append(r.codes, code)
	}}
	if other := pick(m.r, legs...); m.r.IntN(2) == 0 {
		for _, o := range legs { // most often another call of the same phone
			if o != l && o.remote == l.remote && l.remote != "" {
				other = o
			}
		}
		e.Replaces = "call-" + other.id + ";to-tag=1;from-tag=2"
		m.change(m.sessionOf(other))
	}
	return e
}

// atOnce lets several things happen to one session in the same moment.
func (m *model) atOnce() {
	all, legs := m.Sessions(""), m.live()
	if len(all) == 0 || len(legs) == 0 {
		return
	}
	id := pick(m.r, all...).ID
	m.change(id)
	for range 2 + m.r.IntN(3) {
		m.taking.Go(m.draw(id, legs))
	}
}

// draw is something that may happen to a session.
func (m *model) draw(id string, legs []*fakeLeg) func() {
	ctx, user, l, c := m.t.Context(), m.user(), pick(m.r, legs...), m.cause()
	info, _ := m.Session(id)
	var own []*fakeLeg // most often one of the session, and its user
	for _, o := range legs {
		if slices.ContainsFunc(info.Parties, func(p PartyInfo) bool { return p.ID == o.id }) {
			own = append(own, o)
		}
	}
	if len(own) > 0 && m.r.IntN(4) > 0 {
		l = pick(m.r, own...)
		user = info.Parties[slices.IndexFunc(info.Parties, func(p PartyInfo) bool { return p.ID == l.id })].User
	}
	to, yes, what := TransferTo{Number: m.number()}, m.r.IntN(2) == 0, m.r.IntN(16)
	boss, e := pick(m.r, "sue", "rex"), m.refer(l, legs)
	m.note("at once: (%d) %s, %s, %s, in %s", what, user, l.id, to.Number, id)
	return []func(){
		func() { l.end(c) },
		func() { l.answer(codec.PCMA) },
		func() { l.event(e) },
		func() { _ = m.HangUp(ctx, user, id) },
		func() { _ = m.SetHeld(ctx, user, id, yes) },
		func() { _ = m.Transfer(ctx, user, id, to) },
		func() { _ = m.Consult(ctx, user, id, to) },
		func() { _ = m.CompleteTransfer(ctx, user, id) },
		func() { _ = m.Swap(ctx, user, id) },
		func() { _ = m.CancelTransfer(ctx, user, id) },
		func() { _ = m.Supervise(ctx, boss, id, ModeMonitor) },
		func() { _ = m.Intercept(ctx, boss, id, "") },
		func() { _ = m.Leave(ctx, boss, id) },
		func() { l.event(leg.HeldChanged{Held: yes}) },
		func() { _ = m.SetSecureDigits(ctx, user, id, yes) },
		func() { l.sounds() },
	}[what]
}

// changesDevice has a seat take its calls elsewhere from now on.
func (m *model) changesDevice() {
	user, device := m.user(), pick(m.r, seat.DeviceBrowser, seat.DevicePhone, seat.DeviceMobile, seat.DeviceMiniProgram)
	m.note("%s goes to %s: %v", user, device, m.seats.SetDevice(m.t.Context(), user, device)) // refusals are part of it
}

// misbehaves has legs forget their Timeout or panic, all sessions be ended at once, or the gateway stop.
func (m *model) misbehaves() {
	what := m.r.IntN(12)
	m.note("misbehaves: %d", what)
	switch what {
	case 0:
		m.HangUpAll(leg.Cause{Reason: leg.Shutdown})
	case 1:
		ctx, cancel := context.WithCancel(m.t.Context())
		cancel()
		_ = m.Drain(ctx) // no new sessions from now on
	case 2, 3, 4:
		for _, l := range m.live() {
			l.mu.Lock()
			l.panicOn = pick(m.r, "", "", "", "digits", "pickup", "ring", "accept PCMA")
			l.mu.Unlock()
		}
	default:
		m.dialer.mu.Lock()
		defer m.dialer.mu.Unlock()
		m.dialer.forget = !m.dialer.forget
	}
}
