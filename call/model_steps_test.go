package call

import (
	"slices"
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
		m.taking.Go(func() { _ = m.Intercept(ctx, user, id) })
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
