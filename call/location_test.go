package call

import (
	"testing"
	"testing/synctest"

	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/seat"
)

// locations are of the numbers that the tests call and are called by.
func locations(c *Config) {
	c.Routes.Locations = map[string]string{"+49": "Germany", "+4940": "Hamburg", "+4930": "Berlin"}
}

func TestLocation(t *testing.T) {
	r := router{routes: Routes{Locations: map[string]string{"+49": "Germany", "+4940": "Hamburg"}}}
	for number, want := range map[string]string{
		"+4940123": "Hamburg", "+4940": "Hamburg", "+494": "Germany", "+4989555": "Germany", "+33123": "", "49": "",
		"1001": "", "": "", "*49": "",
	} {
		if got := r.location(number); got != want {
			t.Errorf("%q is from %q, want %q", number, got, want)
		}
	}
}

// TestLocationOfCaller tells where a caller is from: also one whose number is masked, to who gets the call handed over
// as well, and in the record.
func TestLocationOfCaller(t *testing.T) {
	for _, protect := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			var record Record
			g := newGatewayWith(t, Limits{}, nil, func(c *Config) {
				locations(c)
				c.Routes.Trunks[0].Protect = protect
				c.Ended = func(r Record) { record = r }
			})
			customer, _ := g.call("", "+4930100")
			g.dialer.leg("ann").answer(codec.Opus)
			pass(latency)
			session := g.only().ID
			if err := g.Transfer(t.Context(), "ann", session, TransferTo{User: "ben"}); err != nil {
				t.Fatal(err)
			}
			pass(latency)
			for _, user := range []string{"ann", "ben"} {
				e := g.watch.last(t, user, EventCallIn)
				if e.Caller.Location != "Hamburg" || (e.Caller.Number == "+4940123") == protect {
					t.Errorf("%s is told %+v", user, e.Caller)
				}
			}
			if info := g.Sessions("ann")[0]; info.Caller.Location != "Hamburg" {
				t.Errorf("session %+v", info.Caller)
			}
			customer.hangsUp()
			g.settle()
			if record.Caller != "+4940123" || record.CallerLocation != "Hamburg" {
				t.Errorf("record %+v", record)
			}
		})
	}
}

// TestLocationOfCallee tells where a number is from that is called; the record has that of the number shown. A seat's
// mobile has none.
func TestLocationOfCallee(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var record Record
		g := newGatewayWith(t, Limits{}, nil, func(c *Config) {
			locations(c)
			c.Ended = func(r Record) { record = r }
		})
		info, err := g.Call(t.Context(), Outbound{User: "ann", Number: "+4989555"})
		if err != nil || info.Callee.Location != "Germany" || info.Caller.Location != "Berlin" {
			t.Errorf("session %+v, %v", info, err)
		}
		pass(latency)
		if e := g.watch.last(t, "ann", EventCallOuted); e.Callee.Location != "Germany" {
			t.Errorf("callOuted %+v", e)
		}
		g.HangUpAll(leg.Cause{Reason: leg.Normal})
		g.settle()
		if record.CallerLocation != "Berlin" {
			t.Errorf("record %+v", record)
		}
		info, err = g.Call(t.Context(), Outbound{User: "ann", CalleeUser: "mob"})
		if err != nil || info.Callee.Location != "" || info.Caller.Location != "" || info.Device != seat.DeviceBrowser {
			t.Errorf("session %+v, %v", info, err)
		}
		g.HangUpAll(leg.Cause{Reason: leg.Normal})
		g.settle()
	})
}

// TestLocationOfRefused has it in the records of calls that never became a session too.
func TestLocationOfRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var record Record
		g := newGatewayWith(t, Limits{}, nil, func(c *Config) {
			locations(c)
			c.Ended = func(r Record) { record = r }
		})
		if _, cause := g.call("", "+4930999"); cause == nil {
			t.Error("a number of nobody was taken")
		}
		pass(latency)
		if record.CallerLocation != "Hamburg" {
			t.Errorf("record %+v", record)
		}
		g.settle()
	})
}
