package test

import (
	"fmt"
	"testing"

	"seatbridge/test/peers"
)

// watching is a stage whose agent is in a call, with an administrator and a quality inspector.
type watching struct {
	*stage
	sam, quinn *crm
	customer   *peers.RTPPhone
}

// TestSDKSupervision has an administrator and an inspector do all that they may with an agent's call, one after the
// other.
func TestSDKSupervision(t *testing.T) {
	t.Parallel()
	s := &watching{stage: newStage(t, "alice")}
	s.sam, s.quinn = newCRM(t, s.api, "sam", supervisorTone()), newCRM(t, s.api, "quinn", tone(5))
	s.sam.load("sam")
	s.quinn.load("quinn")
	s.agent, s.customer = s.inbound(t, "+15550100")
	var session string
	s.agent.Eval("session", &session)
	for _, c := range []*crm{s.sam, s.quinn} {
		c.Eval(fmt.Sprintf("window.session = %q", session), nil)
	}
	t.Run("Call.monitor by an agent", s.notByAgents)
	t.Run("Call.monitor textOnly", s.textOnly)
	t.Run("Call.intercept without monitor", s.notBefore)
	t.Run("Call.monitor", s.monitor)
	t.Run("Call.whisper", s.whisper)
	t.Run("Call.barge", s.barge)
	t.Run("Call.monitor by an inspector", s.inspect)
	t.Run("Call.stopMonitor", s.stopMonitor)
	t.Run("Call.intercept", s.intercept)
	s.sam.clean()
	s.quinn.clean()
	s.end()
}

// of is a supervisor's page in a subtest; what it was told stays.
func of(t *testing.T, c *crm) *crm { return &crm{c.Page.In(t), t, c.api} }

// hear wants the customer, the agent and both supervisors to hear just these tones.
func (s *watching) hear(t *testing.T, customer, agent, sam, quinn []float64) {
	t.Helper()
	peers.WantAllHear(t, hearing{s.customer: customer, s.agent: agent, s.sam: sam, s.quinn: quinn})
}

func (s *watching) notByAgents(t *testing.T) {
	of(t, s.agent).refused("Call.monitor", "{sessionId: session}", "supervise")
}

func (s *watching) textOnly(t *testing.T) {
	of(t, s.sam).refused("Call.monitor", "{sessionId: session, textOnly: true}", "speech into text")
}

func (s *watching) notBefore(t *testing.T) {
	of(t, s.sam).refused("Call.intercept", "{sessionId: session}", "monitor the session first")
	of(t, s.sam).refused("Call.whisper", "{sessionId: session}", "monitor the session first")
	of(t, s.sam).refused("Call.barge", "{sessionId: session}", "monitor the session first")
}

func (s *watching) monitor(t *testing.T) {
	sam := of(t, s.sam)
	sam.ask("Call.monitor", "textOnly: false")
	sam.waitTold("monitor", "e.mode === 'monitor'")
	sam.waitTold("hearing", "e.parties.some((p) => p.userId === 'sam' && p.mode === 'monitor' && p.hears.length === 2)")
	sam.waitTold("statusChanged", "e.status === 'busy'")
	c, a := s.customer.Tone(), s.agent.Tone()
	s.hear(t, []float64{a}, []float64{c}, []float64{c, a}, nil)
}

func (s *watching) whisper(t *testing.T) {
	sam := of(t, s.sam)
	sam.ask("Call.whisper", "")
	sam.waitTold("monitor", "e.mode === 'whisper'")
	c, a := s.customer.Tone(), s.agent.Tone()
	s.hear(t, []float64{a}, []float64{c, sam.Tone()}, []float64{c, a}, nil)
}

func (s *watching) barge(t *testing.T) {
	sam := of(t, s.sam)
	sam.ask("Call.barge", "")
	sam.waitTold("monitor", "e.mode === 'barge'")
	c, a := s.customer.Tone(), s.agent.Tone()
	s.hear(t, []float64{a, sam.Tone()}, []float64{c, sam.Tone()}, []float64{c, a}, nil)
	sam.ask("Call.monitor", "")
	s.hear(t, []float64{a}, []float64{c}, []float64{c, a}, nil)
}

func (s *watching) inspect(t *testing.T) {
	quinn := of(t, s.quinn)
	quinn.ask("Call.monitor", "")
	quinn.waitTold("monitor", "e.mode === 'monitor'")
	c, a := s.customer.Tone(), s.agent.Tone()
	s.hear(t, []float64{a}, []float64{c}, []float64{c, a}, []float64{c, a})
}

func (s *watching) stopMonitor(t *testing.T) {
	quinn := of(t, s.quinn)
	quinn.ask("Call.stopMonitor", "")
	quinn.waitTold("sessionEnded", "true")
	quinn.WaitFor("tccc.Agent.getStatus() === 'free'")
	quinn.never("sessionCompleted", "true")
	c, a := s.customer.Tone(), s.agent.Tone()
	s.hear(t, []float64{a}, []float64{c}, []float64{c, a}, nil)
}

// intercept has sam take alice's place, who is told that it was the system.
func (s *watching) intercept(t *testing.T) {
	sam, alice := of(t, s.sam), of(t, s.agent)
	alice.never("hearing", "true")
	alice.never("monitor", "true")
	sam.ask("Call.intercept", "")
	sam.waitTold("userAccessed", "e.tabUUID === tab")
	alice.waitTold("sessionEnded", `e.closeBy === 'admin' && e.mainReason === 'intercepted' &&
		e.subReason.includes('sam')`)
	alice.WaitFor("tccc.Agent.getStatus() === 'free'")
	s.hear(t, []float64{sam.Tone()}, nil, []float64{s.customer.Tone()}, nil)
	s.customer.Hangup()
	sam.waitTold("sessionEnded", "e.closeBy === 'client'")
	sam.waitTold("sessionCompleted", "true")
}
