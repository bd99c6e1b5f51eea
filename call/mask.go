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

func masked(i leg.Identity) leg.Identity { return leg.Identity{Number: Mask(i.Number)} }

// shownTo is how a party is shown to agents.
func (s *session) shownTo(p *party) leg.Identity {
	if p.role == RoleCustomer && (s.plan.protectCaller || s.plan.protectCallee) {
		return masked(p.target.shown)
	}
	return p.target.shown
}

// forSeat is the session as an agent sees it.
func (i Info) forSeat() Info {
	if i.ProtectedCaller != "" {
		i.Caller = leg.Identity{Number: i.ProtectedCaller}
	}
	if i.ProtectedCallee != "" {
		i.Callee = leg.Identity{Number: i.ProtectedCallee}
	}
	return i
}
