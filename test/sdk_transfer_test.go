package test

import (
	"fmt"
	"testing"

	"seatbridge/test/peers"
)

// handing is a stage with a colleague, erin, at a desk phone, to whom calls go.
type handing struct {
	*stage
	erin *peers.RTPPhone
}

// TestSDKTransfers tries each function of tccc.Call that hands a customer's call to somebody else.
func TestSDKTransfers(t *testing.T) {
	t.Parallel()
	s := &handing{stage: newStage(t, "alice")}
	s.erin = peers.RTP(t, s.g.Phone("1011"), targetTone(), peers.Manual)
	t.Run("Call.transfer userId", s.toUser)
	t.Run("Call.transfer skillGroupId", s.toGroup)
	t.Run("Call.transfer phoneNumber", s.toNumber)
	t.Run("Call.transfer refused", s.toNobody)
	t.Run("Call.consult", s.consult)
	t.Run("Call.consult phoneNumber", s.consultNumber)
	t.Run("Call.cancelTransfer", s.cancelTransfer)
	t.Run("Call.swap", s.swap)
	s.end()
}

// transfers hands a customer's call to erin, who takes it, and wants the page to be told by whom it was named.
func (s *handing) transfers(t *testing.T, member, told string) {
	t.Helper()
	c, customer := s.inbound(t, "+15550100")
	c.ask("Call.transfer", member)
	c.waitTold("transferChanged", "e.state === 'started'")
	s.erin.WaitRinging()
	c.never("transfer", "true")
	s.erin.Answer()
	s.erin.WaitEstablished()
	c.waitTold("transfer", told)
	c.waitTold("transferChanged", "e.state === 'completed' && e.to")
	c.waitTold("sessionEnded", "e.type === 'phone' && e.duration > 0")
	c.WaitFor("tccc.Agent.getStatus() === 'free'")
	s.handed(t, customer)
	c.toldInOrder("callIn", "userAccessed", "transfer", "sessionEnded", "sessionCompleted")
}

// handed wants erin to have the customer's call, and ends it.
func (s *handing) handed(t *testing.T, customer *peers.RTPPhone) {
	t.Helper()
	peers.WantAllHear(t, hearing{customer: {s.erin.Tone()}, s.erin: {customer.Tone()}})
	customer.Hangup()
	s.erin.WaitClosed()
}

func (s *handing) toUser(t *testing.T) {
	s.transfers(t, "userId: 'erin'", "e.userId === 'erin' && !('skillGroupId' in e)")
}

func (s *handing) toGroup(t *testing.T) {
	id := s.group("support")
	s.transfers(t, fmt.Sprintf("skillGroupId: %q", id), fmt.Sprintf("e.skillGroupId === %q", id))
}

func (s *handing) toNumber(t *testing.T) {
	s.transfers(t, "phoneNumber: '1011'", "e.userId === 'erin'")
}

// toNobody wants a transfer that erin refuses to leave the call where it was, and one that cannot be to be refused.
func (s *handing) toNobody(t *testing.T) {
	c, customer := s.inbound(t, "+15550100")
	c.refused("Call.transfer", "{sessionId: session}", "say to whom")
	c.refused("Call.transfer", "{sessionId: session, userId: 'erin', skillGroupId: '1'}", "say to whom")
	c.refused("Call.transfer", "{sessionId: session, userId: 'nobody'}", "nobody")
	c.refused("Call.transfer", "{sessionId: session, skillGroupId: '999'}", "group")
	c.ask("Call.transfer", "userId: 'erin'")
	s.erin.WaitRinging()
	c.waitTold("transferChanged", "e.state === 'ringing' && e.userId === 'erin'")
	s.erin.Reject("486 Busy Here")
	c.waitTold("transferChanged", "e.state === 'failed' && e.reason === 'busy' && e.userId === 'erin'")
	c.never("transfer", "true")
	c.talks(customer)
	c.leaves(customer)
}

// consults has the agent ask erin, while the customer hears music.
func (s *handing) consults(t *testing.T, member string) (*crm, *peers.RTPPhone) {
	t.Helper()
	c, customer := s.inbound(t, "+15550100")
	c.ask("Call.consult", member)
	s.erin.WaitRinging()
	s.erin.Answer()
	s.erin.WaitEstablished()
	c.waitTold("transferChanged", "e.state === 'answered' && e.userId === 'erin'")
	peers.WantAllHear(t, hearing{customer: {music()}, c: {s.erin.Tone()}, s.erin: {c.Tone()}})
	return c, customer
}

// completes leaves erin and the customer together.
func (s *handing) completes(t *testing.T, c *crm, customer *peers.RTPPhone) {
	t.Helper()
	c.ask("Call.completeTransfer", "")
	c.waitTold("transfer", "e.userId === 'erin'")
	c.waitTold("sessionEnded", "true")
	s.handed(t, customer)
}

func (s *handing) consult(t *testing.T) {
	c, customer := s.consults(t, "userId: 'erin'")
	s.completes(t, c, customer)
}

func (s *handing) consultNumber(t *testing.T) {
	c, customer := s.consults(t, "phoneNumber: '1011'")
	s.completes(t, c, customer)
}

func (s *handing) cancelTransfer(t *testing.T) {
	c, customer := s.consults(t, "userId: 'erin'")
	c.ask("Call.cancelTransfer", "")
	s.erin.WaitClosed()
	c.waitTold("transferChanged", "e.state === 'cancelled'")
	c.never("transfer", "true")
	c.talks(customer)
	c.leaves(customer)
}

// swap has the agent go to the customer and back to erin.
func (s *handing) swap(t *testing.T) {
	c, customer := s.consults(t, "userId: 'erin'")
	c.ask("Call.swap", "")
	peers.WantAllHear(t, hearing{s.erin: {music()}, c: {customer.Tone()}, customer: {c.Tone()}})
	c.ask("Call.swap", "")
	peers.WantAllHear(t, hearing{customer: {music()}, c: {s.erin.Tone()}, s.erin: {c.Tone()}})
	s.completes(t, c, customer)
}
