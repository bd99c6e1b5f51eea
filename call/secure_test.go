package call

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

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
