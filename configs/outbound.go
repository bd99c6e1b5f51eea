package configs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Outbound allows numbers that begin with Prefix and says by which trunks they go. What no line allows is refused.
type Outbound struct {
	Prefix string   `yaml:"prefix"`
	Trunks []string `yaml:"trunks"` // in the order to try
	Block  bool     `yaml:"block"`  // forbids the numbers, of those that a shorter prefix allows
	Hours  []Hours  `yaml:"hours"`  // in which calls may begin; absent means always
	// Risky are beginnings of risky numbers that the line allows all the same; "+" allows all of them.
	Risky  []string `yaml:"risky"`
	Record bool     `yaml:"record"` // calls by this line are recorded
}

// NumberGroup is numbers of ours, to show one of: those that trunks own.
type NumberGroup struct {
	Name    string   `yaml:"name"`
	Numbers []string `yaml:"numbers"`
}

// Location says where the numbers are from that begin with Prefix; the longest counts.
type Location struct {
	Prefix string `yaml:"prefix"` // + and digits
	Name   string `yaml:"name"`   // such as a city, as agents are to read it
}

// outbound checks what may be dialled.
func (k *checker) outbound(trunks map[string]bool) {
	seen := map[string]bool{}
	for i, r := range k.c.Outbound {
		key := fmt.Sprintf("outbound[%d]", i)
		if !regexp.MustCompile(`^(\+|\+?[0-9*#]+)$`).MatchString(r.Prefix) {
			k.wrong(key+".prefix",
				"%q must be the beginning of the numbers that may be dialled, such as +49, or + for all", r.Prefix)
		}
		if seen[r.Prefix] {
			k.wrong(key+".prefix", "%q stands twice", r.Prefix)
		}
		seen[r.Prefix] = true
		switch {
		case r.Block && len(r.Trunks)+len(r.Risky)+len(r.Hours) > 0:
			k.wrong(key+".block", "forbids the numbers, so there is nothing to say of trunks, hours and risky ones")
		case !r.Block && len(r.Trunks) == 0:
			k.wrong(key+".trunks", "needs at least one trunk")
		}
		for j, t := range r.Trunks {
			if !trunks[t] {
				k.wrong(fmt.Sprintf("%s.trunks[%d]", key, j), "there is no trunk %q", t)
			}
		}
		for j, h := range r.Hours {
			k.hours(fmt.Sprintf("%s.hours[%d]", key, j), h)
		}
		for j, p := range r.Risky {
			if !regexp.MustCompile(`^\+[0-9]*$`).MatchString(p) {
				k.wrong(fmt.Sprintf("%s.risky[%d]", key, j), "%q must be the beginning of numbers, such as +882, or + for all", p)
			}
		}
	}
}

// locations checks where numbers are from.
func (k *checker) locations() {
	seen := map[string]bool{}
	for i, l := range k.c.Locations {
		key := fmt.Sprintf("locations[%d]", i)
		if !regexp.MustCompile(`^\+[1-9][0-9]{0,14}$`).MatchString(l.Prefix) {
			k.wrong(key+".prefix", "%q must be the beginning of numbers, such as +4930", l.Prefix)
		}
		if seen[l.Prefix] {
			k.wrong(key+".prefix", "%q stands twice", l.Prefix)
		}
		seen[l.Prefix] = true
		if strings.TrimSpace(l.Name) == "" || len(l.Name) > 64 || strings.ContainsFunc(l.Name, unicode.IsControl) {
			k.wrong(key+".name", "%q is missing, longer than 64 bytes, or has control characters in it", l.Name)
		}
	}
}

// numberGroups checks that each number is one that a trunk owns.
func (k *checker) numberGroups() {
	seen := map[string]bool{}
	for i, g := range k.c.NumberGroups {
		key := fmt.Sprintf("number_groups[%d]", i)
		if g.Name == "" || seen[g.Name] {
			k.wrong(key+".name", "%q is missing or stands twice", g.Name)
		}
		seen[g.Name] = true
		if len(g.Numbers) == 0 {
			k.wrong(key+".numbers", "needs at least one number")
		}
		for j, number := range g.Numbers {
			if !slices.ContainsFunc(k.c.Trunks, func(t Trunk) bool { return slices.Contains(t.CallerIDs, number) }) {
				k.wrong(fmt.Sprintf("%s.numbers[%d]", key, j), "no trunk has %q under caller_ids", number)
			}
		}
	}
}
