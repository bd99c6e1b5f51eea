package test

import (
	"fmt"
	"strings"
	"testing"

	"seatbridge/test/peers"
)

// TestSDKEvents tries what the functions' own tests do not show of the events: each field, and each reason.
func TestSDKEvents(t *testing.T) {
	t.Parallel()
	s := newStage(t, "alice")
	t.Run("callIn", s.callIn)
	t.Run("callIn ivrPath", s.callInByMenu)
	t.Run("callOuted protectedCallee", s.callOutProtected)
	t.Run("autoTransfer", s.autoTransfer)
	t.Run("userAccessed", s.userAccessed)
	t.Run("sessionEnded client", s.endedByClient)
	t.Run("sessionEnded seat", s.endedBySeat)
	t.Run("sessionEnded admin", s.endedByAdmin)
	t.Run("sessionEnded refused", s.endedByRefusal)
	t.Run("earlyMedia", s.earlyMedia)
	t.Run("held by the customer", s.heldByCustomer)
	t.Run("mediaLost", s.mediaLost)
	t.Run("asr", s.asr)
	s.end()
}

// callIn wants just these fields: a customer with a name, who calls the agent's own number.
func (s *stage) callIn(t *testing.T) {
	c, customer, number := s.begin(t, peers.Display("Carol"))
	customer.Dial("+15550100")
	c.called()
	var got string
	c.Eval("JSON.stringify(Object.entries(told.find((e) => e.name === 'callIn').data).sort())", &got)
	var session string
	c.Eval("session", &session)
	want := fmt.Sprintf(`[["calleePhoneNumber","+15550100"],["callerPhoneNumber",%q],["remark","Carol"],`+
		`["serverType","staffSeat"],["sessionId",%q],["timeout",30],["type","phone"]]`, number, session)
	if got != want {
		t.Errorf("callIn has %s, want %s", got, want)
	}
	customer.Hangup()
	c.waitTold("sessionEnded", "e.closeBy === 'client' && e.duration === 0")
}

// callInByMenu has the customer press a key in a menu, which leads to a group that keeps its callers' numbers secret.
func (s *stage) callInByMenu(t *testing.T) {
	c, customer, number := s.begin(t)
	customer.Dial("+15550173")
	customer.WaitEstablished()
	peers.WantHears(t, customer, menuPrompt())
	customer.Digits("1")
	c.called()
	c.waitTold("callIn", fmt.Sprintf(`JSON.stringify(e.ivrPath) === '[{"key":"1","label":"Orders"}]' &&
		e.skillGroupId === %q && e.calleePhoneNumber === '+15550173'`, s.group("masked")))
	c.waitTold("callIn", fmt.Sprintf(`e.protectedCaller.includes('****') && e.callerPhoneNumber === e.protectedCaller &&
		!JSON.stringify(e).includes(%q) && !e.remark`, number))
	c.ask("Call.accept", "")
	c.talks(customer)
	c.leaves(customer)
}

// callOutProtected wants a number that the agent may not see to come back masked.
func (s *stage) callOutProtected(t *testing.T) {
	c, customer, number := s.begin(t)
	c.calls("startOutboundCall", fmt.Sprintf("{phoneNumber: %q, skillGroupId: %q}", number, s.group("masked")),
		"res.calleePhoneNumber.includes('****')")
	customer.WaitRinging()
	c.waitTold("callOuted", "e.protectedCallee.includes('****') && e.calleePhoneNumber === e.protectedCallee")
	c.leaves(customer)
}

// autoTransfer lets a group's caller ring at the agent until it goes to another.
func (s *stage) autoTransfer(t *testing.T) {
	c, customer, _ := s.begin(t)
	erin := peers.RTP(t, s.g.Phone("1011"), targetTone(), peers.Manual)
	customer.Dial("+15550172")
	c.called()
	c.waitTold("callIn", "e.timeout === 2")
	erin.WaitRinging()
	c.waitTold("autoTransfer", "true")
	c.waitTold("sessionEnded", "e.closeBy === 'timer' && e.duration === 0 && !('mainReason' in e)")
	c.toldInOrder("callIn", "autoTransfer", "sessionEnded")
	erin.Answer()
	erin.WaitEstablished()
	peers.WantAllHear(t, hearing{customer: {erin.Tone()}, erin: {customer.Tone()}})
	customer.Hangup()
	erin.WaitClosed()
}

// userAccessed wants the tab that took the call to be told, and no one where the call was taken elsewhere.
func (s *stage) userAccessed(t *testing.T) {
	c, customer := s.inbound(t, "+15550100")
	c.waitTold("userAccessed", "e.tabUUID === tab && Object.keys(e.data).sort().join(' ') === 'sessionId tabUUID'")
	c.leaves(customer)
}

func (s *stage) endedByClient(t *testing.T) {
	c, customer := s.outbound(t)
	c.talks(customer)
	customer.Hangup()
	c.waitTold("sessionEnded", `e.closeBy === 'client' && e.type === 'phone' && e.duration > 1 &&
		Object.keys(e.data).sort().join(' ') === 'closeBy duration sessionId type'`)
	c.waitTold("sessionCompleted", "Object.keys(e.data).join(' ') === 'sessionId'")
}

func (s *stage) endedBySeat(t *testing.T) {
	c, customer := s.inbound(t, "+15550100")
	c.leaves(customer)
	c.waitTold("sessionEnded", "e.closeBy === 'seat' && !('mainReason' in e) && !('subReason' in e)")
}

// endedByAdmin has the business's server hang the call up.
func (s *stage) endedByAdmin(t *testing.T) {
	c, customer := s.inbound(t, "+15550100")
	var session string
	c.Eval("session", &session)
	c.api.Do("HangUpCall", fields{"SessionId": session}, nil)
	customer.WaitClosed()
	c.waitTold("sessionEnded", `e.closeBy === 'admin' && e.mainReason === 'normal' &&
		e.subReason === 'by the administration'`)
}

// endedByRefusal wants the far end's refusal to be told with its reason.
func (s *stage) endedByRefusal(t *testing.T) {
	c, customer, number := s.begin(t)
	c.calls("startOutboundCall", fmt.Sprintf("{phoneNumber: %q}", number), "true")
	customer.WaitRinging()
	customer.Reject("486 Busy Here")
	c.waitTold("sessionEnded", "e.duration === 0")
	var ended struct{ CloseBy, MainReason string }
	c.Eval("told.find((e) => e.name === 'sessionEnded').data", &ended)
	if ended.CloseBy != "client" || ended.MainReason != "" {
		t.Errorf("ended: %+v", ended)
	}
}

// earlyMedia has a customer's phone send sound before it is answered, which the agent hears.
func (s *stage) earlyMedia(t *testing.T) {
	c, customer, number := s.begin(t)
	c.calls("startOutboundCall", fmt.Sprintf("{phoneNumber: %q}", number), "true")
	customer.WaitRinging()
	c.never("earlyMedia", "true")
	customer.Progress()
	c.waitTold("earlyMedia", "true")
	peers.WantHears(t, c, customer.Tone())
	c.never("calloutAccepted", "true")
	c.leaves(customer)
}

func (s *stage) heldByCustomer(t *testing.T) {
	c, customer := s.outbound(t)
	customer.Hold()
	c.waitTold("held", "e.held && !('userId' in e)")
	peers.WantHears(t, c, music())
	customer.Resume()
	c.waitTold("held", "!e.held && !('userId' in e)")
	c.talks(customer)
	c.leaves(customer)
}

// mediaLost wants a customer of whom nothing comes to be told, with the cause, and that it is back.
func (s *stage) mediaLost(t *testing.T) {
	c, customer := s.outbound(t)
	c.talks(customer)
	customer.StopSending()
	c.waitTold("mediaLost", "e.reason === 'no packets'")
	customer.StartSending()
	c.waitTold("mediaBack", "true")
	c.talks(customer)
	c.leaves(customer)
}

// asr wants the event to be there to listen to, and never to come: speech is not recognised.
func (s *stage) asr(t *testing.T) {
	c, customer := s.outbound(t)
	c.WaitFor("tccc.events.asr === 'asr'")
	c.talks(customer)
	c.never("asr", "true")
	c.leaves(customer)
}

// htmlName is what a caller may call itself.
const htmlName = `<img src="none" onerror="window.hacked=1">`

// TestSDKTextIsNoHTML wants names, numbers and notes that look like HTML to come as they are, and never to become
// elements of the page or of what the SDK shows in it.
func TestSDKTextIsNoHTML(t *testing.T) {
	t.Parallel()
	s := newStage(t, "alice")
	c, customer, number := s.begin(t, peers.Display(htmlName))
	c.Eval("tccc.UI.show(), tccc.UI.showWorkbench(), tccc.UI.showNotificationBar(), tccc.UI.showfloatButton()", nil)
	customer.Dial("+15550100")
	c.called()
	c.waitTold("callIn", fmt.Sprintf("e.remark === %q", htmlName))
	s.noHTML(t)
	c.ask("Call.accept", "")
	customer.WaitEstablished()
	c.talks(customer)
	s.noHTML(t)
	c.leaves(customer)
	c.calls("startOutboundCall", fmt.Sprintf("{phoneNumber: %q, phoneDesc: %q, uui: %[2]q}", number, htmlName),
		fmt.Sprintf("res.remark === %q", htmlName))
	customer.WaitRinging()
	s.noHTML(t)
	c.leaves(customer)
	said := c.said(fmt.Sprintf("tccc.Call.transfer({sessionId: session, userId: %q})", htmlName))
	if !strings.HasPrefix(said, "error: ") {
		t.Errorf("a transfer to nobody: %q", said)
	}
	s.noHTML(t)
	s.agent.clean()
	empty(s.g)
}

// noHTML looks into the page and into the SDK's element.
func (s *stage) noHTML(t *testing.T) {
	t.Helper()
	s.agent.In(t).WaitFor(`(() => {
		const all = (root) => [...root.querySelectorAll('*')].flatMap((e) => [e, ...e.shadowRoot ? all(e.shadowRoot) : []]);
		return window.hacked === undefined && all(document).length > 3 &&
			!all(document).some((e) => e.hasAttribute('onerror') || e.getAttribute('src') === 'none');
	})()`)
}
