package main

import "seatbridge/api"

// trunks are the carriers as operations are shown them.
func (g *gateway) trunks() []api.Trunk {
	all := []api.Trunk{}
	for _, s := range g.sip.Trunks() {
		t := api.Trunk{Name: s.Name, Registered: s.Registered, Gateways: []api.TrunkGateway{}}
		for _, w := range s.Gateways {
			t.Gateways = append(t.Gateways, api.TrunkGateway{Address: w.Address, Up: w.Up, Since: w.Since})
		}
		all = append(all, t)
	}
	return all
}

// registrations are the phones as operations are shown them.
func (g *gateway) registrations() []api.Registration {
	all := []api.Registration{}
	for _, b := range g.sip.Registrations() {
		all = append(all, api.Registration{
			Extension: b.Extension, Contact: b.Contact.String(), Source: b.Source.String(), Transport: b.Transport,
			UserAgent: b.UserAgent, Reachable: b.Reachable, ExpiresAt: b.Expires,
		})
	}
	return all
}
