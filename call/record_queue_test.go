package call

import (
	"testing"
	"time"

	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/seat"
)

// TestRecordsOfQueues is TestRecords for callers of groups and menus, and for calls that are handed over.
func TestRecordsOfQueues(t *testing.T) {
	for _, ca := range []struct {
		name string
		do   func(g *gateway)
		want []string
	}{
		{"the second seat takes it", func(g *gateway) {
			c := comesIn(g, "", "+4930201")
			rings(g, "ann")
			pass(9 * time.Second)
			answers(g, "ben")
			c.hangsUp()
		}, []string{`inbound +4940123>+4930201 ben ok by client: queued 0 rang 0 accepted 11 ended 12 group 1 menu 0 []
ann 1001 staffSeat: 0-10 rang 0 accepted - notAnswer group 1
ben 1002 staffSeat: 10-12 rang 10 accepted 11 ok group 1`}},
		{"the caller gives up while a seat rings", func(g *gateway) {
			c := comesIn(g, "", "+4930201")
			rings(g, "ann")
			c.hangsUp()
		}, []string{`inbound +4940123>+4930201 - ringingGiveUp by client: queued 0 rang 0 accepted - ended 1 group 1 menu 0 []
ann 1001 staffSeat: 0-1 rang 0 accepted - ringingGiveUp group 1`}},
		{"the caller gives up in the queue", func(g *gateway) {
			busyWith(g, "ann", "ben")
			c := comesIn(g, "", "+4930201")
			second()
			c.hangsUp()
		}, []string{`inbound +4940123>+4930201 - waitingGiveUp by client: queued 0 rang - accepted - ended 1 group 1 menu 0 []`}},
		{"the queue is full", func(g *gateway) {
			busyWith(g, "ann", "ben")
			c := comesIn(g, "", "+4930201")
			comesIn(g, "", "+4930201")
			second()
			c.hangsUp()
		}, []string{
			`inbound +4940123>+4930201 - tooManyRequest by admin: queued 0 rang - accepted - ended 0 group 1 menu 0 []`,
			`inbound +4940123>+4930201 - waitingGiveUp by client: queued 0 rang - accepted - ended 1 group 1 menu 0 []`}},
		{"it waited for too long", func(g *gateway) {
			busyWith(g, "ann", "ben")
			comesIn(g, "", "+4930201")
			pass(30 * time.Second)
		}, []string{`inbound +4940123>+4930201 - notAnswer by timer: queued 0 rang - accepted - ended 30 group 1 menu 0 []`}},
		{"no seat is online", func(g *gateway) {
			g.must(g.seats.SetStatus("ann", seat.StatusOffline, ""))
			g.must(g.seats.SetStatus("ben", seat.StatusOffline, ""))
			comesIn(g, "", "+4930201")
		}, []string{`inbound +4940123>+4930201 - noSeatOnline by admin: queued 0 rang - accepted - ended 0 group 1 menu 0 []`}},
		{"the last seat goes offline while it waits", func(g *gateway) {
			busyWith(g, "ann", "ben")
			comesIn(g, "", "+4930201")
			second()
			g.must(g.seats.SetStatus("ann", seat.StatusOffline, ""))
			g.must(g.seats.SetStatus("ben", seat.StatusOffline, ""))
		}, []string{`inbound +4940123>+4930201 - noSeatOnline by admin: queued 0 rang - accepted - ended 1 group 1 menu 0 []`}},
		{"its group is deleted while it waits", func(g *gateway) {
			busyWith(g, "ann", "ben")
			comesIn(g, "", "+4930201")
			second()
			g.must(g.seats.DeleteGroup(g.t.Context(), 1))
			second()
			if _, cause := g.call("", "+4930201"); cause == nil || cause.Reason != leg.NotFound {
				g.t.Errorf("a call to a group that is gone: %+v", cause)
			}
		}, []string{`inbound +4940123>+4930201 - noSeatOnline by admin: queued 0 rang - accepted - ended 1 group 1 menu 0 []`,
			`inbound +4940123>+4930201 - numberNotExist by admin: queued - rang - accepted - ended 0`}},
		{"the agent is deleted in mid-call", func(g *gateway) {
			c := comesIn(g, "", "+4930201")
			answers(g, "ann")
			g.must(g.seats.Delete(g.t.Context(), "ann"))
			second()
			if ann, ok := g.seats.State("ann"); !ok || !ann.Deleted || g.only().Status != StatusInProgress {
				g.t.Errorf("ann: %+v, %v; %+v", ann, ok, g.only())
			}
			c.hangsUp()
			pass(latency)
			if _, ok := g.seats.State("ann"); ok {
				g.t.Error("ann is there after the call")
			}
		}, []string{`inbound +4940123>+4930201 ann ok by client: queued 0 rang 0 accepted 1 ended 3 group 1 menu 0 []
ann 1001 staffSeat: 0-3 rang 0 accepted 1 ok group 1`}},
		{"the group is closed", func(g *gateway) { comesIn(g, "", "+4930203") },
			[]string{`inbound +4940123>+4930203 - notWorkTime by admin: queued 0 rang - accepted - ended 0 group 3 menu 0 []`}},
		{"overflow to a number", func(g *gateway) {
			g.must(g.seats.SetStatus("pat", seat.StatusOffline, ""))
			c := comesIn(g, "", "+4930202")
			answers(g, "+4989555")
			c.hangsUp()
		}, []string{`inbound +4940123>+4930202 - ok by client: queued 0 rang 0 accepted 1 ended 2 group 2 menu 0 []
- +4989555 -: 0-2 rang 0 accepted 1 ok`}},
		{"overflow to a number, given up", func(g *gateway) {
			g.must(g.seats.SetStatus("pat", seat.StatusOffline, ""))
			c := comesIn(g, "", "+4930202")
			rings(g, "+4989555")
			c.hangsUp()
		}, []string{`inbound +4940123>+4930202 - ringingGiveUp by client: queued 0 rang 0 accepted - ended 1 group 2 menu 0 []
- +4989555 -: 0-1 rang 0 accepted - ringingGiveUp`}},
		{"all ring", func(g *gateway) {
			c := comesIn(g, "", "+4930204")
			rings(g, "ann")
			answers(g, "ben")
			c.hangsUp()
		}, []string{`inbound +4940123>+4930204 ben ok by client: queued 0 rang 0 accepted 2 ended 3 group 4 menu 0 []
ann 1001 staffSeat: 0-2 rang 0 accepted - notAnswer group 4
ben 1002 staffSeat: 0-3 rang 1 accepted 2 ok group 4`}},
		{"by a menu", func(g *gateway) {
			c := comesIn(g, "", "+4930210")
			pass(2 * time.Second)
			press(c, '1')
			answers(g, "ann")
			c.hangsUp()
		}, []string{`inbound +4940123>+4930210 ann ok by client: queued 2 rang 2 accepted 3 ended 4 group 1 menu 2 [{1 Sales}]
ann 1001 staffSeat: 2-4 rang 2 accepted 3 ok group 1`}},
		{"given up in a menu", func(g *gateway) {
			c := comesIn(g, "", "+4930210")
			second()
			c.hangsUp()
		}, []string{`inbound +4940123>+4930210 - ivrGiveUp by client: queued - rang - accepted - ended 1 group 0 menu 1 []`}},
		{"nothing pressed in a menu", func(g *gateway) {
			comesIn(g, "", "+4930210")
			pass(menuTimeout)
		}, []string{`inbound +4940123>+4930210 - ivrEnd by timer: queued - rang - accepted - ended 5 group 0 menu 5 []`}},
	} {
		t.Run(ca.name, func(t *testing.T) { wantRecords(t, ca.do, ca.want) })
	}
}

// busyWith has seats not take callers of groups.
func busyWith(g *gateway, users ...string) {
	g.t.Helper()
	for _, user := range users {
		g.must(g.seats.SetStatus(user, seat.StatusNotReady, ""))
	}
}

// TestRecordsOfTransfers is TestRecords for calls that are handed over.
func TestRecordsOfTransfers(t *testing.T) {
	// Ben has talked to a customer for a second when each begins.
	for _, ca := range []struct {
		name string
		do   func(g *gateway, c *fakeLeg, id string)
		want []string
	}{
		{"to a user", func(g *gateway, c *fakeLeg, id string) {
			g.must(g.Transfer(g.t.Context(), "ben", id, TransferTo{User: "ann"}))
			answers(g, "ann")
			c.hangsUp()
		}, []string{`inbound +4940123>+4930106 ann ok by client: queued - rang 0 accepted 1 ended 4
ben 1002 staffSeat: 0-3 rang 0 accepted 1 ok to user ann
ann 1001 staffSeat: 2-4 rang 2 accepted 3 ok from user ben`}},
		{"to a number", func(g *gateway, c *fakeLeg, id string) {
			g.must(g.Transfer(g.t.Context(), "ben", id, TransferTo{Number: "089555"}))
			answers(g, "+4989555")
			c.hangsUp()
		}, []string{`inbound +4940123>+4930106 ben ok by client: queued - rang 0 accepted 1 ended 4
ben 1002 staffSeat: 0-3 rang 0 accepted 1 ok to number +4989555
- +4989555 -: 2-4 rang 2 accepted 3 ok from user ben`}},
		{"to a group", func(g *gateway, c *fakeLeg, id string) {
			g.must(g.Transfer(g.t.Context(), "ben", id, TransferTo{Group: 2}))
			answers(g, "1010")
			c.hangsUp()
		}, []string{`inbound +4940123>+4930106 pat ok by client: queued 2 rang 0 accepted 1 ended 4 group 2 menu 0 []
ben 1002 staffSeat: 0-3 rang 0 accepted 1 ok to skillGroup 2
pat 1010 staffExtensionSeat: 2-4 rang 2 accepted 3 ok group 2 from user ben`}},
		{"in vain", func(g *gateway, c *fakeLeg, id string) {
			g.must(g.Transfer(g.t.Context(), "ben", id, TransferTo{User: "ann"}))
			rings(g, "ann").end(remote(leg.Busy))
			second()
			c.hangsUp()
		}, []string{`inbound +4940123>+4930106 ben ok by client: queued - rang 0 accepted 1 ended 4
ben 1002 staffSeat: 0-4 rang 0 accepted 1 ok
ann 1001 staffSeat: 2-3 rang 2 accepted - busy from user ben`}},
		{"the customer hangs up meanwhile", func(g *gateway, c *fakeLeg, id string) {
			g.must(g.Transfer(g.t.Context(), "ben", id, TransferTo{User: "ann"}))
			rings(g, "ann")
			c.hangsUp()
		}, []string{`inbound +4940123>+4930106 ben ok by client: queued - rang 0 accepted 1 ended 3
ben 1002 staffSeat: 0-3 rang 0 accepted 1 ok
ann 1001 staffSeat: 2-3 rang 2 accepted - ringingGiveUp from user ben`}},
		{"consulted, completed", func(g *gateway, c *fakeLeg, id string) {
			g.must(g.Consult(g.t.Context(), "ben", id, TransferTo{User: "ann"}))
			answers(g, "ann")
			g.must(g.CompleteTransfer(g.t.Context(), "ben", id))
			second()
			c.hangsUp()
		}, []string{`inbound +4940123>+4930106 ann ok by client: queued - rang 0 accepted 1 ended 5
ben 1002 staffSeat: 0-4 rang 0 accepted 1 ok to user ann
ann 1001 staffSeat: 2-5 rang 2 accepted 3 ok from user ben`}},
		{"consulted, cancelled", func(g *gateway, c *fakeLeg, id string) {
			g.must(g.Consult(g.t.Context(), "ben", id, TransferTo{User: "ann"}))
			answers(g, "ann")
			g.must(g.CancelTransfer(g.t.Context(), "ben", id))
			second()
			c.hangsUp()
		}, []string{`inbound +4940123>+4930106 ben ok by client: queued - rang 0 accepted 1 ended 5
ben 1002 staffSeat: 0-5 rang 0 accepted 1 ok
ann 1001 staffSeat: 2-4 rang 2 accepted 3 ok from user ben asked`}},
		{"intercepted", func(g *gateway, c *fakeLeg, id string) {
			s := &scene{gateway: g, session: id, caller: c}
			sue := supervised(s, "sue")
			second()
			done := taking(s, "sue")
			sue.sounds()
			pass(interceptLook)
			g.must(<-done)
			second()
			c.hangsUp()
		}, []string{`inbound +4940123>+4930106 sue ok by client: queued - rang 0 accepted 1 ended 4
ben 1002 staffSeat: 0-3 rang 0 accepted 1 ok to user sue
sue 1090 staffSeat: 3-4 rang - accepted 3 ok from user ben`}},
	} {
		t.Run(ca.name, func(t *testing.T) {
			wantRecords(t, func(g *gateway) {
				c := comesIn(g, "", "+4930106")
				answers(g, "ben")
				ca.do(g, c, g.only().ID)
			}, ca.want)
		})
	}
}

// TestRecordsOfAttendedTransfers has a phone join its calls with the customer and with ann: the first goes on with ann.
func TestRecordsOfAttendedTransfers(t *testing.T) {
	for _, ca := range []struct {
		name   string
		answer bool // of ann, before
		want   []string
	}{
		{"attended", true, []string{
			`internal 1020>1001 two ok by seat: queued - rang 0 accepted 1 ended 2
two 1020 staffExtensionSeat: 0-2 rang 0 accepted 1 ok to number +4940123
ann 1001 staffSeat: 0-2 rang 0 accepted 1 ok`,
			`inbound +4940123>+4930107 ann ok by client: queued - rang 0 accepted 1 ended 5
two 1020 staffExtensionSeat: 0-4 rang 0 accepted 1 ok to user ann
ann 1001 staffSeat: 4-5 rang - accepted 4 ok from user two`}},
		{"semi-attended", false, []string{
			`internal 1020>1001 two callerCancelWhileRing by seat: queued - rang 0 accepted - ended 1
two 1020 staffExtensionSeat: 0-1 rang 0 accepted - callerCancelWhileRing to number +4940123
ann 1001 staffSeat: 0-1 rang 0 accepted - callerCancelWhileRing`,
			`inbound +4940123>+4930107 ann ok by client: queued - rang 0 accepted 1 ended 4
two 1020 staffExtensionSeat: 0-3 rang 0 accepted 1 ok to user ann
ann 1001 staffSeat: 3-4 rang 3 accepted 3 ok from user two`}},
	} {
		t.Run(ca.name, func(t *testing.T) {
			wantRecords(t, func(g *gateway) {
				c := comesIn(g, "", "+4930107")
				two := answers(g, "1020")
				two.event(leg.HeldChanged{Held: true})
				own := comesIn(g, "1020", "1001")
				ann := rings(g, "ann")
				if ca.answer {
					ann.answer(codec.Opus)
					second()
				}
				s := &scene{gateway: g}
				referring(s, two, leg.Referred{To: "1001", Replaces: "call-" + own.id + ";to-tag=1;from-tag=2"})
				if !ca.answer {
					ann.answer(codec.Opus)
				}
				second()
				c.hangsUp()
			}, ca.want)
		})
	}
}

// TestTracksAreBounded wants the latest parts of a caller whom very many seats missed.
func TestTracksAreBounded(t *testing.T) {
	s := &session{}
	for i := range maxTracks + 5 {
		p := &party{role: RoleAgent}
		p.times.called = time.Unix(int64(i+1), 0)
		s.trackEnded(p)
		s.trackEnded(p) // once each
	}
	if n := len(s.tracks); n != maxTracks || s.tracks[0].Started != time.Unix(6, 0) {
		t.Errorf("%d, from %v", n, s.tracks[0].Started)
	}
}
