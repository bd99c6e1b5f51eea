package peers

import "testing"

// TestBaresipCallsBaresip has two phones in a call without a server: each hears the other and nobody else.
func TestBaresipCallsBaresip(t *testing.T) {
	carol := Baresip(t, Account{User: "carol", UDP: Ports(t).Addr()}, Unregistered, Manual, Tone(660))
	alice := Baresip(t, Account{User: "alice", UDP: carol.Addr()}, Unregistered, Tone(580))
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
