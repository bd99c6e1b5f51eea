package main

import (
	"crypto/rand"
	"encoding/hex"
	"io/fs"
	"log/slog"
	"net/netip"
	"strings"
	"time"

	"seatbridge/api"
	"seatbridge/cmd/internal/sim"
	"seatbridge/configs"
	"seatbridge/web"
)

// demo is the simulated carrier and desk phone; nil where the configuration wants none.
type demo struct {
	carrier, phone *sim.Peer
}

// prepareDemo makes up the password of the simulated desk phone.
func prepareDemo(c *configs.Config) error {
	if !c.Demo.Enabled {
		return nil
	}
	var b [16]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	for i := range c.Phones {
		if p := &c.Phones[i]; p.Extension == c.Demo.Phone {
			p.HA1, p.Password = "", hex.EncodeToString(b[:])
		}
	}
	return nil
}

// demoNumbers are the numbers that the page offers to call.
func demoNumbers(c *configs.Config) []api.DemoNumber {
	if !c.Demo.Enabled {
		return nil
	}
	return []api.DemoNumber{
		{Number: c.Demo.Phone, Label: "the simulated desk phone: answers and plays a tune"},
		{Number: "+15550199", Label: "outside: answers and plays a tune"},
		{Number: "+15550198", Label: "outside: you hear yourself"},
		{Number: "+15550197", Label: "outside: is busy"},
		{Number: "+15550196", Label: "outside: calls you back at +15550100"},
		{Number: "+15550194", Label: "outside: three customers call support, +15550120, and wait for a seat"},
		{Number: "+15550195", Label: "outside: plays before it answers"},
	}
}

// demoSite is the page of a business that uses the SDK; nil where there is no demo.
func demoSite(c *configs.Config) (fs.FS, error) {
	if !c.Demo.Enabled {
		return nil, nil
	}
	return web.Demo()
}

func newDemo(c *configs.Config, log *slog.Logger) (*demo, error) {
	if !c.Demo.Enabled {
		return nil, nil
	}
	gateway := gatewayAddress(c)
	carrier, err := sim.New(sim.Config{
		Name: "carrier", Listen: c.Demo.Carrier, Gateway: gateway, Answer: subscriber, Log: log,
	})
	if err != nil {
		return nil, err
	}
	d := &demo{carrier: carrier}
	password := ""
	for _, p := range c.Phones {
		if p.Extension == c.Demo.Phone {
			password = p.Password
		}
	}
	d.phone, err = sim.New(sim.Config{
		Name: "phone", Listen: netip.AddrPortFrom(gateway.Addr(), 0), Gateway: gateway, User: c.Demo.Phone, Password: password,
		Answer: func(string) sim.Script { return sim.Script{RingFor: 2 * time.Second, Play: sim.Tune()} }, Log: log,
	})
	if err != nil {
		carrier.Close()
		return nil, err
	}
	return d, nil
}

// gatewayAddress is our UDP listener on loopback; the configuration was checked to have one.
func gatewayAddress(c *configs.Config) netip.AddrPort {
	for _, l := range c.SIP.Listen {
		if l.Transport == "udp" && l.Address.Addr().IsLoopback() {
			return l.Address
		}
	}
	return netip.AddrPort{}
}

// subscriber is what the simulated carrier's numbers do.
func subscriber(number string) sim.Script {
	ring := 1500 * time.Millisecond
	switch {
	case strings.HasSuffix(number, "0198"):
		return sim.Script{RingFor: ring, Echo: true}
	case strings.HasSuffix(number, "0197"):
		return sim.Script{RingFor: ring, Status: 486}
	case strings.HasSuffix(number, "0196"):
		return sim.Script{
			RingFor: ring, Play: sim.Tune(), HangUpAfter: 2 * time.Second,
			CallBack: func(p *sim.Peer, caller string) {
				p.Call("+15550123", caller, 2*time.Second, sim.Script{Play: sim.Tune(), HangUpAfter: time.Minute})
			},
		}
	case strings.HasSuffix(number, "0194"):
		return sim.Script{RingFor: ring, Play: sim.Tune(), HangUpAfter: 2 * time.Second, CallBack: callSupport}
	case strings.HasSuffix(number, "0195"):
		return sim.Script{RingFor: 4 * time.Second, Early: true, Play: sim.Tune()}
	case strings.HasSuffix(number, "0199"):
		return sim.Script{RingFor: ring, Play: sim.Tune()}
	}
	return sim.Script{Status: 404}
}

// callSupport has three customers call the demo's skill group, one after the other.
func callSupport(p *sim.Peer, _ string) {
	for i, from := range []string{"+15550131", "+15550132", "+15550133"} {
		p.Call(from, "+15550120", time.Duration(1+2*i)*time.Second, sim.Script{Play: sim.Tune(), HangUpAfter: time.Minute})
	}
}

func (d *demo) start() {
	if d != nil {
		d.carrier.Start()
		d.phone.Start()
	}
}

func (d *demo) close() {
	if d != nil {
		d.phone.Close()
		d.carrier.Close()
	}
}
