package test

import (
	"testing"
	"time"

	"seatbridge/test/peers"
)

// TestTwelveMinutes sends twelve minutes of sound each way in compressed time: past 32,768 packets, half the sequence
// space, where other gateways fall silent. The sound is there afterwards, on the same streams.
func TestTwelveMinutes(t *testing.T) {
	for _, ca := range []struct {
		name  string
		codec string // of the callee
	}{{"relayed", "pcmu"}, {"transcoded", "pcma"}} {
		t.Run(ca.name, func(t *testing.T) {
			t.Parallel()
			g := suite.Gateway(t, peers.Config{})
			a := peers.RTP(t, g.Phone("1011"), tone(0), peers.Codecs("pcmu"))
			b := peers.RTP(t, g.Phone("1012"), tone(1), peers.Codecs(ca.codec))
			a.Dial("1012")
			a.WaitEstablished()
			b.WaitEstablished()
			peers.WantAllHear(t, map[peers.Ear][]float64{a: {b.Tone()}, b: {a.Tone()}})
			a.SendFast(12*time.Minute, 40)
			b.SendFast(12*time.Minute, 40)
			peers.WantAllHear(t, map[peers.Ear][]float64{a: {b.Tone()}, b: {a.Tone()}})
			for _, p := range []*peers.RTPPhone{a, b} {
				r := p.Reception(0)
				if p.Reports() == 0 {
					t.Errorf("%s got no RTCP report", p)
				}
				// On a busy machine the test's own bursts overflow a socket: what is missing there does not count.
				if r.Packets+r.Missing < 33000 || r.SSRCs != 1 || r.Duplicates != 0 || r.Unknown != 0 {
					t.Errorf("%s: %+v", p, r)
				}
			}
			b.Hangup()
			a.WaitClosed()
			empty(g)
		})
	}
}

// TestTwoHundredCalls sets up and tears down 200 calls and wants goroutines, sockets and ports where they were.
func TestTwoHundredCalls(t *testing.T) {
	t.Parallel()
	// A closed call's ports are kept for half a minute, so 200 quick calls need more of them than other tests.
	g := suite.Gateway(t, peers.Config{LogLevel: "warn", YAML: "rtp: {min_port: 62000, max_port: 64999}"})
	// Phones that are nobody's seat: a seat is free a moment after its far end has heard of the end, and these redial
	// at once.
	a := peers.RTP(t, g.Phone("1015"), tone(0))
	b := peers.RTP(t, g.Phone("1013"), tone(1), peers.Manual, peers.SHA256)
	call := func(end int) {
		a.Dial("1013")
		b.WaitRinging()
		switch end {
		case 0: // answered, hung up by the caller
			b.Answer()
			a.WaitEstablished()
			a.Hangup()
		case 1: // answered, hung up by the callee
			b.Answer()
			a.WaitEstablished()
			b.WaitEstablished()
			b.Hangup()
		case 2:
			b.Reject("486 Busy Here")
		case 3:
			a.WaitRingback()
			a.Hangup()
		}
		a.WaitClosed()
		b.WaitClosed()
	}
	for i := range 4 {
		call(i)
	}
	settled := func() (goroutines float64, sockets int) {
		empty(g)
		// A closed call's ports are drained until they were silent for 30 s.
		for end := time.Now().Add(time.Minute); time.Now().Before(end) && g.Sockets() > 5; {
			<-time.After(time.Second)
		}
		g.WaitMetric(0, "seatbridge_rtp_port_pairs", `state="draining"`)
		g.WaitMetric(0, "seatbridge_sip_dialogs")
		return g.Metric("go_goroutines"), g.Sockets()
	}
	goroutines, sockets := settled()
	for i := range 200 {
		call(i % 4)
	}
	after, open := settled()
	if after > goroutines+10 || open > sockets+2 {
		t.Errorf("%v goroutines and %d sockets, before them %v and %d", after, open, goroutines, sockets)
	}
}
