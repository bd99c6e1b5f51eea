package main

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"seatbridge/call"
	"seatbridge/configs"
	"seatbridge/seat"
)

// TestOutboundMapping checks that all that the file says of calls outside reaches call control and the trunks.
func TestOutboundMapping(t *testing.T) {
	text := strings.NewReplacer(
		`{prefix: "+1555", trunks: [carrier]}`, `{prefix: "+1555", trunks: [carrier], risky: ["+15551"],
    hours: [{days: [mon], from: "08:00", to: "20:00", zone: Europe/Berlin}]}
  - {prefix: "+15559", block: true}
number_groups: [{name: sales, numbers: ["+15550100"]}]
calls: {emergency_numbers: ["110"]}`,
		"    caller_ids:", "    max_calls: 30\n    calls_per_second: 5\n    protect_numbers: true\n    caller_ids:",
	).Replace(string(configs.Default()))
	c, err := configs.Parse("f.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	got := routes(c, nil)
	hours := seat.Hours{
		Days: []time.Weekday{time.Monday}, From: 8 * time.Hour, To: 20 * time.Hour, Zone: "Europe/Berlin",
	}
	want := call.Routes{
		Trunks: []call.Trunk{{Name: "carrier", CallerIDs: []string{"+15550100"}, Protect: true}},
		Outbound: []call.OutboundRule{
			{Prefix: "+1555", Trunks: []string{"carrier"}, Risky: []string{"+15551"}, Hours: []seat.Hours{hours}},
			{Prefix: "+15559"},
		},
		NumberGroups: []call.NumberGroup{{Name: "sales", Numbers: []string{"+15550100"}}}, Emergency: []string{"110"},
		Locations: map[string]string{"+15550": "Demo City", "+155501": "Demo City, North"},
	}
	got.Inbound, got.Menus = nil, nil
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if trunk := trunkConfig(c, c.Trunks[0]); trunk.MaxCalls != 30 || trunk.CallsPerSecond != 5 {
		t.Errorf("%+v", trunk)
	}
}
