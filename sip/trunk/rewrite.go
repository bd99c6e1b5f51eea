package trunk

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"
)

// Rule rewrites a number that Match (RE2, the whole number) fits to Replace, where ${1} is the first group. The first
// rule that fits is the only one that is used; a number that none fits stays as it is.
//
//	{Match: `00(.*)`, Replace: `+${1}`}         // 00 is international
//	{Match: `0([1-9].*)`, Replace: `+49${1}`}   // one 0 is national
//	{Match: `\+49(.*)`, Replace: `0${1}`}       // out: the carrier wants the national form
type Rule struct {
	Match   string
	Replace string
}

// rule is a Rule ready for use.
type rule struct {
	match   *regexp.Regexp
	replace string
}

func compile(rules []Rule) ([]rule, error) {
	compiled := make([]rule, len(rules))
	for i, r := range rules {
		match, err := regexp.Compile("^(?:" + r.Match + ")$")
		if err != nil {
			return nil, fmt.Errorf("[%d].match: %w", i, err)
		}
		compiled[i] = rule{match: match, replace: r.Replace}
	}
	return compiled, nil
}

func rewrite(rules []rule, number string) string {
	for _, r := range rules {
		if r.match.MatchString(number) {
			return r.match.ReplaceAllString(number, r.replace)
		}
	}
	return number
}

// isNumber accepts what can be dialled: digits, * and #, and a + before them; 32 at most (E.164 has 15).
func isNumber(s string) bool {
	digits := strings.TrimPrefix(s, "+")
	return len(digits) > 0 && len(digits) <= 32 && strings.Trim(digits, "0123456789*#") == ""
}

// isToken accepts what can stand in the user part of a SIP URI as it is (RFC 3261 section 25.1), without parameters.
func isToken(s string) bool {
	return len(s) > 0 && len(s) <= 128 && !strings.ContainsFunc(s, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') &&
			!strings.ContainsRune("-_.!~*'()&=+$,", c)
	})
}

// isHost accepts an address or a host name.
func isHost(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	return len(s) > 0 && len(s) <= 253 && !strings.ContainsFunc(s, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '.' && c != '_'
	})
}
