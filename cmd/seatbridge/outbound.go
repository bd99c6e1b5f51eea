package main

import (
	"seatbridge/call"
	"seatbridge/configs"
)

// outbound is the file's policy for calls outside.
func outbound(c *configs.Config, r *call.Routes) {
	r.Emergency = c.Calls.EmergencyNumbers
	for _, t := range c.Trunks {
		r.Trunks = append(r.Trunks, call.Trunk{Name: t.Name, CallerIDs: t.CallerIDs, Protect: t.ProtectNumbers})
	}
	for _, g := range c.NumberGroups {
		r.NumberGroups = append(r.NumberGroups, call.NumberGroup{Name: g.Name, Numbers: g.Numbers})
	}
	r.Locations = make(map[string]string, len(c.Locations))
	for _, l := range c.Locations {
		r.Locations[l.Prefix] = l.Name
	}
	for _, out := range c.Outbound {
		rule := call.OutboundRule{Prefix: out.Prefix, Trunks: out.Trunks, Risky: out.Risky, Record: out.Record}
		for _, h := range out.Hours {
			rule.Hours = append(rule.Hours, hours(h))
		}
		r.Outbound = append(r.Outbound, rule)
	}
}
