package call

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"seatbridge/codec"
	"seatbridge/leg"
)

// TestSecureDigits checks that what the customer presses is kept from everybody in every form while it is secret.
func TestSecureDigits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{})
		var log bytes.Buffer
		g.config.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		s := talking(g, "trunk", "browser")
		sue := supervised(s, "sue")
		if err := g.SetSecureDigits(t.Context(), "sue", s.session, true); codeOf(err) != CodeWrongState {
			t.Errorf("by a supervisor: %v", err)
		}
		for range 2 {
			if err := g.SetSecureDigits(t.Context(), "ben", s.session, true); err != nil {
				t.Fatal(err)
			}
		}
		b := g.bridge(s.session)
		for _, l := range []*fakeLeg{s.caller, s.callee, sue} {
			if row := b.table[bridgeID(l)]; row.Secret != (l == s.caller) || len(row.Speakers) == 0 {
				t.Errorf("%s: row %+v, want the customer's digits alone secret, and sound", l.id, row)
			}
		}
		before := log.Len()
		for _, relayed := range []bool{true, false} {
			s.caller.event(leg.Digit{Event: 7, Relayed: relayed})
		}
		pass(time.Second)
		if e := g.watch.last(t, "ben", EventDigit); e.Digit != 0 || !e.Secure {
			t.Errorf("told %+v", e)
		}
		if got := s.callee.sentDigits(); len(got) > 0 {
			t.Errorf("the agent was sent %q", got)
		}
		if text := log.String()[before:]; strings.Contains(text, "7") {
			t.Errorf("logged: %s", text)
		}
		if !g.only().Secure {
			t.Error("it does not show")
		}
		if err := g.SetSecureDigits(t.Context(), "ben", s.session, false); err != nil {
			t.Fatal(err)
		}
		s.caller.event(leg.Digit{Event: 7, Relayed: true})
		synctest.Wait()
		if e := g.watch.last(t, "ben", EventDigit); e.Digit != '7' || e.Secure || b.table[bridgeID(s.caller)].Secret {
			t.Errorf("told %+v", e)
		}
		s.over()
	})
}

// TestSecureDigitsThroughTransfers checks that digits stay secret through transfers, an intercept and a joining of sessions, that
// who comes in is told, and that a party outside does not get them either.
func TestSecureDigitsThroughTransfers(t *testing.T) {
	secret := func(t *testing.T, s *scene, user string) {
		t.Helper()
		if err := s.SetSecureDigits(t.Context(), user, s.session, true); err != nil {
			t.Fatal(err)
		}
	}
	check := func(t *testing.T, s *scene, l *fakeLeg, session, user string) {
		t.Helper()
		synctest.Wait()
		table := s.bridge(session).table
		if row := table[bridgeID(l)]; len(row.Speakers) != 1 || !table[row.Speakers[0]].Secret {
			t.Errorf("table %+v, want the digits of the one who is heard secret", table)
		}
		if user != "" {
			if e := s.watch.last(t, user, EventSecureDigits); !e.Secure || e.SessionID != session {
				t.Errorf("told %+v", e)
			}
		}
		s.HangUpAll(leg.Cause{Reason: leg.Normal})
		s.settle()
	}
	for name, to := range targets() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := talking(newGateway(t, Limits{}), "trunk", "browser")
				secret(t, s, "ben")
				if err := s.Transfer(t.Context(), "ben", s.session, to.to); err != nil {
					t.Fatal(err)
				}
				target := s.dialer.leg(to.dest)
				target.answer(codec.PCMA)
				synctest.Wait()
				check(t, s, target, s.session, to.user)
			})
		})
	}
	t.Run("joined", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c := newTwoCalls(t)
			secret(t, c.scene, "two")
			// The dialog with the customer is taken into the other session.
			referring(c.scene, c.own, leg.Referred{To: "1020", Replaces: "call-" + c.callee.id})
			check(t, c.scene, c.ann, c.other, "ann")
		})
	})
}
