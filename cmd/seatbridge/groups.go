package main

import (
	"time"

	"seatbridge/call"
	"seatbridge/configs"
	"seatbridge/seat"
)

// groups are the file's skill groups, with their ids by name.
func groups(c *configs.Config, ids map[string]int64) []seat.Group {
	var all []seat.Group
	for _, g := range c.Groups {
		group := seat.Group{
			ID: ids[g.Name], Name: g.Name, Strategy: seat.Strategy(g.Strategy), RingTimeout: g.RingTimeout,
			WrapUp: g.WrapUp, Misses: g.Misses, MaxWaiting: g.MaxWaiting, MaxWait: g.MaxWait, Priority: g.Priority,
			Overflow:       seat.Overflow{Group: ids[g.Overflow.Group], Number: g.Overflow.Number},
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

func menus(c *configs.Config, groups map[string]int64) []call.Menu {
	var all []call.Menu
	for _, m := range c.Menus {
		menu := call.Menu{
			Name: m.Name, Prompt: m.Prompt, Timeout: m.Timeout, Repeats: m.Repeats, Otherwise: goal(m.Otherwise, groups),
		}
		for _, ch := range m.Choices {
			menu.Choices = append(menu.Choices, call.Choice{Key: ch.Key[0], Label: ch.Label, To: goal(ch.Goal, groups)})
		}
		all = append(all, menu)
	}
	return all
}

func goal(g configs.Goal, groups map[string]int64) call.InboundRule {
	return call.InboundRule{User: g.User, Extension: g.Extension, Outside: g.Number, Group: groups[g.Group]}
}
