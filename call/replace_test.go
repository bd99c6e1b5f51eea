package call

import (
	"testing"
	"testing/synctest"

	"seatbridge/codec"
	"seatbridge/leg"
)

// replacing has a second device of a phone take a leg's place.
func replacing(g *gateway, account string, old *fakeLeg) (*fakeLeg, *leg.Cause) {
	l := &fakeLeg{id: "new-" + old.id, kind: leg.KindPhone, remote: account}
	o, cause := g.Incoming(leg.Incoming{
		Leg: l, Account: account, Codecs: []codec.ID{codec.PCMA}, Replaces: old.id,
	})
	l.mu.Lock()
	l.observer = o
	l.mu.Unlock()
	g.incoming = append(g.incoming, l)
	if cause != nil {
		l.end(*cause)
	}
	pass(latency)
	return l, cause
}

// TestReplace takes a call over at each stage, as the called and as the calling side.
func TestReplace(t *testing.T) {
	for _, at := range []stage{dialling, ringing, early, answered} {
		synctest.Test(t, func(t *testing.T) {
			g := newGateway(t, Limits{})
			s := begin(g, callers()[0], callees()[1])
			s.advance(at)
			old := s.callee
			l, _ := replacing(g, "1020", old)
			if ok, ended := l.is(); !ok || ended {
				t.Fatalf("stage %v: the new leg was asked %v", at, l.asked)
			}
			reason := leg.Elsewhere
			if at == answered {
				reason = leg.Transferred
			}
			if c := old.why(t); c.Reason != reason {
				t.Errorf("stage %v: the old leg ended by %+v", at, c)
			}
			s.hearing("taken over", map[*fakeLeg][]*fakeLeg{s.caller: {l}, l: {s.caller}})
			if info := g.only(); info.Status != StatusInProgress || info.Parties[2].User != info.Parties[1].User {
				t.Errorf("stage %v: %+v", at, info)
			}
			again, _ := replacing(g, "1020", l) // and once more
			s.hearing("taken over again", map[*fakeLeg][]*fakeLeg{s.caller: {again}, again: {s.caller}})
			s.over()
		})
	}
}

// TestReplaceHeld has the new device take the other side off the old one's hold, but not off the command's.
func TestReplaceHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{})
		s := talking(g, "trunk", "seat's phone")
		s.callee.event(leg.HeldChanged{Held: true})
		synctest.Wait()
		l, _ := replacing(g, "1020", s.callee)
		s.hearing("taken over", map[*fakeLeg][]*fakeLeg{s.caller: {l}, l: {s.caller}})
		if err := g.SetHeld(t.Context(), "two", s.session, true); err != nil {
			t.Fatal(err)
		}
		again, _ := replacing(g, "1020", l)
		s.hearing("held", map[*fakeLeg][]*fakeLeg{s.caller: nil, again: nil})
		s.over()
	})
}

// TestReplaceWhileHandedOver has either side of a transfer taken over; it goes on.
func TestReplaceWhileHandedOver(t *testing.T) {
	for _, target := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			g := newGateway(t, Limits{})
			s := talking(g, "trunk", "seat's phone")
			codes := referring(s, s.callee, leg.Referred{To: "1010"})
			old, account := s.callee, "1020"
			if target {
				old, account = g.dialer.leg("1010"), "1010"
			}
			l, _ := replacing(g, account, old)
			if !target {
				l = g.dialer.leg("1010")
				l.answer(codec.PCMU)
				pass(latency)
			}
			s.hearing("transferred", map[*fakeLeg][]*fakeLeg{s.caller: {l}, l: {s.caller}})
			if len(*codes) == 0 || (*codes)[len(*codes)-1] != 200 {
				t.Errorf("the phone was told %v", *codes)
			}
			s.over()
		})
	}
}

func TestReplaceRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{})
		s := begin(g, callers()[1], callees()[1])
		if _, cause := replacing(g, "1010", &fakeLeg{id: "nobody"}); cause == nil || cause.Reason != leg.Rejected {
			t.Errorf("nobody: %+v", cause)
		}
		l, _ := replacing(g, "1010", s.caller) // it still waits for an answer: there is nothing to take over
		if l.why(t).Reason != leg.Rejected {
			t.Errorf("a calling leg: %+v", l.hangups)
		}
		s.advance(answered)
		s.callee.stuck = true
		s.caller.end(leg.Cause{Reason: leg.Normal, Remote: true})
		synctest.Wait()
		l, _ = replacing(g, "1010", s.callee) // the call has ended
		if l.why(t).Reason != leg.Rejected {
			t.Errorf("an ended call: %+v", l.hangups)
		}
		s.callee.end(leg.Cause{Reason: leg.Normal})
		s.settle()
	})
}

// TestReplaceRaces takes a leg over while it, the other side or the new leg ends.
func TestReplaceRaces(t *testing.T) {
	for who := range 3 {
		for range 20 {
			synctest.Test(t, func(t *testing.T) {
				g := newGateway(t, Limits{})
				s := talking(g, "trunk", "seat's phone")
				if who < 2 {
					go []*fakeLeg{s.caller, s.callee}[who].end(leg.Cause{Reason: leg.Normal, Remote: true})
				}
				l, _ := replacing(g, "1020", s.callee)
				if who == 2 {
					l.end(leg.Cause{Reason: leg.Normal, Remote: true})
				}
				pass(latency)
				g.HangUpAll(leg.Cause{Reason: leg.Normal})
				s.settle()
			})
		}
	}
}
