package rtc_test

import (
	"errors"
	"testing"
	"time"

	"github.com/pion/rtp"

	"seatbridge/dtmf"
	"seatbridge/leg"
	"seatbridge/rtc"
	"seatbridge/rtc/rtctest"
)

// dial dials a user.
func (g *gateway) dial(user string, timeout time.Duration) (leg.Leg, events) {
	e := make(events, 16)
	return g.Dial(leg.Dial{ID: "leg", To: leg.Destination{User: user}, Timeout: timeout}, e.observe), e
}

// ends demands that a leg's next event is its last, with the reason.
func ends(t *testing.T, e events, want leg.Reason) leg.Cause {
	t.Helper()
	c := next[leg.Ended](t, e).Cause
	if c.Reason != want {
		t.Fatalf("ended with %+v, not %s", c, want)
	}
	return c
}

// TestDialRefused: a leg that can't be ends at once, and is a leg for all that.
func TestDialRefused(t *testing.T) {
	g := start(t, rtc.Config{})
	g.connected(t, "ann", "1", rtctest.Config{})
	g.talk(t, "ann")
	for _, ca := range []struct {
		user string
		want leg.Reason
	}{
		{"nobody", leg.Unavailable},
		{"ann", leg.Busy},
	} {
		l, e := g.dial(ca.user, 0)
		if c := ends(t, e, ca.want); !c.Remote {
			t.Errorf("%s: not remote", ca.user)
		}
		p := l.Port()
		p.In.SetSink(nil)
		play(t, p.Ears[0], 440)
		l.Pickup()
		l.SendDigits([]dtmf.Event{1}, 100*time.Millisecond, 70*time.Millisecond)
		l.Hangup(leg.Cause{Reason: leg.Normal})
		if i := l.Info(); i.ID != "leg" || i.Kind != leg.KindBrowser || i.Remote != ca.user {
			t.Errorf("%+v", i)
		}
	}
}

// TestDialWhileConnecting: the page is being loaded; the leg rings, and is answered when the connection is there.
func TestDialWhileConnecting(t *testing.T) {
	g := start(t, rtc.Config{})
	b := browser(t, rtctest.Config{})
	offer, err := b.Offer(false)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := g.signal("ann", "1")(offer)
	if err != nil {
		t.Fatal(err)
	}
	l, e := g.dial("ann", 0)
	next[leg.Ringing](t, e)
	l.Pickup()
	if err := b.Answer(answer); err != nil {
		t.Fatal(err)
	}
	next[leg.Answered](t, e)
	if i := l.Info(); !i.Secure || i.Codec != "opus" || i.Answered.IsZero() || i.CallID != "1" {
		t.Errorf("%+v", i)
	}
}

// TestHangup ends a leg once, whatever comes after it, and the login is free again.
func TestHangup(t *testing.T) {
	g := start(t, rtc.Config{})
	g.connected(t, "ann", "1", rtctest.Config{})
	for range 3 {
		l, e := g.talk(t, "ann")
		for range 3 {
			l.Hangup(leg.Cause{Reason: leg.Normal, Text: "enough"})
		}
		if c := ends(t, e, leg.Normal); c.Remote || c.Text != "enough" {
			t.Errorf("%+v", c)
		}
		l.Pickup()
		if len(e) != 0 {
			t.Errorf("event after the last: %+v", <-e)
		}
	}
}

// TestNoAnswer ends a leg that rings for too long, but not one that was answered.
func TestNoAnswer(t *testing.T) {
	g := start(t, rtc.Config{})
	g.connected(t, "ann", "1", rtctest.Config{})
	_, e := g.dial("ann", 50*time.Millisecond)
	next[leg.Ringing](t, e)
	ends(t, e, leg.NoAnswer)
	l, e := g.dial("ann", 100*time.Millisecond)
	next[leg.Ringing](t, e)
	l.Pickup()
	next[leg.Answered](t, e)
	select {
	case ev := <-e:
		t.Errorf("%T %+v", ev, ev)
	case <-time.After(300 * time.Millisecond):
	}
}

// TestCaller is the leg of a browser that places a call.
func TestCaller(t *testing.T) {
	g := start(t, rtc.Config{})
	e := make(events, 16)
	if _, err := g.Caller("ann", "leg", e.observe); !errors.Is(err, rtc.ErrNoLogin) {
		t.Errorf("%v", err)
	}
	b := g.connected(t, "ann", "1", rtctest.Config{})
	l, err := g.Caller("ann", "leg", e.observe)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Caller("ann", "other", e.observe); !errors.Is(err, rtc.ErrBusy) {
		t.Errorf("%v", err)
	}
	l.Ring()
	l.Progress(0)
	play(t, l.Port().Ears[0], 440)
	hears(t, b, 0, 440, 1000) // early media needs nothing
	if l.Pickup() {
		t.Error("a calling browser can't pick up")
	}
	l.Accept(0)
	next[leg.Answered](t, e)
	l.Hangup(leg.Cause{Reason: leg.Normal})
	ends(t, e, leg.Normal)
}

// TestDigitsFromBrowser: both clock rates, each digit told once.
func TestDigitsFromBrowser(t *testing.T) {
	g := start(t, rtc.Config{})
	b := g.connected(t, "ann", "1", rtctest.Config{})
	l, e := g.talk(t, "ann")
	ears := listenTo(t, l.Port())
	if err := b.Speak(1000); err != nil {
		t.Fatal(err)
	}
	ears.hears(1000)
	for d := range dtmf.Event(16) {
		if err := b.SendDigit(d, 100*time.Millisecond); err != nil {
			t.Fatal(err)
		}
		got := next[leg.Digit](t, e)
		if got != (leg.Digit{Event: d, Duration: 100 * time.Millisecond, Relayed: true}) {
			t.Errorf("%+v", got)
		}
		if at := <-ears.digits; at.Event != d || at.Clock != 8000 || at.Duration != 800 {
			t.Errorf("%+v", at)
		}
	}
}

// TestDigitsOfRealBrowsers, which differ in clock and in what they leave out.
func TestDigitsOfRealBrowsers(t *testing.T) {
	end := []byte{7, 0x8a, 0x03, 0xc0}
	for _, ca := range []struct {
		name     string
		pt       uint8
		payloads [][]byte
		want     time.Duration
	}{
		{"Chromium 156: the end alone, each with a marker", 126, [][]byte{end, end, end}, 120 * time.Millisecond},
		{"clock of Opus", 110, [][]byte{{7, 10, 0x01, 0xe0}, end, end, end}, 20 * time.Millisecond},
	} {
		t.Run(ca.name, func(t *testing.T) {
			g := start(t, rtc.Config{})
			b := g.connected(t, "ann", "1", rtctest.Config{})
			_, e := g.talk(t, "ann")
			for digit := range uint32(3) {
				h := rtp.Header{Version: 2, PayloadType: ca.pt, Timestamp: 1 + digit*11520, Marker: true}
				for _, payload := range ca.payloads {
					if err := b.SendRTP(h, payload); err != nil {
						t.Fatal(err)
					}
				}
				got := next[leg.Digit](t, e)
				if got != (leg.Digit{Event: 7, Duration: ca.want, Relayed: true}) {
					t.Errorf("%+v", got)
				}
			}
			if len(e) != 0 {
				t.Errorf("told %+v too", <-e)
			}
		})
	}
}

// TestDigitsToBrowser are telephone-events.
func TestDigitsToBrowser(t *testing.T) {
	got := make(chan dtmf.Event, 100)
	g := start(t, rtc.Config{})
	g.connected(t, "ann", "1", rtctest.Config{Received: func(_ int, h *rtp.Header, payload []byte) {
		if h.PayloadType == 110 || h.PayloadType == 126 {
			got <- dtmf.Event(payload[0])
		}
	}})
	l, e := g.talk(t, "ann")
	l.SendDigits([]dtmf.Event{11, 4}, 60*time.Millisecond, 60*time.Millisecond)
	if !next[leg.DigitsSent](t, e).OK {
		t.Error("not sent")
	}
	seen := map[dtmf.Event]int{}
	for seen[4] < 3 {
		select {
		case d := <-got:
			seen[d]++
		case <-time.After(patience):
			t.Fatalf("%v", seen)
		}
	}
	if seen[11] < 3 || len(seen) != 2 {
		t.Errorf("%v", seen)
	}
}

// TestSilence: a microphone that sends no packets is told, and that it is back; it ends no leg.
func TestSilence(t *testing.T) {
	g := start(t, rtc.Config{SilenceAfter: 300 * time.Millisecond})
	b := g.connected(t, "ann", "1", rtctest.Config{})
	l, e := g.talk(t, "ann")
	for range 2 {
		if lost := next[leg.MediaLost](t, e); lost.Reason != "no packets" {
			t.Errorf("reason %q", lost.Reason)
		}
		if err := b.Speak(1000); err != nil {
			t.Fatal(err)
		}
		next[leg.MediaBack](t, e)
		b.Speak(0)
	}
	l.Hangup(leg.Cause{Reason: leg.Normal})
	for ev := range e {
		if _, last := ev.(leg.Ended); last {
			break
		}
	}
}

// TestSparseBrowser: Opus DTX, a packet now and then, is no silence.
func TestSparseBrowser(t *testing.T) {
	const interval = 400 * time.Millisecond
	g := start(t, rtc.Config{SilenceAfter: 3 * interval})
	b := g.connected(t, "ann", "1", rtctest.Config{})
	l, e := g.talk(t, "ann")
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for range 8 {
		if err := b.Send([]byte{0x78}, interval); err != nil { // a TOC byte and no frame
			t.Fatal(err)
		}
		<-tick.C
	}
	l.Hangup(leg.Cause{Reason: leg.Normal})
	for ev := range e {
		switch ev.(type) {
		case leg.MediaLost:
			t.Fatalf("%+v", ev)
		case leg.Ended:
			return
		}
	}
}

// TestBrowserVanishes: a connection that is lost ends the leg after the grace, answered or not.
func TestBrowserVanishes(t *testing.T) {
	for _, ca := range []struct {
		name   string
		answer bool
		want   leg.Reason
	}{
		{"answered", true, leg.MediaDead},
		{"ringing", false, leg.Unavailable},
	} {
		t.Run(ca.name, func(t *testing.T) {
			g := start(t, rtc.Config{DisconnectAfter: 300 * time.Millisecond, LegGrace: 300 * time.Millisecond})
			b := g.connected(t, "ann", "1", rtctest.Config{})
			l, e := g.dial("ann", 0)
			next[leg.Ringing](t, e)
			if ca.answer {
				l.Pickup()
				next[leg.Answered](t, e)
			}
			b.Close()
			g.await(t, "1", rtc.StateDisconnected)
			if ca.answer {
				if lost := next[leg.MediaLost](t, e); lost.Reason != "disconnected" {
					t.Errorf("reason %q", lost.Reason)
				}
			}
			if c := ends(t, e, ca.want); !c.Remote {
				t.Errorf("%+v", c)
			}
			if _, e := g.dial("ann", 0); true {
				ends(t, e, leg.Unavailable)
			}
		})
	}
}

// TestFailedConnectionIsClosed when no ICE restart brings it back in time.
func TestFailedConnectionIsClosed(t *testing.T) {
	g := start(t, rtc.Config{
		DisconnectAfter: 200 * time.Millisecond, FailAfter: 200 * time.Millisecond, RestartGrace: 200 * time.Millisecond,
	})
	g.connected(t, "ann", "1", rtctest.Config{}).Close()
	g.await(t, "1", rtc.StateDisconnected)
	if e := g.await(t, "1", rtc.StateClosed); e.Reason != "connection_failed" {
		t.Errorf("reason %q", e.Reason)
	}
}

// TestReports: what the browser reports of the sound that it gets.
func TestReports(t *testing.T) {
	g := start(t, rtc.Config{})
	b := g.connected(t, "ann", "1", rtctest.Config{})
	l, _ := g.talk(t, "ann")
	play(t, l.Port().Ears[0], 440)
	hears(t, b, 0, 440, 1000)
	eventually(t, "a report with a round trip time", func() bool {
		r := l.Info().Report
		return !r.At.IsZero() && r.RTT > 0 && r.RTT < time.Second && r.FractionLost < 0.1 && r.Lost < 10
	})
	if i := l.Info(); i.Send.SSRC == 0 || i.Send.Packets == 0 {
		t.Errorf("%+v", i.Send)
	}
}

// TestClose ends legs and connections, and refuses what comes later.
func TestClose(t *testing.T) {
	g := start(t, rtc.Config{})
	b := g.connected(t, "ann", "1", rtctest.Config{})
	_, e := g.talk(t, "ann")
	if err := g.Close(); err != nil {
		t.Error(err)
	}
	if c := ends(t, e, leg.Shutdown); c.Remote {
		t.Errorf("%+v", c)
	}
	_, e = g.dial("ann", 0)
	ends(t, e, leg.Shutdown)
	if err := b.Restart(g.signal("ann", "1")); !errors.Is(err, rtc.ErrClosed) {
		t.Errorf("%v", err)
	}
	if _, err := g.Caller("ann", "leg", e.observe); !errors.Is(err, rtc.ErrClosed) {
		t.Errorf("%v", err)
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
}

// TestDialAfterHangup: a login carries another leg from the moment that the last one was hung up, and the end of that one
// leaves it alone.
func TestDialAfterHangup(t *testing.T) {
	g := start(t, rtc.Config{})
	g.connected(t, "ann", "1", rtctest.Config{})
	last, before := g.dial("ann", 0)
	next[leg.Ringing](t, before)
	for range 100 {
		last.Hangup(leg.Cause{Reason: leg.Normal})
		again, e := g.dial("ann", 0)
		next[leg.Ringing](t, e)
		ends(t, before, leg.Normal)
		last, before = again, e
	}
	if _, e := g.dial("ann", 0); ends(t, e, leg.Busy).Reason == "" {
		t.Error("the login has lost its leg")
	}
}
