package call

import (
	"testing"
	"testing/synctest"
	"time"

	"seatbridge/leg"
)

// taking starts an intercept and returns where its answer comes.
func taking(s *scene, user string) chan error {
	done := make(chan error, 1)
	go func() { done <- s.Intercept(s.t.Context(), user, s.session, "tab 1") }()
	synctest.Wait()
	return done
}

func TestIntercept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := talking(newGateway(t, Limits{}), "trunk", "browser")
		c, a, sue, rex := s.caller, s.callee, supervised(s, "sue"), supervised(s, "rex")
		type row = map[*fakeLeg][]*fakeLeg
		done := taking(s, "sue")
		s.hearing("at once", row{c: {sue}, sue: {c}, a: nil, rex: {c, a, sue}})
		if a.wasAsked("hangup") {
			t.Error("the agent was hung up before the supervisor was heard")
		}
		for what, err := range map[string]error{
			"a second one": s.Intercept(t.Context(), "rex", s.session, ""),
			"hold":         s.SetHeld(t.Context(), "ben", s.session, true),
			"transfer":     s.Transfer(t.Context(), "ben", s.session, TransferTo{User: "ann"}),
		} {
			if codeOf(err) != CodeWrongState {
				t.Errorf("%s meanwhile: %v", what, err)
			}
		}
		sue.sounds()
		pass(interceptLook)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if why := a.why(t); why.Reason != leg.Intercepted {
			t.Errorf("the agent was hung up with %+v", why)
		}
		if e := s.watch.last(t, "ben", EventSessionEnded); e.Cause.Reason != leg.Intercepted || e.Duration == 0 {
			t.Errorf("the agent was told %+v", e)
		}
		if e := s.watch.last(t, "sue", EventUserAccessed); e.Tab != "tab 1" {
			t.Errorf("taken over by %q", e.Tab)
		}
		pass(latency)
		s.hearing("for good", row{c: {sue}, sue: {c}, rex: {c, sue}})
		info := s.only()
		if p := info.Parties; p[1].User != "ben" || !p[1].Left || p[2].User != "sue" || p[2].Role != RoleAgent {
			t.Errorf("parties %+v", p)
		}
		if state, _ := s.seats.State("ben"); state.Busy || len(s.Sessions("ben")) > 0 {
			t.Error("the agent is still taken")
		}
		if err := s.HangUp(t.Context(), "sue", s.session); err != nil { // who is the agent now
			t.Fatal(err)
		}
		s.settle()
	})
}

// TestInterceptWithoutSound checks that the agent keeps the call where the supervisor's sound does not come.
func TestInterceptWithoutSound(t *testing.T) {
	for name, ca := range map[string]struct {
		do   func(s *scene, sue *fakeLeg)
		code Code
		over bool // the session is
	}{
		"silence":                   {func(*scene, *fakeLeg) { pass(interceptTime) }, CodeUnavailable, false},
		"supervisor hangs up":       {func(_ *scene, sue *fakeLeg) { sue.end(leg.Cause{Reason: leg.Normal, Remote: true}) }, CodeUnavailable, false},
		"agent hangs up":            {func(s *scene, _ *fakeLeg) { s.callee.end(leg.Cause{Reason: leg.Normal, Remote: true}) }, "", false},
		"customer hangs up":         {func(s *scene, _ *fakeLeg) { s.caller.end(leg.Cause{Reason: leg.Normal, Remote: true}) }, CodeWrongState, true},
		"agent hangs up by command": {func(s *scene, _ *fakeLeg) { _ = s.HangUp(s.t.Context(), "ben", s.session) }, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := talking(newGateway(t, Limits{}), "trunk", "browser")
				sue := supervised(s, "sue")
				if err := s.Supervise(t.Context(), "sue", s.session, ModeWhisper); err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				done := taking(s, "sue")
				ca.do(s, sue)
				err := <-done
				if codeOf(err) != ca.code || time.Since(began) > interceptTime {
					t.Errorf("error %v after %v, want %s", err, time.Since(began), ca.code)
				}
				switch {
				case ca.over:
					s.settle()
					return
				case name == "silence":
					s.hearing("back", map[*fakeLeg][]*fakeLeg{
						s.caller: {s.callee}, s.callee: {s.caller, sue}, sue: {s.caller, s.callee}})
					fallthrough
				case name == "supervisor hangs up":
					if s.callee.wasAsked("hangup") {
						t.Error("the agent lost the call")
					}
				default:
					s.hearing("taken over", map[*fakeLeg][]*fakeLeg{s.caller: {sue}, sue: {s.caller}})
				}
				s.over()
			})
		})
	}
}

// TestInterceptUnheard checks that who can't be heard takes no call over: the customer would be left with nobody.
func TestInterceptUnheard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := talking(newGateway(t, Limits{}), "trunk", "browser")
		sue := supervised(s, "sue")
		for name, unheard := range map[string]func(yes bool){
			"muted": func(yes bool) {
				if err := s.SetMuted(t.Context(), "sue", s.session, yes); err != nil {
					t.Error(err)
				}
			},
			"held": func(yes bool) { sue.event(leg.HeldChanged{Held: yes}); synctest.Wait() },
		} {
			unheard(true)
			if err := s.Intercept(t.Context(), "sue", s.session, ""); codeOf(err) != CodeWrongState {
				t.Errorf("%s: %v", name, err)
			}
			unheard(false)
		}
		s.hear(s.bridge(s.session), "as before", true, true)
		s.over()
	})
}
