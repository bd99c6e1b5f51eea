package call

import (
	"testing"
	"testing/synctest"

	"seatbridge/codec"
	"seatbridge/leg"
)

// TestRedial has a phone call again in the moment that its last call ended, before its session has come to know of it.
func TestRedial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := talking(newGateway(t, Limits{}), "seat's phone", "bare phone")
		s.whileBusy(func() {
			s.caller.end(leg.Cause{Reason: leg.Normal, Remote: true})
			again := &fakeLeg{id: "again", kind: leg.KindPhone}
			o, cause := s.Incoming(leg.Incoming{Leg: again, Account: s.from.account, To: "1002"})
			if cause != nil {
				t.Errorf("a phone that has hung up is refused: %+v", cause)
				return
			}
			again.observer = o
			again.end(leg.Cause{Reason: leg.Normal, Remote: true})
		})
		s.settle()
	})
}

// TestComesBack checks that the late end of a leg does not free the seat of a user who has come back on another one.
func TestComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := talking(newGateway(t, Limits{}), "trunk", "browser")
		first := supervised(s, "rex")
		if err := s.Leave(t.Context(), "rex", s.session); err != nil {
			t.Fatal(err)
		}
		if err := s.Supervise(t.Context(), "rex", s.session, ModeMonitor); err != nil {
			t.Fatal(err)
		}
		pass(latency)
		if _, ended := first.is(); !ended {
			t.Fatal("the first leg has not ended")
		}
		s.dialer.leg("1091").answer(codec.PCMA)
		synctest.Wait()
		if state, _ := s.seats.State("rex"); !state.Busy {
			t.Error("the seat of who monitors is free")
		}
		s.over()
	})
}

// whileBusy does something while the session's goroutine is kept from its mailbox.
func (s *scene) whileBusy(do func()) {
	s.t.Helper()
	live, _ := s.find(s.session)
	free := make(chan struct{})
	live.mail.put(message{do: func() error { <-free; return nil }})
	synctest.Wait()
	do()
	close(free)
	synctest.Wait()
}
