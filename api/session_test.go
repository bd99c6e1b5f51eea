package api

import (
	"testing"

	"seatbridge/call"
	"seatbridge/seat"
)

// TestSessionHandedOver has a seat see the customer of a call outside that another seat placed, and who supervises it
// the call as it is.
func TestSessionHandedOver(t *testing.T) {
	i := aSession()
	i.Direction, i.User = call.DirectionOutbound, "alice"
	i.Caller.Number, i.Callee.Number, i.Callee.Name = "+15550100", "+15*****99", "Carol"
	i.ProtectedCallee = "+15*****99"
	bob := seat.Staff{User: "bob", Name: "Bob", Extension: "1002"}
	i.Parties = append(i.Parties, call.PartyInfo{ID: "p3", Role: call.RoleAgent, User: "bob"})
	v := ownSession(i, bob)
	if v.CallerPhoneNumber != "+15*****99" || v.CallerName != "Carol" || v.ProtectedCaller != "+15*****99" ||
		v.CalleePhoneNumber != "1002" || v.ProtectedCallee != "" || !v.Incoming {
		t.Errorf("%+v", v)
	}
	i.Parties[len(i.Parties)-1].Role, i.Parties[len(i.Parties)-1].Mode = call.RoleSupervisor, call.ModeMonitor
	if v = ownSession(i, bob); v.CallerPhoneNumber != "+15550100" || v.CalleePhoneNumber != "+15*****99" {
		t.Errorf("%+v", v)
	}
	if v = ownSession(i, seat.Staff{User: "alice"}); v.CallerPhoneNumber != "+15550100" || v.Incoming {
		t.Errorf("%+v", v)
	}
}
