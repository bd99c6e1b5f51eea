package call

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"seatbridge/leg"
	"seatbridge/seat"
)

// Routes says where calls go. What no rule allows is refused.
type Routes struct {
	Numbering    Numbering
	Inbound      []InboundRule
	Outbound     []OutboundRule
	Trunks       []Trunk // in the order in which emergency numbers without a rule try them
	NumberGroups []NumberGroup
	Emergency    []string // numbers that no rule and no limit keeps from being called
	Menus        []Menu
	// Locations are where numbers are from, by their beginnings; the longest counts.
	Locations map[string]string
}

// InboundRule says where a number that a trunk brings goes: to exactly one of User, Extension, Outside, Group and Menu.
// The longest Number that matches wins, and of two equal ones the one that names the trunk.
type InboundRule struct {
	Number    string        // E.164 with +, or the beginning of one with a * behind it
	Trunk     string        // empty means any
	User      string        // a seat, on its device of the moment
	Extension string        // a seat's, or a phone's that belongs to nobody
	Outside   string        // a number that the outbound rules allow
	Group     int64         // a skill group, whose queue the caller waits in
	Menu      string        // the name of one of Routes.Menus
	Ring      time.Duration // 0 means the default
	Record    bool          // the session is recorded
}

// target is whom a route leads to.
type target struct {
	to        leg.Destination
	role      Role
	user      string      // of a seat
	device    seat.Device // of a seat
	shown     leg.Identity
	ring      time.Duration
	callerIDs []string // numbers of ours to choose from, for a number outside
	emergency bool     // no limit holds
	protect   bool     // agents see its number masked
	charge    *charge  // of who called it; nil where nobody is charged
	asked     bool     // at its mobile, as the caller wished
	group     int64    // in place of to: a seat of this group
	menu      *Menu    // in place of to: what the caller chooses
	record    bool     // the session is recorded
}

// router finds targets. It only reads.
type router struct {
	routes Routes
	seats  *seat.Directory
	limits Limits
}

func refusal(reason leg.Reason, format string, args ...any) *leg.Cause {
	return &leg.Cause{Reason: reason, Text: fmt.Sprintf(format, args...)}
}

// inbound is where a number brought by a trunk goes.
func (r *router) inbound(trunk, number string) (target, *leg.Cause) {
	rule := r.inboundRule(trunk, number)
	if rule == nil {
		return target{}, refusal(leg.NotFound, "no inbound rule for %s", number)
	}
	t, cause := r.inboundTarget(rule)
	if rule.Ring > 0 {
		t.ring = min(rule.Ring, maxRing)
	}
	t.record = t.record || rule.Record
	return t, cause
}

func (r *router) inboundRule(trunk, number string) *InboundRule {
	var best *InboundRule
	for i := range r.routes.Inbound {
		rule := &r.routes.Inbound[i]
		if rule.matches(trunk, number) && (best == nil || rule.beats(best)) {
			best = rule
		}
	}
	return best
}

// ours says that a trunk brings us the number. A rule for whatever comes says nothing about that.
func (r *router) ours(number string) bool {
	return slices.ContainsFunc(r.routes.Inbound, func(rule InboundRule) bool {
		return strings.Trim(rule.Number, "+*") != "" && rule.matches(rule.Trunk, number)
	})
}

func (rule *InboundRule) matches(trunk, number string) bool {
	if rule.Trunk != "" && rule.Trunk != trunk {
		return false
	}
	if prefix, ok := strings.CutSuffix(rule.Number, "*"); ok {
		return strings.HasPrefix(number, prefix)
	}
	return number == rule.Number
}

func (rule *InboundRule) beats(other *InboundRule) bool {
	prefix, _ := strings.CutSuffix(rule.Number, "*")
	otherPrefix, open := strings.CutSuffix(other.Number, "*")
	if c := cmp.Compare(len(prefix), len(otherPrefix)); c != 0 {
		return c > 0
	}
	if exact := prefix == rule.Number; exact == open {
		return exact
	}
	return rule.Trunk != "" && other.Trunk == ""
}

func (r *router) inboundTarget(rule *InboundRule) (target, *leg.Cause) {
	switch {
	case rule.User != "":
		return r.user(rule.User)
	case rule.Extension != "":
		return r.extension(rule.Extension)
	case rule.Group != 0:
		return r.group(rule.Group)
	case rule.Menu != "":
		return r.menu(rule.Menu)
	default:
		return r.outside(rule.Outside)
	}
}

// group is a seat of a group, whichever is free first.
func (r *router) group(id int64) (target, *leg.Cause) {
	g, ok := r.seats.Group(id)
	if !ok {
		return target{}, refusal(leg.NotFound, "no group %d", id)
	}
	return target{role: RoleAgent, group: id, shown: leg.Identity{Name: g.Name}, ring: r.limits.RingSeat}, nil
}

func (r *router) menu(name string) (target, *leg.Cause) {
	for i := range r.routes.Menus {
		if m := &r.routes.Menus[i]; m.Name == name {
			return target{role: RoleAgent, menu: m}, nil
		}
	}
	return target{}, refusal(leg.NotFound, "no menu %q", name)
}

// dialled is where a number that a seat or a phone dialled goes.
func (r *router) dialled(number string) (target, *leg.Cause) {
	number, err := r.routes.Numbering.Normalise(number)
	if err != nil {
		return target{}, denial(leg.NotFound, policyNumber, "%v", err)
	}
	if r.isEmergency(number) {
		return r.outside(number)
	}
	named := func(rule OutboundRule) bool { return rule.Prefix == number }
	if seat.IsExtension(number) && !slices.ContainsFunc(r.routes.Outbound, named) {
		return r.extension(number)
	}
	return r.outside(number)
}

// user is a seat on its device of the moment.
func (r *router) user(user string) (target, *leg.Cause) {
	s, ok := r.seats.Lookup(user)
	if !ok {
		return target{}, refusal(leg.NotFound, "no staff member %s", user)
	}
	return r.seat(s)
}

// mobile is a seat at its mobile, whatever its device of the moment is.
func (r *router) mobile(user string) (target, *leg.Cause) {
	s, ok := r.seats.Lookup(user)
	switch {
	case !ok:
		return target{}, refusal(leg.NotFound, "no staff member %s", user)
	case s.Mobile == "":
		return target{}, refusal(leg.Unavailable, "%s has no mobile", user)
	}
	t, cause := r.at(s, seat.DeviceMobile)
	t.asked = true
	return t, cause
}

// extension is the seat that the extension belongs to, or the bare phone.
func (r *router) extension(extension string) (target, *leg.Cause) {
	if s, ok := r.seats.ByExtension(extension); ok {
		return r.seat(s)
	}
	return target{
		to: leg.Destination{Extension: extension}, role: RoleAgent,
		shown: leg.Identity{Number: extension}, ring: r.limits.RingSeat,
	}, nil
}

func (r *router) seat(s seat.Staff) (target, *leg.Cause) {
	device := s.Device
	if now, err := r.seats.DeviceOf(s.User); err == nil {
		device = now
	}
	return r.at(s, device)
}

// at is a seat at one of its devices.
func (r *router) at(s seat.Staff, device seat.Device) (target, *leg.Cause) {
	var t target
	switch device {
	case seat.DeviceBrowser, seat.DeviceMiniProgram: // a mini program's client is a WebRTC peer like any other
		t.to.User = s.User
	case seat.DevicePhone:
		t.to.Extension = s.Extension
	case seat.DeviceMobile:
		var cause *leg.Cause
		if t, cause = r.outside(s.Mobile); cause != nil {
			hidden := *cause // the number is the seat's own affair
			hidden.Text = fmt.Sprintf("the mobile of %s may not be called", s.User)
			return target{}, &hidden
		}
	default:
		return target{}, refusal(leg.Unavailable, "device %s takes no calls", device)
	}
	t.role, t.user, t.device, t.ring = RoleAgent, s.User, device, r.limits.RingSeat
	t.shown = leg.Identity{Number: s.Extension, Name: s.Name}
	return t, nil
}
