package call

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"seatbridge/codec"
	"seatbridge/dtmf"
	"seatbridge/leg"
	"seatbridge/seat"
)

// records keeps what Config.Ended and Config.Progress were told.
type records struct {
	mu       sync.Mutex
	ended    []Record
	progress []Record
}

func (r *records) end(record Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = append(r.ended, record)
}

func (r *records) advance(record Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.progress = append(r.progress, record)
}

// recorded is a gateway that keeps records, with two groups, a menu, and a seat that is offline.
func recorded(t *testing.T) (*gateway, *records) {
	kept := &records{}
	groups := []seat.Group{
		{ID: 1, Name: "sales", Members: []seat.Member{{User: "ann"}, {User: "ben"}}, RingTimeout: 10 * time.Second,
			MaxWaiting: 1, MaxWait: 30 * time.Second},
		{ID: 2, Name: "night", Members: []seat.Member{{User: "pat"}}, MaxWaiting: 1, Overflow: seat.Overflow{Number: "+4989555"}},
		{ID: 3, Name: "closed", Members: []seat.Member{{User: "pat"}}, Hours: []seat.Hours{{
			Days: []time.Weekday{time.Wednesday}, From: time.Hour, To: 2 * time.Hour, Zone: "UTC"}}},
		{ID: 4, Name: "all", Members: []seat.Member{{User: "ann"}, {User: "ben"}}, Strategy: seat.RingAll},
	}
	g := newGatewayWith(t, Limits{}, groups, func(c *Config) {
		c.Ended, c.Progress = kept.end, kept.advance
		c.Routes.Inbound = append(c.Routes.Inbound,
			InboundRule{Number: "+4930201", Group: 1}, InboundRule{Number: "+4930202", Group: 2},
			InboundRule{Number: "+4930203", Group: 3}, InboundRule{Number: "+4930204", Group: 4},
			InboundRule{Number: "+4930210", Menu: "main"})
		c.Routes.Menus = []Menu{{Name: "main", Choices: []Choice{{Key: '1', Label: "Sales", To: InboundRule{Group: 1}}}}}
	})
	return g, kept
}

// story is a record in words; times are whole seconds from its beginning.
func story(r Record) string {
	at := func(t time.Time) string {
		if t.IsZero() {
			return "-"
		}
		return fmt.Sprint(int(t.Sub(r.Started).Seconds()))
	}
	lines := []string{fmt.Sprintf("%s %s>%s %s %s by %s: queued %s rang %s accepted %s ended %s", r.Direction, r.Caller,
		r.Callee, orDash(r.User), r.End, r.HungUpBy, at(r.Queued), at(r.Rang), at(r.Accepted), at(r.Ended))}
	if r.Group != 0 || len(r.IVRPath) > 0 || r.InMenu > 0 {
		lines[0] += fmt.Sprintf(" group %d menu %v %v", r.Group, int(r.InMenu.Seconds()), r.IVRPath)
	}
	for _, t := range r.Tracks {
		line := fmt.Sprintf("%s %s %s: %s-%s rang %s accepted %s %s", orDash(t.User), t.Number, orDash(string(t.Device)),
			at(t.Started), at(t.Ended), at(t.Rang), at(t.Accepted), t.End)
		if t.Group != 0 {
			line += fmt.Sprintf(" group %d", t.Group)
		}
		if t.From != (Handover{}) {
			line += fmt.Sprintf(" from %s %s", t.From.Kind, t.From.Who)
		}
		if t.To != (Handover{}) {
			line += fmt.Sprintf(" to %s %s", t.To.Kind, t.To.Who)
		}
		if t.Asked {
			line += " asked"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// second lets about a second pass.
func second() { pass(time.Second) }

func remote(r leg.Reason) leg.Cause { return leg.Cause{Reason: r, Remote: true} }

// answers has the leg to a destination ring for a second and answer, and talk for another.
func answers(g *gateway, to string) *fakeLeg {
	g.t.Helper()
	l := rings(g, to)
	l.answer(codec.PCMA)
	second()
	return l
}

func rings(g *gateway, to string) *fakeLeg {
	g.t.Helper()
	l := g.dialer.leg(to)
	if l == nil {
		g.t.Fatalf("%s was not called", to)
	}
	l.ring()
	second()
	return l
}

// press has a caller press a key.
func press(l *fakeLeg, key byte) {
	e, _ := dtmf.Parse(key)
	l.event(leg.Digit{Event: e})
	synctest.Wait()
}

func (g *gateway) must(err error) {
	g.t.Helper()
	if err != nil {
		g.t.Fatal(err)
	}
	synctest.Wait()
}

// TestRecords ends sessions in every way and wants just these records of them, in this order.
func TestRecords(t *testing.T) {
	for _, ca := range []struct {
		name string
		do   func(g *gateway)
		want []string
	}{
		{"answered, the customer hangs up", func(g *gateway) {
			c := comesIn(g, "", "+4930106")
			answers(g, "ben")
			c.hangsUp()
		}, []string{`inbound +4940123>+4930106 ben ok by client: queued - rang 0 accepted 1 ended 2
ben 1002 staffSeat: 0-2 rang 0 accepted 1 ok`}},
		{"answered, the seat hangs up", func(g *gateway) {
			comesIn(g, "", "+4930101")
			answers(g, "1010").hangsUp()
		}, []string{`inbound +4940123>+4930101 pat ok by seat: queued - rang 0 accepted 1 ended 2
pat 1010 staffExtensionSeat: 0-2 rang 0 accepted 1 ok`}},
		{"busy phone", func(g *gateway) {
			comesIn(g, "", "+4930101")
			second()
			g.dialer.leg("1010").end(remote(leg.Busy))
		}, []string{`inbound +4940123>+4930101 - busy by seat: queued - rang - accepted - ended 1
pat 1010 staffExtensionSeat: 0-1 rang - accepted - busy`}},
		{"busy seat", func(g *gateway) {
			comesIn(g, "", "+4930106")
			_, _ = g.call("", "+4930106")
			synctest.Wait()
			g.HangUpAll(leg.Cause{Reason: leg.Shutdown})
		}, []string{`inbound +4940123>+4930106 - busy by admin: queued - rang - accepted - ended 0`,
			`inbound +4940123>+4930106 - clientError by admin: queued - rang - accepted - ended 0
ben 1002 staffSeat: 0-0 rang - accepted - clientError`}},
		{"not answered", func(g *gateway) {
			comesIn(g, "", "+4930106")
			rings(g, "ben")
			pass(30 * time.Second)
		}, []string{`inbound +4940123>+4930106 - notAnswer by timer: queued - rang 0 accepted - ended 30
ben 1002 staffSeat: 0-30 rang 0 accepted - notAnswer`}},
		{"rejected by command", func(g *gateway) {
			comesIn(g, "", "+4930106")
			rings(g, "ben")
			g.must(g.HangUp(g.t.Context(), "ben", g.only().ID))
		}, []string{`inbound +4940123>+4930106 - userReject by seat: queued - rang 0 accepted - ended 1
ben 1002 staffSeat: 0-1 rang 0 accepted - userReject`}},
		{"the caller gives up while a seat rings", func(g *gateway) {
			c := comesIn(g, "", "+4930106")
			rings(g, "ben")
			c.end(remote(leg.Cancelled))
		}, []string{`inbound +4940123>+4930106 - ringingGiveUp by client: queued - rang 0 accepted - ended 1
ben 1002 staffSeat: 0-1 rang 0 accepted - ringingGiveUp`}},
		{"a number stands in, is busy", func(g *gateway) {
			comesIn(g, "", "+4930103")
			second()
			g.dialer.leg("+4989555").end(remote(leg.Busy))
		}, []string{`inbound +4940123>+4930103 - busy by client: queued - rang - accepted - ended 1
- +4989555 -: 0-1 rang - accepted - busy`}},
		{"nobody is at the browser", func(g *gateway) {
			g.dialer.offline["ben"] = true
			comesIn(g, "", "+4930106")
		}, []string{`inbound +4940123>+4930106 - noSeatOnline by admin: queued - rang - accepted - ended 0
ben 1002 staffSeat: 0-0 rang - accepted - noSeatOnline`}},
		{"the seat rests", func(g *gateway) {
			g.must(g.seats.SetStatus("ben", seat.StatusRest, "lunch"))
			_, _ = g.call("", "+4930106")
		}, []string{`inbound +4940123>+4930106 - noSeatOnline by admin: queued - rang - accepted - ended 0`}},
		{"no such number of ours", func(g *gateway) { _, _ = g.call("", "+4930999") },
			[]string{`inbound +4940123>+4930999 - numberNotExist by admin: queued - rang - accepted - ended 0`}},
		{"a phone calls outside, answered", func(g *gateway) {
			comesIn(g, "1010", "089555")
			answers(g, "+4989555").hangsUp()
		}, []string{`outbound +4930100>+4989555 pat ok by client: queued - rang 0 accepted 1 ended 2
pat 1010 staffExtensionSeat: 0-2 rang 0 accepted 1 ok`}},
		{"a phone cancels before it rings", func(g *gateway) {
			c := comesIn(g, "1010", "089555")
			second()
			c.end(remote(leg.Cancelled))
		}, []string{`outbound +4930100>+4989555 pat callerCancel by seat: queued - rang - accepted - ended 1
pat 1010 staffExtensionSeat: 0-1 rang - accepted - callerCancel`}},
		{"a phone cancels while it rings", func(g *gateway) {
			c := comesIn(g, "1010", "089555")
			rings(g, "+4989555")
			c.end(remote(leg.Cancelled))
		}, []string{`outbound +4930100>+4989555 pat callerCancelWhileRing by seat: queued - rang 0 accepted - ended 1
pat 1010 staffExtensionSeat: 0-1 rang 0 accepted - callerCancelWhileRing`}},
		{"outside is busy", func(g *gateway) {
			comesIn(g, "1010", "089555")
			g.dialer.leg("+4989555").end(remote(leg.Busy))
		}, []string{`outbound +4930100>+4989555 pat busy by client: queued - rang - accepted - ended 0
pat 1010 staffExtensionSeat: 0-0 rang - accepted - busy`}},
		{"outside says no", func(g *gateway) {
			comesIn(g, "1010", "089555")
			rings(g, "+4989555").end(remote(leg.Rejected))
		}, []string{`outbound +4930100>+4989555 pat userReject by client: queued - rang 0 accepted - ended 1
pat 1010 staffExtensionSeat: 0-1 rang 0 accepted - userReject`}},
		{"outside is not answered", func(g *gateway) {
			comesIn(g, "1010", "089555")
			rings(g, "+4989555")
			pass(3 * time.Minute)
		}, []string{`outbound +4930100>+4989555 pat notAnswer by timer: queued - rang 0 accepted - ended 180
pat 1010 staffExtensionSeat: 0-180 rang 0 accepted - notAnswer`}},
		{"outside does not exist", func(g *gateway) {
			comesIn(g, "1010", "089555")
			g.dialer.leg("+4989555").end(remote(leg.NotFound))
		}, []string{`outbound +4930100>+4989555 pat numberNotExist by client: queued - rang - accepted - ended 0
pat 1010 staffExtensionSeat: 0-0 rang - accepted - numberNotExist`}},
		{"the carriers fail", func(g *gateway) {
			comesIn(g, "1010", "089555")
			g.dialer.leg("+4989555").end(leg.Cause{Reason: leg.TrunkFailed})
		}, []string{`outbound +4930100>+4989555 pat operatorError by admin: queued - rang - accepted - ended 0
pat 1010 staffExtensionSeat: 0-0 rang - accepted - operatorError`}},
		{"forbidden, by a phone", func(g *gateway) { _, _ = g.call("1010", "+49900123") },
			[]string{`outbound 1010>+49900123 pat calleeRestricted by admin: queued - rang - accepted - ended 0`}},
		{"forbidden, by command", func(g *gateway) {
			_, _ = g.Call(g.t.Context(), Outbound{User: "ann", Number: "+49900123"})
		}, []string{`outbound >+49900123 ann calleeRestricted by admin: queued - rang - accepted - ended 0`}},
		{"not a number", func(g *gateway) { _, _ = g.Call(g.t.Context(), Outbound{User: "ann", Number: "zoe"}) },
			[]string{`outbound >zoe ann numberInvalid by admin: queued - rang - accepted - ended 0`}},
		{"the calling seat is in another call", func(g *gateway) {
			comesIn(g, "", "+4930106")
			_, _ = g.Call(g.t.Context(), Outbound{User: "ben", Number: "089555"})
			synctest.Wait()
			g.HangUpAll(leg.Cause{Reason: leg.Shutdown})
		}, []string{`outbound >+4989555 ben callConflict by admin: queued - rang - accepted - ended 0`,
			`inbound +4940123>+4930106 - clientError by admin: queued - rang - accepted - ended 0
ben 1002 staffSeat: 0-0 rang - accepted - clientError`}},
		{"an extension that is forbidden has no customer", func(g *gateway) {
			_, _ = g.Call(g.t.Context(), Outbound{User: "ann", CalleeUser: "mini"})
		}, nil},
		{"click to dial", func(g *gateway) {
			_, err := g.Call(g.t.Context(), Outbound{User: "quinn", Number: "089555", UUI: "order 7"})
			g.must(err)
			answers(g, "1011")
			answers(g, "+4989555").hangsUp()
		}, []string{`outbound +4930100>+4989555 quinn ok by client: queued - rang 2 accepted 3 ended 4
quinn 1011 staffExtensionSeat: 0-4 rang 2 accepted 3 ok`}},
		{"click to dial, the own phone is not answered", func(g *gateway) {
			_, err := g.Call(g.t.Context(), Outbound{User: "quinn", Number: "089555"})
			g.must(err)
			rings(g, "1011")
			pass(30 * time.Second)
		}, []string{`outbound +4930100>+4989555 quinn clientTimeout by timer: queued - rang - accepted - ended 30
quinn 1011 staffExtensionSeat: 0-30 rang - accepted - clientTimeout`}},
		{"click to dial, given up", func(g *gateway) {
			_, err := g.Call(g.t.Context(), Outbound{User: "quinn", Number: "089555"})
			g.must(err)
			rings(g, "1011")
			g.must(g.HangUp(g.t.Context(), "quinn", g.only().ID))
		}, []string{`outbound +4930100>+4989555 quinn callerCancel by seat: queued - rang - accepted - ended 1
quinn 1011 staffExtensionSeat: 0-1 rang - accepted - callerCancel`}},
		{"the dialer fails at once", func(g *gateway) {
			g.dialer.panics = true
			_, err := g.Call(g.t.Context(), Outbound{User: "quinn", Number: "089555"})
			g.must(err)
		}, []string{`outbound +4930100>+4989555 quinn clientError by admin: queued - rang - accepted - ended 0`}},
		{"between seats", func(g *gateway) {
			c := comesIn(g, "1010", "1002")
			answers(g, "ben")
			c.hangsUp()
		}, []string{`internal 1010>1002 pat ok by seat: queued - rang 0 accepted 1 ended 2
pat 1010 staffExtensionSeat: 0-2 rang 0 accepted 1 ok
ben 1002 staffSeat: 0-2 rang 0 accepted 1 ok`}},
		{"between seats, cancelled", func(g *gateway) {
			c := comesIn(g, "1010", "1002")
			rings(g, "ben")
			c.end(remote(leg.Cancelled))
		}, []string{`internal 1010>1002 pat callerCancelWhileRing by seat: queued - rang 0 accepted - ended 1
pat 1010 staffExtensionSeat: 0-1 rang 0 accepted - callerCancelWhileRing
ben 1002 staffSeat: 0-1 rang 0 accepted - callerCancelWhileRing`}},
		{"taken over by another device", func(g *gateway) {
			c := comesIn(g, "", "+4930107")
			l := answers(g, "1020")
			_, _ = replacing(g, "1020", l)
			second()
			c.hangsUp()
		}, []string{`inbound +4940123>+4930107 two ok by client: queued - rang 0 accepted 1 ended 3
two 1020 staffExtensionSeat: 0-3 rang 0 accepted 1 ok`}},
	} {
		t.Run(ca.name, func(t *testing.T) { wantRecords(t, ca.do, ca.want) })
	}
}

// wantRecords runs a scene and wants just these stories, in the order of their ends.
func wantRecords(t *testing.T, do func(g *gateway), want []string) {
	synctest.Test(t, func(t *testing.T) {
		g, kept := recorded(t)
		do(g)
		synctest.Wait()
		g.settle()
		kept.mu.Lock()
		defer kept.mu.Unlock()
		var got []string
		ids := map[string]bool{}
		for _, r := range kept.ended {
			got = append(got, story(r))
			if r.SessionID == "" || ids[r.SessionID] {
				t.Errorf("session %q has two records, or no id", r.SessionID)
			}
			ids[r.SessionID] = true
		}
		if !slices.Equal(got, want) {
			t.Errorf("got:\n%s\n\nwant:\n%s", strings.Join(got, "\n\n"), strings.Join(want, "\n\n"))
		}
		for _, r := range kept.progress {
			if r.End != 0 || !r.Ended.IsZero() || !ids[r.SessionID] {
				t.Errorf("told of progress: %+v", r)
			}
		}
	})
}
