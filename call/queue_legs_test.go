package call

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/seat"
)

// TestTransferToGroupCancelled takes a call back while a seat of the group rings: the seat rings no more, and the call
// goes on.
func TestTransferToGroupCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, _ := waitingRoom(t)
		s := talking(g, "trunk", "browser")
		g.must(g.Transfer(t.Context(), "ben", s.session, TransferTo{Group: night}))
		synctest.Wait()
		rings := g.dialer.leg("1020")
		g.must(g.CancelTransfer(t.Context(), "ben", s.session))
		synctest.Wait()
		if c := rings.why(t); c.Reason != leg.Cancelled {
			t.Errorf("the ringing seat was hung up by %+v", c)
		}
		pass(time.Minute)
		s.hearing("taken back", map[*fakeLeg][]*fakeLeg{s.caller: {s.callee}, s.callee: {s.caller}})
		g.over()
	})
}

// TestTransferToOwnGroup has a seat hand its call to its own group and hang up: it is not the next to be offered it, and
// the time that the caller waits begins with the transfer.
func TestTransferToOwnGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, _ := waitingRoom(t)
		g.must(g.seats.SetStatus("quinn", seat.StatusNotReady, ""))
		g.comes("+4930202")
		ben := g.dialer.leg("ben")
		ben.answer(codec.Opus)
		pass(time.Minute)
		session, handed := g.only(), time.Now()
		if !session.Queued.Before(handed.Add(-30 * time.Second)) {
			t.Errorf("queued at %v", session.Queued)
		}
		g.must(g.Transfer(t.Context(), "ben", session.ID, TransferTo{Group: sales}))
		ben.end(leg.Cause{Reason: leg.Normal, Remote: true})
		pass(4 * time.Second)
		if now := g.only(); !now.Waiting || !now.Queued.Equal(handed) || g.dialer.leg("ben") != ben {
			t.Errorf("waiting %v since %v, handed over at %v", now.Waiting, now.Queued, handed)
		}
		g.must(g.seats.SetStatus("quinn", seat.StatusFree, ""))
		synctest.Wait()
		quinn := g.dialer.leg("1011")
		quinn.answer(codec.Opus)
		pass(time.Minute)
		if g.dialer.leg("ben") != ben {
			t.Error("ben was offered it again")
		}
		g.over()
	})
}

// TestLegIDsDiffer has a seat join those that ring all at once after another has missed the call.
func TestLegIDsDiffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, _ := waitingRoom(t)
		g.comes("+4930202")
		ben, quinn := g.dialer.leg("ben"), g.dialer.leg("1011")
		ben.end(leg.Cause{Reason: leg.Rejected, Remote: true})
		synctest.Wait()
		all, _ := g.seats.Group(sales)
		all.Members = append(slices.Clone(all.Members), seat.Member{User: "pat"})
		g.must(g.seats.SetStatus("pat", seat.StatusNotReady, ""))
		_, err := g.seats.ChangeGroup(t.Context(), all)
		g.must(err)
		g.must(g.seats.SetStatus("pat", seat.StatusFree, ""))
		synctest.Wait()
		if pat := g.dialer.leg("1010"); pat == nil || pat.id == quinn.id || pat.id == ben.id {
			t.Errorf("pat's leg is %+v, want one with an id of its own", pat)
		}
		g.over()
	})
}

// heldQueues are queues whose answers to a session the test gives, and that look at each Taken.
type heldQueues struct {
	Queues
	waiters []seat.Waiter
	taken   func()
	late    bool // Taken fails
}

func (q *heldQueues) Enter(w seat.Waiter) error {
	if q.taken != nil {
		return q.Queues.Enter(w)
	}
	q.waiters = append(q.waiters, w)
	return nil
}

func (q *heldQueues) Taken(session, user string) error {
	if q.taken != nil {
		q.taken()
	}
	if q.late {
		return seat.ErrNotOffered
	}
	return q.Queues.Taken(session, user)
}

// TestLateAnswersOfQueues has the answers of a queue come that the session has left, while it waits again.
func TestLateAnswersOfQueues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, _ := waitingRoom(t)
		s := talking(g, "trunk", "browser")
		held := &heldQueues{Queues: g.config.Queues}
		g.config.Queues = held
		for range 2 {
			g.must(g.Transfer(t.Context(), "ben", s.session, TransferTo{Group: night}))
			if len(held.waiters) == 1 {
				g.must(g.CancelTransfer(t.Context(), "ben", s.session))
			}
		}
		held.waiters[0].Offer([]string{"two"})
		held.waiters[0].GiveUp(seat.WhyTooLong, seat.Overflow{})
		synctest.Wait()
		if l := g.dialer.leg("1020"); l != nil {
			t.Error("a seat rings that is not claimed")
		}
		if got := s.states("ben"); !slices.Equal(got, []string{"started", "cancelled", "started"}) {
			t.Errorf("ben was told %v", got)
		}
		g.over()
	})
}

// TestOthersRingNoMoreWhenTaken looks that a seat is only free for the next caller when its device was told to stop.
func TestOthersRingNoMoreWhenTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, _ := waitingRoom(t)
		held, looked := &heldQueues{Queues: g.config.Queues}, false
		g.config.Queues = held
		held.taken = func() {
			looked = true
			if !g.dialer.leg("ben").wasAsked("hangup") {
				t.Error("ben's seat is given up while ben's device rings")
			}
		}
		g.comes("+4930202")
		g.dialer.leg("1011").answer(codec.PCMU)
		synctest.Wait()
		if !looked {
			t.Error("nobody took the call")
		}
		g.over()
	})
}

// TestAnsweredTooLate has a queue not let a seat take a call that it rang for: the caller waits on, and seats ring again.
func TestAnsweredTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, _ := waitingRoom(t)
		held := &heldQueues{Queues: g.config.Queues, taken: func() {}, late: true}
		g.config.Queues = held
		g.comes("+4930202")
		first := g.dialer.leg("ben")
		g.dialer.leg("1011").answer(codec.PCMU)
		pass(10 * time.Second) // longer than the same seats are left in peace
		if again := g.dialer.leg("ben"); again == first {
			t.Error("ben does not ring again")
		}
		held.late = false
		g.dialer.leg("1011").answer(codec.PCMU)
		synctest.Wait()
		if info := g.only(); info.Status != StatusInProgress {
			t.Errorf("the session is %s", info.Status)
		}
		g.over()
	})
}

// TestReplaceOfferedLeg has another device of an account take a call that a queue rings it for.
func TestReplaceOfferedLeg(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, _ := waitingRoom(t)
		customer := g.comes("+4930202")
		id := g.only().ID
		l, _ := replacing(g, "1011", g.dialer.leg("1011"))
		if hears := g.bridge(id).hears(customer.id); !slices.Equal(hears, []string{l.id}) {
			t.Errorf("the customer hears %v, want the other device", hears)
		}
		if c := g.dialer.leg("ben").why(t); c.Reason != leg.Elsewhere {
			t.Errorf("ben was hung up by %+v", c)
		}
		pass(time.Minute)
		if info := g.only(); info.Status != StatusInProgress {
			t.Errorf("the session is %s", info.Status)
		}
		g.over()
	})
}
