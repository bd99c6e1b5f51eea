package call

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/seat"
)

func TestDialled(t *testing.T) {
	g := newGateway(t, Limits{})
	for _, ca := range []struct {
		dialled string
		to      string // name of the Destination
		user    string
		role    Role
		refused leg.Reason
	}{
		{"1001", "ann", "ann", RoleAgent, ""},
		{"1010", "1010", "pat", RoleAgent, ""},
		{"10 30", "1030", "", RoleAgent, ""},
		{"030 123", "+4930123", "", RoleCustomer, ""},
		{"0049 30 123", "+4930123", "", RoleCustomer, ""},
		{"112", "112", "", RoleCustomer, ""},
		{"116117", "116117", "", RoleCustomer, ""},
		{"116118", "116118", "", RoleAgent, ""}, // an extension: its rule does not exist
		{"0900 123", "", "", "", leg.Forbidden}, // the longer prefix has no trunks
		{"+1 555", "", "", "", leg.Forbidden},
		{"9001", "", "", "", leg.Forbidden},
		{"110", "", "", "", leg.Forbidden},
		{"", "", "", "", leg.NotFound},
		{"abc", "", "", "", leg.NotFound},
	} {
		t.Run(ca.dialled, func(t *testing.T) {
			got, cause := g.router.dialled(ca.dialled)
			if cause != nil {
				if cause.Reason != ca.refused {
					t.Errorf("refused with %+v, want %q", cause, ca.refused)
				}
				return
			}
			if ca.refused != "" || name(got.to) != ca.to || got.user != ca.user || got.role != ca.role {
				t.Errorf("target %+v, want %+v", got, ca)
			}
		})
	}
}

func TestInbound(t *testing.T) {
	seats, err := seat.New(seat.Config{Staff: staff()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(seats.Close)
	r := router{seats: seats, limits: Config{}.withDefaults().Limits, routes: Routes{
		Inbound: []InboundRule{
			{Number: "*", User: "mini"},
			{Number: "+4930*", User: "ben"},
			{Number: "+4930100", User: "ann", Ring: 20 * time.Second},
			{Number: "+4930100*", User: "pat"},
			{Number: "+4930100", Trunk: "spare", User: "quinn"},
			{Number: "+4930200", Trunk: "spare", User: "quinn"},
			{Number: "+4930300", Outside: "+1555"},
			{Number: "+4930400", User: "mob"},
		},
	}}
	for _, ca := range []struct {
		trunk, number, to string
		ring              time.Duration
		refused           leg.Reason
	}{
		{"carrier", "+4930100", "ann", 20 * time.Second, ""},
		{"spare", "+4930100", "1011", 30 * time.Second, ""},
		{"carrier", "+49301007", "1010", 30 * time.Second, ""},
		{"carrier", "+4930200", "ben", 30 * time.Second, ""},
		{"spare", "+4930200", "1011", 30 * time.Second, ""},
		{"carrier", "+1555", "mini", 30 * time.Second, ""}, // a WebRTC peer like a browser
		{"carrier", "+4930300", "", 0, leg.Forbidden},      // nor may a trunk leave by what no rule allows
		{"carrier", "+4930400", "", 0, leg.Forbidden},      // nor a seat's mobile
		{"carrier", "+4930300*", "ben", 30 * time.Second, ""},
	} {
		t.Run(ca.trunk+" "+ca.number, func(t *testing.T) {
			got, cause := r.inbound(ca.trunk, ca.number)
			if cause != nil {
				if cause.Reason != ca.refused {
					t.Errorf("refused with %+v, want %q", cause, ca.refused)
				}
				return
			}
			if ca.refused != "" || name(got.to) != ca.to || got.ring != ca.ring {
				t.Errorf("target %+v, want %s for %v", got, ca.to, ca.ring)
			}
		})
	}
	if _, cause := (&router{seats: seats}).inbound("carrier", "+4930100"); cause == nil || cause.Reason != leg.NotFound {
		t.Errorf("a number without a rule: %+v", cause)
	}
}

func TestBadRoutes(t *testing.T) {
	seats, err := seat.New(seat.Config{Staff: staff()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(seats.Close)
	for name, r := range map[string]Routes{
		"nobody":         {Inbound: []InboundRule{{Number: "+49"}}},
		"two ways":       {Inbound: []InboundRule{{Number: "+49", User: "ann", Extension: "1001"}}},
		"bad extension":  {Inbound: []InboundRule{{Number: "+49", Extension: "9"}}},
		"bad outside":    {Inbound: []InboundRule{{Number: "+49", Outside: "0 30"}}},
		"empty prefix":   {Outbound: []OutboundRule{{Trunks: []string{"carrier"}}}},
		"no time zone":   {Outbound: []OutboundRule{{Prefix: "+49", Hours: []seat.Hours{{To: time.Hour, Zone: "Mars"}}}}},
		"risky prefix":   {Outbound: []OutboundRule{{Prefix: "+8821", Trunks: []string{"carrier"}}}},
		"nobody's":       {NumberGroups: []NumberGroup{{Name: "one", Numbers: []string{"+4930100"}}}},
		"bad national":   {Numbering: Numbering{National: "49"}},
		"nowhere":        {Locations: map[string]string{"+49": ""}},
		"no prefix":      {Locations: map[string]string{"49": "Germany"}},
		"worse national": {Numbering: Numbering{National: "+4x"}},
	} {
		if _, err := New(Config{Routes: r, Seats: seats}); !errors.Is(err, ErrRoutes) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestWhatIsDialled checks what the transports are asked for.
func TestWhatIsDialled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{})
		comesIn(g, "1010", "089 555")
		d := g.dialer.leg("+4989555").dial
		if !slices.Equal(d.To.Trunks, []string{"carrier", "spare"}) || d.CallerID != "+4930100" || d.AutoAnswer {
			t.Errorf("outside: %+v", d)
		}
		if d.Timeout != 180*time.Second {
			t.Errorf("a number outside rings for %v", d.Timeout)
		}
		if got := d.Codecs; len(got) != 3 || got[0].Name() != "PCMA" || got[1].Name() != "PCMU" || got[2].Name() != "opus" {
			t.Errorf("codecs %v: the caller's must come first", got)
		}
		if info := g.only(); info.Caller.Number != "+4930100" || info.Callee.Number != "+4989555" || info.Trunk == "" ||
			info.User != "pat" {
			t.Errorf("session %+v", info)
		}
		g.HangUpAll(leg.Cause{Reason: leg.Shutdown})
		comesIn(g, "", "+4930104")
		if d := g.dialer.leg("+49170111").dial; d.Timeout != 10*time.Second || d.CallerID == "" {
			t.Errorf("a seat's mobile: %+v", d)
		}
		if e := g.watch.last(t, "mob", EventCallIn); e.ServerType != "staffPhoneSeat" || e.Timeout != 10*time.Second ||
			e.Caller.Number != "+4940123" || e.Direction != DirectionInbound {
			t.Errorf("callIn %+v", e)
		}
		g.HangUpAll(leg.Cause{Reason: leg.Shutdown})
		pass(latency)
		info, err := g.Call(t.Context(), Outbound{User: "ann", CalleeUser: "mob"})
		if err != nil || info.Caller.Number != "1001" || info.Direction != DirectionInternal {
			t.Errorf("a call to a colleague's mobile: %+v, %v", info, err)
		}
		pass(latency)
		if d := g.dialer.leg("+49170111").dial; d.CallerID != "+4930100" || d.From.Number != "1001" {
			t.Errorf("a colleague's mobile: %+v", d)
		}
		g.HangUpAll(leg.Cause{Reason: leg.Shutdown})
		g.settle()
	})
}

// TestCallToMobile has a seat ring at its mobile in place of its device, also while that is not there.
func TestCallToMobile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, Limits{})
		info, err := g.Call(t.Context(), Outbound{User: "ann", CalleeUser: "mini", UseMobile: true})
		if err != nil || info.Direction != DirectionInternal || info.Device != seat.DeviceBrowser {
			t.Fatalf("session %+v, %v", info, err)
		}
		pass(latency)
		l := g.dialer.leg("+49170222")
		if d := l.dial; d.CallerID != "+4930100" || d.From.Number != "1001" || d.Timeout != 30*time.Second {
			t.Errorf("dial %+v", d)
		}
		in, out := g.watch.last(t, "mini", EventCallIn), g.watch.last(t, "ann", EventCallOuted)
		if in.ServerType != "staffPhoneSeat" || in.PeerUser != "ann" || out.ServerType != "staffSeat" || out.PeerUser != "mini" {
			t.Errorf("callIn %+v, callOuted %+v", in, out)
		}
		l.answer(codec.PCMA)
		pass(latency)
		if e := g.watch.last(t, "mini", EventUserAccessed); e.ServerType != "staffPhoneSeat" {
			t.Errorf("userAccessed %+v", e)
		}
		if parties := g.only().Parties; parties[1].Device != seat.DeviceMobile || parties[0].Device != seat.DeviceBrowser {
			t.Errorf("parties %+v", parties)
		}
		if err := g.HangUp(t.Context(), "ann", info.ID); err != nil {
			t.Error(err)
		}
		g.settle()
		mini, _ := g.seats.Lookup("mini")
		mini.Mobile = "+1555"
		if _, err := g.seats.Change(t.Context(), mini); err != nil {
			t.Fatal(err)
		}
		_, err = g.Call(t.Context(), Outbound{User: "ann", CalleeUser: "mini", UseMobile: true})
		if codeOf(err) != CodeForbidden || !strings.Contains(err.Error(), "the mobile of mini may not be called") {
			t.Errorf("a mobile that the policy forbids: %v", err)
		}
		g.settle()
	})
}

// TestOurs checks which numbers a transfer would bring back to us: those of one trunk alone as well, but not all that
// exist where a rule takes whatever comes.
func TestOurs(t *testing.T) {
	r := router{routes: Routes{Inbound: []InboundRule{
		{Number: "+4930100", User: "ann"}, {Number: "+49302*", User: "ann", Trunk: "carrier"}, {Number: "*", User: "ann"},
		{Number: "+*", User: "ann"},
	}}}
	for number, want := range map[string]bool{
		"+4930100": true, "+49302": true, "+493021": true, "+493010": false, "+1555": false, "112": false,
	} {
		if got := r.ours(number); got != want {
			t.Errorf("%s: %v", number, got)
		}
	}
}
