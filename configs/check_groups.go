package configs

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

func (k *checker) groups() {
	seen := map[string]bool{}
	for i := range k.c.Groups {
		g, key := &k.c.Groups[i], fmt.Sprintf("groups[%d]", i)
		if g.Name == "" || seen[g.Name] {
			k.wrong(key+".name", "%q is missing or stands twice", g.Name)
		}
		seen[g.Name] = true
		k.oneOf(key+".strategy", &g.Strategy, "longestIdle", "roundRobin", "leastCalls", "byLevel", "ringAll")
		k.members(key, g)
		k.between(key+".misses", g.Misses, 0, 100)
		k.between(key+".max_waiting", g.MaxWaiting, 0, 100000)
		if g.Overflow.Group != "" && (g.Overflow.Number != "" || g.Overflow.Group == g.Name || !k.hasGroup(g.Overflow.Group)) {
			k.wrong(key+".overflow", "wants another group that is there, or a number, and not both")
		}
		k.file(key+".music", g.Music)
		k.file(key+".waiting", g.Waiting)
		k.file(key+".position", strings.ReplaceAll(g.Position, "%d", "1"))
		for j, h := range g.Hours {
			k.hours(fmt.Sprintf("%s.hours[%d]", key, j), h)
		}
	}
}

func (k *checker) members(key string, g *Group) {
	seen := map[string]bool{}
	for i, m := range g.Members {
		at := fmt.Sprintf("%s.members[%d]", key, i)
		if !k.hasStaff(m.User) || seen[m.User] {
			k.wrong(at+".user", "%q is no user under staff, or stands twice", m.User)
		}
		seen[m.User] = true
		k.between(at+".level", m.Level, 0, 5)
	}
}

func (k *checker) hours(key string, h Hours) {
	for _, d := range h.Days {
		if _, ok := Weekday(d); !ok {
			k.wrong(key+".days", "%q is none of mon, tue, wed, thu, fri, sat, sun", d)
		}
	}
	for name, text := range map[string]string{".from": h.From, ".to": h.To} {
		if _, err := Clock(text); err != nil {
			k.wrong(key+name, "%q must be a time such as 09:00", text)
		}
	}
	if _, err := time.LoadLocation(h.Zone); err != nil {
		k.wrong(key+".zone", "%q is no time zone such as Europe/Berlin", h.Zone)
	}
}

// Weekday is the day of a word such as mon.
func Weekday(word string) (time.Weekday, bool) {
	day := slices.Index([]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}, word)
	return time.Weekday(day), day >= 0
}

func (k *checker) menus() {
	seen := map[string]bool{}
	for i, m := range k.c.Menus {
		key := fmt.Sprintf("menus[%d]", i)
		if m.Name == "" || seen[m.Name] {
			k.wrong(key+".name", "%q is missing or stands twice", m.Name)
		}
		seen[m.Name] = true
		k.file(key+".prompt", m.Prompt)
		k.between(key+".repeats", m.Repeats, 0, 10)
		if len(m.Choices) == 0 {
			k.wrong(key+".choices", "wants at least one key")
		}
		keys := map[string]bool{}
		for j, c := range m.Choices {
			at := fmt.Sprintf("%s.choices[%d]", key, j)
			if len(c.Key) != 1 || !strings.Contains("0123456789*#ABCD", c.Key) || keys[c.Key] {
				k.wrong(at+".key", "%q is no key, or stands twice", c.Key)
			}
			keys[c.Key] = true
			k.goal(at+".to", c.Goal)
		}
		if m.Otherwise != (Goal{}) {
			k.goal(key+".otherwise", m.Otherwise)
		}
	}
}

func (k *checker) goal(key string, g Goal) {
	ways := 0
	for _, way := range []string{g.User, g.Extension, g.Group, g.Number} {
		if way != "" {
			ways++
		}
	}
	switch {
	case ways != 1:
		k.wrong(key, "wants exactly one of user, extension, group and number")
	case g.User != "" && !k.hasStaff(g.User):
		k.wrong(key+".user", "there is no user %q under staff", g.User)
	case g.Group != "" && !k.hasGroup(g.Group):
		k.wrong(key+".group", "there is no group %q under groups", g.Group)
	}
}

func (k *checker) hasStaff(user string) bool {
	return slices.ContainsFunc(k.c.Staff, func(s Staff) bool { return s.User == user })
}

func (k *checker) hasGroup(name string) bool {
	return slices.ContainsFunc(k.c.Groups, func(g Group) bool { return g.Name == name })
}

func (k *checker) hasMenu(name string) bool {
	return slices.ContainsFunc(k.c.Menus, func(m Menu) bool { return m.Name == name })
}
