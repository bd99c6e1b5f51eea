package call

import (
	"cmp"
	"slices"
	"strings"

	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/media"
	"seatbridge/seat"
)

// plan is all that a session needs to begin: who calls whom. Its caller is either a leg that came in, or a seat whose
// own device is to be called first.
type plan struct {
	direction Direction
	trunk     string
	from, to  leg.Identity // as shown to both sides and in the records
	caller    target       // its to is the zero Destination where incoming is set
	incoming  leg.Leg
	codecs    []codec.ID // that the incoming leg offers
	callee    target
	callerID  string // shown to a trunk in place of from.Number
	uui, tab  string
	remark    string
	phoneDesc string
	group     int64 // that the seat calls for
	useMobile bool  // the callee is called at its mobile
	// The numbers of the customer that agents see masked.
	protectCaller, protectCallee bool
	music                        *media.Clip // in place of Sounds.Hold; nil leaves it to the trunk it goes out by
}

// planIncoming says what a leg that came in leads to, or why it is refused.
func (m *Manager) planIncoming(in leg.Incoming) (plan, *leg.Cause) {
	p := plan{incoming: in.Leg, codecs: in.Codecs, trunk: in.Trunk, from: in.From, to: leg.Identity{Number: in.To}}
	var cause *leg.Cause
	if in.Account == "" {
		p.direction = DirectionInbound
		in.From.Location = m.router.location(in.From.Number)
		p.from = in.From
		p.protectCaller = m.router.trunk(in.Trunk).Protect
		p.caller = target{role: RoleCustomer, shown: in.From, protect: p.protectCaller}
		p.callee, cause = m.router.inbound(in.Trunk, in.To)
		p.music = m.config.Sounds.Trunks[in.Trunk]
	} else {
		p.caller = m.phone(in.Account, in.From)
		p.from = p.caller.shown
		p.callee, cause = m.router.dialled(in.To)
		p.direction = directionTo(p.callee)
		p.to = p.callee.shown
	}
	if cause != nil {
		return plan{}, cause
	}
	return p, m.show(&p, "")
}

// show settles which number of ours a trunk is to show, and shows it in the records too.
func (m *Manager) show(p *plan, wanted string) *leg.Cause {
	if wanted != "" && !m.router.choose(&p.callee, []string{wanted}) && !p.callee.emergency {
		return denial(leg.Forbidden, policyCallerID, "%s is not one of the numbers to show for this call", wanted)
	}
	p.callerID = m.router.callerID(&p.callee)
	if p.direction == DirectionOutbound {
		p.from.Number = cmp.Or(p.callerID, p.from.Number)
		p.from.Location = m.router.location(p.from.Number)
		p.protectCallee = p.protectCallee || p.callee.protect
	}
	return nil
}

// users are the seats that the session takes.
func (p *plan) users() []string {
	var users []string
	for _, user := range []string{p.caller.user, p.callee.user} {
		if user != "" {
			users = append(users, user)
		}
	}
	return users
}

// phone is the calling side of a registered phone: its owner's seat, or nobody's.
func (m *Manager) phone(account string, from leg.Identity) target {
	t := target{role: RoleAgent, shown: leg.Identity{Number: account, Name: from.Name}}
	if s, ok := m.config.Seats.ByExtension(account); ok {
		t.user, t.device, t.shown.Name = s.User, seat.DevicePhone, s.Name
	}
	return t
}

// planOutbound says what a seat's command leads to, or why it is refused.
func (m *Manager) planOutbound(o Outbound) (plan, *leg.Cause) {
	p := plan{uui: o.UUI, tab: o.Tab, remark: o.Remark, phoneDesc: o.PhoneDesc, useMobile: o.UseMobile}
	var cause *leg.Cause
	if p.caller, cause = m.router.user(o.User); cause != nil {
		return plan{}, cause
	}
	switch {
	case o.UseMobile:
		p.callee, cause = m.router.mobile(o.CalleeUser)
	case o.CalleeUser != "":
		p.callee, cause = m.router.user(o.CalleeUser)
	default:
		p.callee, cause = m.router.dialled(o.Number)
	}
	if cause != nil {
		return plan{}, cause
	}
	p.direction = directionTo(p.callee)
	p.from, p.to = p.caller.shown, p.callee.shown
	if o.Group != 0 {
		if cause = m.forGroup(&p, o.Group); cause != nil {
			return plan{}, cause
		}
	}
	if p.direction == DirectionOutbound {
		p.to.Name = o.PhoneDesc
		if cause = m.fromNumberGroups(&p, o.NumberGroups); cause != nil {
			return plan{}, cause
		}
	}
	return p, m.show(&p, o.CallerID)
}

// fromNumberGroups has a seat's call show a number of these groups, of those that the trunks own.
func (m *Manager) fromNumberGroups(p *plan, names []string) *leg.Cause {
	var numbers []string
	for _, name := range names {
		i := slices.IndexFunc(m.router.routes.NumberGroups, func(g NumberGroup) bool { return g.Name == name })
		if i < 0 && !p.callee.emergency {
			return denial(leg.Forbidden, policyCallerID, "there is no number group %q", name)
		}
		if i >= 0 {
			numbers = append(numbers, m.router.routes.NumberGroups[i].Numbers...)
		}
	}
	if len(names) > 0 && !m.router.choose(&p.callee, numbers) && !p.callee.emergency {
		return denial(leg.Forbidden, policyCallerID, "no number of number group %s may be shown for this call",
			strings.Join(names, ", "))
	}
	return nil
}

func directionTo(callee target) Direction {
	if callee.role == RoleCustomer {
		return DirectionOutbound
	}
	return DirectionInternal
}

// forGroup has a seat's call be one of a group: with the group's caller ids, of those that the trunks own.
func (m *Manager) forGroup(p *plan, id int64) *leg.Cause {
	g, ok := m.config.Seats.Group(id)
	if !ok {
		return refusal(leg.NotFound, "no group %d", id)
	}
	p.callee.record = p.callee.record || g.Record && p.direction == DirectionOutbound
	p.group, p.protectCallee = id, g.ProtectCallee && p.direction == DirectionOutbound
	if len(g.CallerIDs) == 0 || p.direction != DirectionOutbound {
		return nil
	}
	if !m.router.choose(&p.callee, g.CallerIDs) && !p.callee.emergency {
		return denial(leg.Forbidden, policyCallerID, "no number of group %d may be shown for this call", id)
	}
	return nil
}
