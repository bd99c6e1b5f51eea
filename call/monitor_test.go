package call

import (
	"bytes"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/seat"
)

// supervised is a scene with a supervisor who monitors: sue at her browser or rex at his desk phone.
func supervised(s *scene, user string) *fakeLeg {
	s.t.Helper()
	if err := s.Supervise(s.t.Context(), user, s.session, ModeMonitor); err != nil {
		s.t.Fatal(err)
	}
	l := s.dialer.leg(map[string]string{"sue": "sue", "rex": "1091"}[user])
	if !l.dial.AutoAnswer {
		s.t.Errorf("dial %+v, want it to answer by itself", l.dial)
	}
	pass(latency)        // a browser answers by itself
	l.answer(codec.PCMU) // and the phone now
	synctest.Wait()
	return l
}

// hearing checks what each leg hears: the ids in order.
func (s *scene) hearing(when string, want map[*fakeLeg][]*fakeLeg) {
	s.t.Helper()
	b := s.bridge(s.session)
	for l, speakers := range want {
		var ids []string
		for _, sp := range speakers {
			ids = append(ids, sp.id)
		}
		if got := b.hears(l.id); !slices.Equal(got, ids) {
			s.t.Errorf("%s: %s hears %v, want %v", when, l.id, got, ids)
		}
	}
}

// TestSupervise takes every kind of session through all modes, by a browser and by a desk phone. In a call between two
// extensions who called has the customer's part.
func TestSupervise(t *testing.T) {
	for _, user := range []string{"sue", "rex"} {
		for _, pair := range [][2]string{
			{"trunk", "browser"}, {"trunk", "seat's phone"}, {"trunk", "bare phone"}, {"bare phone", "bare phone"},
			{"seat's phone", "browser"}, {"bare phone", "outside"},
		} {
			t.Run(user+" and "+pair[0]+" to "+pair[1], func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := talking(newGateway(t, Limits{}), pair[0], pair[1])
					c, a, sv := s.caller, s.callee, supervised(s, user)
					if pair[1] == "outside" {
						c, a = a, c
					}
					type row = map[*fakeLeg][]*fakeLeg
					for _, ca := range []struct {
						mode Mode
						want row
					}{
						{ModeMonitor, row{c: {a}, a: {c}, sv: {c, a}}},
						{ModeWhisper, row{c: {a}, a: {c, sv}, sv: {c, a}}},
						{ModeBarge, row{c: {a, sv}, a: {c, sv}, sv: {c, a}}},
						{ModeMonitor, row{c: {a}, a: {c}, sv: {c, a}}},
					} {
						if err := s.Supervise(t.Context(), user, s.session, ca.mode); err != nil {
							t.Fatal(err)
						}
						s.hearing(string(ca.mode), ca.want)
						if e := s.watch.last(t, user, EventMonitor); e.Mode != ca.mode || e.Answered.IsZero() ||
							e.Direction != s.only().Direction || e.Caller.Number == "" {
							t.Errorf("told %+v", e)
						}
					}
					if len(s.caller.sentDigits()) > 0 || len(s.watch.of(s.to.user)) > 2 {
						t.Errorf("the agent was told %v", s.watch.of(s.to.user))
					}
					if e := s.watch.last(t, user, EventHearing); len(e.Hearing) != 3 || len(e.Hearing[2].Hears) != 2 {
						t.Errorf("hearing %+v", e.Hearing)
					}
					if err := s.Leave(t.Context(), user, s.session); err != nil {
						t.Fatal(err)
					}
					s.hearing("left", row{c: {a}, a: {c}, sv: nil})
					if state, _ := s.seats.State(user); state.Busy {
						t.Error("the supervisor's seat is taken after leaving")
					}
					if err := s.Leave(t.Context(), user, s.session); codeOf(err) != CodeNotFound {
						t.Errorf("leaving twice: %v", err)
					}
					pass(latency)
					if info := s.only(); info.Status != StatusInProgress || !info.Parties[2].Left {
						t.Errorf("session %+v", info)
					}
					s.over()
				})
			})
		}
	}
}

func TestSuperviseRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{})
		var log bytes.Buffer
		g.config.Log = slog.New(slog.NewTextHandler(&log, nil))
		s := talking(g, "trunk", "browser")
		ctx, id := t.Context(), s.session
		for _, ca := range []struct {
			what string
			err  error
			code Code
		}{
			{"an agent", g.Supervise(ctx, "ann", id, ModeMonitor), CodeForbidden},
			{"a stranger", g.Supervise(ctx, "zoe", id, ModeMonitor), CodeForbidden},
			{"no session", g.Supervise(ctx, "sue", "nosuch", ModeMonitor), CodeNotFound},
			{"whisper without monitor", g.Supervise(ctx, "sue", id, ModeWhisper), CodeWrongState},
			{"intercept without monitor", g.Intercept(ctx, "sue", id, ""), CodeWrongState},
			{"intercept by an agent", g.Intercept(ctx, "ben", id, ""), CodeForbidden},
			{"an agent leaves", g.Leave(ctx, "ben", id), CodeWrongState},
		} {
			if codeOf(ca.err) != ca.code {
				t.Errorf("%s: %v, want %s", ca.what, ca.err, ca.code)
			}
		}
		own, err := g.Call(ctx, Outbound{User: "sue", Number: "1001"})
		if err != nil {
			t.Fatal(err)
		}
		if err := g.Supervise(ctx, "sue", own.ID, ModeMonitor); codeOf(err) != CodeWrongState {
			t.Errorf("one's own call: %v", err)
		}
		if err := g.Supervise(ctx, "sue", id, ModeMonitor); codeOf(err) != CodeBusy {
			t.Errorf("with a call of one's own: %v", err)
		}
		if n := strings.Count(log.String(), "audit="); n != 8 {
			t.Errorf("%d audit lines, want 8:\n%s", n, log.String())
		}
		g.HangUpAll(leg.Cause{Reason: leg.Shutdown})
		g.settle()
	})
}

// TestSuperviseInEachStatus has who takes no calls supervise all the same, and be in that status again afterwards.
func TestSuperviseInEachStatus(t *testing.T) {
	for status, code := range map[seat.Status]Code{
		seat.StatusRest: "", seat.StatusNotReady: "", seat.StatusArrange: "", seat.StatusFree: "",
		seat.StatusOffline: CodeUnavailable,
	} {
		t.Run(string(status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := talking(newGateway(t, Limits{}), "trunk", "browser")
				s.must(s.seats.SetStatus("sue", status, ""))
				if code == "" {
					sue := supervised(s, "sue")
					s.hearing("supervised", map[*fakeLeg][]*fakeLeg{sue: {s.caller, s.callee}})
					s.must(s.Leave(t.Context(), "sue", s.session))
				} else if err := s.Supervise(t.Context(), "sue", s.session, ModeMonitor); codeOf(err) != code {
					t.Errorf("%v, want %s", err, code)
				}
				pass(latency)
				if now, _ := s.seats.Status("sue"); now != status {
					t.Errorf("she is %s", now)
				}
				s.over()
			})
		})
	}
}

// TestSupervisorGoes ends the supervisor's part in every way but the command; the call goes on.
func TestSupervisorGoes(t *testing.T) {
	for name, do := range map[string]func(s *scene, l *fakeLeg){
		"hangs up":    func(_ *scene, l *fakeLeg) { l.end(leg.Cause{Reason: leg.Normal, Remote: true}) },
		"loses sound": func(_ *scene, l *fakeLeg) { l.end(leg.Cause{Reason: leg.MediaDead}) },
		"hangs up by command": func(s *scene, _ *fakeLeg) {
			if err := s.HangUp(s.t.Context(), "sue", s.session); err != nil {
				s.t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := talking(newGateway(t, Limits{}), "trunk", "browser")
				l := supervised(s, "sue")
				do(s, l)
				pass(latency)
				s.hearing(name, map[*fakeLeg][]*fakeLeg{s.caller: {s.callee}, s.callee: {s.caller}})
				if s.only().Status != StatusInProgress || len(s.Sessions("sue")) > 0 {
					t.Errorf("session %+v", s.only())
				}
				supervised(s, "sue") // and may come back
				s.over()
			})
		})
	}
}

// TestSupervisorDoesNotAnswer checks that a desk phone that is not picked up is given up, and the call left alone.
func TestSupervisorDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{})
		s := talking(g, "trunk", "browser")
		g.dialer.forget = true
		if err := g.Supervise(t.Context(), "rex", s.session, ModeMonitor); err != nil {
			t.Fatal(err)
		}
		pass(30*time.Second + ringGrace + latency)
		if info := g.only(); info.Status != StatusInProgress || !info.Parties[2].Left {
			t.Errorf("session %+v", info)
		}
		if e := g.watch.last(t, "rex", EventSessionEnded); e.Cause.Reason != leg.NoAnswer {
			t.Errorf("told %+v", e)
		}
		s.over()
	})
}

// TestSeveralSupervisors lets two listen to one call that rings, is answered, held and handed over.
func TestSeveralSupervisors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := begin(newGateway(t, Limits{}), callers()[3], callees()[3])
		sue, rex := supervised(s, "sue"), supervised(s, "rex")
		a, c := s.caller, s.callee
		type row = map[*fakeLeg][]*fakeLeg
		s.hearing("it rings", row{sue: {a}, rex: {a}})
		c.answer(codec.PCMA)
		synctest.Wait()
		s.hearing("answered", row{sue: {c, a}, rex: {c, a}, a: {c}, c: {a}})
		if err := s.SetHeld(t.Context(), "ann", s.session, true); err != nil {
			t.Fatal(err)
		}
		s.hearing("held", row{sue: {c, a}, rex: {c, a}, a: nil, c: nil})
		if err := s.Consult(t.Context(), "ann", s.session, TransferTo{User: "ben"}); err != nil {
			t.Fatal(err)
		}
		ben := s.dialer.leg("ben")
		ben.answer(codec.Opus)
		synctest.Wait()
		s.hearing("consulting", row{sue: {c, a, ben}, rex: {c, a, ben}, a: {ben}, ben: {a}, c: nil})
		if err := s.CompleteTransfer(t.Context(), "ann", s.session); err != nil {
			t.Fatal(err)
		}
		s.hearing("handed over", row{sue: {c, ben}, rex: {c, ben}, ben: {c}, c: {ben}})
		if err := s.Supervise(t.Context(), "sue", s.session, ModeWhisper); err != nil {
			t.Fatal(err)
		}
		s.hearing("whispers to the new agent", row{sue: {c, ben}, rex: {c, ben}, ben: {c, sue}, c: {ben}})
		c.end(leg.Cause{Reason: leg.Normal, Remote: true})
		s.settle()
	})
}

// TestMonitorIsNotBetrayed checks that nobody is told of the sound of a supervisor who only monitors, and of one who
// whispers nobody else.
func TestMonitorIsNotBetrayed(t *testing.T) {
	for mode, want := range map[Mode]int{ModeMonitor: 0, ModeWhisper: 2} {
		synctest.Test(t, func(t *testing.T) {
			s := talking(newGateway(t, Limits{}), "trunk", "browser")
			sv := supervised(s, "sue")
			if mode != ModeMonitor {
				if err := s.Supervise(t.Context(), "sue", s.session, mode); err != nil {
					t.Fatal(err)
				}
			}
			sv.event(leg.MediaLost{Reason: "no packets"})
			sv.event(leg.MediaBack{})
			synctest.Wait()
			told := 0
			for _, e := range s.watch.events {
				if e.Type != EventMediaLost && e.Type != EventMediaBack {
					continue
				}
				told++
				if e.User != "sue" {
					t.Errorf("%s: %s was told %s", mode, e.User, e.Type)
				}
			}
			if told != want {
				t.Errorf("%s: %d events, want %d", mode, told, want)
			}
			s.over()
		})
	}
}

// TestManySupervisors checks that those who come and go leave room for the parties of transfers.
func TestManySupervisors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := talking(newGateway(t, Limits{}), "trunk", "browser")
		var err error
		for range maxParties {
			if err = s.Supervise(t.Context(), "sue", s.session, ModeMonitor); err == nil {
				err = s.Leave(t.Context(), "sue", s.session)
			}
		}
		if codeOf(err) != CodeBusy {
			t.Errorf("for ever: %v", err)
		}
		if err := s.Transfer(t.Context(), "ben", s.session, TransferTo{User: "ann"}); err != nil {
			t.Error(err)
		}
		s.over()
	})
}

// TestEndWhileItRings checks that who still rings when the session ends is told so once, however long its leg takes to
// go.
func TestEndWhileItRings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := talking(newGateway(t, Limits{Reap: time.Minute}), "trunk", "browser")
		s.dialer.stuck, s.dialer.forget = true, true
		if err := s.Supervise(t.Context(), "rex", s.session, ModeMonitor); err != nil {
			t.Fatal(err)
		}
		pass(10 * time.Second)
		s.caller.hangsUp()
		pass(50 * time.Second)
		if got, want := s.watch.of("rex"), []EventType{EventMonitor, EventHearing, EventSessionEnded}; !slices.Equal(got, want) {
			t.Errorf("told %v, want %v", got, want)
		}
		s.dialer.leg("1091").end(leg.Cause{Reason: leg.Cancelled})
		s.settle()
	})
}
