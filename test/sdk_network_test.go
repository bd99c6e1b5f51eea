package test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"seatbridge/test/peers"
)

// outage is how long a page is without a network.
const outage = 20 * time.Second

// TestSDKOutage cuts a page off for 20 s in mid-call: its WebSocket and its media. The agent is told, sound is back
// both ways by itself, and what happened meanwhile is told, once, in its order.
func TestSDKOutage(t *testing.T) {
	t.Parallel()
	s := &stage{t: t}
	s.g, s.k, s.api = sdkGatewayWith(t, sdkYAML(t)+"webrtc: {advertise: ["+peers.LineHost+"]}\n")
	line := peers.NewLine(t, s.g)
	s.agent = newCRM(t, s.api, "alice", agentTone())
	s.agent.loadFrom(line.URL(t, s.agent.url("alice")), "{}")
	t.Run("connections hang", func(t *testing.T) { s.survives(t, line.Cut) })
	t.Run("the browser is offline", func(t *testing.T) {
		s.survives(t, func(cut bool) {
			line.Cut(cut)
			s.agent.Offline(cut)
		})
	})
	s.agent.shapes()
	empty(s.g)
}

// survives cuts the network, has things happen, and gives it back.
func (s *stage) survives(t *testing.T, cut func(bool)) {
	c, customer := s.outbound(t)
	c.talks(customer)
	c.Eval("told.length = 0", nil)
	began := time.Now()
	cut(true)
	over := time.After(outage)
	c.waitTold("connectionChanged", "e.media === 'lost'")
	t.Logf("the agent is told that the sound is lost after %.1f s", time.Since(began).Seconds())
	c.waitTold("qualityChanged", "e.level === 'poor' && e.causes.includes('no sound from the gateway')")
	customer.Digits("25")
	customer.Hold()
	customer.Resume()
	customer.Digits("8")
	c.waitTold("connectionChanged", "e.connection === 'reconnecting'")
	t.Logf("the agent is told that the gateway is out of reach after %.1f s", time.Since(began).Seconds())
	<-over
	back := time.Now()
	cut(false)
	c.waitTold("connectionChanged", "e.connection === 'open' && e.media === 'connected'")
	t.Logf("connected again %.1f s after the network was back", time.Since(back).Seconds())
	c.talks(customer)
	c.toldOnce("digit 2", "digit 5", "held true", "held false", "digit 8")
	c.leaves(customer)
	c.waitTold("sessionCompleted", "true")
	c.never("sessionEnded", "e.closeBy !== 'seat'")
}

// toldOnce wants these events of the call to have been told, each with a member, and no other but those of the network.
func (c *crm) toldOnce(want ...string) {
	c.t.Helper()
	var got []string
	c.Eval(`told.filter((e) => !['connectionChanged', 'qualityChanged', 'problem', 'mediaLost', 'mediaBack']
		.includes(e.name)).map((e) => e.name + ' ' + (e.digit ?? e.held))`, &got)
	if !slices.Equal(got, want) {
		c.t.Errorf("told %q, want %q", got, want)
	}
}

// TestSDKReload loads a page anew in mid-call, and wants it to be in the call again, and told so; how long that takes
// is in the test's log.
func TestSDKReload(t *testing.T) {
	t.Parallel()
	s := newStage(t, "alice")
	t.Run("a call in", func(t *testing.T) {
		c, customer := s.inbound(t, "+15550170")
		s.reloads(t, c, customer)
		c.toldInOrder("callIn", "userAccessed")
		c.waitTold("callIn", "e.type === 'phone' && e.serverType === 'staffSeat' && e.calleePhoneNumber === '+15550170'")
		c.leaves(customer)
	})
	t.Run("a call out", func(t *testing.T) {
		c, customer := s.outbound(t)
		s.reloads(t, c, customer)
		c.toldInOrder("callOuted", "calloutAccepted")
		c.leaves(customer)
	})
	t.Run("muted and on hold", func(t *testing.T) {
		c, customer := s.outbound(t)
		c.ask("Call.muteMic", "")
		c.ask("Call.hold", "")
		peers.WantHears(t, customer, music())
		c.Reload()
		c.load("alice")
		c.takenUp()
		c.WaitFor("ask('Call', 'isMicMuted', {sessionId: session}).then((res) => res.isMicMuted)")
		peers.WantHears(t, customer, music())
		c.ask("Call.unHold", "")
		peers.WantAllHear(t, hearing{customer: nil, c: {customer.Tone()}})
		c.ask("Call.unmuteMic", "")
		c.talks(customer)
		c.leaves(customer)
	})
	s.end()
}

// reloads loads the page anew, and the SDK in it by a URL that the page has got already.
func (s *stage) reloads(t *testing.T, c *crm, customer *peers.RTPPhone) {
	t.Helper()
	c.talks(customer)
	url := c.url("alice")
	began := time.Now()
	c.Reload()
	c.Eval(fmt.Sprintf("{ window.loading = inject(%q); }", url), nil)
	back := make(chan string)
	for who, hz := range map[peers.Ear]float64{c: customer.Tone(), customer: c.Tone()} {
		go func() {
			for time.Since(began) < outage && !slices.Contains(peers.Listen(who, 100*time.Millisecond, hz).Tones, hz) {
			}
			back <- fmt.Sprintf("%s heard the other again after %.1f s", who, time.Since(began).Seconds())
		}()
	}
	t.Log(<-back)
	t.Log(<-back)
	c.waitTold("ready", "true")
	c.takenUp()
	c.talks(customer)
}

// takenUp waits until the page, loaded anew, is told of the call that it is in.
func (c *crm) takenUp() {
	c.t.Helper()
	c.WaitFor("window.session = told.find((e) => e.name === 'userAccessed' || e.name === 'calloutAccepted')?.sessionId")
}
