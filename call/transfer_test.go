package call

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"seatbridge/bridge"
	"seatbridge/codec"
	"seatbridge/leg"
)

func bridgeID(l *fakeLeg) bridge.PartyID { return bridge.PartyID(l.id) }

// states are what a seat was told of its transfer.
func (s *scene) states(user string) []string {
	s.watch.mu.Lock()
	defer s.watch.mu.Unlock()
	var states []string
	for _, e := range s.watch.events {
		if e.User == user && e.Type == EventTransfer {
			states = append(states, e.State)
		}
	}
	return states
}

// targets are what a call can be handed over to, and the Destination's name.
func targets() map[string]struct {
	to   TransferTo
	dest string
	user string
} {
	return map[string]struct {
		to   TransferTo
		dest string
		user string
	}{
		"browser":      {TransferTo{User: "ann"}, "ann", "ann"},
		"seat's phone": {TransferTo{Number: "1010"}, "1010", "pat"},
		"bare phone":   {TransferTo{Number: "1030"}, "1030", ""},
		"outside":      {TransferTo{Number: "089555"}, "+4989555", ""},
	}
}

func TestBlindTransfer(t *testing.T) {
	for name, ca := range targets() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := talking(newGateway(t, Limits{}), "trunk", "browser")
				b := s.bridge(s.session)
				if err := s.Transfer(t.Context(), "ben", s.session, ca.to); err != nil {
					t.Fatal(err)
				}
				target := s.dialer.leg(ca.dest)
				if target.dial.From.Number != "+4940123" {
					t.Errorf("the target is shown %+v, want the customer", target.dial.From)
				}
				if b.sound(s.caller.id) != s.config.Sounds.Hold || b.sound(s.callee.id) != nil {
					t.Error("no music for the customer, or some for the agent")
				}
				target.ring()
				synctest.Wait()
				if b.sound(s.caller.id) != s.config.Sounds.Ringback {
					t.Error("no ringback for the customer")
				}
				if ca.user != "" {
					in := s.watch.last(t, ca.user, EventCallIn)
					if in.Caller.Number != "+4940123" || in.PeerUser != "ben" || in.Callee.Number == "" || in.Timeout == 0 {
						t.Errorf("callIn %+v", in)
					}
				}
				target.answer(codec.PCMA)
				synctest.Wait()
				s.hearing("answered", map[*fakeLeg][]*fakeLeg{s.caller: {target}, target: {s.caller}, s.callee: nil})
				if why := s.callee.why(t); why.Reason != leg.Transferred {
					t.Errorf("the agent was hung up with %+v", why)
				}
				if got := s.states("ben"); !slices.Equal(got, []string{"started", "ringing", "completed"}) {
					t.Errorf("told %v", got)
				}
				if e := s.watch.last(t, "ben", EventSessionEnded); e.Cause.Reason != leg.Transferred {
					t.Errorf("told %+v", e)
				}
				if state, _ := s.seats.State("ben"); state.Busy {
					t.Error("the agent is still taken")
				}
				pass(latency)
				target.end(leg.Cause{Reason: leg.Normal, Remote: true})
				s.settle()
			})
		})
	}
}

// TestTransferFails checks that the agent has the customer back, or, by configuration, that the call ends.
func TestTransferFails(t *testing.T) {
	for _, end := range []bool{false, true} {
		for _, reason := range []leg.Reason{leg.Busy, leg.NoAnswer, leg.Rejected, leg.Unavailable, leg.TrunkFailed} {
			t.Run(string(reason), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					g := newGateway(t, Limits{})
					g.config.EndOnFailedTransfer = end
					s := talking(g, "trunk", "browser")
					if err := s.Transfer(t.Context(), "ben", s.session, TransferTo{User: "ann"}); err != nil {
						t.Fatal(err)
					}
					s.dialer.leg("ann").end(leg.Cause{Reason: reason, Remote: true})
					synctest.Wait()
					if got := s.states("ben"); !slices.Equal(got, []string{"started", "failed"}) {
						t.Errorf("told %v", got)
					}
					if e := s.watch.last(t, "ben", EventTransfer); e.Reason != string(reason) || e.ToUser != "ann" || e.To != "1001" {
						t.Errorf("told %+v", e)
					}
					if over := s.callee.wasAsked("hangup"); over != end {
						t.Errorf("the call has ended: %v, want %v", over, end)
					}
					if state, _ := s.seats.State("ann"); state.Busy {
						t.Error("the target's seat is still taken")
					}
					if !end {
						s.hear(s.bridge(s.session), "back", true, true)
						s.over()
					}
					s.settle()
				})
			})
		}
	}
}

func TestTransferRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{})
		s := begin(g, callers()[0], callees()[0])
		ctx, id := t.Context(), s.session
		if err := g.Transfer(ctx, "ben", id, TransferTo{User: "ann"}); codeOf(err) != CodeWrongState {
			t.Errorf("before the answer: %v", err)
		}
		s.advance(answered)
		comesIn(g, "", "+4930101") // pat is busy
		for _, ca := range []struct {
			to   TransferTo
			code Code
		}{
			{TransferTo{}, CodeBadRequest},
			{TransferTo{User: "ann", Number: "1001"}, CodeBadRequest},
			{TransferTo{User: "zoe"}, CodeNotFound},
			{TransferTo{Number: "zoe"}, CodeNotFound},
			{TransferTo{User: "ben"}, CodeWrongState},
			{TransferTo{Number: "1002"}, CodeWrongState},
			{TransferTo{Number: "+4940123"}, CodeWrongState}, // the customer
			{TransferTo{User: "pat"}, CodeBusy},
			{TransferTo{User: "mini"}, CodeUnavailable},
			{TransferTo{Number: "+1555"}, CodeForbidden},
			{TransferTo{Number: "+49900123"}, CodeForbidden},
			{TransferTo{Number: "+4930100"}, CodeForbidden}, // a number of ours: it would come back
		} {
			for _, consult := range []bool{false, true} {
				if err := g.handOver(ctx, "ben", id, ca.to, consult); codeOf(err) != ca.code || err.Error() == "" {
					t.Errorf("%+v: %v, want %s", ca.to, err, ca.code)
				}
			}
		}
		s.hear(g.bridge(id), "as before", true, true)
		for what, do := range map[string]func(string) error{
			"complete": func(user string) error { return g.CompleteTransfer(ctx, user, id) },
			"swap":     func(user string) error { return g.Swap(ctx, user, id) },
			"cancel":   func(user string) error { return g.CancelTransfer(ctx, user, id) },
		} {
			if err := do("ben"); codeOf(err) != CodeWrongState {
				t.Errorf("%s without a transfer: %v", what, err)
			}
		}
		if err := g.Transfer(ctx, "ben", id, TransferTo{User: "ann"}); err != nil {
			t.Fatal(err)
		}
		if err := g.Transfer(ctx, "ben", id, TransferTo{Number: "1030"}); codeOf(err) != CodeWrongState {
			t.Errorf("twice at once: %v", err)
		}
		if err := g.SetHeld(ctx, "ben", id, true); codeOf(err) != CodeWrongState {
			t.Errorf("hold in between: %v", err)
		}
		if err := g.CancelTransfer(ctx, "ann", id); codeOf(err) != CodeWrongState {
			t.Errorf("cancelled by the target: %v", err)
		}
		if err := g.CancelTransfer(ctx, "ben", id); err != nil {
			t.Error(err)
		}
		s.hear(g.bridge(id), "cancelled", true, true)
		g.HangUpAll(leg.Cause{Reason: leg.Shutdown})
		g.settle()
	})
}

// TestEarlyBye checks that a transfer goes on without who asked for it, and that nobody is left on the line where it
// fails.
func TestEarlyBye(t *testing.T) {
	for _, answers := range []bool{true, false} {
		for name, leave := range map[string]func(s *scene){
			"bye":     func(s *scene) { s.callee.end(leg.Cause{Reason: leg.Normal, Remote: true}) },
			"command": func(s *scene) { _ = s.HangUp(s.t.Context(), "ben", s.session) },
		} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := talking(newGateway(t, Limits{}), "trunk", "browser")
					if err := s.Transfer(t.Context(), "ben", s.session, TransferTo{Number: "1030"}); err != nil {
						t.Fatal(err)
					}
					leave(s)
					pass(latency)
					if s.only().Status != StatusInProgress || s.bridge(s.session).sound(s.caller.id) == nil {
						t.Fatalf("session %+v", s.only())
					}
					target := s.dialer.leg("1030")
					if answers {
						target.answer(codec.PCMA)
						synctest.Wait()
						s.hearing("answered", map[*fakeLeg][]*fakeLeg{s.caller: {target}, target: {s.caller}})
						s.over()
						return
					}
					target.end(leg.Cause{Reason: leg.Busy, Remote: true})
					synctest.Wait()
					if why := s.caller.why(t); why.Reason != leg.Busy {
						t.Errorf("the customer was hung up with %+v", why)
					}
					s.settle()
				})
			})
		}
	}
}

// TestTransferStory checks that each transfer that has started is told one end of it, whoever hangs up when.
func TestTransferStory(t *testing.T) {
	for name, ca := range map[string]struct {
		consult  bool
		answered bool
		do       func(s *scene)
		want     string
	}{
		"customer hangs up, blind":   {false, false, func(s *scene) { s.caller.hangsUp() }, "failed"},
		"customer hangs up, consult": {true, true, func(s *scene) { s.caller.hangsUp() }, "failed"},
		"seat hangs up, blind":       {false, false, func(s *scene) { s.callee.hangsUp() }, "completed"},
		"seat hangs up, ringing":     {true, false, func(s *scene) { s.callee.hangsUp() }, "completed"},
		"seat hangs up, consult":     {true, true, func(s *scene) { s.callee.hangsUp() }, "completed"},
		"all are hung up":            {true, true, func(s *scene) { s.HangUpAll(leg.Cause{Reason: leg.Shutdown}) }, "failed"},
		"longest call":               {true, true, func(*scene) { pass(5 * time.Hour) }, "failed"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := talking(newGateway(t, Limits{}), "trunk", "browser")
				if err := s.handOver(t.Context(), "ben", s.session, TransferTo{User: "ann"}, ca.consult); err != nil {
					t.Fatal(err)
				}
				want := []string{"started", ca.want}
				if ca.answered {
					s.dialer.leg("ann").answer(codec.Opus)
					want = []string{"started", "answered", ca.want}
				}
				synctest.Wait()
				ca.do(s)
				synctest.Wait()
				if got := s.states("ben"); !slices.Equal(got, want) {
					t.Errorf("told %v, want %v", got, want)
				}
				if story := s.watch.of("ben"); story[len(story)-1] != EventSessionEnded {
					t.Errorf("told %v", story)
				}
				s.HangUpAll(leg.Cause{Reason: leg.Normal})
				s.settle()
			})
		})
	}
}

// TestTransferToMonitor checks that a supervisor of the call is busy for who wants to hand it over to them, and no more:
// the agent is not to learn that it is listened to.
func TestTransferToMonitor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := talking(newGateway(t, Limits{}), "trunk", "seat's phone")
		comesIn(s.gateway, "1010", "1030")
		busy := s.Transfer(t.Context(), "two", s.session, TransferTo{User: "pat"})
		supervised(s, "rex")
		for _, to := range []TransferTo{{User: "rex"}, {Number: "1091"}} {
			err := s.Transfer(t.Context(), "two", s.session, to)
			if codeOf(err) != CodeBusy || err.Error() != strings.ReplaceAll(busy.Error(), "pat", "rex") {
				t.Errorf("told %v, and of one who is in another call %v", err, busy)
			}
		}
		if codes := referring(s, s.callee, leg.Referred{To: "1091"}); !slices.Equal(*codes, []int{486}) {
			t.Errorf("the phone was told %v", *codes)
		}
		s.HangUpAll(leg.Cause{Reason: leg.Normal})
		s.settle()
	})
}
