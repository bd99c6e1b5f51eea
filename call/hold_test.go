package call

import (
	"slices"
	"testing"
	"testing/synctest"

	"seatbridge/codec"
	"seatbridge/leg"
)

func TestHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{})
		s := begin(g, callers()[0], callees()[0])
		if err := g.SetHeld(t.Context(), "ben", s.session, true); codeOf(err) != CodeWrongState {
			t.Errorf("hold while it rings: %v", err)
		}
		s.advance(answered)
		b, hold := g.bridge(s.session), g.config.Sounds.Hold
		for _, ca := range []struct {
			held bool
			code Code
		}{{false, CodeWrongState}, {true, ""}, {true, CodeWrongState}, {false, ""}, {false, CodeWrongState}} {
			if err := g.SetHeld(t.Context(), "ben", s.session, ca.held); codeOf(err) != ca.code {
				t.Errorf("held %v: %v, want %s", ca.held, err, ca.code)
			}
			if ca.code != "" {
				continue
			}
			music := b.sound(s.caller.id) == hold
			if talk := len(b.hears(s.caller.id)) + len(b.hears(s.callee.id)); music != ca.held || talk != 0 == ca.held {
				t.Errorf("held %v: table %v", ca.held, b.table)
			}
			if e := g.watch.last(t, "ben", EventHeld); e.Held != ca.held || e.By != "ben" {
				t.Errorf("told %+v", e)
			}
			if p := g.only().Parties; p[1].Held != ca.held || (p[0].Sound == SoundHold) != ca.held {
				t.Errorf("parties %+v", p)
			}
		}
		s.over()
	})
}

// TestBothHold checks that a call is on hold until both sides have taken it back.
func TestBothHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{})
		s := talking(g, "seat's phone", "browser")
		b := g.bridge(s.session)
		s.caller.event(leg.HeldChanged{Held: true})
		synctest.Wait()
		if b.sound(s.callee.id) == nil || b.sound(s.caller.id) != nil {
			t.Errorf("one holds: %v", b.table)
		}
		if err := g.SetHeld(t.Context(), "ben", s.session, true); err != nil {
			t.Fatal(err)
		}
		if b.sound(s.callee.id) != nil || b.sound(s.caller.id) != nil {
			t.Errorf("both hold: %v", b.table)
		}
		if err := g.SendDigits(t.Context(), "ben", s.session, "1"); codeOf(err) != CodeWrongState {
			t.Errorf("digits while held: %v", err)
		}
		s.caller.event(leg.HeldChanged{Held: false})
		synctest.Wait()
		if b.sound(s.caller.id) == nil || len(b.hears(s.caller.id))+len(b.hears(s.callee.id)) > 0 {
			t.Errorf("the other still holds: %v", b.table)
		}
		if err := g.SetHeld(t.Context(), "ben", s.session, false); err != nil {
			t.Fatal(err)
		}
		s.hear(b, "taken back", true, true)
		want := []EventType{EventHeld, EventHeld, EventHeld, EventHeld}
		if got := g.watch.of("pat"); !slices.Equal(got[len(got)-4:], want) {
			t.Errorf("told %v", got)
		}
		s.over()
	})
}

// TestHolderLeaves checks that the others are told that the hold is over where who holds leaves by a transfer or an
// intercept, or is the target of a consultation that ends.
func TestHolderLeaves(t *testing.T) {
	for name, leave := range map[string]func(s *scene) (told, by string){
		"transfer by phone": func(s *scene) (string, string) {
			s.callee.event(leg.HeldChanged{Held: true})
			referring(s, s.callee, leg.Referred{To: "1002"})
			s.dialer.leg("ben").answer(codec.Opus)
			return "pat", "two"
		},
		"intercept": func(s *scene) (string, string) {
			if err := s.SetHeld(s.t.Context(), "pat", s.session, true); err != nil {
				s.t.Fatal(err)
			}
			sue := supervised(s, "sue")
			done := taking(s, "sue")
			sue.sounds()
			pass(interceptLook)
			if err := <-done; err != nil {
				s.t.Fatal(err)
			}
			return "two", "pat"
		},
		"intercept that fails": func(s *scene) (string, string) {
			sue := supervised(s, "sue")
			done := taking(s, "sue")
			sue.event(leg.HeldChanged{Held: true})
			pass(interceptTime)
			if err := <-done; codeOf(err) != CodeUnavailable {
				s.t.Errorf("intercept: %v", err)
			}
			return "two", "sue"
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := talking(newGateway(t, Limits{}), "seat's phone", "seat's phone")
				told, by := leave(s)
				synctest.Wait()
				if e := s.watch.last(t, told, EventHeld); e.Held || e.By != by {
					t.Errorf("told %+v", e)
				}
				s.HangUpAll(leg.Cause{Reason: leg.Normal})
				s.settle()
			})
		})
	}
}
