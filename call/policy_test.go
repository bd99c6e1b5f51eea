package call

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/seat"
)

func TestSeatRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var kept keeper
		g := newGatewayWith(t, Limits{SeatPerMinute: 3}, nil, func(c *Config) { world(c); c.Ended = kept.add })
		for i, step := range []struct {
			account string // a desk phone's, 1030 being nobody's
			number  string
			after   time.Duration
			ok      bool
		}{
			{"1010", "+4989555", 0, true},
			{"1010", "1011", 0, true}, // inside costs nothing
			{"1010", "+49137123", 0, false},
			{"1010", "+4989555", 0, true}, // nor does what other policy refuses
			{"1010", "+4989555", 0, true},
			{"1010", "+4989555", 0, false},
			{"1010", "112", 0, true},
			{"1030", "+4989555", 0, true}, // another's
			{"1030", "+4989555", 0, true},
			{"1030", "+4989555", 0, true},
			{"1030", "+4989555", 0, false},
			{"1010", "+4989555", 19 * time.Second, false},
			{"1010", "+4989555", time.Second, true},
			{"1010", "+4989555", 0, false},
		} {
			pass(step.after)
			l, cause := g.call(step.account, step.number)
			if (cause == nil) != step.ok {
				t.Fatalf("step %d: %+v", i, cause)
			}
			if step.ok {
				l.hangsUp()
				pass(2 * latency)
			} else if step.number == "+4989555" && (cause.Policy != policySeatRate || kept.last(t).End != EndTooManyRequests) {
				t.Errorf("step %d: %+v, %+v", i, cause, kept.last(t))
			}
		}
		g.settle()
	})
}

// TestSeatCalls checks that a call outside counts until its leg is gone, also where who placed it has left.
func TestSeatCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var kept keeper
		g := newGatewayWith(t, Limits{SeatOutside: 2}, nil, func(c *Config) { world(c); c.Ended = kept.add })
		dial := func(number string, want Code) {
			t.Helper()
			_, err := g.Call(t.Context(), Outbound{User: "ann", Number: number})
			told := err != nil && strings.Contains(err.Error(), "ann has 2 calls")
			if want == "" && err != nil || want != "" && (codeOf(err) != want || !told) {
				t.Fatalf("%v, want %q", err, want)
			}
			pass(latency)
		}
		dial("+4989001", "")
		g.dialer.leg("+4989001").answer(codec.PCMA)
		pass(latency)
		session := g.only().ID
		if err := g.Transfer(t.Context(), "ann", session, TransferTo{Number: "+4989002"}); err != nil {
			t.Fatal(err)
		}
		g.dialer.leg("+4989002").answer(codec.PCMA)
		pass(latency)
		if ann, _ := g.seats.State("ann"); len(ann.Sessions) > 0 {
			t.Fatal("ann is still in the call")
		}
		dial("+4989003", CodeBusy)
		if r := kept.last(t); r.End != EndTooManyRequests || r.Callee != "+4989003" {
			t.Errorf("%+v", r)
		}
		dial("112", "") // help is never too much
		g.HangUp(t.Context(), "ann", g.Sessions("ann")[0].ID)
		pass(3 * latency)
		g.dialer.leg("+4989002").hangsUp()
		pass(3 * latency)
		dial("+4989003", "")
		g.HangUpAll(leg.Cause{Reason: leg.Normal})
		g.settle()
		g.policyIsPaid()
		if _, err := g.Call(t.Context(), Outbound{User: "pat", Number: "+4989004"}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if g.policy.spenders["pat"].calls != 1 {
			t.Error("a call is not charged while the seat's own device rings")
		}
		g.dialer.leg("1010").hangsUp() // before the number was called
		g.settle()
		g.policyIsPaid()
	})
}

// TestMobileCalls charges a call to a colleague's mobile, which the caller asks for; not one to a seat that has its calls
// there.
func TestMobileCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGatewayWith(t, Limits{SeatOutside: 1}, nil, world)
		call := func(user string, useMobile bool, want Code) {
			t.Helper()
			_, err := g.Call(t.Context(), Outbound{User: "ann", CalleeUser: user, UseMobile: useMobile})
			if want == "" && err != nil || want != "" && codeOf(err) != want {
				t.Fatalf("%s: %v, want %q", user, err, want)
			}
			pass(latency)
		}
		call("mini", true, "")
		call("mini", true, CodeBusy)
		g.HangUpAll(leg.Cause{Reason: leg.Normal})
		g.settle()
		g.policyIsPaid()
		call("mob", false, "")
		g.policyIsPaid()
		g.HangUpAll(leg.Cause{Reason: leg.Normal})
		g.settle()
	})
}

// policyIsPaid checks that nobody is charged any more.
func (g *gateway) policyIsPaid() {
	g.t.Helper()
	for by, s := range g.policy.spenders {
		if s.calls != 0 {
			g.t.Errorf("%s is charged with %d calls", by, s.calls)
		}
	}
}

// TestPolicyEverywhere checks that no way leads round the policy.
func TestPolicyEverywhere(t *testing.T) {
	const bad = "+49137555"
	for _, ca := range []struct {
		name string
		do   func(t *testing.T, g *gateway) bool // says that it was refused
	}{
		{"a call", func(t *testing.T, g *gateway) bool {
			_, err := g.Call(t.Context(), Outbound{User: "ann", Number: bad})
			return codeOf(err) == CodeForbidden
		}},
		{"a desk phone", func(t *testing.T, g *gateway) bool {
			_, cause := g.call("1010", bad)
			return cause != nil && cause.Reason == leg.Forbidden
		}},
		{"a phone of nobody", func(t *testing.T, g *gateway) bool {
			_, cause := g.call("1030", "0137 555")
			return cause != nil && cause.Reason == leg.Forbidden
		}},
		{"a transfer", func(t *testing.T, g *gateway) bool {
			s := talking(g, "trunk", "browser")
			return codeOf(g.Transfer(t.Context(), "ben", s.session, TransferTo{Number: bad})) == CodeForbidden
		}},
		{"a consultation", func(t *testing.T, g *gateway) bool {
			s := talking(g, "trunk", "browser")
			return codeOf(g.Consult(t.Context(), "ben", s.session, TransferTo{Number: bad})) == CodeForbidden
		}},
		{"a transfer to a mobile", func(t *testing.T, g *gateway) bool {
			s := talking(g, "trunk", "browser")
			return codeOf(g.Transfer(t.Context(), "ben", s.session, TransferTo{User: "mob"})) == CodeForbidden
		}},
		{"REFER", func(t *testing.T, g *gateway) bool {
			s := talking(g, "trunk", "seat's phone")
			return slices.Equal(*referring(s, s.callee, leg.Referred{To: bad}), []int{403})
		}},
		{"an inbound number", func(t *testing.T, g *gateway) bool {
			_, cause := g.call("", "+4930301")
			return cause != nil && cause.Reason == leg.Forbidden
		}},
		{"a mobile", func(t *testing.T, g *gateway) bool {
			_, cause := g.call("", "+4930302")
			return cause != nil && cause.Reason == leg.Forbidden
		}},
		{"an overflow", func(t *testing.T, g *gateway) bool {
			g.comes("+4930303")
			pass(time.Minute)
			return g.watchedEnd(t) == leg.Forbidden
		}},
		{"a menu", func(t *testing.T, g *gateway) bool {
			l := g.comes("+4930304")
			pass(latency)
			l.event(leg.Digit{Event: 1, Relayed: true})
			pass(latency)
			return g.watchedEnd(t) == leg.Forbidden
		}},
	} {
		t.Run(ca.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				groups := []seat.Group{{
					ID: support, Name: "Support", MaxWait: 10 * time.Second, Members: []seat.Member{{User: "quinn"}},
					Overflow: seat.Overflow{Number: bad},
				}}
				g := newGatewayWith(t, Limits{}, groups, func(c *Config) {
					inbound := c.Routes.Inbound
					world(c)
					c.Routes.Menus = []Menu{{Name: "bad", Choices: []Choice{{Key: '1', To: InboundRule{Outside: bad}}}}}
					c.Routes.Inbound = append(inbound, InboundRule{Number: "+4930301", Outside: bad},
						InboundRule{Number: "+4930302", User: "mob"}, InboundRule{Number: "+4930303", Group: support},
						InboundRule{Number: "+4930304", Menu: "bad"})
				})
				mob, _ := g.seats.Lookup("mob")
				mob.Mobile = bad
				if _, err := g.seats.Change(t.Context(), mob); err != nil {
					t.Fatal(err)
				}
				if !ca.do(t, g) {
					t.Error("it was not refused")
				}
				if g.dialer.leg(bad) != nil {
					t.Error("it was called")
				}
				if n := testutil.ToFloat64(g.config.Metrics.denied.WithLabelValues(policyRisky)); n != 1 {
					t.Errorf("counted %v times", n)
				}
				g.over()
				g.policyIsPaid()
			})
		})
	}
}

// watchedEnd is why the last session ended.
func (g *gateway) watchedEnd(t *testing.T) leg.Reason {
	t.Helper()
	pass(time.Second)
	recent := g.Recent()
	if len(recent) == 0 {
		t.Fatal("no session has ended")
	}
	return recent[len(recent)-1].Cause.Reason
}

// TestEmergency checks that neither a rest, another call nor a full gateway keeps a seat from calling for help.
func TestEmergency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGatewayWith(t, Limits{Sessions: 1, SeatPerMinute: 1, SeatOutside: 1}, nil, world)
		if _, cause := g.call("1010", "+4989555"); cause != nil {
			t.Fatal(cause)
		}
		for _, number := range []string{"112", "110", "999"} {
			if _, cause := g.call("1010", number); cause != nil { // a second line of the same phone
				t.Errorf("%s: %+v", number, cause)
			}
			pass(latency)
			if d := g.dialer.leg(number); d == nil || !d.dial.Emergency || len(d.dial.To.Trunks) == 0 {
				t.Errorf("%s: %+v", number, d)
			}
		}
		if d := g.dialer.leg("+4989555").dial; d.Emergency {
			t.Error("any number is one of help")
		}
		if err := g.seats.SetStatus("quinn", seat.StatusRest, "lunch"); err != nil {
			t.Fatal(err)
		}
		if _, cause := g.call("1011", "+4989555"); cause == nil {
			t.Error("who rests may dial")
		}
		if _, cause := g.call("1011", "112"); cause != nil {
			t.Errorf("in a rest: %+v", cause)
		}
		g.HangUpAll(leg.Cause{Reason: leg.Normal})
		g.settle()
	})
}

func TestRiskyPrefixes(t *testing.T) {
	seen := map[string]bool{}
	for _, line := range riskyPrefixes {
		for _, prefix := range strings.Fields(line.prefixes) {
			if prefix[0] != '+' || checkNumber(prefix+"00") != nil || seen[prefix] || line.risk == "" {
				t.Errorf("%q is no prefix, or stands twice", prefix)
			}
			seen[prefix] = true
		}
	}
	for prefix := range seen {
		for end := len(prefix) - 1; end > 1; end-- {
			if seen[prefix[:end]] {
				t.Errorf("%s says no more than %s", prefix, prefix[:end])
			}
		}
	}
	for number, want := range map[string]risk{
		"+4930123": "", "+12125551234": "", "+14165551234": "", "+8613800": "", "+80012345678": "",
		"+447700900123": "", "+447012345678": riskPremium,
		"+8821234": riskSatellite, "+9791234": riskPremium, "+18091234567": riskFraud, "+447911123456": "", "+3312345": "",
		"+390612345": "", "+3906899": "", "+61291234567": "", "112": "", "+2521": riskFraud, "+5351234567": riskFraud,
	} {
		if got := riskOf(number); got != want {
			t.Errorf("%s: %q, want %q", number, got, want)
		}
	}
}
