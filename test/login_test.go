package test

import (
	"fmt"
	"testing"

	"seatbridge/test/peers"
)

// TestLoginBesideWaitingCallers has three callers wait when an agent logs in, whose browser has no connection at once: it
// gets the first of them, is not told of all as missed, and goes on to be free.
func TestLoginBesideWaitingCallers(t *testing.T) {
	t.Parallel()
	const number = "+15550120"
	k := peers.Kamailio(t)
	g := suite.Gateway(t, peers.Config{Carrier: k, YAML: fmt.Sprintf(
		"groups: [{name: sales, misses: 1, members: [{user: alice}, {user: bob}]}]\n"+
			"inbound: [{number: %q, group: sales}]\n", number)})
	bob := suite.Browser(t).Page(g, "bob", tone(0))
	if code := bob.Command("setStatus", `{status: "notReady"}`); code != "" {
		t.Fatal(code)
	}
	var callers []*peers.RTPPhone
	for i := range 3 {
		callers = append(callers, peers.RTP(t, k.Subscriber(fmt.Sprintf("+1555019%d", i)), tone(2+i)))
		callers[i].Dial(number)
		callers[i].WaitEstablished()
	}
	alice := suite.Browser(t).Page(g, "alice", tone(1))
	alice.WaitRinging()
	alice.Answer()
	alice.WaitEstablished()
	peers.WantAllHear(t, hearing{alice: {callers[0].Tone()}, callers[0]: {alice.Tone()}})
	var missed int
	alice.Eval(`seatbridge.events.filter((e) => e.event === 'autoTransfer').length`, &missed)
	if missed > 1 {
		t.Errorf("she missed %d calls while she logged in", missed)
	}
	alice.WaitFor(`seatbridge.state.status.status === 'busy' && seatbridge.state.status.wanted === 'free'`)
	for _, c := range callers[1:] {
		c.Hangup()
		c.WaitClosed()
	}
	callers[0].Hangup()
	alice.WaitClosed()
	alice.WaitFor(`seatbridge.state.status.status === 'free'`)
	empty(g)
}
