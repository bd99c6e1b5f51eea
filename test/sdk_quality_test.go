package test

import (
	"fmt"
	"testing"

	"seatbridge/test/peers"
)

// through has the page's media go through a bad network: where the gateway's answer names its port, the page gets the
// relay's.
func (c *crm) through(g *peers.Gateway) *peers.Relay {
	c.t.Helper()
	relay := peers.UDPRelay(c.t, g.WebRTC, peers.Impairment{}, peers.Impairment{})
	c.Eval(fmt.Sprintf(`(() => {
		const { prototype } = RTCPeerConnection;
		const set = prototype.setRemoteDescription;
		prototype.setRemoteDescription = function ({ type, sdp }) {
			return set.call(this, { type, sdp: sdp.replaceAll(' %d ', ' %d ') });
		};
	})()`, g.WebRTC.Port(), relay.Addr.Port()), nil)
	return relay
}

// waitQuality waits until the present session's quality was told last as this.
func (c *crm) waitQuality(condition string) {
	c.t.Helper()
	c.WaitFor(fmt.Sprintf(`((e) => e && e.sessionId === session && (%s))(
		told.filter((e) => e.name === 'qualityChanged').at(-1))`, condition))
}

// TestSDKQuality impairs the way to the gateway and back, and wants the page to be told of that and of its end, why, and
// how bad it is. On a busy machine there may be other causes besides.
func TestSDKQuality(t *testing.T) {
	t.Parallel()
	g, k, api := sdkGateway(t)
	c := newCRM(t, api, "alice", tone(1))
	relay := c.through(g)
	c.load("alice")
	customer := peers.RTP(t, k.Subscriber("+15550199"), tone(0))
	c.Eval(`ask('Call', 'startOutboundCall', {phoneNumber: '+15550199'})
		.then((res) => { window.session = res.sessionId; })`, nil)
	customer.WaitEstablished()
	peers.WantAllHear(t, map[peers.Ear][]float64{c: {customer.Tone()}, customer: {c.Tone()}})
	if relay.Passed() == 0 {
		t.Fatal("the sound does not go through the relay")
	}
	c.WaitFor("tccc.Call.getStatistics().then((s) => s.level && !s.causes.includes('loss outwards'))")

	bad := peers.Impairment{Loss: 0.25, Seed: 1}
	relay.Impair(peers.Impairment{}, bad)
	c.waitQuality("e.level === 'poor' && e.causes.includes('loss') && e.score > 1 && e.score < 3.1")
	c.WaitFor(`tccc.Call.getStatistics().then((s) => s.level === 'poor' && s.score < 3.1 && s.causes.includes('loss') &&
		s.lost > 0)`)
	relay.Impair(bad, peers.Impairment{})
	c.waitQuality("e.level !== 'good' && e.causes.includes('loss outwards')")
	relay.Impair(peers.Impairment{}, peers.Impairment{})
	c.waitQuality("!e.causes.includes('loss outwards')")

	customer.StopSending()
	c.waitQuality("e.level === 'poor' && e.causes.includes('far side') && e.score === 1")
	customer.StartSending()
	c.waitQuality("!e.causes.includes('far side')")
	c.ask("Call.hungUp", "")
	customer.WaitClosed()
	empty(g)
}

// TestSDKSilentMicrophone has an agent's headset be off while the call goes on: not while it is muted in the page.
func TestSDKSilentMicrophone(t *testing.T) {
	t.Parallel()
	g, k, api := sdkGateway(t)
	c := newCRM(t, api, "alice") // whose microphone sends digital silence
	c.load("alice")
	customer := peers.RTP(t, k.Subscriber("+15550199"), tone(0))
	c.Eval(`ask('Call', 'startOutboundCall', {phoneNumber: '+15550199'})
		.then((res) => { window.session = res.sessionId; })`, nil)
	customer.WaitEstablished()
	peers.WantHears(t, c, customer.Tone())
	const silent = "e.causes.includes('silent microphone')"
	c.waitQuality("e.level === 'poor' && " + silent)
	c.ask("Call.muteMic", "")
	c.waitQuality("!" + silent)
	c.ask("Call.unmuteMic", "")
	c.waitQuality("e.level === 'poor' && " + silent)
	c.ask("Call.hungUp", "")
	customer.WaitClosed()
	empty(g)
}
