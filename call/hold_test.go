package call

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/media"
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
			if err := s.SetHeld(s.t.Context(), "two", s.session, true); err != nil {
				s.t.Fatal(err)
			}
			sue := supervised(s, "sue")
			done := taking(s, "sue")
			sue.sounds()
			pass(interceptLook)
			if err := <-done; err != nil {
				s.t.Fatal(err)
			}
			return "pat", "two"
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

// TestWaitingIsTold checks that a leg is told once that it is on hold, however that came about, and once that it is not.
func TestWaitingIsTold(t *testing.T) {
	for name, ca := range map[string]struct{ begin, end func(s *scene) }{
		"by command": {
			func(s *scene) { _ = s.SetHeld(s.t.Context(), "ben", s.session, true) },
			func(s *scene) { _ = s.SetHeld(s.t.Context(), "ben", s.session, false) },
		},
		"by the device": {
			func(s *scene) { s.callee.event(leg.HeldChanged{Held: true}) },
			func(s *scene) { s.callee.event(leg.HeldChanged{Held: false}) },
		},
		"by both ways": {
			func(s *scene) {
				_ = s.SetHeld(s.t.Context(), "ben", s.session, true)
				s.callee.event(leg.HeldChanged{Held: true})
			},
			func(s *scene) {
				_ = s.SetHeld(s.t.Context(), "ben", s.session, false)
				s.callee.event(leg.HeldChanged{Held: false})
			},
		},
		"while another is consulted": {
			func(s *scene) { _ = s.Consult(s.t.Context(), "ben", s.session, TransferTo{User: "ann"}) },
			func(s *scene) { _ = s.CancelTransfer(s.t.Context(), "ben", s.session) },
		},
		"while it is handed over": {
			func(s *scene) {
				_ = s.Transfer(s.t.Context(), "ben", s.session, TransferTo{User: "ann"})
				s.dialer.leg("ann").ring()
			},
			func(s *scene) { s.dialer.leg("ann").answer(codec.Opus) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := talking(newGateway(t, Limits{}), "trunk", "browser")
				for _, step := range []struct {
					do   func(s *scene)
					want []string
				}{{ca.begin, []string{"hold true"}}, {ca.end, []string{"hold true", "hold false"}}} {
					step.do(s)
					synctest.Wait()
					if got := holds(s.caller); !slices.Equal(got, step.want) {
						t.Errorf("the customer's leg was told %v, want %v", got, step.want)
					}
				}
				if got := holds(s.callee); len(got) > 0 {
					t.Errorf("the agent's leg was told %v", got)
				}
				s.HangUpAll(leg.Cause{Reason: leg.Normal})
				s.settle()
			})
		})
	}
}

// holds is what a leg was told of its being on hold.
func holds(l *fakeLeg) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(l.asked), func(asked string) bool { return !strings.HasPrefix(asked, "hold ") })
}

// TestTrunkMusic checks whose music is heard on hold: that of the trunk that the call came by or went out through.
func TestTrunkMusic(t *testing.T) {
	carrier, spare := new(media.Clip), new(media.Clip)
	for _, ca := range []struct {
		from, to, remote string // remote: the trunk that the customer's leg names
		want             *media.Clip
	}{
		{"trunk", "browser", "carrier", carrier},
		{"seat's phone", "outside", "spare", spare},
		{"browser", "outside", "carrier", carrier},
		{"browser", "outside", "other", nil},
		{"trunk", "outside", "spare", carrier}, // it came by the one, and went on by the other
		{"seat's phone", "browser", "", nil},
	} {
		synctest.Test(t, func(t *testing.T) {
			g := newGateway(t, Limits{})
			g.config.Sounds.Trunks = map[string]*media.Clip{"carrier": carrier, "spare": spare}
			from := callers()[slices.IndexFunc(callers(), func(s side) bool { return s.name == ca.from })]
			to := callees()[slices.IndexFunc(callees(), func(s side) bool { return s.name == ca.to })]
			s := begin(g, from, to)
			if to.role == RoleCustomer {
				s.callee.mu.Lock()
				s.callee.remote = ca.remote
				s.callee.mu.Unlock()
			}
			s.advance(answered)
			s.caller.event(leg.HeldChanged{Held: true})
			synctest.Wait()
			want := cmp.Or(ca.want, g.config.Sounds.Hold)
			if got := g.bridge(s.session).sound(s.callee.id); got != want {
				t.Errorf("%+v: other music", ca)
			}
			if p := g.only().Parties[1]; p.Sound != SoundHold {
				t.Errorf("%+v: shown as %q", ca, p.Sound)
			}
			s.over()
		})
	}
}
