package test

import (
	"fmt"
	"testing"

	"seatbridge/test/peers"
)

// TestSDKAgent tries each function of tccc.Agent and each status, as the page and the business's server see it.
func TestSDKAgent(t *testing.T) {
	t.Parallel()
	s := newStage(t, "alice")
	t.Run("Agent.getStatus", func(t *testing.T) { s.is(s.agent.in(t), "free", "free") })
	t.Run("Agent.setStatus rest", s.asks("status: 'rest'", "rest", "rest"))
	t.Run("Agent.setStatus restReason", s.restReason)
	t.Run("Agent.setStatus arrange", s.asks("status: 'arrange'", "arrange", "afterCallWork"))
	t.Run("Agent.setStatus notReady", s.asks("status: 'notReady'", "notReady", "notReady"))
	t.Run("Agent.setStatus stopNotReady", s.asks("status: 'stopNotReady'", "free", "free"))
	t.Run("Agent.setStatus rest again", s.asks("status: 'rest'", "rest", "rest"))
	t.Run("Agent.setStatus free", s.asks("status: 'free'", "free", "free"))
	t.Run("Agent.setStatus busy", s.asksForBusy)
	t.Run("Agent.setStatus in a call", s.asksInCall)
	t.Run("Agent.offline", s.goesOffline)
	t.Run("Agent.online", s.comesOnline)
	s.end()
}

// is waits until the page has a status, and wants the business's server to have it too.
func (s *stage) is(c *crm, page, atServer string) {
	c.t.Helper()
	c.WaitFor(fmt.Sprintf("tccc.Agent.getStatus() === %q", page))
	if got := (&server{c.api, s.t, s.g, s.k}).status("alice").Status; got != atServer {
		c.t.Errorf("the server has the status %q, want %q", got, atServer)
	}
}

// asks for a status, and wants it to be told, without a reason.
func (s *stage) asks(options, page, atServer string) func(*testing.T) {
	return func(t *testing.T) {
		c := s.agent.in(t)
		c.ask("Agent.setStatus", options)
		c.waitTold("statusChanged", fmt.Sprintf("e.status === %q && !('restReason' in e)", page))
		s.is(c, page, atServer)
	}
}

func (s *stage) restReason(t *testing.T) {
	c := s.agent.in(t)
	c.ask("Agent.setStatus", "status: 'rest', restReason: 'Meal'")
	c.waitTold("statusChanged", "e.status === 'rest' && e.restReason === 'Meal' && e.data.restReason === 'Meal'")
	c.refused("Agent.setStatus", "{status: 'rest', restReason: {}}", `"restReason" must be a text`)
	c.refused("Call.startOutboundCall", "{phoneNumber: '+15550299'}", "")
	s.is(c, "rest", "rest")
}

func (s *stage) asksForBusy(t *testing.T) {
	c := s.agent.in(t)
	for _, status := range []string{"'busy'", "'offline'", "'asleep'", "5", "{}"} {
		c.refused("Agent.setStatus", "{status: "+status+"}", "must be")
	}
	c.refused("Agent.setStatus", "{}", `"status" is missing`)
	s.is(c, "free", "free")
}

// asksInCall wants busy to be told while there is a call, and what is asked for meanwhile to hold after it.
func (s *stage) asksInCall(t *testing.T) {
	c, customer := s.outbound(t)
	c.waitTold("statusChanged", "e.status === 'busy'")
	c.ask("Agent.setStatus", "status: 'notReady'")
	s.is(c, "busy", "busy")
	c.never("statusChanged", "e.status === 'notReady'")
	c.leaves(customer)
	c.waitTold("statusChanged", "e.status === 'notReady'")
	// Who is not ready gets no caller of a group, and may place calls.
	customer.Dial("+15550171")
	customer.WaitEstablished() // and waits
	c.never("callIn", "true")
	customer.Hangup()
	number := s.number()
	other := peers.RTP(t, s.k.Subscriber(number), targetTone())
	c.calls("startOutboundCall", fmt.Sprintf("{phoneNumber: %q}", number), "true")
	c.waitTold("calloutAccepted", "true")
	c.talks(other)
	c.ask("Call.hungUp", "")
	other.WaitClosed()
	c.WaitFor("tccc.Agent.getStatus() === 'notReady'")
	c.ask("Agent.setStatus", "status: 'free'")
	c.WaitFor("tccc.Agent.getStatus() === 'free'")
}

func (s *stage) goesOffline(t *testing.T) {
	c := s.agent.in(t)
	c.Eval("tccc.Agent.offline()", nil)
	c.waitTold("statusChanged", "e.status === 'offline'")
	s.is(c, "offline", "offline")
}

func (s *stage) comesOnline(t *testing.T) {
	c := s.agent.in(t)
	c.Eval("tccc.Agent.online()", nil)
	c.waitTold("statusChanged", "e.status === 'free'")
	s.is(c, "free", "free")
}
