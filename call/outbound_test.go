package call

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/seat"
)

// world has everything that the policy for calls outside knows: +44 by day, +1 but for the islands of one code, all of
// +4989 and risky numbers that are enabled, and two trunks of which only one owns numbers of each group.
func world(c *Config) {
	c.Routes.Trunks = []Trunk{
		{Name: "carrier", CallerIDs: []string{"+4930100", "+4930101", "+4930102"}},
		{Name: "spare", CallerIDs: []string{"+4940200", "+4930101"}},
		{Name: "hidden", Protect: true},
	}
	both := []string{"carrier", "spare"}
	c.Routes.Outbound = []OutboundRule{
		{Prefix: "+49", Trunks: both},
		{Prefix: "+49900", Trunks: both, Risky: []string{"+499001"}},
		{Prefix: "+49180"},
		{Prefix: "+44", Trunks: both, Hours: []seat.Hours{{From: 8 * time.Hour, To: 18 * time.Hour}}},
		{Prefix: "+1", Trunks: both, Risky: []string{"+1876"}},
		{Prefix: "+88", Trunks: both, Risky: []string{"+"}},
		{Prefix: "+33", Trunks: []string{"hidden"}},
		{Prefix: "112", Trunks: []string{"spare"}, Hours: []seat.Hours{{From: 8 * time.Hour, To: 9 * time.Hour}}},
		{Prefix: "999"},
	}
	c.Routes.Emergency = []string{"112", "110", "999"}
	c.Routes.NumberGroups = []NumberGroup{
		{Name: "south", Numbers: []string{"+4940200", "+4930102"}}, {Name: "one", Numbers: []string{"+4930100"}},
		{Name: "north", Numbers: []string{"+4940200"}},
	}
}

func TestOutboundPolicy(t *testing.T) {
	both, all := []string{"carrier", "spare"}, []string{"carrier", "spare", "hidden"}
	for _, ca := range []struct {
		hour   time.Duration
		number string
		policy string // that refuses it
		trunks []string
	}{
		{0, "+4930123", "", both},
		{0, "+7495123", policyNoRule, nil},
		{0, "+49180123", policyBlocked, nil},
		{0, "+49900123", "", both},
		{0, "+49900223", policyRisky, nil},
		{0, "+49137123", policyRisky, nil}, // the rule for +49 does not enable it
		{7*time.Hour + 59*time.Minute, "+442012345", policyHours, nil},
		{8 * time.Hour, "+442012345", "", both},
		{18 * time.Hour, "+442012345", policyHours, nil},
		{12 * time.Hour, "+449061234", policyRisky, nil},
		{12 * time.Hour, "+447012345", policyRisky, nil},
		{0, "+12125551234", "", both},
		{0, "+19005551234", policyRisky, nil},
		{0, "+18765551234", "", both},
		{0, "+18095551234", policyRisky, nil},
		{0, "+8816123456", "", both},
		{0, "+870773123", policyNoRule, nil},
		{0, "112", "", []string{"spare"}}, // not at this hour, but for help
		{0, "110", "", all},               // no rule
		{0, "999", "", all},               // a rule forbids it
		{0, "111", policyNoRule, nil},
		{0, "tree", policyNumber, nil},
	} {
		t.Run(ca.number, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newGatewayWith(t, Limits{}, nil, world)
				time.Sleep(ca.hour) // since midnight, UTC
				got, cause := g.router.dialled(ca.number)
				switch {
				case cause != nil && (cause.Policy != ca.policy || cause.Text == ""):
					t.Errorf("refused with %+v, want %q", cause, ca.policy)
				case cause == nil && (ca.policy != "" || !slices.Equal(got.to.Trunks, ca.trunks)):
					t.Errorf("by %v, want %v and policy %q", got.to.Trunks, ca.trunks, ca.policy)
				}
			})
		})
	}
}

// TestNumberToShow checks which number of ours is shown, by which trunks the call goes then, and what is refused.
func TestNumberToShow(t *testing.T) {
	both, turned := []string{"carrier", "spare"}, []string{"spare", "carrier"}
	for _, ca := range []struct {
		name    string
		o       Outbound
		shown   string
		choice  []string // for trunks that do not own shown
		trunks  []string
		refused string
	}{
		{"the default", Outbound{}, "+4930100", []string{"+4930100", "+4930101", "+4930102", "+4940200"}, both, ""},
		{"a number", Outbound{CallerID: "+4930102"}, "+4930102", []string{"+4930102"}, both, ""},
		{"a number of both", Outbound{CallerID: "+4930101"}, "+4930101", []string{"+4930101"}, both, ""},
		{"a number of the other trunk", Outbound{CallerID: "+4940200"}, "+4940200", []string{"+4940200"}, turned, ""},
		{"a number of nobody", Outbound{CallerID: "+4930999"}, "", nil, nil, "+4930999 is not one of the numbers"},
		{"a number group", Outbound{NumberGroups: []string{"south"}}, "+4930102", []string{"+4940200", "+4930102"}, both, ""},
		{"two", Outbound{NumberGroups: []string{"north", "one"}}, "+4930100", []string{"+4940200", "+4930100"}, both, ""},
		{"one of the other trunk", Outbound{NumberGroups: []string{"north"}}, "+4940200", []string{"+4940200"}, turned, ""},
		{"a number of the group", Outbound{NumberGroups: []string{"south"}, CallerID: "+4930102"}, "+4930102",
			[]string{"+4930102"}, both, ""},
		{"not of the group", Outbound{NumberGroups: []string{"south"}, CallerID: "+4930100"}, "", nil, nil,
			"+4930100 is not"},
		{"an unknown group", Outbound{NumberGroups: []string{"west"}}, "", nil, nil, `no number group "west"`},
		{"a skill group", Outbound{Group: support}, "+4930102", []string{"+4930102", "+4930101"}, both, ""},
		{"a skill and a number group", Outbound{Group: support, NumberGroups: []string{"south"}}, "+4930102",
			[]string{"+4930102"}, both, ""},
		{"that have nothing in common", Outbound{Group: support, NumberGroups: []string{"one"}}, "", nil, nil,
			"no number of number group one"},
		{"a skill group without a number here", Outbound{Group: sales}, "", nil, nil, "no number of group 2"},
		{"for help", Outbound{Number: "112", CallerID: "+4930999", NumberGroups: []string{"west"}}, "+4940200",
			[]string{"+4940200", "+4930101"}, []string{"spare"}, ""},
	} {
		t.Run(ca.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				groups := testGroups()
				groups[0].CallerIDs, groups[1].CallerIDs = []string{"+4930102", "+4930101"}, []string{"+1555"}
				g := newGatewayWith(t, Limits{}, groups, world)
				ca.o.User = "ann"
				if ca.o.Number == "" {
					ca.o.Number = "+4989555"
				}
				info, err := g.Call(t.Context(), ca.o)
				if ca.refused != "" {
					if codeOf(err) != CodeForbidden || !strings.Contains(err.Error(), ca.refused) {
						t.Errorf("%v, want %s", err, ca.refused)
					}
					return
				}
				if err != nil || info.Caller.Number != ca.shown {
					t.Fatalf("%+v, %v", info.Caller, err)
				}
				pass(latency)
				d := g.dialer.leg(ca.o.Number).dial
				if d.CallerID != ca.shown || !slices.Equal(d.CallerIDs, ca.choice) || !slices.Equal(d.To.Trunks, ca.trunks) {
					t.Errorf("shown %s of %v by %v", d.CallerID, d.CallerIDs, d.To.Trunks)
				}
				g.HangUpAll(leg.Cause{Reason: leg.Shutdown})
				g.settle()
			})
		})
	}
}

// TestShownInTruth checks that the record has the number of the trunk that took the call.
func TestShownInTruth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var kept keeper
		g := newGatewayWith(t, Limits{}, nil, func(c *Config) { world(c); c.Ended = kept.add })
		o := Outbound{User: "ann", Number: "+4989555", UUI: "7", Remark: "renewal", PhoneDesc: "Customer 7"}
		info, err := g.Call(t.Context(), o)
		if err != nil || info.Callee.Name != "Customer 7" || info.Remark != "renewal" {
			t.Fatalf("%+v, %v", info, err)
		}
		pass(latency)
		customer := g.dialer.leg("+4989555")
		customer.remote = "spare"
		customer.answer(codec.PCMA)
		pass(latency)
		customer.hangsUp()
		g.settle()
		r := kept.only(t)
		if r.Caller != "+4930101" || r.UUI != "7" || r.Remark != "renewal" || r.PhoneDesc != "Customer 7" || r.End != EndOK {
			t.Errorf("%+v", r)
		}
	})
}

// keeper keeps what Config.Ended is told.
type keeper struct {
	mu  sync.Mutex
	all []Record
}

func (r *keeper) add(one Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, one)
}

// only is the one record that was told since.
func (r *keeper) only(t *testing.T) Record {
	t.Helper()
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.all) != 1 {
		t.Fatalf("%d records: %+v", len(r.all), r.all)
	}
	one := r.all[0]
	r.all = nil
	return one
}

// TestRefusedRecords checks what the record and the seat are told of each refusal, by command and by a desk phone.
func TestRefusedRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var kept keeper
		g := newGatewayWith(t, Limits{}, nil, func(c *Config) { world(c); c.Ended = kept.add })
		for _, ca := range []struct {
			number string
			policy string
			end    EndStatus
			code   Code
			reason leg.Reason
		}{
			{"+7495123", policyNoRule, EndCalleeRestricted, CodeForbidden, leg.Forbidden},
			{"+49180123", policyBlocked, EndCalleeRestricted, CodeForbidden, leg.Forbidden},
			{"+442012345", policyHours, EndCalleeRestricted, CodeForbidden, leg.Forbidden},
			{"+49137123", policyRisky, EndCalleeRestricted, CodeForbidden, leg.Forbidden},
			{"tree", policyNumber, EndNumberInvalid, CodeNotFound, leg.NotFound},
		} {
			_, err := g.Call(t.Context(), Outbound{User: "ann", Number: ca.number, UUI: "u", Remark: "r"})
			if codeOf(err) != ca.code || err.Error() == "" {
				t.Errorf("%s: %v", ca.number, err)
			}
			if r := kept.last(t); r.End != ca.end || r.User != "ann" || r.Callee != ca.number || r.UUI+r.Remark != "ur" {
				t.Errorf("%s: %+v", ca.number, r)
			}
			before := testutil.ToFloat64(g.config.Metrics.denied.WithLabelValues(ca.policy))
			if _, cause := g.call("1010", ca.number); cause == nil || cause.Reason != ca.reason || cause.Policy != ca.policy {
				t.Errorf("%s: %+v", ca.number, cause)
			}
			if r := kept.last(t); r.End != ca.end || r.User != "pat" || r.Direction != DirectionOutbound {
				t.Errorf("%s: %+v", ca.number, r)
			}
			if after := testutil.ToFloat64(g.config.Metrics.denied.WithLabelValues(ca.policy)); after != before+1 {
				t.Errorf("%s: counted %v, then %v", ca.number, before, after)
			}
		}
		_, _ = g.Call(t.Context(), Outbound{User: "ann", Number: "+4989555", CallerID: "+1555"})
		if r := kept.last(t); r.End != EndCalleeRestricted || r.Callee != "+4989555" {
			t.Errorf("with a number of others: %+v", r)
		}
		_, _ = g.Call(t.Context(), Outbound{User: "ann", Number: "00 7495-123"}) // refused as above
		if r := kept.last(t); r.Callee != "+7495123" {
			t.Errorf("the record has %q, want the number as all other records have it", r.Callee)
		}
		g.settle()
	})
}

// last is the record that was told last.
func (r *keeper) last(t *testing.T) Record {
	t.Helper()
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.all) == 0 {
		t.Fatal("no record")
	}
	return r.all[len(r.all)-1]
}

// TestTrunkLimitInRecord checks a limit that only the trunks know: the call ends with it.
func TestTrunkLimitInRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var kept keeper
		g := newGatewayWith(t, Limits{}, nil, func(c *Config) { world(c); c.Ended = kept.add })
		if _, err := g.Call(t.Context(), Outbound{User: "ann", Number: "+4989555"}); err != nil {
			t.Fatal(err)
		}
		pass(latency)
		g.dialer.leg("+4989555").end(leg.Cause{Reason: leg.Congestion, Policy: "trunkCalls", Text: "full"})
		g.settle()
		if r := kept.only(t); r.End != EndTooManyRequests {
			t.Errorf("%+v", r)
		}
		if e := g.watch.last(t, "ann", EventSessionEnded); e.Cause.Text != "full" || e.Cause.Reason != leg.Congestion {
			t.Errorf("%+v", e)
		}
		if n := testutil.ToFloat64(g.config.Metrics.denied.WithLabelValues("trunkCalls")); n != 1 {
			t.Errorf("counted %v", n)
		}
	})
}
