package call

import (
	"cmp"
	"slices"
	"sync/atomic"
	"time"

	"seatbridge/leg"
)

// view is what a session's goroutine publishes after each step for others to read.
type view struct {
	now atomic.Pointer[published]
}

type published struct {
	info Info
	legs []leg.Leg // of info.Parties, for their figures of the moment
}

// info is a snapshot with the legs' figures of this moment.
func (v *view) info() Info {
	p := v.now.Load()
	info := p.info
	info.Parties = slices.Clone(info.Parties)
	for i, l := range p.legs {
		info.Parties[i].Leg = l.Info()
		if info.Parties[i].Role == RoleCustomer {
			info.Trunk = cmp.Or(info.Trunk, info.Parties[i].Leg.Remote)
		}
	}
	return info
}

// publish shows the session as it is now.
func (s *session) publish() {
	p := &published{info: Info{
		ID: s.id, Direction: s.plan.direction, Status: s.status, Caller: s.plan.from, Callee: s.plan.to,
		Trunk: s.plan.trunk, Started: s.started, Answered: s.answered, Ended: s.ended, ClosedBy: s.closedBy,
		Cause: s.cause, User: s.plan.caller.user, Device: s.plan.caller.device,
		UUI: s.plan.uui, Remark: s.plan.remark, Secure: s.secure,
		Transfer:  s.transfer.info(),
		Recording: s.taping.state, RecordingProblem: s.taping.problem, Queued: s.queuedSince(), Rang: s.firstRang(),
		Group:   cmp.Or(s.group, s.plan.group),
		IVRPath: slices.Clone(s.path), InMenu: s.menu != nil, Waiting: s.queue != nil && len(s.queue.ringing) == 0,
	}}
	if s.plan.protectCaller {
		p.info.ProtectedCaller = Mask(p.info.Caller.Number)
	}
	if s.plan.protectCallee {
		p.info.ProtectedCallee = Mask(p.info.Callee.Number)
	}
	for _, party := range s.parties {
		info := PartyInfo{
			ID: string(party.id), Role: party.role, User: party.user, Device: party.target.device,
			Mode: party.mode, Muted: party.muted,
			Held: party.held || party.holding, Left: party.left,
		}
		info.Hears, info.Sound = s.heardBy(party)
		p.info.Parties = append(p.info.Parties, info)
		p.legs = append(p.legs, party.leg)
	}
	s.view.now.Store(p)
}

// firstRang is when a device rang first, the customer's in an outbound session.
func (s *session) firstRang() time.Time {
	if s.plan.direction == DirectionOutbound {
		if s.callee == nil {
			return time.Time{}
		}
		return s.callee.times.rang
	}
	var first time.Time
	for _, t := range s.tracks {
		first = earlier(cmp.Or(first, t.Rang), t.Rang)
	}
	for _, p := range s.parties {
		first = earlier(cmp.Or(first, p.times.rang), p.times.rang)
	}
	return first
}

// has says that the user's seat takes part: it calls or is called, was called in, or supervises, and has not left.
func (i *Info) has(user string) bool {
	left := false
	for _, p := range i.Parties {
		if p.User == user && !p.Left {
			return user != ""
		}
		left = left || p.User == user
	}
	return user != "" && i.User == user && !left
}

// Session is a session that goes on or ended lately.
func (m *Manager) Session(id string) (Info, bool) {
	if s, ok := m.find(id); ok {
		return s.view.info(), true
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.recent.find(id)
}

// Sessions are the sessions that go on, of one user or all, oldest first.
func (m *Manager) Sessions(user string) []Info {
	var infos []Info
	for _, s := range m.all() {
		info := s.view.info()
		if info.Status != StatusFinished && (user == "" || info.has(user)) {
			if user != "" {
				info = info.forSeat()
			}
			infos = append(infos, info)
		}
	}
	slices.SortFunc(infos, func(a, b Info) int {
		return cmp.Or(a.Started.Compare(b.Started), cmp.Compare(a.ID, b.ID))
	})
	return infos
}

// Recent are the sessions that ended lately, oldest first.
func (m *Manager) Recent() []Info {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.recent.all()
}
