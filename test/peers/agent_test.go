package peers

import "testing"

// TestAgentCallsDeskPhone has a page of the gateway's in a call with a desk phone, both ways.
func TestAgentCallsDeskPhone(t *testing.T) {
	gw := suite.Gateway(t, Config{})
	phone := Linphone(t, gw.Phone("1011"), Manual, Tone(1050))
	alice := suite.Browser(t).Page(gw, "alice", Tone(580))
	for _, ca := range []struct {
		caller, callee Party
		number         string
	}{{alice, phone, "1011"}, {phone, alice, "1001"}} {
		ca.caller.Dial(ca.number)
		ca.callee.WaitRinging()
		ca.callee.Answer()
		ca.caller.WaitEstablished()
		ca.callee.WaitEstablished()
		WantAllHear(t, map[Ear][]float64{alice: {1050}, phone: {580}})
		ca.callee.Hangup()
		ca.caller.WaitClosed()
		ca.callee.WaitClosed()
	}
	if errs := alice.Errors(); len(errs) > 0 {
		t.Errorf("the page says %q", errs)
	}
}

// TestLinphoneWithOpus has a page in a call with linphonec in wideband.
func TestLinphoneWithOpus(t *testing.T) {
	gw := suite.Gateway(t, Config{YAML: `phones: [{extension: "1011", codecs: [opus]}]`})
	phone := Linphone(t, gw.Phone("1011"), Codecs("opus"), Tone(1050))
	alice := suite.Browser(t).Page(gw, "alice", Tone(580))
	alice.Dial("1011")
	alice.WaitEstablished()
	WantAllHear(t, map[Ear][]float64{alice: {1050}, phone: {580}})
	alice.Hangup()
	phone.WaitClosed()
}
