package call

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"seatbridge/codec"
	"seatbridge/leg"
)

// failed checks that a session ended by a fault of ours, and that another one did not notice.
func (s *scene) failed(other *scene) {
	s.t.Helper()
	if info, ok := s.Session(s.session); !ok || info.Cause.Reason != leg.Failed || info.ClosedBy != "admin" {
		s.t.Errorf("session %+v, want failed", info)
	}
	if info := s.only(); info.ID != other.session || info.Status != StatusInProgress {
		s.t.Errorf("the other session is %+v", info)
	}
}

// TestPanic checks that a fault wherever a session touches the world ends that session alone, and leaves nothing.
func TestPanic(t *testing.T) {
	for _, ca := range []struct {
		name string
		do   func(s *scene)
	}{
		{"in a leg's method", func(s *scene) {
			s.callee.panicOn = "digits"
			if err := s.SendDigits(s.t.Context(), "ann", s.session, "1"); codeOf(err) != CodeUnavailable {
				s.t.Errorf("the command that met the fault: %v", err)
			}
		}},
		{"in a hang-up", func(s *scene) {
			s.callee.panicOn = "hangup"
			s.callee.event(leg.Referred{Result: func(int) { panic("told to") }})
			synctest.Wait()
			s.callee.end(leg.Cause{Reason: leg.Normal})
		}},
		{"in the bridge", func(s *scene) {
			s.bridge(s.session).panics = true
			s.callee.event(leg.HeldChanged{Held: true})
		}},
	} {
		t.Run(ca.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newGateway(t, Limits{})
				other := talking(g, "trunk", "seat's phone")
				info, err := g.Call(t.Context(), Outbound{User: "ann", Number: "+4989555"})
				if err != nil {
					t.Fatal(err)
				}
				pass(latency)
				s := &scene{gateway: g, session: info.ID, caller: g.dialer.leg("ann"), callee: g.dialer.leg("+4989555")}
				s.callee.answer(codec.PCMA)
				synctest.Wait()
				ca.do(s)
				pass(latency)
				s.failed(other)
				if got := testutil.ToFloat64(g.config.Metrics.panics); got < 1 {
					t.Errorf("%v panics were counted", got)
				}
				other.over()
			})
		})
	}
}

func TestPanicBeforeTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{})
		g.dialer.panics = true
		in, cause := g.call("", "+4930100")
		if cause != nil {
			t.Fatal(cause)
		}
		if why := in.why(t); why.Reason != leg.Failed {
			t.Errorf("the caller was hung up with %+v", why)
		}
		if _, err := g.Call(t.Context(), Outbound{User: "ann", CalleeUser: "ben"}); err != nil {
			t.Error(err)
		}
		g.settle()
		g.dialer.panics = false
		g.config.NewBridge = func(string) Bridge { panic("told to") }
		in, _ = g.call("", "+4930100")
		if why := in.why(t); why.Reason != leg.Failed {
			t.Errorf("without a bridge the caller was hung up with %+v", why)
		}
		g.settle()
	})
}

func TestWatcherPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{})
		g.watch.panics = true
		s := talking(g, "trunk", "browser") // goes well all the same
		s.over()
	})
}

func TestOverflow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{Mailbox: 8})
		other := talking(g, "trunk", "seat's phone")
		caller := comesIn(g, "", "+4930100")
		s := &scene{gateway: g, caller: caller, callee: g.dialer.leg("ann"), session: g.Sessions("ann")[0].ID}
		live, _ := g.find(s.session)
		release := make(chan struct{})
		live.mail.put(message{do: func() error { <-release; return nil }})
		synctest.Wait()
		for range 8 {
			s.callee.event(leg.Digit{Event: 1, Relayed: true})
		}
		if err := g.HangUp(t.Context(), "ann", s.session); codeOf(err) != CodeBusy {
			t.Errorf("a command for a full session: %v", err)
		}
		if got := testutil.ToFloat64(g.config.Metrics.overflows); got != 0 {
			t.Errorf("%v overflows, where only a command was turned away", got)
		}
		s.callee.event(leg.Digit{Event: 1, Relayed: true})
		s.callee.end(leg.Cause{Reason: leg.Normal, Remote: true}) // finds room
		close(release)
		pass(latency)
		s.failed(other)
		if got := testutil.ToFloat64(g.config.Metrics.overflows); got != 1 {
			t.Errorf("%v overflows, want 1", got)
		}
		other.over()
	})
}

// TestHangUpAllOfAFullSession checks that the gateway's stop finds room where nothing else does.
func TestHangUpAllOfAFullSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{Mailbox: 1})
		s := talking(g, "trunk", "browser")
		live, _ := g.find(s.session)
		release := make(chan struct{})
		live.mail.put(message{do: func() error { <-release; return nil }})
		synctest.Wait()
		live.mail.put(message{do: func() error { return nil }})
		g.HangUpAll(leg.Cause{Reason: leg.Shutdown})
		close(release)
		g.settle()
		if info, _ := g.Session(s.session); info.Cause.Reason != leg.Shutdown {
			t.Errorf("ended with %+v", info.Cause)
		}
	})
}

// TestLegNeverEnds checks that the seat is free at once, and the session given up after 35 s.
func TestLegNeverEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{})
		s := talking(g, "trunk", "browser")
		s.callee.stuck = true
		s.caller.end(leg.Cause{Reason: leg.Normal, Remote: true})
		synctest.Wait()
		if state, _ := g.seats.State("ben"); state.Busy {
			t.Error("the seat waits for the leg")
		}
		pass(35*time.Second - 1)
		if n := len(g.all()); n != 1 {
			t.Errorf("%d sessions wait for their legs, want 1", n)
		}
		pass(1)
		if n := len(g.all()); n != 0 {
			t.Errorf("%d sessions wait for their legs, want 0", n)
		}
		if got := testutil.ToFloat64(g.config.Metrics.reaped.WithLabelValues("browser")); got != 1 {
			t.Errorf("%v legs reaped, want 1", got)
		}
		s.callee.end(leg.Cause{Reason: leg.Normal}) // after all
		if got := testutil.ToFloat64(g.config.Metrics.late); got != 1 {
			t.Errorf("%v late events, want 1", got)
		}
		g.settle()
	})
}

// TestLegForgetsItsTimeout checks that a session keeps its own time.
func TestLegForgetsItsTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{})
		g.dialer.forget = true
		caller := comesIn(g, "", "+4930100")
		pass(30*time.Second + ringGrace)
		if why := caller.why(t); why.Reason != leg.NoAnswer {
			t.Errorf("hung up with %+v", why)
		}
		g.settle()
	})
}

// TestBothAtOnce ends both sides in the same moment, in every order and in the middle of an answer.
func TestBothAtOnce(t *testing.T) {
	normal, cancelled := leg.Cause{Reason: leg.Normal, Remote: true}, leg.Cause{Reason: leg.Cancelled, Remote: true}
	for name, do := range map[string]func(s *scene){
		"hang up":                func(s *scene) { go s.caller.end(normal); go s.callee.end(normal) },
		"hang up and command":    func(s *scene) { go s.caller.end(normal); go s.HangUp(s.t.Context(), "ben", s.session) },
		"cancel crosses answer":  func(s *scene) { go s.caller.end(cancelled); go s.callee.answer(codec.PCMA) },
		"cancel crosses busy":    func(s *scene) { go s.caller.end(cancelled); go s.callee.end(leg.Cause{Reason: leg.Busy}) },
		"pickup crosses decline": func(s *scene) { go s.callee.answer(codec.PCMA); go s.callee.end(normal) },
	} {
		t.Run(name, func(t *testing.T) {
			for range 50 {
				synctest.Test(t, func(t *testing.T) {
					g := newGateway(t, Limits{})
					s := begin(g, callers()[0], callees()[0])
					s.advance(ringing)
					do(s)
					g.settle()
					if got := g.watch.of("ben"); got[len(got)-1] != EventSessionEnded {
						t.Errorf("told %v", got)
					}
				})
			}
		})
	}
}

// TestSeatThatDoesNotJoin ends calls whose seat's own phone never got into them.
func TestSeatThatDoesNotJoin(t *testing.T) {
	for _, ca := range []struct {
		name   string
		do     func(g *gateway, phone *fakeLeg, id string)
		reason leg.Reason
		by     string
	}{
		{"rejects", func(_ *gateway, phone *fakeLeg, _ string) {
			phone.end(leg.Cause{Reason: leg.Rejected, Remote: true, SIP: 603})
		}, leg.Rejected, "seat"},
		{"is not there", func(_ *gateway, phone *fakeLeg, _ string) { phone.end(leg.Cause{Reason: leg.Unavailable}) },
			leg.Unavailable, "admin"},
		{"does not answer", func(*gateway, *fakeLeg, string) { pass(30 * time.Second) }, leg.NoAnswer, "timer"},
		{"changes its mind", func(g *gateway, _ *fakeLeg, id string) {
			if err := g.HangUp(g.t.Context(), "quinn", id); err != nil {
				g.t.Error(err)
			}
		}, leg.Cancelled, "seat"},
	} {
		t.Run(ca.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newGateway(t, Limits{})
				info, err := g.Call(t.Context(), Outbound{User: "quinn", CalleeUser: "ben"})
				if err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				phone := g.dialer.leg("1011")
				phone.ring()
				synctest.Wait()
				if s := g.only().Status; s != StatusSeatJoining {
					t.Errorf("status %s", s)
				}
				ca.do(g, phone, info.ID)
				synctest.Wait()
				info, _ = g.Session(info.ID)
				if info.Cause.Reason != ca.reason || info.ClosedBy != ca.by {
					t.Errorf("ended with %+v by %s", info.Cause, info.ClosedBy)
				}
				if g.dialer.leg("ben") != nil || len(g.watch.of("ben")) > 0 {
					t.Error("the callee was called, or told")
				}
				g.settle()
			})
		})
	}
}

func TestBusySeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{})
		comesIn(g, "", "+4930100")
		if _, cause := g.call("", "+4930100"); cause == nil || cause.Reason != leg.Busy {
			t.Errorf("a second call to a seat: %+v", cause)
		}
		if _, err := g.Call(t.Context(), Outbound{User: "ann", Number: "1002"}); codeOf(err) != CodeBusy {
			t.Errorf("a call by a busy seat: %v", err)
		}
		if _, err := g.Call(t.Context(), Outbound{User: "ben", Number: "1001"}); codeOf(err) != CodeBusy {
			t.Errorf("a call to a busy seat: %v", err)
		}
		if s, _ := g.seats.State("ben"); s.Busy {
			t.Error("the caller of a busy seat is busy for ever")
		}
		comesIn(g, "", "+4930107")
		comesIn(g, "", "+4930107") // has room for two
		if _, cause := g.call("", "+4930107"); cause == nil || cause.Reason != leg.Busy {
			t.Errorf("a third call: %+v", cause)
		}
		if got := testutil.ToFloat64(g.config.Metrics.refused.WithLabelValues("busy")); got != 4 {
			t.Errorf("%v refusals counted, want 4", got)
		}
		g.HangUpAll(leg.Cause{Reason: leg.Shutdown})
		g.settle()
	})
}

func TestTooManySessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{Sessions: 1})
		comesIn(g, "", "+4930100")
		if _, cause := g.call("", "+4930101"); cause == nil || cause.Reason != leg.Congestion || cause.SIP != 503 {
			t.Errorf("one too many: %+v", cause)
		}
		if _, err := g.Call(t.Context(), Outbound{User: "ben", Number: "1010"}); codeOf(err) != CodeUnavailable {
			t.Errorf("one too many: %v", err)
		}
		g.HangUpAll(leg.Cause{Reason: leg.Shutdown})
		g.settle()
		comesIn(g, "", "+4930101")
		g.HangUpAll(leg.Cause{Reason: leg.Shutdown})
		g.settle()
	})
}

func TestDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{})
		s := talking(g, "trunk", "browser")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := g.Drain(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("drained with a session: %v", err)
		}
		if _, cause := g.call("", "+4930100"); cause == nil || cause.Reason != leg.Congestion || cause.SIP != 503 {
			t.Errorf("a call while draining: %+v", cause)
		}
		if _, err := g.Call(t.Context(), Outbound{User: "ann", Number: "1010"}); codeOf(err) != CodeUnavailable {
			t.Errorf("a call while draining: %v", err)
		}
		drained := make(chan error)
		go func() { drained <- g.Drain(t.Context()) }()
		s.callee.end(leg.Cause{Reason: leg.Normal, Remote: true})
		if err := <-drained; err != nil {
			t.Errorf("drained: %v", err)
		}
		if err := g.Drain(t.Context()); err != nil {
			t.Errorf("drained again: %v", err)
		}
		g.settle()
	})
}

func TestRecentIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{Recent: 2, RecentFor: time.Minute})
		for range 3 {
			s := talking(g, "trunk", "browser")
			s.over()
		}
		recent := g.Recent()
		if len(recent) != 2 || recent[0].Ended.After(recent[1].Ended) {
			t.Errorf("recent %+v", recent)
		}
		id := recent[1].ID
		if info, ok := g.Session(id); !ok || info.Parties[0].Leg.Remote == "" {
			t.Errorf("session %+v, %v: want the legs' last figures", info, ok)
		}
		pass(time.Minute)
		if _, ok := g.Session(id); ok || len(g.Recent()) > 0 {
			t.Error("a session is remembered for too long")
		}
	})
}

func TestMetricsLint(t *testing.T) {
	g := newGateway(t, Limits{})
	problems, err := testutil.GatherAndLint(g.registry)
	if err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
}
