package test

import (
	"testing"
)

// TestSDKUI tries what tccc.UI does to the SDK's element and to its sounds.
func TestSDKUI(t *testing.T) {
	t.Parallel()
	s := newStage(t, "alice")
	t.Run("UI.hide", func(t *testing.T) { s.shown(t, "hide", false) })
	t.Run("UI.show", func(t *testing.T) { s.shown(t, "show", true) })
	t.Run("UI.updateUserCustomSettings disableRingtone", s.ringtone)
	s.end()
}

// shown wants the SDK's element to be seen after a function, or not.
func (s *stage) shown(t *testing.T, function string, want bool) {
	c := s.agent.in(t)
	c.Eval("tccc.UI."+function+"()", nil)
	var hidden bool
	c.Eval("document.querySelector('t3c-sdk#tcccSdkDomRoot').hidden", &hidden)
	if hidden == want {
		t.Errorf("after %s it is hidden: %v", function, hidden)
	}
}

// ringtone wants the SDK to ring until the call is taken, and not at all once it is told so. What rings is a sound that
// goes round.
func (s *stage) ringtone(t *testing.T) {
	c, customer, _ := s.begin(t)
	c.Eval(`{
		const { start, stop } = AudioBufferSourceNode.prototype;
		window.rings = 0;
		AudioBufferSourceNode.prototype.start = function (...a) { rings += this.loop; return start.apply(this, a); };
		AudioBufferSourceNode.prototype.stop = function (...a) { rings -= this.loop; return stop.apply(this, a); };
	}`, nil)
	customer.Dial("+15550100")
	c.called()
	c.WaitFor("rings === 1")
	c.ask("Call.accept", "")
	customer.WaitEstablished()
	c.WaitFor("rings === 0")
	c.leaves(customer)
	c.WaitFor("tccc.Agent.getStatus() === 'free'")
	c.Eval("tccc.UI.updateUserCustomSettings({disableRingtone: true})", nil)
	c.Eval("tccc.UI.updateUserCustomSettings({disableNotification: true})", nil) // leaves the other as it is
	customer.Dial("+15550100")
	c.WaitFor("told.filter((e) => e.name === 'callIn').length === 2")
	c.called()
	c.WaitFor("rings === 0")
	c.Eval("tccc.UI.updateUserCustomSettings({disableRingtone: false})", nil)
	c.leaves(customer)
}
