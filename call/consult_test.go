package call

import (
	"slices"
	"testing"
	"testing/synctest"

	"seatbridge/codec"
	"seatbridge/leg"
)

// consulted is an agent, ben, who talks to ann about his customer.
func consulted(t *testing.T) (*scene, *fakeLeg) {
	s := talking(newGateway(t, Limits{}), "trunk", "browser")
	if err := s.SetHeld(t.Context(), "ben", s.session, true); err != nil {
		t.Fatal(err)
	}
	if err := s.Consult(t.Context(), "ben", s.session, TransferTo{User: "ann"}); err != nil {
		t.Fatal(err)
	}
	ann := s.dialer.leg("ann")
	ann.ring()
	synctest.Wait()
	b := s.bridge(s.session)
	if b.sound(s.caller.id) != s.config.Sounds.Hold || b.sound(s.callee.id) != s.config.Sounds.Ringback {
		t.Errorf("table %v, want music and ringback", b.table)
	}
	if err := s.Swap(t.Context(), "ben", s.session); codeOf(err) != CodeWrongState {
		t.Errorf("swap with nobody: %v", err)
	}
	ann.answer(codec.Opus)
	synctest.Wait()
	s.hearing("consulting", map[*fakeLeg][]*fakeLeg{s.caller: nil, s.callee: {ann}, ann: {s.callee}})
	return s, ann
}

func TestConsult(t *testing.T) {
	normal := leg.Cause{Reason: leg.Normal, Remote: true}
	for _, ca := range []struct {
		name   string
		do     func(s *scene, ann *fakeLeg) error
		gone   string // who is
		states []string
	}{
		{"complete", func(s *scene, _ *fakeLeg) error { return s.CompleteTransfer(s.t.Context(), "ben", s.session) }, "ben",
			[]string{"started", "ringing", "answered", "completed"}},
		{"cancel", func(s *scene, _ *fakeLeg) error { return s.CancelTransfer(s.t.Context(), "ben", s.session) }, "ann",
			[]string{"started", "ringing", "answered", "cancelled"}},
		{"the agent hangs up", func(s *scene, _ *fakeLeg) error { s.callee.end(normal); return nil }, "ben",
			[]string{"started", "ringing", "answered", "completed"}},
		{"the agent hangs up by command", func(s *scene, _ *fakeLeg) error { return s.HangUp(s.t.Context(), "ben", s.session) },
			"ben", []string{"started", "ringing", "answered", "completed"}},
		{"the consulted hangs up", func(_ *scene, ann *fakeLeg) error { ann.end(normal); return nil }, "ann",
			[]string{"started", "ringing", "answered", "failed"}},
		{"the consulted hangs up by command", func(s *scene, _ *fakeLeg) error { return s.HangUp(s.t.Context(), "ann", s.session) },
			"ann", []string{"started", "ringing", "answered", "failed"}},
		{"the customer hangs up", func(s *scene, _ *fakeLeg) error { s.caller.end(normal); return nil }, "all",
			[]string{"started", "ringing", "answered", "failed"}},
	} {
		for _, swapped := range []bool{false, true} {
			t.Run(ca.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s, ann := consulted(t)
					if swapped {
						if err := s.Swap(t.Context(), "ben", s.session); err != nil {
							t.Fatal(err)
						}
						s.hearing("swapped", map[*fakeLeg][]*fakeLeg{s.caller: {s.callee}, s.callee: {s.caller}, ann: nil})
						if s.bridge(s.session).sound(ann.id) != s.config.Sounds.Hold {
							t.Error("no music for the consulted")
						}
					}
					info, _ := s.Session(s.session)
					want := TransferInfo{By: "ben", To: "1001", ToUser: "ann", State: "answered", Consult: true, Swapped: swapped}
					if info.Transfer == nil || *info.Transfer != want {
						t.Errorf("the session shows %+v, want %+v", info.Transfer, want)
					}
					if err := ca.do(s, ann); err != nil {
						t.Fatal(err)
					}
					synctest.Wait()
					if info, _ := s.Session(s.session); info.Transfer != nil && ca.gone != "all" {
						t.Errorf("afterwards the session shows %+v", info.Transfer)
					}
					synctest.Wait()
					if got := s.states("ben"); !slices.Equal(got, ca.states) {
						t.Errorf("told %v, want %v", got, ca.states)
					}
					switch ca.gone {
					case "ben":
						s.hearing("handed over", map[*fakeLeg][]*fakeLeg{s.caller: {ann}, ann: {s.caller}})
						if p := s.only().Parties[2]; p.Role != RoleAgent {
							t.Errorf("party %+v", p)
						}
					case "ann":
						s.hearing("back", map[*fakeLeg][]*fakeLeg{s.caller: {s.callee}, s.callee: {s.caller}})
					}
					if ca.gone != "all" {
						s.over()
					}
					s.settle()
				})
			})
		}
	}
}

// TestCompleteBeforeTheAnswer makes a blind transfer of a consultation.
func TestCompleteBeforeTheAnswer(t *testing.T) {
	for name, do := range map[string]func(s *scene){
		"complete": func(s *scene) { _ = s.CompleteTransfer(s.t.Context(), "ben", s.session) },
		"bye":      func(s *scene) { s.callee.end(leg.Cause{Reason: leg.Normal, Remote: true}) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := talking(newGateway(t, Limits{}), "trunk", "browser")
				if err := s.Consult(t.Context(), "ben", s.session, TransferTo{Number: "1030"}); err != nil {
					t.Fatal(err)
				}
				target := s.dialer.leg("1030")
				target.ring()
				synctest.Wait()
				do(s)
				synctest.Wait()
				if s.bridge(s.session).sound(s.caller.id) != s.config.Sounds.Ringback {
					t.Error("no ringback for the customer")
				}
				target.answer(codec.PCMA)
				pass(latency)
				s.hearing("answered", map[*fakeLeg][]*fakeLeg{s.caller: {target}, target: {s.caller}})
				if !s.only().Parties[1].Left {
					t.Error("the agent is still there")
				}
				s.over()
			})
		})
	}
}
