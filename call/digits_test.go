package call

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"seatbridge/dtmf"
	"seatbridge/leg"
	"seatbridge/media"
)

func TestSendDigits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{})
		s := talking(g, "browser", "outside")
		ctx, id := t.Context(), s.session
		for digits, code := range map[string]Code{"": CodeBadRequest, "12x4": CodeBadRequest} {
			if err := g.SendDigits(ctx, "ann", id, digits); codeOf(err) != code {
				t.Errorf("%q: %v", digits, err)
			}
		}
		for _, digits := range []string{"12,3", "a#", ",,*"} {
			if err := g.SendDigits(ctx, "ann", id, digits); err != nil {
				t.Fatal(err)
			}
		}
		start := time.Now()
		for _, want := range []struct {
			at     time.Duration
			sent   []string
			paused bool
		}{
			{time.Second, []string{"12"}, true},
			{2*170*time.Millisecond + 2*time.Second - 1, []string{"12"}, true},
			{2*170*time.Millisecond + 2*time.Second, []string{"12", "3A#"}, false},
			{5*170*time.Millisecond + 5*time.Second, []string{"12", "3A#"}, true},
			{5*170*time.Millisecond + 6*time.Second, []string{"12", "3A#", "*"}, false},
		} {
			pass(want.at - time.Since(start))
			if want.paused {
				s.callee.event(leg.DigitsSent{OK: false}) // of nothing: the pause goes on
				synctest.Wait()
			}
			if got := s.callee.sentDigits(); !slices.Equal(got, want.sent) {
				t.Errorf("after %v: sent %q, want %q", want.at, got, want.sent)
			}
		}
		if got := s.caller.sentDigits(); len(got) > 0 {
			t.Errorf("the seat itself was sent %q", got)
		}
		s.over()
	})
}

func TestDigitsAsLongAsConfigured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{})
		g.config.Digits = Digits{Length: 300 * time.Millisecond, Gap: 200 * time.Millisecond}
		s := talking(g, "browser", "outside")
		if err := g.SendDigits(t.Context(), "ann", s.session, "1"); err != nil {
			t.Fatal(err)
		}
		if err := g.SendDigits(t.Context(), "ann", s.session, "2"); err != nil { // waits for the first
			t.Fatal(err)
		}
		pass(500*time.Millisecond - 1)
		if got := s.callee.sentDigits(); !slices.Equal(got, []string{"1"}) {
			t.Errorf("sent %q", got)
		}
		pass(1)
		if got := s.callee.sentDigits(); !slices.Equal(got, []string{"1", "2"}) {
			t.Errorf("sent %q", got)
		}
		s.over()
	})
}

func TestDigitsThatCannotBeSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{})
		s := begin(g, callers()[3], callees()[3])
		if err := g.SendDigits(t.Context(), "ann", s.session, "1"); codeOf(err) != CodeWrongState {
			t.Errorf("digits to nobody: %v", err)
		}
		s.advance(answered)
		if err := g.SendDigits(t.Context(), "ann", s.session, "1,2"); err != nil {
			t.Fatal(err)
		}
		s.callee.event(leg.DigitsSent{OK: false})
		pass(time.Minute)
		if got := s.callee.sentDigits(); !slices.Equal(got, []string{"1"}) {
			t.Errorf("sent %q after a failure, want nothing more than 1", got)
		}
		for range maxDigits {
			if err := g.SendDigits(t.Context(), "ann", s.session, ","); err != nil {
				t.Fatal(err)
			}
		}
		if err := g.SendDigits(t.Context(), "ann", s.session, "1"); codeOf(err) != CodeBusy {
			t.Errorf("too many digits: %v", err)
		}
		s.over()
	})
}

// eventPort is the media of a far end that takes telephone-events.
func eventPort() media.Port {
	ear := media.NewSender(media.SenderConfig{})
	ear.SetFormats(media.Formats{Event: []media.EventFormat{{PT: 101, Clock: 8000}}})
	return media.Port{Ears: []*media.Sender{ear}}
}

// TestDigitsWithoutEvents checks that a telephone-event is sent as a digit to a far end to which the bridge can't pass
// its packets on.
func TestDigitsWithoutEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{})
		s := talking(g, "browser", "outside")
		s.caller.event(leg.Digit{Event: 5, Relayed: true})
		pass(time.Second)
		if got := s.callee.sentDigits(); !slices.Equal(got, []string{"5"}) {
			t.Errorf("the customer was sent %q", got)
		}
		s.over()
	})
}

// TestDigitsPressed checks that a digit by SIP INFO is passed on, that one by telephone-event is not passed on twice,
// and that the other side's seat is told of both.
func TestDigitsPressed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{})
		s := talking(g, "trunk", "browser")
		s.callee.port = eventPort()
		for _, d := range []leg.Digit{{Event: 1, Relayed: true}, {Event: 10}, {Event: 11}, {Event: 99}} {
			s.caller.event(d)
		}
		s.callee.event(leg.DigitsSent{OK: true}) // of nothing
		s.callee.event(leg.Digit{Event: dtmf.Event(7)})
		pass(time.Second)
		if err := g.SetMuted(t.Context(), "ben", s.session, true); err != nil {
			t.Fatal(err)
		}
		s.callee.event(leg.Digit{Event: dtmf.Event(8)}) // goes where the muted agent's voice goes
		pass(time.Second)
		if got := testutil.ToFloat64(g.config.Metrics.digitsLost); got != 1 {
			t.Errorf("%v digits lost, want 1", got)
		}
		if got := s.callee.sentDigits(); !slices.Equal(got, []string{"*", "#"}) {
			t.Errorf("the agent was sent %q", got)
		}
		if got := s.caller.sentDigits(); !slices.Equal(got, []string{"7"}) {
			t.Errorf("the customer was sent %q", got)
		}
		var pressed []byte
		for _, e := range g.watch.events {
			if e.Type == EventDigit {
				pressed = append(pressed, e.Digit)
			}
		}
		if string(pressed) != "1*#" {
			t.Errorf("the seat was told %q", pressed)
		}
		s.over()
	})
}

// TestDigitsWhileHeld checks that digits reach nobody while either side holds the other, by command or by device.
func TestDigitsWhileHeld(t *testing.T) {
	for name, hold := range map[string]func(s *scene, held bool){
		"by command": func(s *scene, held bool) {
			if err := s.SetHeld(s.t.Context(), "ben", s.session, held); err != nil {
				s.t.Error(err)
			}
		},
		"by device": func(s *scene, held bool) { s.callee.event(leg.HeldChanged{Held: held}) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := talking(newGateway(t, Limits{}), "browser", "browser")
				for _, held := range []bool{true, false} {
					hold(s, held)
					synctest.Wait()
					for _, user := range []string{"ann", "ben"} {
						if err := s.SendDigits(t.Context(), user, s.session, "1"); (codeOf(err) == CodeWrongState) != held {
							t.Errorf("held %v: %s: %v", held, user, err)
						}
					}
					pass(time.Second)
					for _, l := range []*fakeLeg{s.caller, s.callee} {
						l.event(leg.Digit{Event: 2})
					}
					pass(time.Second)
				}
				for _, l := range []*fakeLeg{s.caller, s.callee} {
					if got := l.sentDigits(); !slices.Equal(got, []string{"1", "2"}) {
						t.Errorf("%s was sent %q", l.id, got)
					}
				}
				s.over()
			})
		})
	}
}

// TestInbandDigits wants a digit that was heard as a tone to be told once and sent to nobody: the bridge passes it on.
func TestInbandDigits(t *testing.T) {
	for _, events := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := talking(newGateway(t, Limits{}), "trunk", "browser")
			if events {
				s.callee.port = eventPort()
			}
			s.caller.event(leg.Digit{Event: 5, Relayed: true, Inband: true})
			synctest.Wait()
			if e := s.watch.last(t, "ben", EventDigit); e.Digit != '5' || len(s.callee.sentDigits()) > 0 {
				t.Errorf("told %+v, sent %q", e, s.callee.sentDigits())
			}
			s.over()
		})
	}
}
