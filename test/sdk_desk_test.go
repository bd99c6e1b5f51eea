package test

import (
	"fmt"
	"strings"
	"testing"

	"seatbridge/test/peers"
)

// deskStage is a stage whose agent, erin, has a desk phone.
type deskStage struct {
	*stage
	phone *peers.RTPPhone
}

// TestSDKDeskPhone tries the functions where the seat's device is a desk phone: they act at the gateway, and the
// phone's user lifts the handset where it rings.
func TestSDKDeskPhone(t *testing.T) {
	t.Parallel()
	s := &deskStage{stage: &stage{t: t}}
	s.g, s.k, s.api = sdkGatewayWith(t, sdkYAML(t))
	s.phone = peers.RTP(t, s.g.Phone("1011"), agentTone(), peers.Manual)
	s.agent = newCRM(t, s.api, "erin")
	s.agent.load("erin")
	t.Run("Call.startOutboundCall", s.startOutboundCall)
	t.Run("Call.startOutboundCall not answered", s.phoneHangsUp)
	t.Run("Call.accept", s.accept)
	t.Run("Call.accept by talk", s.talk)
	t.Run("Call.hold", s.hold)
	t.Run("Call.muteMic", s.mute)
	t.Run("Call.sendDigits", s.digits)
	t.Run("Call.transfer", s.transfer)
	t.Run("Call.hungUp", s.hungUp)
	t.Run("callIn serverType", s.serverType)
	s.end()
}

// inCall has erin's phone called first and then a customer, who answers.
func (s *deskStage) inCall(t *testing.T) (*crm, *peers.RTPPhone) {
	t.Helper()
	c, customer, number := s.begin(t)
	c.calls("startOutboundCall", fmt.Sprintf("{phoneNumber: %q}", number), "res.serverType === 'staffExtensionSeat'")
	s.phone.WaitRinging()
	s.phone.Answer()
	customer.WaitRinging()
	customer.Answer()
	c.waitTold("calloutAccepted", "true")
	return c, customer
}

// together wants the phone and the customer to hear each other.
func (s *deskStage) together(t *testing.T, customer *peers.RTPPhone) {
	t.Helper()
	peers.WantAllHear(t, hearing{customer: {s.phone.Tone()}, s.phone: {customer.Tone()}})
}

func (s *deskStage) over(c *crm, customer *peers.RTPPhone) {
	c.t.Helper()
	c.leaves(customer)
	s.phone.WaitClosed()
}

// startOutboundCall wants the phone to ring first, told to answer by itself where it can, and the customer after that.
func (s *deskStage) startOutboundCall(t *testing.T) {
	c, customer, number := s.begin(t)
	c.calls("startOutboundCall", fmt.Sprintf("{phoneNumber: %q}", number), fmt.Sprintf(`res.calleePhoneNumber === %q &&
		res.callerPhoneNumber === '+15550100' && res.serverType === 'staffExtensionSeat'`, number))
	c.waitTold("callOuted", "e.serverType === 'staffExtensionSeat' && e.tabUUID === tab")
	s.phone.WaitRinging()
	if info := s.phone.Header("INVITE", "Call-Info"); !strings.Contains(info, "answer-after=0") {
		t.Errorf("the phone is told %q, want to answer by itself", info)
	}
	if n := len(customer.Requests("INVITE")); n != 0 {
		t.Errorf("the customer was called before the phone was answered: %d INVITEs", n)
	}
	s.phone.Answer()
	customer.WaitRinging()
	c.waitTold("ringing", "true") // before the answer, which may overtake it
	customer.Answer()
	c.waitTold("calloutAccepted", "true")
	s.together(t, customer)
	s.over(c, customer)
	c.toldInOrder("callOuted", "ringing", "calloutAccepted", "sessionEnded", "sessionCompleted")
}

func (s *deskStage) phoneHangsUp(t *testing.T) {
	c, _, number := s.begin(t)
	c.calls("startOutboundCall", fmt.Sprintf("{phoneNumber: %q}", number), "true")
	s.phone.WaitRinging()
	s.phone.Reject("486 Busy Here")
	c.waitTold("sessionEnded", "e.closeBy === 'seat' && e.duration === 0")
	c.never("calloutAccepted", "true")
}

// accept wants a phone that is called by somebody else to be lifted by hand, and the page to be told both.
func (s *deskStage) accept(t *testing.T) {
	c, customer, _ := s.begin(t)
	customer.Dial("+15550111")
	c.called()
	s.phone.WaitRinging()
	c.refused("Call.accept", "{sessionId: session}", "lift the handset")
	s.phone.Answer()
	c.waitTold("userAccessed", "!e.tabUUID")
	s.together(t, customer)
	s.over(c, customer)
	c.toldInOrder("callIn", "userAccessed", "sessionEnded", "sessionCompleted")
}

// talk wants the page to answer the one of erin's two phones that lets itself be answered.
func (s *deskStage) talk(t *testing.T) {
	c, customer, _ := s.begin(t)
	phone := peers.RTP(t, s.g.Phone("1011"), agentTone(), peers.Talk)
	defer phone.Register(0)
	customer.Dial("+15550111")
	c.called()
	s.phone.WaitRinging()
	phone.WaitRinging()
	c.ask("Call.accept", "")
	phone.WaitEstablished()
	s.phone.WaitClosed()
	c.waitTold("userAccessed", "e.tabUUID === tab")
	peers.WantAllHear(t, hearing{customer: {phone.Tone()}, phone: {customer.Tone()}})
	if n := len(s.phone.Requests("NOTIFY")); n != 0 {
		t.Errorf("the other phone was told to answer: %d NOTIFYs", n)
	}
	c.leaves(customer)
	phone.WaitClosed()
	c.toldInOrder("callIn", "userAccessed", "sessionEnded", "sessionCompleted")
}

func (s *deskStage) hold(t *testing.T) {
	c, customer := s.inCall(t)
	c.ask("Call.hold", "")
	c.waitTold("held", "e.held && e.userId === 'erin'")
	peers.WantAllHear(t, hearing{customer: {music()}, s.phone: nil})
	c.ask("Call.unHold", "")
	s.together(t, customer)
	s.over(c, customer)
}

func (s *deskStage) mute(t *testing.T) {
	c, customer := s.inCall(t)
	c.ask("Call.muteMic", "")
	peers.WantAllHear(t, hearing{customer: nil, s.phone: {customer.Tone()}})
	c.WaitFor("ask('Call', 'isMicMuted', {sessionId: session}).then((res) => res.data.isMicMuted)")
	c.ask("Call.unmuteMic", "")
	s.together(t, customer)
	s.over(c, customer)
}

func (s *deskStage) digits(t *testing.T) {
	c, customer := s.inCall(t)
	c.ask("Call.sendDigits", "dtmfText: '7*'")
	customer.WaitDigits("7*")
	s.over(c, customer)
}

// transfer hands the call from erin's phone to frank's.
func (s *deskStage) transfer(t *testing.T) {
	frank := peers.RTP(t, s.g.Phone("1012"), targetTone(), peers.Manual)
	c, customer := s.inCall(t)
	c.ask("Call.transfer", "userId: 'frank'")
	frank.WaitRinging()
	frank.Answer()
	c.waitTold("transfer", "e.userId === 'frank'")
	s.phone.WaitClosed()
	peers.WantAllHear(t, hearing{customer: {frank.Tone()}, frank: {customer.Tone()}})
	customer.Hangup()
	frank.WaitClosed()
}

// hungUp wants the page to be told who hung up: the phone's user, or itself.
func (s *deskStage) hungUp(t *testing.T) {
	c, customer := s.inCall(t)
	s.phone.Hangup()
	customer.WaitClosed()
	c.waitTold("sessionEnded", "e.closeBy === 'seat'")
	c, customer = s.inCall(t)
	s.over(c, customer)
}

func (s *deskStage) serverType(t *testing.T) {
	c, customer, _ := s.begin(t)
	customer.Dial("+15550111")
	c.called()
	c.waitTold("callIn", "e.serverType === 'staffExtensionSeat' && e.timeout === 30")
	c.leaves(customer)
	s.phone.WaitClosed()
}

// TestSDKMobileSeat has an agent call and be called at the mobile, behind the carrier, by a page without sound.
func TestSDKMobileSeat(t *testing.T) {
	t.Parallel()
	s := &deskStage{stage: &stage{t: t}}
	s.g, s.k, s.api = sdkGatewayWith(t, sdkYAML(t))
	s.phone = peers.RTP(t, s.k.Subscriber("+15550290"), agentTone(), peers.Manual)
	s.agent = newCRM(t, s.api, "max")
	s.agent.load("max")
	t.Run("Call.startOutboundCall", func(t *testing.T) {
		c, customer, number := s.begin(t)
		c.calls("startOutboundCall", fmt.Sprintf("{phoneNumber: %q}", number), "res.serverType === 'staffPhoneSeat'")
		c.waitTold("callOuted", "e.serverType === 'staffPhoneSeat'")
		s.phone.WaitRinging()
		s.phone.Answer()
		customer.WaitRinging()
		customer.Answer()
		c.waitTold("calloutAccepted", "true")
		s.together(t, customer)
		s.over(c, customer)
	})
	t.Run("callIn serverType", func(t *testing.T) {
		c, customer, _ := s.begin(t)
		customer.Dial("+15550174")
		c.called()
		c.waitTold("callIn", "e.serverType === 'staffPhoneSeat'")
		s.phone.WaitRinging()
		s.phone.Answer()
		c.waitTold("userAccessed", "true")
		s.together(t, customer)
		s.over(c, customer)
	})
	s.end()
}
