package test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"seatbridge/test/peers"
)

// TestSDKCalls tries each function of tccc.Call that is about a call of one's own, with a customer behind the carrier.
func TestSDKCalls(t *testing.T) {
	t.Parallel()
	s := newStage(t, "alice")
	t.Run("Call.startOutboundCall", s.startOutboundCall)
	t.Run("Call.startOutboundCall phoneDesc", s.phoneDesc)
	t.Run("Call.startOutboundCall uui", s.uui)
	t.Run("Call.startOutboundCall skillGroupId", s.forGroup)
	t.Run("Call.startOutboundCall callerPhoneNumber", s.showsNumber)
	t.Run("Call.startOutboundCall servingNumberGroupIds", s.showsOneOf)
	t.Run("Call.startOutboundCall phoneEncodeType", s.phoneEncodeType)
	t.Run("Call.accept", s.accept)
	t.Run("Call.hungUp", s.hungUp)
	t.Run("Call.hungUp rejects", s.rejects)
	t.Run("Call.hungUp cancels", s.cancels)
	t.Run("Call.deleteCall", s.deleteCall)
	t.Run("Call.muteMic", s.muteMic)
	t.Run("Call.hold", s.hold)
	t.Run("Call.sendDigits", s.sendDigits)
	t.Run("Call.secureDigits", s.secureDigits)
	t.Run("Call.pauseRecording", s.pauseRecording)
	t.Run("Call.getStatistics", s.getStatistics)
	s.end()
}

// startOutboundCall wants a call out to say what the reference says, in its order, and both sides to hear each other.
func (s *stage) startOutboundCall(t *testing.T) {
	c, customer, number := s.begin(t)
	c.calls("startOutboundCall", fmt.Sprintf("{phoneNumber: %q}", number), fmt.Sprintf(`res.calleePhoneNumber === %q &&
		res.callerPhoneNumber === '+15550100' && res.serverType === 'staffSeat' && !('remark' in res)`, number))
	customer.WaitRinging()
	c.waitTold("callOuted", fmt.Sprintf(`e.calleePhoneNumber === %q && e.callerPhoneNumber === '+15550100' &&
		e.serverType === 'staffSeat' && e.tabUUID === tab`, number))
	c.waitTold("ringing", "true")
	c.never("calloutAccepted", "true")
	customer.Answer()
	customer.WaitEstablished()
	c.waitTold("calloutAccepted", "true")
	c.waitTold("statusChanged", "e.status === 'busy'")
	c.talks(customer)
	c.leaves(customer)
	c.waitTold("sessionCompleted", "true")
	c.toldInOrder("callOuted", "ringing", "calloutAccepted", "sessionEnded", "sessionCompleted")
	c.never("userAccessed", "true")
}

func (s *stage) phoneDesc(t *testing.T) {
	c, customer, number := s.begin(t)
	c.calls("startOutboundCall", fmt.Sprintf("{phoneNumber: %q, phoneDesc: 'Carol'}", number),
		fmt.Sprintf("res.remark === 'Carol' && res.calleePhoneNumber === %q", number))
	customer.WaitRinging()
	c.leaves(customer)
}

// uui wants user-defined data to reach the session's record.
func (s *stage) uui(t *testing.T) {
	c, customer, number := s.begin(t)
	began := time.Now()
	c.calls("startOutboundCall", fmt.Sprintf("{phoneNumber: %q, uui: 'order 7'}", number), "true")
	customer.WaitRinging()
	c.leaves(customer)
	var list struct {
		TelCdrList []struct{ UUI, Callee string }
	}
	query := fields{"StartTimeStamp": began.Unix() - 1, "PageSize": 10, "PageNumber": 0,
		"Phones": []string{strings.Replace(number, "+", "00", 1)}}
	for end := time.Now().Add(10 * time.Second); len(list.TelCdrList) == 0 && time.Now().Before(end); {
		<-time.After(300 * time.Millisecond)
		query["EndTimeStamp"] = time.Now().Unix()
		c.api.Do("DescribeTelCdr", query, &list)
	}
	if l := list.TelCdrList; len(l) != 1 || l[0].UUI != "order 7" || l[0].Callee != number {
		t.Errorf("records: %+v", l)
	}
}

// forGroup wants a call for a group to show the group's number, and to be followed by the group's wrap-up.
func (s *stage) forGroup(t *testing.T) {
	group := s.group("sales")
	c, customer := s.shows(t, fmt.Sprintf("skillGroupId: %q", group), "+15550103")
	c.waitTold("callOuted", fmt.Sprintf("e.skillGroupId === %q", group))
	customer.Answer()
	customer.WaitEstablished()
	c.waitTold("calloutAccepted", "true")
	c.leaves(customer)
	c.waitTold("statusChanged", "e.status === 'arrange'")
	c.never("sessionCompleted", "true")
	c.ask("Agent.setStatus", "status: 'free'")
	c.waitTold("sessionCompleted", "true")
}

func (s *stage) showsNumber(t *testing.T) {
	c, customer := s.shows(t, "callerPhoneNumber: '+15550103'", "+15550103")
	c.leaves(customer)
	c.refused("Call.startOutboundCall", "{phoneNumber: '+15550299', callerPhoneNumber: '+15550666'}", "+15550666")
}

func (s *stage) showsOneOf(t *testing.T) {
	c, customer := s.shows(t, "servingNumberGroupIds: ['spare']", "+15550101")
	c.leaves(customer)
	c.refused("Call.startOutboundCall", "{phoneNumber: '+15550299', servingNumberGroupIds: 'spare'}", "list of texts")
	c.refused("Call.startOutboundCall", "{phoneNumber: '+15550299', servingNumberGroupIds: ['none']}", "none")
}

// shows places a call with a further member, and wants the customer to see a number, and the page to be told it.
func (s *stage) shows(t *testing.T, member, want string) (*crm, *peers.RTPPhone) {
	t.Helper()
	c, customer, number := s.begin(t)
	c.calls("startOutboundCall", fmt.Sprintf("{phoneNumber: %q, %s}", number, member),
		fmt.Sprintf("res.callerPhoneNumber === %q", want))
	c.waitTold("callOuted", fmt.Sprintf("e.callerPhoneNumber === %q", want))
	customer.WaitRinging()
	if from := customer.Header("INVITE", "From"); !strings.Contains(from, "sip:"+want+"@") {
		t.Errorf("the customer sees %q, want %s", from, want)
	}
	return c, customer
}

func (s *stage) phoneEncodeType(t *testing.T) {
	c, customer, number := s.begin(t)
	c.refused("Call.startOutboundCall", fmt.Sprintf("{phoneNumber: %q, phoneEncodeType: 'hash'}", number), "one of number")
	c.calls("startOutboundCall", fmt.Sprintf("{phoneNumber: %q, phoneEncodeType: 'number'}", number), "true")
	customer.WaitRinging()
	c.leaves(customer)
}

func (s *stage) accept(t *testing.T) {
	c, customer, number := s.begin(t)
	customer.Dial("+15550100")
	c.called()
	c.waitTold("callIn", fmt.Sprintf("e.callerPhoneNumber === %q", number))
	c.never("userAccessed", "true")
	c.ask("Call.accept", "")
	customer.WaitEstablished()
	c.waitTold("userAccessed", "e.tabUUID === tab")
	c.talks(customer)
	c.refused("Call.accept", "{sessionId: session}", "nothing rings")
	c.leaves(customer)
	c.toldInOrder("callIn", "userAccessed", "sessionEnded", "sessionCompleted")
}

func (s *stage) hungUp(t *testing.T) {
	c, customer := s.outbound(t)
	c.talks(customer)
	c.leaves(customer)
	c.waitTold("sessionEnded", "e.type === 'phone' && e.duration > 1 && e.duration % 1 !== 0 && !('mainReason' in e)")
	c.refused("Call.hungUp", "{sessionId: session}", "the session has ended")
}

func (s *stage) rejects(t *testing.T) {
	c, customer, _ := s.begin(t)
	customer.Dial("+15550100")
	c.called()
	c.leaves(customer)
	c.waitTold("sessionEnded", "e.duration === 0")
	c.never("userAccessed", "true")
}

func (s *stage) cancels(t *testing.T) {
	c, customer, number := s.begin(t)
	c.calls("startOutboundCall", fmt.Sprintf("{phoneNumber: %q}", number), "true")
	customer.WaitRinging()
	c.leaves(customer)
	c.never("calloutAccepted", "true")
}

// deleteCall wants a session to be completed by it before the wrap-up is over, and not while the session goes on.
func (s *stage) deleteCall(t *testing.T) {
	c, customer := s.inbound(t, "+15550171")
	c.refused("Call.deleteCall", "{sessionId: session}", "hang it up first")
	c.leaves(customer)
	c.waitTold("statusChanged", "e.status === 'arrange'")
	c.never("sessionCompleted", "true")
	c.ask("Call.deleteCall", "")
	c.waitTold("sessionCompleted", "true")
	c.ask("Call.deleteCall", "") // which says nothing more
	c.ask("Agent.setStatus", "status: 'free'")
	c.WaitFor("tccc.Agent.getStatus() === 'free'")
	c.toldInOrder("sessionEnded", "sessionCompleted")
}

// muteMic has the agent muted, and heard again, and the page say so.
func (s *stage) muteMic(t *testing.T) {
	c, customer := s.outbound(t)
	isMuted := func(want bool) {
		t.Helper()
		c.WaitFor(fmt.Sprintf(`ask('Call', 'isMicMuted', {sessionId: session}).then((res) =>
			res.data.isMicMuted === %v && res.isMicMuted === %[1]v)`, want))
	}
	isMuted(false)
	c.ask("Call.muteMic", "")
	isMuted(true)
	c.waitTold("muted", "e.muted")
	peers.WantAllHear(t, hearing{customer: nil, c: {customer.Tone()}})
	c.ask("Call.unmuteMic", "")
	isMuted(false)
	c.waitTold("muted", "!e.muted")
	c.talks(customer)
	c.leaves(customer)
}

// hold has the customer hear music, and the agent nothing, and then each other again.
func (s *stage) hold(t *testing.T) {
	c, customer := s.outbound(t)
	c.refused("Call.unHold", "{sessionId: session}", "hold")
	c.ask("Call.hold", "")
	c.waitTold("held", "e.held && e.userId === 'alice'")
	peers.WantAllHear(t, hearing{customer: {music()}, c: nil})
	c.refused("Call.hold", "{sessionId: session}", "hold")
	c.ask("Call.unHold", "")
	c.waitTold("held", "!e.held && e.userId === 'alice'")
	c.talks(customer)
	c.leaves(customer)
}

// sendDigits has the customer get digits, and the page those that the customer presses.
func (s *stage) sendDigits(t *testing.T) {
	c, customer := s.outbound(t)
	c.refused("Call.sendDigits", "{sessionId: session, dtmfText: '12x'}", "'x' at position 3")
	c.ask("Call.sendDigits", "dtmfText: '159*0#'")
	customer.WaitDigits("159*0#")
	customer.Digits("24")
	c.WaitFor(`told.filter((e) => e.name === 'digit' && e.sessionId === session)
		.map((e) => e.data.digit).join('') === '24'`)
	c.leaves(customer)
}

// secureDigits has the customer's digits kept from the page.
func (s *stage) secureDigits(t *testing.T) {
	c, customer := s.outbound(t)
	c.ask("Call.secureDigits", "secure: true")
	c.waitTold("secureDigits", "e.secure")
	customer.Digits("24")
	c.WaitFor("told.filter((e) => e.name === 'digit' && e.secure && !('digit' in e)).length === 2")
	c.ask("Call.secureDigits", "secure: false")
	c.waitTold("secureDigits", "!e.secure")
	customer.Digits("6")
	c.waitTold("digit", "e.digit === '6'")
	c.leaves(customer)
}

// pauseRecording wants the page to be told where the recording stands; what is in it shows TestRecording.
func (s *stage) pauseRecording(t *testing.T) {
	c, customer := s.inbound(t, "+15550170")
	c.waitTold("recording", "e.state === 'on'")
	c.ask("Call.pauseRecording", "")
	c.waitTold("recording", "e.state === 'paused'")
	c.ask("Call.resumeRecording", "")
	c.WaitFor("told.filter((e) => e.name === 'recording').map((e) => e.state).join(' ') === 'on paused on'")
	c.leaves(customer)
	other, another := s.outbound(t)
	other.refused("Call.pauseRecording", "{sessionId: session}", "record")
	other.leaves(another)
}

func (s *stage) getStatistics(t *testing.T) {
	c, customer := s.outbound(t)
	c.talks(customer)
	c.WaitFor(`ask('Call', 'getStatistics').then((res) => res.received > 50 && res.sent > 50 && res.lost === 0 &&
		res.jitter >= 0 && res.buffer > 0 && res.roundTrip > 0 && res.roundTrip < 1000)`)
	c.leaves(customer)
}
