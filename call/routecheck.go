package call

import (
	"errors"
	"fmt"

	"seatbridge/seat"
)

// ErrRoutes indicates routes that contradict themselves or name nobody.
var ErrRoutes = errors.New("call: bad routes")

// check finds what would only be noticed by a call that fails.
func (r *Routes) check(seats *seat.Directory) error {
	if n := r.Numbering.National; n != "" && (n[0] != '+' || checkNumber(n+"00") != nil) {
		return fmt.Errorf("%w: national prefix %q is not + and a country code", ErrRoutes, n)
	}
	for _, rule := range r.Outbound {
		if rule.Prefix == "" {
			return fmt.Errorf("%w: an outbound rule without a prefix", ErrRoutes)
		}
	}
	for _, rule := range r.Inbound {
		if err := rule.check(seats); err != nil {
			return fmt.Errorf("%w: inbound %q: %w", ErrRoutes, rule.Number, err)
		}
	}
	return nil
}

func (rule *InboundRule) check(seats *seat.Directory) error {
	ways := 0
	for _, way := range []string{rule.User, rule.Extension, rule.Outside} {
		if way != "" {
			ways++
		}
	}
	if ways != 1 {
		return errors.New("wants exactly one of a user, an extension and a number outside")
	}
	if rule.Extension != "" && !seat.IsExtension(rule.Extension) {
		return fmt.Errorf("%q is not an extension", rule.Extension)
	}
	if rule.Outside != "" && checkNumber(rule.Outside) != nil {
		return fmt.Errorf("%q is not a number", rule.Outside)
	}
	if _, ok := seats.Lookup(rule.User); rule.User != "" && !ok {
		return fmt.Errorf("no staff member %q", rule.User)
	}
	return nil
}
