package call

import (
	"strings"
	"testing"
	"testing/synctest"

	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/seat"
)

// customers are the numbers that must not be seen.
func customers() []string { return []string{"+4940123", "40123", "+3312345678", "12345678"} }

// protected is a gateway whose carrier, and whose trunk to +33, protect their customers' numbers.
func protected(t *testing.T) *gateway {
	return newGatewayWith(t, Limits{}, []seat.Group{{ID: sales, Name: "Sales", Members: []seat.Member{{User: "quinn"}}}},
		func(c *Config) {
			inbound := append(c.Routes.Inbound, InboundRule{Number: "+4930202", Group: sales})
			world(c)
			c.Routes.Inbound, c.Routes.Trunks[0].Protect = inbound, true
		})
}

// hidden checks that no event, no session as agents get it and no called device of ours was told a customer's number.
func (g *gateway) hidden(t *testing.T) {
	t.Helper()
	seen := func(where string, shown ...string) {
		for _, text := range shown {
			for _, number := range customers() {
				if strings.Contains(text, number) {
					t.Errorf("%s: %s", where, text)
				}
			}
		}
	}
	g.watch.mu.Lock()
	for _, e := range g.watch.events {
		seen(string(e.Type)+" to "+e.User, e.Caller.Number, e.Caller.Name, e.Callee.Number, e.Cause.Text)
		if e.Caller.Name == "Customer" {
			t.Errorf("%s to %s has the customer's name", e.Type, e.User)
		}
	}
	g.watch.mu.Unlock()
	for _, user := range g.seats.Users() {
		for _, info := range g.Sessions(user) {
			seen("session of "+user, info.Caller.Number, info.Callee.Number)
		}
	}
	g.dialer.mu.Lock()
	defer g.dialer.mu.Unlock()
	for _, l := range g.dialer.legs {
		if l.kind != leg.KindTrunk || l.dial.To.Number == "+49170111" {
			seen("device "+name(l.dial.To), l.dial.From.Number)
			if l.dial.From.Name == "Customer" {
				t.Errorf("device %s has the customer's name", name(l.dial.To))
			}
		}
	}
}

// TestProtectedInbound has a customer go through all hands, at each kind of device.
func TestProtectedInbound(t *testing.T) {
	for _, inbound := range []string{"+4930100", "+4930101", "+4930102", "+4930104", "+4930106", "+4930202"} {
		synctest.Test(t, func(t *testing.T) {
			g := protected(t)
			customer := g.comes(inbound)
			g.dialer.mu.Lock()
			first := g.dialer.legs[0]
			g.dialer.mu.Unlock()
			first.answer(codec.PCMA)
			pass(latency)
			session := g.only().ID
			g.hidden(t)
			if err := g.Supervise(t.Context(), "sue", session, ModeMonitor); err != nil {
				t.Fatal(err)
			}
			pass(latency)
			if user := g.only().Parties[1].User; user != "" {
				if err := g.Consult(t.Context(), user, session, TransferTo{User: "two"}); err != nil {
					t.Fatal(err)
				}
				g.dialer.leg("1020").answer(codec.PCMA)
				pass(latency)
				if err := g.CompleteTransfer(t.Context(), user, session); err != nil {
					t.Fatal(err)
				}
				pass(latency)
			}
			g.hidden(t)
			if info, _ := g.Session(session); info.Caller.Number != "+4940123" { // as administrators see it
				t.Errorf("%+v", info.Caller)
			}
			customer.hangsUp()
			g.settle()
		})
	}
}

// TestProtectedOutbound dials a number by a trunk that protects it: a desk phone that was called first shows it masked,
// with what the seat calls it.
func TestProtectedOutbound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := protected(t)
		info, err := g.Call(t.Context(), Outbound{User: "pat", Number: "+3312345678", PhoneDesc: "Customer 7"})
		if err != nil || info.Callee.Number != "+33****5678" || info.Callee.Name != "Customer 7" {
			t.Fatalf("%+v, %v", info.Callee, err)
		}
		synctest.Wait()
		phone := g.dialer.leg("1010")
		if phone.dial.From != (leg.Identity{Number: "+33****5678", Name: "Customer 7"}) {
			t.Errorf("the phone shows %+v", phone.dial.From)
		}
		phone.answer(codec.PCMA)
		pass(latency)
		g.dialer.leg("+3312345678").answer(codec.PCMA)
		pass(latency)
		if err := g.Transfer(t.Context(), "pat", info.ID, TransferTo{User: "ben"}); err != nil {
			t.Fatal(err)
		}
		g.dialer.leg("ben").answer(codec.Opus)
		pass(latency)
		if e := g.watch.last(t, "ben", EventCallIn); e.ProtectedCallee != "+33****5678" {
			t.Errorf("%+v", e)
		}
		g.hidden(t)
		g.HangUpAll(leg.Cause{Reason: leg.Normal})
		g.settle()
	})
}

// TestProtectedTransfer hands an outbound call to a group that keeps the numbers of those who are called.
func TestProtectedTransfer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGatewayWith(t, Limits{}, []seat.Group{{ID: sales, Name: "Sales", ProtectCallee: true,
			Members: []seat.Member{{User: "quinn"}}}}, func(*Config) {})
		info, err := g.Call(t.Context(), Outbound{User: "pat", Number: "+4989123456"})
		g.must(err)
		g.dialer.leg("1010").answer(codec.PCMA)
		pass(latency)
		g.dialer.leg("+4989123456").answer(codec.PCMA)
		pass(latency)
		g.must(g.Transfer(t.Context(), "pat", info.ID, TransferTo{Group: sales}))
		synctest.Wait()
		want := Mask("+4989123456")
		if from := g.dialer.leg("1011").dial.From.Number; from != want {
			t.Errorf("quinn's phone shows %s", from)
		}
		if e := g.watch.last(t, "quinn", EventCallIn); e.Caller.Number != want || e.ProtectedCallee != want || e.Callee.Number != "1011" ||
			e.PeerUser != "pat" { // as in a transfer to the seat itself
			t.Errorf("quinn was told %+v", e)
		}
		g.HangUpAll(leg.Cause{Reason: leg.Normal})
		g.settle()
	})
}

// TestProtectedJoin has a protected customer come into a session that knows nothing of it, and be handed on from there.
func TestProtectedJoin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGatewayWith(t, Limits{}, []seat.Group{{ID: sales, Name: "Sales", ProtectCaller: true,
			Members: []seat.Member{{User: "two"}}}}, func(c *Config) {
			c.Routes.Inbound = append(c.Routes.Inbound, InboundRule{Number: "+4930202", Group: sales})
		})
		g.comes("+4930202") // two's phone
		mine := g.dialer.leg("1020")
		mine.answer(codec.PCMA)
		pass(latency)
		own := comesIn(g, "1020", "1001")
		g.dialer.leg("ann").answer(codec.Opus)
		pass(latency)
		own.event(leg.Referred{To: "1001", Replaces: "call-" + mine.id + ";to-tag=1;from-tag=2", Result: func(int) {}})
		pass(2 * latency)
		info := g.only()
		if info.Direction != DirectionInternal {
			t.Fatalf("the customer is in %+v", info)
		}
		if err := g.Transfer(t.Context(), "ann", info.ID, TransferTo{User: "ben"}); err != nil {
			t.Fatal(err)
		}
		if from := g.dialer.leg("ben").dial.From.Number; from != Mask("+4940123") {
			t.Errorf("ben is shown %s", from)
		}
		g.hidden(t)
		g.HangUpAll(leg.Cause{Reason: leg.Normal})
		g.settle()
	})
}
