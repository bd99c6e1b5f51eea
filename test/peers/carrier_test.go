package peers

import "testing"

// TestCarrierCallsItsCustomer has a subscriber call through Kamailio to where the gateway would be.
func TestCarrierCallsItsCustomer(t *testing.T) {
	carrier := Kamailio(t)
	customer := Sipp(t, Scenario{Name: "echo", Listen: carrier.Customer})
	pstn := Baresip(t, carrier.Subscriber("+15550199"), Tone(580))
	pstn.Dial("+15550100")
	pstn.WaitEstablished()
	WantHears(t, pstn, 580)
	pstn.Hangup()
	pstn.WaitClosed()
	customer.WaitPassed()
}

// TestCarrierChallengesItsCustomer has a call come from where the gateway would be, with a password.
func TestCarrierChallengesItsCustomer(t *testing.T) {
	carrier := Kamailio(t)
	pstn := Baresip(t, carrier.Subscriber("+15550199"), Tone(580))
	customer := Sipp(t, Scenario{
		Name: "call", Remote: carrier.Addr, Listen: carrier.Customer,
		Keys: map[string]string{"number": "+15550199", "user": "gw", "password": "gwpass"},
	})
	pstn.WaitEstablished()
	pstn.WaitClosed()
	customer.WaitPassed()
}

// TestLinphoneAtCarrier has linphonec, over TCP, in a call with baresip, over UDP: with sound, digits and hold.
func TestLinphoneAtCarrier(t *testing.T) {
	carrier := Kamailio(t)
	dora := Linphone(t, carrier.Subscriber("1012"), TCP, Manual, Tone(660))
	carol := Baresip(t, carrier.Subscriber("1013"), Tone(580))
	carol.Dial("1012")
	dora.WaitRinging()
	dora.Answer()
	carol.WaitEstablished()
	dora.WaitEstablished()
	WantAllHear(t, map[Ear][]float64{carol: {660}, dora: {580}})
	carol.Digits("12")
	dora.WaitDigits("12")
	dora.Digits("9*#")
	carol.WaitDigits("9*#")
	dora.Hold()
	WantSilence(t, dora)
	dora.Resume(1)
	WantHears(t, dora, 580)
	dora.Hangup()
	carol.WaitClosed()
	dora.WaitClosed()
}
