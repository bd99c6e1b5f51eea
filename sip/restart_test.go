package sip

import (
	"context"
	"maps"
	"slices"
	"sync"
	"testing"

	"seatbridge/leg"
	"seatbridge/sip/registrar"
)

// shelf is a registrar.Store that outlives an Endpoint.
type shelf struct {
	mu   sync.Mutex
	kept map[string][]registrar.Registration
}

func (s *shelf) Registrations(context.Context) ([]registrar.Registration, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Concat(slices.Collect(maps.Values(s.kept))...), nil
}

func (s *shelf) PutRegistrations(_ context.Context, changed map[string][]registrar.Registration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.Copy(s.kept, changed)
	return nil
}

// TestRestart wants a phone to be called by an Endpoint that it never registered at, since it did at the one before.
func TestRestart(t *testing.T) {
	kept := &shelf{kept: map[string][]registrar.Registration{}}
	before := newGateway(t, func(c *Config) { c.Registrations = kept })
	phone := before.phone("1001")
	before.close()

	after := newGateway(t, func(c *Config) { c.Registrations = kept })
	phone.gateway = after.udp
	_, w := after.dial(to("1001"))
	invite := phone.find("INVITE")
	phone.reply(invite, "200 OK", "t", phone.sdp("0"))
	phone.find("ACK")
	want[leg.Answered](w)
	phone.taken(invite, "t").send("BYE", "")
	w.ended(leg.Normal)
}
