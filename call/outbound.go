package call

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"seatbridge/leg"
	"seatbridge/seat"
)

// OutboundRule allows numbers that begin with Prefix, or forbids them where it has no Trunks. The longest Prefix wins.
// What has the shape of an extension is one, unless a Prefix is that very number.
type OutboundRule struct {
	Prefix string
	Trunks []string     // in the order to try
	Hours  []seat.Hours // in which calls may begin; none mean always
	// Risky are beginnings of numbers that the rule allows though they are among the risky ones; + allows all of those.
	Risky  []string
	Record bool // sessions by this rule are recorded
}

// Trunk is what call control knows of a trunk.
type Trunk struct {
	Name      string
	CallerIDs []string // numbers of ours that it may show; the first is its default
	Protect   bool     // agents see the numbers of its customers masked
}

// NumberGroup is numbers of ours that a call may ask by name to show one of.
type NumberGroup struct {
	Name    string
	Numbers []string // the first that may be shown is
}

// The policies that refuse a call outside: values of leg.Cause.Policy, and of metrics. A trunk's own limits have more.
const (
	policyNoRule    = "noRule"    // no outbound rule knows the number
	policyBlocked   = "blocked"   // one forbids it
	policyHours     = "hours"     // not at this hour
	policyRisky     = "risky"     // a risky destination that is not enabled
	policyNumber    = "number"    // not a number
	policyCallerID  = "callerId"  // not a number to show
	policySeatRate  = "seatRate"  // the seat has called too often
	policySeatCalls = "seatCalls" // the seat has too many calls outside
)

// denial is a refusal by policy.
func denial(reason leg.Reason, policy, format string, args ...any) *leg.Cause {
	return &leg.Cause{Reason: reason, Policy: policy, Text: fmt.Sprintf(format, args...)}
}

// outside is a number by the trunks of the longest rule that knows it.
func (r *router) outside(number string) (target, *leg.Cause) {
	rule := r.outboundRule(number)
	if r.isEmergency(number) {
		return r.emergency(number, rule)
	}
	switch {
	case rule == nil:
		return target{}, denial(leg.Forbidden, policyNoRule, "no outbound rule allows %s", number)
	case len(rule.Trunks) == 0:
		return target{}, denial(leg.Forbidden, policyBlocked, "an outbound rule forbids %s", number)
	}
	if open, err := seat.OpenAt(rule.Hours, time.Now()); !open || err != nil {
		return target{}, denial(leg.Forbidden, policyHours, "%s may not be called at this hour", number)
	}
	if risk := riskOf(number); risk != "" && !rule.enables(number) {
		return target{}, denial(leg.Forbidden, policyRisky,
			"%s is a risky destination (%s), which the outbound rule for %s does not enable", number, risk, rule.Prefix)
	}
	t := r.by(number, rule.Trunks)
	t.record = rule.Record
	return t, nil
}

func (r *router) outboundRule(number string) *OutboundRule {
	var best *OutboundRule
	for i := range r.routes.Outbound {
		rule := &r.routes.Outbound[i]
		if strings.HasPrefix(number, rule.Prefix) && (best == nil || len(rule.Prefix) > len(best.Prefix)) {
			best = rule
		}
	}
	return best
}

// enables says that the rule allows a risky number.
func (rule *OutboundRule) enables(number string) bool {
	return slices.ContainsFunc(rule.Risky, func(prefix string) bool { return strings.HasPrefix(number, prefix) })
}

func (r *router) isEmergency(number string) bool { return slices.Contains(r.routes.Emergency, number) }

// emergency is a number of help: by the trunks of its rule, where it has one, else by any.
func (r *router) emergency(number string, rule *OutboundRule) (target, *leg.Cause) {
	var trunks []string
	if rule != nil {
		trunks = rule.Trunks
	}
	if len(trunks) == 0 {
		for _, t := range r.routes.Trunks {
			trunks = append(trunks, t.Name)
		}
	}
	if len(trunks) == 0 {
		return target{}, denial(leg.Forbidden, policyNoRule, "there is no trunk for %s", number)
	}
	t := r.by(number, trunks)
	t.emergency = true
	return t, nil
}

// by is a number by these trunks, whose numbers may be shown.
func (r *router) by(number string, trunks []string) target {
	t := target{
		to: leg.Destination{Number: number, Trunks: trunks}, role: RoleCustomer,
		shown: leg.Identity{Number: number, Location: r.location(number)}, ring: r.limits.RingOutside,
	}
	for _, name := range trunks {
		trunk := r.trunk(name)
		t.protect = t.protect || trunk.Protect
		for _, id := range trunk.CallerIDs {
			if !slices.Contains(t.callerIDs, id) {
				t.callerIDs = append(t.callerIDs, id)
			}
		}
	}
	return t
}

// trunk is what is known of a trunk; the zero Trunk where nothing is.
func (r *router) trunk(name string) Trunk {
	for _, t := range r.routes.Trunks {
		if t.Name == name {
			return t
		}
	}
	return Trunk{}
}

// choose has a target show one of these numbers, of those that its trunks own: the trunks that do are tried first. It
// is false, and nothing is changed, where none does.
func (r *router) choose(t *target, numbers []string) bool {
	var ours []string
	for _, number := range numbers {
		if slices.Contains(t.callerIDs, number) {
			ours = append(ours, number)
		}
	}
	if len(ours) == 0 {
		return false
	}
	var owners, others []string
	for _, name := range t.to.Trunks {
		if r.owned(name, ours) != "" {
			owners = append(owners, name)
		} else {
			others = append(others, name)
		}
	}
	t.callerIDs, t.to.Trunks = ours, append(owners, others...)
	return true
}

// owned is the first of the numbers that a trunk owns; empty where it owns none.
func (r *router) owned(trunk string, numbers []string) string {
	mine := r.trunk(trunk).CallerIDs
	for _, number := range numbers {
		if slices.Contains(mine, number) {
			return number
		}
	}
	return ""
}

// callerID is the number of ours that the first trunk will show for a target; empty where that is its own affair.
func (r *router) callerID(t *target) string {
	if len(t.callerIDs) == 0 {
		return ""
	}
	if number := r.owned(t.to.Trunks[0], t.callerIDs); number != "" {
		return number
	}
	return t.callerIDs[0]
}

// shownBy is the number that a trunk showed for a target, where it is not the one that was meant to be.
func (r *router) shownBy(trunk string, t *target) string {
	if number := r.owned(trunk, t.callerIDs); number != "" {
		return number
	}
	if own := r.trunk(trunk).CallerIDs; len(own) > 0 {
		return own[0]
	}
	return ""
}
