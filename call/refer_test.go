package call

import (
	"slices"
	"testing"
	"testing/synctest"

	"seatbridge/codec"
	"seatbridge/leg"
)

// referring is a phone that asks to hand its call over, and the codes that it is told.
func referring(s *scene, l *fakeLeg, refer leg.Referred) *[]int {
	codes := new([]int)
	refer.Result = func(code int) { *codes = append(*codes, code) }
	l.event(refer)
	synctest.Wait()
	return codes
}

func TestRefer(t *testing.T) {
	busy := leg.Cause{Reason: leg.Busy, Remote: true}
	for _, ca := range []struct {
		name  string
		early bool // the phone hangs up before there is an answer
		then  func(target *fakeLeg)
		codes []int
	}{
		{"answered", false, func(l *fakeLeg) { l.answer(codec.PCMA) }, []int{180, 200}},
		{"answered after an early bye", true, func(l *fakeLeg) { l.answer(codec.PCMA) }, []int{180, 200}},
		{"busy", false, func(l *fakeLeg) { l.end(busy) }, []int{180, 486}},
		{"busy after an early bye", true, func(l *fakeLeg) { l.end(busy) }, []int{180, 486}},
		{"nobody answers", false, func(*fakeLeg) { pass(maxRing) }, []int{180, 408}},
	} {
		t.Run(ca.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := talking(newGateway(t, Limits{}), "trunk", "seat's phone")
				codes := referring(s, s.callee, leg.Referred{To: "1001"})
				target := s.dialer.leg("ann")
				target.ring()
				synctest.Wait()
				if ca.early {
					s.callee.end(leg.Cause{Reason: leg.Normal, Remote: true})
					synctest.Wait()
				}
				ca.then(target)
				synctest.Wait()
				if !slices.Equal(*codes, ca.codes) {
					t.Errorf("the phone was told %v, want %v", *codes, ca.codes)
				}
				s.HangUpAll(leg.Cause{Reason: leg.Normal})
				s.settle()
			})
		})
	}
}

func TestReferRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := talking(newGateway(t, Limits{}), "trunk", "seat's phone")
		for _, ca := range []struct {
			what  string
			by    *fakeLeg
			refer leg.Referred
			code  int
		}{
			{"by a customer", s.caller, leg.Referred{To: "1001"}, 603},
			{"to nobody", s.callee, leg.Referred{To: "zoe"}, 404},
			{"to itself", s.callee, leg.Referred{To: "1020"}, 603},
			{"back to the customer", s.callee, leg.Referred{To: "+4940123"}, 603},
			{"to a number of ours", s.callee, leg.Referred{To: "+4930107"}, 403},
			{"what policy forbids", s.callee, leg.Referred{To: "+1555"}, 403},
		} {
			if codes := referring(s, ca.by, ca.refer); !slices.Equal(*codes, []int{ca.code}) {
				t.Errorf("%s: told %v, want %d", ca.what, *codes, ca.code)
			}
		}
		codes := referring(s, s.callee, leg.Referred{To: "1001"})
		s.callee.stuck = true
		s.caller.end(leg.Cause{Reason: leg.Normal, Remote: true})
		synctest.Wait()
		if !slices.Equal(*codes, []int{487}) {
			t.Errorf("the customer hung up: told %v", *codes)
		}
		if codes := referring(s, s.callee, leg.Referred{To: "1001"}); !slices.Equal(*codes, []int{603}) {
			t.Errorf("while the session is ending: told %v", *codes)
		}
		s.callee.end(leg.Cause{Reason: leg.Normal})
		s.settle()
	})
}
