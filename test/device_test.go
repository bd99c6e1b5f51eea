package test

import (
	"testing"

	"seatbridge/test/peers"
)

// TestDeviceOfTheMoment has an agent take its calls at its mobile, behind the carrier, and then at its browser again,
// which has no sound meanwhile.
func TestDeviceOfTheMoment(t *testing.T) {
	t.Parallel()
	k := peers.Kamailio(t)
	g := suite.Gateway(t, peers.Config{Carrier: k, YAML: "staff: [{user: alice, mobile: \"+15550199\"}]"})
	mobile := peers.RTP(t, k.Subscriber("+15550199"), tone(0), peers.Manual)
	customer := peers.RTP(t, k.Subscriber("+15550198"), tone(1))
	alice := suite.Browser(t).Page(g, "alice", tone(2))
	use := func(device string) {
		t.Helper()
		if code := alice.Command("device", `{device: "`+device+`"}`); code != "" {
			t.Fatalf("%s was refused: %s", device, code)
		}
		alice.WaitFor(`seatbridge.state.seat.device === "` + device + `"`)
	}
	use("staffPhoneSeat")
	alice.WaitFor(`seatbridge.state.media === "off"`)
	customer.Dial("+15550100")
	mobile.WaitRinging()
	alice.WaitEvent(`e.event === "callIn" && e.serverType === "staffPhoneSeat"`)
	mobile.Answer()
	customer.WaitEstablished()
	mobile.WaitEstablished()
	peers.WantAllHear(t, hearing{customer: {mobile.Tone()}, mobile: {customer.Tone()}})
	customer.Hangup()
	customer.WaitClosed()
	mobile.WaitClosed()
	alice.WaitClosed()
	use("staffSeat")
	alice.WaitReady()
	talk(t, customer, alice, "+15550100")
	empty(g)
}
