package test

import (
	"fmt"
	"testing"

	"seatbridge/test/peers"
)

// TestSDKInternalCalls has two agents call each other by the SDK.
func TestSDKInternalCalls(t *testing.T) {
	t.Parallel()
	s := newStage(t, "alice")
	bob := newCRM(t, s.api, "bob", targetTone())
	bob.load("bob")
	t.Run("Call.startInternalCall", func(t *testing.T) { s.startInternalCall(t, bob) })
	t.Run("Call.startInternalCall refused", func(t *testing.T) { s.internalRefused(t) })
	t.Run("callIn internal", func(t *testing.T) { s.callInInternal(t, bob) })
	t.Run("sessionEnded internal", func(t *testing.T) { s.internalEnded(t, bob) })
	bob.clean()
	s.end()
}

// calls has alice call bob, whose page is told in its subtest.
func (s *stage) callsColleague(t *testing.T, colleague *crm) (alice, bob *crm) {
	t.Helper()
	s.agent.In(t).WaitFor("tccc.Agent.getStatus() === 'free'")
	alice, bob = s.agent.in(t), colleague.in(t)
	bob.WaitFor("tccc.Agent.getStatus() === 'free'")
	alice.calls("startInternalCall", "{calleeUserId: 'bob'}",
		"res.serverType === 'staffSeat' && res.calleePhoneNumber === '1002' && res.callerPhoneNumber === '1001'")
	bob.called()
	return alice, bob
}

func (s *stage) startInternalCall(t *testing.T, colleague *crm) {
	alice, bob := s.callsColleague(t, colleague)
	alice.waitTold("callOuted", "e.peerUserId === 'bob' && e.serverType === 'staffSeat' && e.tabUUID === tab")
	alice.waitTold("ringing", "true")
	alice.never("calloutAccepted", "true")
	bob.ask("Call.accept", "")
	alice.waitTold("calloutAccepted", "true")
	bob.waitTold("userAccessed", "e.tabUUID === tab")
	peers.WantAllHear(t, hearing{alice: {bob.Tone()}, bob: {alice.Tone()}})
	alice.ask("Call.hungUp", "")
	bob.waitTold("sessionEnded", "true")
	alice.waitTold("sessionCompleted", "true")
	alice.toldInOrder("callOuted", "ringing", "calloutAccepted", "sessionEnded", "sessionCompleted")
	bob.toldInOrder("callIn", "userAccessed", "sessionEnded", "sessionCompleted")
}

func (s *stage) internalRefused(t *testing.T) {
	alice := s.agent.in(t)
	alice.refused("Call.startInternalCall", "{calleeUserId: 'nobody'}", "nobody")
	alice.refused("Call.startInternalCall", "{calleeUserId: 'erin'}", "erin") // whose phone is not registered
	alice.refused("Call.startInternalCall", "{calleeUserId: 'alice'}", "")
	alice.refused("Call.startInternalCall", "{calleeUserId: {}}", "must be a text")
}

// callInInternal wants just these fields.
func (s *stage) callInInternal(t *testing.T, colleague *crm) {
	alice, bob := s.callsColleague(t, colleague)
	var got, session string
	bob.Eval("JSON.stringify(Object.entries(told.find((e) => e.name === 'callIn').data).sort())", &got)
	alice.Eval("session", &session)
	want := fmt.Sprintf(`[["peerUserId","alice"],["remark","Alice"],["serverType","staffSeat"],["sessionId",%q],`+
		`["timeout",30],["type","internal"]]`, session)
	if got != want {
		t.Errorf("callIn has %s, want %s", got, want)
	}
	alice.ask("Call.hungUp", "")
	bob.waitTold("sessionEnded", "true")
}

// internalEnded wants the side that hung up to be told, and the kind of session.
func (s *stage) internalEnded(t *testing.T, colleague *crm) {
	alice, bob := s.callsColleague(t, colleague)
	bob.ask("Call.accept", "")
	alice.waitTold("calloutAccepted", "true")
	bob.ask("Call.hungUp", "")
	for _, c := range []*crm{alice, bob} {
		c.waitTold("sessionEnded", "e.type === 'internal' && ['seat', 'client'].includes(e.closeBy)")
	}
}
