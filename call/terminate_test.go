package call

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/seat"
)

// TestTerminate ends a session over the heads of all who take part, once.
func TestTerminate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{})
		s := talking(g, "trunk", "browser")
		if err := g.Terminate(t.Context(), s.session); err != nil {
			t.Fatal(err)
		}
		g.settle()
		info, _ := g.Session(s.session)
		if info.Status != StatusFinished || info.ClosedBy != closedByAdmin || info.Cause.Reason != leg.Normal {
			t.Errorf("ended as %+v", info)
		}
		for session, want := range map[string]Code{s.session: CodeWrongState, "none": CodeNotFound} {
			var refused *Error
			if err := g.Terminate(t.Context(), session); !errors.As(err, &refused) || refused.Code != want {
				t.Errorf("%q: %v, want %s", session, err, want)
			}
		}
	})
}

// TestWaitingShows wants a session to tell what its caller waits for.
func TestWaitingShows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, _ := waitingRoom(t)
		if err := g.seats.SetStatus("ann", seat.StatusNotReady, ""); err != nil {
			t.Fatal(err)
		}
		if err := g.seats.SetStatus("pat", seat.StatusNotReady, ""); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		g.comes("+4930201")
		if info := g.only(); !info.Waiting || info.Group != support || !info.Queued.Equal(began) || !info.Rang.IsZero() {
			t.Errorf("waiting: %+v", info)
		}
		pass(time.Second)
		if err := g.seats.SetStatus("ann", seat.StatusFree, ""); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		ann := g.dialer.leg("ann")
		pass(time.Second)
		ann.ring()
		synctest.Wait()
		rang := g.only().Rang
		if info := g.only(); info.Waiting || rang.Before(began.Add(2*time.Second)) {
			t.Errorf("ringing: %+v", info)
		}
		pass(time.Second)
		ann.answer(codec.PCMU)
		synctest.Wait()
		if info := g.only(); info.Waiting || info.Group != support || !info.Rang.Equal(rang) {
			t.Errorf("talking: %+v", info)
		}
		g.over()
	})
}
