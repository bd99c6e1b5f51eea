package peers

import "testing"

// TestBaresipCallsBaresip has two phones in a call: each hears the other and nobody else.
func TestBaresipCallsBaresip(t *testing.T) {
	carrier := Kamailio(t)
	carol := Baresip(t, carrier.Subscriber("carol"), Manual, Tone(660), TCP)
	alice := Baresip(t, carrier.Subscriber("alice"), Tone(580))
	alice.Dial("carol")
	carol.WaitRinging()
	alice.WaitRingback()
	carol.Answer()
	alice.WaitEstablished()
	carol.WaitEstablished()
	WantAllHear(t, map[Ear][]float64{alice: {660}, carol: {580}})
	alice.Digits("1#")
	carol.WaitDigits("1#")
	alice.Hangup()
	carol.WaitClosed()
	alice.WaitClosed()
}
