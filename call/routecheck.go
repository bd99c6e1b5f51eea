package call

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"seatbridge/dtmf"
	"seatbridge/seat"
)

// ErrRoutes indicates routes that contradict themselves.
var ErrRoutes = errors.New("call: bad routes")

// check finds what would only be noticed by a call that fails.
func (r *Routes) check() error {
	if n := r.Numbering.National; n != "" && (n[0] != '+' || checkNumber(n+"00") != nil) {
		return fmt.Errorf("%w: national prefix %q is not + and a country code", ErrRoutes, n)
	}
	for _, rule := range r.Outbound {
		if err := rule.check(); err != nil {
			return fmt.Errorf("%w: outbound %q: %w", ErrRoutes, rule.Prefix, err)
		}
	}
	for _, g := range r.NumberGroups {
		for _, number := range g.Numbers {
			if !slices.ContainsFunc(r.Trunks, func(t Trunk) bool { return slices.Contains(t.CallerIDs, number) }) {
				return fmt.Errorf("%w: number group %q: no trunk owns %s", ErrRoutes, g.Name, number)
			}
		}
	}
	for prefix, name := range r.Locations {
		if strings.Trim(prefix, "0123456789") != "+" || len(prefix) < 2 || name == "" {
			return fmt.Errorf("%w: location %q of %q: wants + and digits, and a name", ErrRoutes, name, prefix)
		}
	}
	for _, m := range r.Menus {
		if err := m.check(); err != nil {
			return fmt.Errorf("%w: menu %q: %w", ErrRoutes, m.Name, err)
		}
	}
	for _, rule := range r.Inbound {
		if err := rule.check(); err != nil {
			return fmt.Errorf("%w: inbound %q: %w", ErrRoutes, rule.Number, err)
		}
	}
	return nil
}

func (rule *OutboundRule) check() error {
	if rule.Prefix == "" {
		return errors.New("wants a prefix")
	}
	if _, err := seat.OpenAt(rule.Hours, time.Now()); err != nil {
		return err
	}
	if risk := riskOf(rule.Prefix); risk != "" && len(rule.Trunks) > 0 && len(rule.Risky) == 0 {
		return fmt.Errorf("is a risky destination (%s): say so with risky: [%q]", risk, rule.Prefix)
	}
	return nil
}

func (rule *InboundRule) check() error {
	if rule.ways() != 1 {
		return errors.New("wants exactly one of a user, an extension, a number outside, a group and a menu")
	}
	if rule.Extension != "" && !seat.IsExtension(rule.Extension) {
		return fmt.Errorf("%q is not an extension", rule.Extension)
	}
	if rule.Outside != "" && checkNumber(rule.Outside) != nil {
		return fmt.Errorf("%q is not a number", rule.Outside)
	}
	return nil
}

// vacant are the users and groups that rules lead to and that are not there. That keeps nothing from starting: they may
// have been deleted since the rules were written, and may come back; their calls are refused meanwhile.
func (r *Routes) vacant(seats *seat.Directory) []string {
	rules := slices.Clone(r.Inbound)
	for _, m := range r.Menus {
		rules = append(rules, m.Otherwise)
		for _, c := range m.Choices {
			rules = append(rules, c.To)
		}
	}
	var all []string
	for _, rule := range rules {
		if _, ok := seats.Lookup(rule.User); rule.User != "" && !ok {
			all = append(all, "user "+rule.User)
		}
		if _, ok := seats.Group(rule.Group); rule.Group != 0 && !ok {
			all = append(all, fmt.Sprintf("group %d", rule.Group))
		}
	}
	return all
}

// ways counts the places that the rule leads to.
func (rule *InboundRule) ways() int {
	ways := 0
	for _, way := range []bool{
		rule.User != "", rule.Extension != "", rule.Outside != "", rule.Group != 0, rule.Menu != "",
	} {
		if way {
			ways++
		}
	}
	return ways
}

func (m *Menu) check() error {
	if len(m.Choices) == 0 {
		return errors.New("has no choices")
	}
	known := map[byte]bool{}
	for _, c := range m.Choices {
		if _, ok := dtmf.Parse(c.Key); !ok || known[c.Key] {
			return fmt.Errorf("key %q is no digit, or there twice", c.Key)
		}
		known[c.Key] = true
		if err := c.To.check(); err != nil {
			return fmt.Errorf("key %q: %w", c.Key, err)
		}
		if c.To.Menu != "" {
			return fmt.Errorf("key %q leads to another menu: there is one level", c.Key)
		}
	}
	if m.Otherwise.ways() == 0 {
		return nil
	}
	return m.Otherwise.check()
}
