package test

import (
	"testing"

	"seatbridge/test/peers"
)

// TestSDKUseMobile has an agent call a colleague at the mobile, behind the carrier: first with nobody at the colleague's
// browser, then with a page there, which is told of the call and neither rings nor sends its microphone.
func TestSDKUseMobile(t *testing.T) {
	t.Parallel()
	k := peers.Kamailio(t)
	g := suite.Gateway(t, peers.Config{
		Carrier: k, YAML: apiYAML + "staff: [{user: bob, mobile: \"+15550199\"}, {user: erin, mobile: \"+4930123456\"}]",
		Env: []string{"API_KEY=" + apiKey},
	})
	api := peers.NewServerAPI(t, g, apiID, apiKey, apiApp)
	mobile := peers.RTP(t, k.Subscriber("+15550199"), tone(0), peers.Manual)
	alice := newCRM(t, api, "alice", tone(1))
	alice.load("alice")
	call := func() {
		t.Helper()
		alice.Eval(`ask('Call', 'startInternalCall', {calleeUserId: 'bob', useMobile: true}).then((res) => {
			window.session = res.sessionId;
			if (res.serverType !== 'staffSeat') {
				throw new Error(JSON.stringify(res));
			}
		})`, nil)
		alice.waitTold("callOuted", "e.serverType === 'staffSeat' && e.peerUserId === 'bob'")
		mobile.WaitRinging()
	}
	talkAndEnd := func() {
		t.Helper()
		mobile.Answer()
		mobile.WaitEstablished()
		alice.waitTold("calloutAccepted", "true")
		peers.WantAllHear(t, map[peers.Ear][]float64{alice: {mobile.Tone()}, mobile: {alice.Tone()}})
		alice.ask("Call.hungUp", "")
		mobile.WaitClosed()
		alice.waitTold("sessionEnded", "e.type === 'internal'")
	}
	alice.refused("Call.startInternalCall", "{calleeUserId: 'bob'}", "offline")
	call()
	talkAndEnd()

	bob := newCRM(t, api, "bob", tone(2))
	bob.load("bob")
	call()
	bob.called()
	bob.waitTold("callIn", "e.type === 'internal' && e.serverType === 'staffPhoneSeat' && e.peerUserId === 'alice'")
	bob.refused("Call.accept", "{sessionId: session}", "lift the handset")
	talkAndEnd()
	bob.waitTold("userAccessed", "true")
	bob.waitTold("sessionEnded", "true")

	alice.refused("Call.startInternalCall", "{calleeUserId: 'sam', useMobile: true}", "sam has no mobile")
	alice.refused("Call.startInternalCall", "{calleeUserId: 'erin', useMobile: true}", "the mobile of erin may not be called")
	bob.ask("Agent.setStatus", "status: 'rest'")
	alice.refused("Call.startInternalCall", "{calleeUserId: 'bob', useMobile: true}", "rest")
	empty(g)
}
