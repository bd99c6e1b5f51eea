package peers

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// pair starts two RTPPhones without a server between them.
func pair(t *testing.T, caller, callee []Option) (alice, bob *RTPPhone) {
	t.Helper()
	bob = RTP(t, Account{User: "bob"}, append(callee, Unregistered)...)
	alice = RTP(t, Account{User: "alice", UDP: bob.Addr()}, append(caller, Unregistered)...)
	return alice, bob
}

// TestRTPPhoneThroughTheCarrier registers with digest, calls through Kamailio with its Record-Route, is called, holds
// and is held.
func TestRTPPhoneThroughTheCarrier(t *testing.T) {
	carrier := Kamailio(t)
	carol := RTP(t, carrier.Subscriber("carol"), Tone(580), Codecs("pcma", "pcmu"))
	dora := Linphone(t, carrier.Subscriber("dora"), Manual, Tone(1050))
	carol.Dial("dora")
	carol.WaitRingback()
	dora.WaitRinging()
	dora.Answer()
	carol.WaitEstablished()
	WantAllHear(t, map[Ear][]float64{carol: {1050}, dora: {580}})
	dora.Hold()
	carol.WaitHeld()
	WantSilence(t, dora)
	dora.Resume(1)
	carol.WaitResumed()
	WantHears(t, carol, 1050)
	carol.Hold()
	dora.WaitHeld()
	carol.Resume()
	WantHears(t, dora, 580)
	dora.Hangup()
	if why := carol.WaitClosedBecause(); !strings.HasPrefix(why, "BYE ") {
		t.Errorf("closed by %q", why)
	}
	dora.Dial("carol")
	carol.WaitRinging()
	dora.WaitEstablished()
	carol.WaitEstablished()
	WantHears(t, carol, 1050)
	carol.Hangup()
	dora.WaitClosed()
	if status := carol.Register(0); status != 200 {
		t.Errorf("unregistering was answered %d", status)
	}
}

// TestRTPPhoneAgainstEcho hears its own tone and its own digits from sipp.
func TestRTPPhoneAgainstEcho(t *testing.T) {
	echo := Sipp(t, Scenario{Name: "echo"})
	alice := RTP(t, Account{User: "alice", UDP: echo.Addr}, Unregistered, Tone(660))
	alice.Dial("echo")
	alice.WaitEstablished()
	WantHears(t, alice, 660)
	if r := alice.Reception(0); r.SSRCs != 1 || r.Missing+r.Unknown+r.Jumps != 0 || r.Packets < 50 {
		t.Errorf("echoed %+v", r)
	}
	alice.Hangup()
	echo.WaitPassed()
}

func TestRTPPhoneEndings(t *testing.T) {
	for _, ca := range []struct {
		name string
		end  func(alice, bob *RTPPhone)
		why  [2]string // as alice and bob see it
	}{
		{"refused", func(_, bob *RTPPhone) { bob.Reject("486 Busy Here") }, [2]string{"SIP/2.0 486", "486"}},
		{"cancelled", func(alice, _ *RTPPhone) { alice.Hangup() }, [2]string{"SIP/2.0 487", "CANCEL"}},
		{"hung up by the caller", func(alice, bob *RTPPhone) {
			bob.Answer()
			alice.WaitEstablished()
			alice.Hangup()
		}, [2]string{"BYE", "BYE sip:"}},
		{"hung up by the callee", func(alice, bob *RTPPhone) {
			bob.Answer()
			alice.WaitEstablished()
			bob.Hangup()
		}, [2]string{"BYE sip:", "BYE"}},
	} {
		t.Run(ca.name, func(t *testing.T) {
			alice, bob := pair(t, nil, []Option{Manual})
			alice.Dial("bob")
			bob.WaitRinging()
			alice.WaitRingback()
			ca.end(alice, bob)
			if a, b := alice.WaitClosedBecause(), bob.WaitClosedBecause(); !strings.HasPrefix(a, ca.why[0]) ||
				!strings.HasPrefix(b, ca.why[1]) {
				t.Errorf("closed by %q and %q", a, b)
			}
		})
	}
}

func TestRTPPhoneDigits(t *testing.T) {
	for _, ca := range []struct {
		name string
		how  Dialled
		want DigitHeard // of each digit
	}{
		{"by the book", Dialled{}, DigitHeard{Length: 100 * time.Millisecond, Packets: 8, Marked: 1, Ends: 3}},
		{"long", Dialled{Length: 240 * time.Millisecond}, DigitHeard{
			Length: 240 * time.Millisecond, Packets: 15, Marked: 1, Ends: 3,
		}},
		{"without marker and end", Dialled{NoMarker: true, NoEnd: true}, DigitHeard{
			Length: 100 * time.Millisecond, Packets: 5,
		}},
	} {
		t.Run(ca.name, func(t *testing.T) {
			alice, bob := pair(t, []Option{Tone(580)}, []Option{Behave(Behaviour{EventPT: 96})})
			alice.Dial("bob")
			alice.WaitEstablished()
			alice.DialDigits("0123456789*#ABCD", ca.how)
			if !ca.how.NoEnd {
				bob.WaitDigits("0123456789*#ABCD")
			}
			heard := bob.DigitsHeard()
			if len(heard) != 16 {
				t.Fatalf("heard %+v", heard)
			}
			for i, d := range heard {
				ca.want.Digit, ca.want.Timestamp = "0123456789*#ABCD"[i], d.Timestamp
				if d != ca.want {
					t.Errorf("heard %+v, want %+v", d, ca.want)
				}
			}
			if r := bob.Reception(0); r.Missing+r.Duplicates+r.Reordered+r.Unknown+r.Jumps != 0 || r.SSRCs != 1 {
				t.Errorf("%+v", r)
			}
		})
	}
}

// TestRTPPhoneInCompressedTime sends twelve minutes in a few seconds: sequence numbers turn over.
func TestRTPPhoneInCompressedTime(t *testing.T) {
	alice, bob := pair(t, []Option{Tone(580), Ptime(20)}, nil)
	alice.Dial("bob")
	alice.WaitEstablished()
	WantHears(t, bob, 580)
	before := len(bob.Sound().Samples)
	alice.SendFast(12*time.Minute, 400)
	WantHears(t, bob, 580)
	r := bob.Reception(0)
	if r.Packets < 12*60*50 || r.Missing+r.Duplicates+r.Reordered+r.Jumps != 0 || r.SSRCs != 1 {
		t.Errorf("%+v", r)
	}
	if h := Analyse(bob.Sound().After(before)); !h.Just(580) {
		t.Errorf("heard %v", h)
	}
	all := bob.Packets()
	last := all[len(all)-1]
	if length := last.Timestamp - all[0].Timestamp; length < 12*60*rate {
		t.Errorf("timestamps cover %d samples", length)
	}
}

// TestRTPPhoneOnABadNetwork loses, doubles and swaps packets, and says how many.
func TestRTPPhoneOnABadNetwork(t *testing.T) {
	alice, bob := pair(t, []Option{Tone(580), Behave(Behaviour{
		Sends: Impairment{Loss: 0.1, Duplicate: 0.05, Reorder: 0.05, Seed: 7},
	})}, nil)
	alice.Dial("bob")
	alice.WaitEstablished()
	alice.SendFast(20*time.Second, 20)
	r := bob.Reception(0)
	for name, v := range map[string][3]int{ // least, value, most
		"packets": {850, r.Packets, 1050}, "missing": {60, r.Missing, 150}, "duplicates": {20, r.Duplicates, 80},
		"reordered": {20, r.Reordered, 80},
	} {
		if v[1] < v[0] || v[1] > v[2] {
			t.Errorf("%s: %d of 1000, want %d to %d", name, v[1], v[0], v[2])
		}
	}
	if h := Analyse(bob.Sound()); !slices.Equal(h.Tones, []float64{580}) {
		t.Errorf("heard %v", h)
	}
}
