package test

import (
	"fmt"
	"testing"

	"seatbridge/test/peers"
)

// TestMiniProgram has an agent whose device is a mini program's WebRTC client, which a page stands for: it is called by
// the carrier and by a desk phone, calls both, is heard and hears, and events and records name its device.
func TestMiniProgram(t *testing.T) {
	t.Parallel()
	clerk, url := newClerk(t)
	k := peers.Kamailio(t)
	g := suite.Gateway(t, peers.Config{
		Carrier: k, Env: []string{"CDR_SECRET=hush"},
		YAML: fmt.Sprintf("staff: [{user: alice, device: miniProgramSeat}]\n"+
			"cdr: {url: %q, secret: \"${CDR_SECRET}\", sdk_app_id: 1400}\n", url),
	})
	mini := suite.Browser(t).Page(g, "alice", tone(0))
	customer := peers.RTP(t, k.Subscriber("+15550198"), tone(1), peers.Manual)
	desk := peers.RTP(t, g.Phone("1011"), tone(2), peers.Manual)
	const user = "alice/miniProgramSeat/ok"
	var records int
	for _, ca := range []struct {
		from, to peers.Party
		number   string
		event    string // that names the device
		record   string
	}{
		{customer, mini, "+15550100", "callIn", "2 +15550198>+15550100 alice 1 ok seat: " + user},
		{desk, mini, "1001", "callIn", "6 1011>1001 erin 1 ok seat: erin/staffExtensionSeat/ok " + user},
		{mini, customer, "+15550198", "callOuted", "1 +15550100>+15550198 alice 1 ok user: " + user},
		{mini, desk, "1011", "callOuted", "6 1001>1011 alice 1 ok seat: " + user + " erin/staffExtensionSeat/ok"},
	} {
		talk(t, ca.from, ca.to, ca.number)
		mini.WaitEvent(fmt.Sprintf("e.event === %q && e.serverType === 'miniProgramSeat'", ca.event))
		records++
		if got := ending(clerk.wait(records)[records-1]); got != ca.record {
			t.Errorf("%s: recorded %q, want %q", ca.number, got, ca.record)
		}
	}

	// The agent sits down at a browser, which is another device of the same seat.
	for _, device := range []string{"staffSeat", "miniProgramSeat"} {
		if code := mini.Command("device", fmt.Sprintf("{device: %q}", device)); code != "" {
			t.Fatalf("%s was refused: %s", device, code)
		}
		mini.WaitFor(fmt.Sprintf("seatbridge.state.seat.device === %q", device))
		mini.WaitReady()
		talk(t, customer, mini, "+15550100")
		mini.WaitEvent(fmt.Sprintf("e.event === 'callIn' && e.serverType === %q", device))
		records++
		want := "2 +15550198>+15550100 alice 1 ok seat: alice/" + device + "/ok"
		if got := ending(clerk.wait(records)[records-1]); got != want {
			t.Errorf("%s: recorded %q, want %q", device, got, want)
		}
	}
	if errs := mini.Errors(); len(errs) > 0 {
		t.Errorf("%s logged %q", mini, errs)
	}
	empty(g)
}

// TestSDKMiniProgram has the SDK in a mini program: it needs a microphone as a browser's seat does.
func TestSDKMiniProgram(t *testing.T) {
	t.Parallel()
	g := suite.Gateway(t, peers.Config{
		Carrier: peers.Kamailio(t), YAML: apiYAML + "staff: [{user: alice, device: miniProgramSeat}]\n",
		Env: []string{"API_KEY=" + apiKey},
	})
	c := newCRM(t, peers.NewServerAPI(t, g, apiID, apiKey, apiApp), "alice")
	c.Eval(`(() => { navigator.mediaDevices.getUserMedia = async () => {
		throw new DOMException('', 'NotAllowedError');
	}; })()`, nil)
	c.load("alice")
	c.waitTold("problem", "e.message.includes('microphone is blocked')")
	c.refused("Call.startOutboundCall", "{phoneNumber: '+15550199'}", "microphone is blocked")
	empty(g)
}
