package seat

import (
	"testing"
	"time"
)

func TestHours(t *testing.T) {
	berlin := Hours{
		Days: []time.Weekday{time.Monday, time.Sunday}, From: 9 * time.Hour, To: 17*time.Hour + 30*time.Minute,
		Zone: "Europe/Berlin",
	}
	night := Hours{Days: []time.Weekday{time.Saturday}, From: 22 * time.Hour, To: 6 * time.Hour, Zone: "Europe/Berlin"}
	for _, c := range []struct {
		hours Hours
		at    string
		want  bool
	}{
		{berlin, "2026-11-23T08:00:00Z", true}, // Monday, 9:00 in winter
		{berlin, "2026-11-23T07:59:59Z", false},
		{berlin, "2026-11-23T16:29:59Z", true},
		{berlin, "2026-11-23T16:30:00Z", false},
		{berlin, "2026-11-24T10:00:00Z", false}, // Tuesday
		{berlin, "2026-07-20T07:00:00Z", true},  // Monday, 9:00 in summer
		{berlin, "2026-07-20T06:59:59Z", false},
		{berlin, "2026-03-29T06:59:59Z", false}, // Sunday of the change to summer time, 8:59:59
		{berlin, "2026-03-29T07:00:00Z", true},
		{berlin, "2026-10-25T08:00:00Z", true}, // and to winter time, 9:00
		{berlin, "2026-10-25T07:59:59Z", false},
		{night, "2026-11-21T21:00:00Z", true}, // Saturday, 22:00
		{night, "2026-11-22T04:59:59Z", true}, // Sunday, 5:59:59
		{night, "2026-11-22T05:00:00Z", false},
		{night, "2026-11-21T04:00:00Z", false}, // Saturday, 5:00: Friday is no day
		{Hours{}, "2026-11-22T05:00:00Z", true},
		{Hours{To: 24 * time.Hour}, "2026-11-22T23:59:59Z", true},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.hours.check(); err != nil {
			t.Fatal(err)
		}
		zone, err := time.LoadLocation(c.hours.Zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.hours.open(at, zone); got != c.want {
			t.Errorf("%s: open %v", c.at, got)
		}
	}
}
