package test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"seatbridge/test/peers"
)

// TestPhoneShapes has sipp play the common desk phones, whose ways to hold, to resume and to transfer differ: whom they
// call hears itself in their echo, music on hold, itself again, and whom it is transferred to in the end.
func TestPhoneShapes(t *testing.T) {
	for _, shape := range []string{"yealink", "polycom", "cisco", "grandstream", "snom"} {
		t.Run(shape, func(t *testing.T) {
			t.Parallel()
			wav := filepath.Join(t.TempDir(), "music.wav")
			if err := peers.WriteWAV(wav, peers.Sine(music(), 10*time.Second)); err != nil {
				t.Fatal(err)
			}
			g := suite.Gateway(t, peers.Config{YAML: fmt.Sprintf("sounds: {hold: %q}\n"+
				"staff: [{user: frank, max_calls: 2}]", wav)})
			far := peers.RTP(t, g.Phone("1011"), tone(0))
			target := peers.RTP(t, g.Phone("1015"), tone(1), peers.Manual)
			keys := map[string]string{"number": "1011", "target": "1015"}
			if shape == "snom" {
				keys["replaces"] = secondLine(t, g, target)
			}
			phone := peers.SippPhone(t, shape, g.Phone("1012"), keys)
			far.WaitEstablished()
			peers.WantHears(t, far, far.Tone())
			phone.Next() // holds
			peers.WantHears(t, far, music())
			phone.Next() // resumes
			peers.WantHears(t, far, far.Tone())
			phone.Next() // holds and transfers
			if shape != "snom" {
				target.WaitRinging()
				target.Answer()
				target.WaitEstablished()
			}
			peers.WantAllHear(t, map[peers.Ear][]float64{far: {target.Tone()}, target: {far.Tone()}})
			phone.WaitPassed()
			far.Hangup()
			target.WaitClosed()
			empty(g)
		})
	}
}

// secondLine is another line of 1012's phone, which talks to the target: its name for a Replaces in a URI, with more
// escaped than need be.
func secondLine(t *testing.T, g *peers.Gateway, target *peers.RTPPhone) string {
	line := peers.RTP(t, g.Phone("1012"), tone(2), peers.Unregistered)
	line.Dial("1015")
	target.WaitRinging()
	target.Answer()
	line.WaitEstablished()
	target.WaitEstablished()
	escaped := ""
	for i, c := range []byte(line.Replaces()) {
		if letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'; letter && i%3 > 0 {
			escaped += string(c)
			continue
		}
		escaped += fmt.Sprintf("%%%02X", c)
	}
	return escaped
}

// TestTakeOver has another device of a phone's account take its call over by INVITE with Replaces; the far end talks
// on.
func TestTakeOver(t *testing.T) {
	t.Parallel()
	g := suite.Gateway(t, peers.Config{})
	far, old := peers.RTP(t, g.Phone("1011"), tone(0)), peers.RTP(t, g.Phone("1012"), tone(1))
	far.Dial("1012")
	far.WaitEstablished()
	old.WaitEstablished()
	peers.WantAllHear(t, map[peers.Ear][]float64{far: {old.Tone()}, old: {far.Tone()}})
	device := peers.SippPhone(t, "takeover", g.Phone("1012"), map[string]string{
		"number": "1012", "headers": "Replaces: " + old.Replaces(),
	})
	old.WaitClosed()
	peers.WantHears(t, far, far.Tone()) // in the echo of the other device
	if n := len(far.Requests("INVITE")) + len(far.Requests("BYE")); n != 0 {
		t.Errorf("the far end got %d requests", n)
	}
	device.Next()
	far.WaitClosed()
	device.WaitPassed()
	empty(g)
}
