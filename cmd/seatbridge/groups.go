package main

import (
	"slices"
	"time"

	"seatbridge/call"
	"seatbridge/configs"
	"seatbridge/seat"
)

// groups are the file's skill groups. Those of the file that have no number of a store's yet have their place in it.
func groups(c *configs.Config) []seat.Group {
	var all []seat.Group
	for i, g := range c.Groups {
		group := seat.Group{
			ID: int64(i + 1), Name: g.Name, Strategy: seat.Strategy(g.Strategy), RingTimeout: g.RingTimeout,
			WrapUp: g.WrapUp, Misses: g.Misses, MaxWaiting: g.MaxWaiting, MaxWait: g.MaxWait, Priority: g.Priority,
			Overflow:       seat.Overflow{Group: groupID(c, g.Overflow.Group), Number: g.Overflow.Number},
			LastAgentFirst: g.LastAgent, Music: g.Music, Waiting: g.Waiting, Position: g.Position,
			ProtectCaller: g.ProtectCaller, ProtectCallee: g.ProtectCallee, Record: g.Record, CallerIDs: g.CallerIDs,
		}
		for _, m := range g.Members {
			group.Members = append(group.Members, seat.Member{User: m.User, Level: m.Level})
		}
		for _, h := range g.Hours {
			group.Hours = append(group.Hours, hours(h))
		}
		all = append(all, group)
	}
	return all
}

func hours(h configs.Hours) seat.Hours {
	out := seat.Hours{Zone: h.Zone}
	for _, d := range h.Days {
		day, _ := configs.Weekday(d) // checked when the file was read, as the times were
		out.Days = append(out.Days, time.Weekday(day))
	}
	out.From, _ = configs.Clock(h.From)
	out.To, _ = configs.Clock(h.To)
	return out
}

// groupID is the number of the group of that name, 0 where there is none.
func groupID(c *configs.Config, name string) int64 {
	return int64(slices.IndexFunc(c.Groups, func(g configs.Group) bool { return g.Name == name }) + 1)
}

func menus(c *configs.Config) []call.Menu {
	var all []call.Menu
	for _, m := range c.Menus {
		menu := call.Menu{
			Name: m.Name, Prompt: m.Prompt, Timeout: m.Timeout, Repeats: m.Repeats, Otherwise: goal(c, m.Otherwise),
		}
		for _, ch := range m.Choices {
			menu.Choices = append(menu.Choices, call.Choice{Key: ch.Key[0], Label: ch.Label, To: goal(c, ch.Goal)})
		}
		all = append(all, menu)
	}
	return all
}

func goal(c *configs.Config, g configs.Goal) call.InboundRule {
	return call.InboundRule{User: g.User, Extension: g.Extension, Outside: g.Number, Group: groupID(c, g.Group)}
}
