package call

import (
	"testing"
	"testing/synctest"
	"time"

	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/seat"
)

// TestWrapUpOfOutbound wants after-call work after a call that a seat places for a group with a wrap-up.
func TestWrapUpOfOutbound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := wrappingUp(t)
		info, err := g.Call(t.Context(), Outbound{User: "ann", Number: "+4989123", Group: support})
		g.must(err)
		if info.Group != support {
			t.Errorf("the session is of group %d, want %d", info.Group, support)
		}
		pass(latency)
		g.dialer.leg("+4989123").answer(codec.PCMA)
		pass(time.Second)
		g.must(g.HangUp(t.Context(), "ann", info.ID))
		g.wrapsUp("ann", true)
		pass(20 * time.Second)
		g.wrapsUp("ann", false)
		g.settle()
	})
}

// TestWrapUpOfIntercepted wants it of both who served the customer: the agent of a group, and the supervisor who took the
// agent's place.
func TestWrapUpOfIntercepted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := wrappingUp(t)
		customer := g.comes("+4930201")
		g.dialer.leg("ann").answer(codec.Opus)
		pass(latency)
		s := &scene{gateway: g, session: g.only().ID, caller: customer, callee: g.dialer.leg("ann")}
		sue := supervised(s, "sue")
		done := taking(s, "sue")
		sue.sounds()
		pass(interceptLook)
		g.must(<-done)
		g.wrapsUp("ann", true)
		if now, _ := g.seats.Status("sue"); now != seat.StatusBusy {
			t.Errorf("who took the call over is %s", now)
		}
		customer.hangsUp()
		pass(latency)
		g.wrapsUp("sue", true)
		g.HangUpAll(leg.Cause{Reason: leg.Normal})
		g.settle()
	})
}

// wrappingUp is a gateway with a group of ann alone that has a wrap-up of 20 s.
func wrappingUp(t *testing.T) *gateway {
	groups := []seat.Group{{
		ID: support, Name: "Support", WrapUp: 20 * time.Second, Members: []seat.Member{{User: "ann"}},
	}}
	return newGatewayWith(t, Limits{}, groups, func(c *Config) {
		c.Routes.Inbound = append(c.Routes.Inbound, InboundRule{Number: "+4930201", Group: support})
	})
}

// wrapsUp checks whether a seat has after-call work.
func (g *gateway) wrapsUp(user string, want bool) {
	g.t.Helper()
	if now, _ := g.seats.Status(user); (now == seat.StatusArrange) != want {
		g.t.Errorf("%s is %s", user, now)
	}
}
