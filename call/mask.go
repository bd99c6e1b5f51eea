package call

import (
	"strings"

	"seatbridge/leg"
)

// Mask hides the middle of a number, and all of a short one.
func Mask(number string) string {
	if len(number) < 8 {
		return strings.Repeat("*", len(number))
	}
	return number[:len(number)-8] + "****" + number[len(number)-4:]
}

// masked leaves of a number and its name where it is from: that tells no more than a city or a country.
func masked(i leg.Identity) leg.Identity {
	return leg.Identity{Number: Mask(i.Number), Location: i.Location}
}

// shownTo is how a party is shown to agents.
func (s *session) shownTo(p *party) leg.Identity {
	if p.role == RoleCustomer && s.protects(p) {
		return masked(p.target.shown)
	}
	return p.target.shown
}

// protects says that a customer's number is kept from agents.
func (s *session) protects(p *party) bool {
	return s.plan.protectCaller || s.plan.protectCallee || p.target.protect
}

// callerShown is how the calling side is shown on the device of a target.
func (s *session) callerShown(t target) leg.Identity {
	if s.plan.protectCaller && t.role == RoleAgent {
		return masked(s.plan.from)
	}
	return s.plan.from
}

// calleeShown is how the called side is shown to agents: what they call it is their own.
func (s *session) calleeShown() leg.Identity {
	if s.plan.protectCallee {
		to := masked(s.plan.to)
		to.Name = s.plan.phoneDesc
		return to
	}
	return s.plan.to
}

// forSeat is the session as an agent sees it.
func (i Info) forSeat() Info {
	if i.ProtectedCaller != "" {
		i.Caller = masked(i.Caller)
	}
	if i.ProtectedCallee != "" {
		i.Callee.Number = i.ProtectedCallee
	}
	return i
}
