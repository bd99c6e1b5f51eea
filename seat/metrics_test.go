package seat

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// TestMetrics wants seats by status, queues, and how waiting ended; two groups of one name count together.
func TestMetrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reg := prometheus.NewRegistry()
		c := Config{
			Metrics: NewMetrics(reg),
			Staff: []Staff{
				{User: "ann", Role: RoleAgent, Device: DevicePhone, Extension: "1001", MaxCalls: 1},
				{User: "ben", Role: RoleAgent, Device: DevicePhone, Extension: "1002", MaxCalls: 1},
			},
			Groups: []Group{{Name: "sales", Members: members("ann"), MaxWaiting: 2}, {Name: "sales"}},
		}
		f := openFloor(t, c)
		f.ask("ben", StatusRest)
		f.enter("s1")
		f.take("s1", "ann") // after no time
		f.enter("s2")
		time.Sleep(7 * time.Second)
		f.enter("s3")
		f.enter("s4") // too many
		f.q.Leave("s3")
		f.Release("ann", "s1")
		f.q.Missed("s2", "ann", MissNoAnswer)
		want := `
			# HELP seatbridge_queue_callers_total Callers whose waiting for a group ended, by result: answered, abandoned, or why they were given up.
			# TYPE seatbridge_queue_callers_total counter
			seatbridge_queue_callers_total{group="sales",result="abandoned"} 1
			seatbridge_queue_callers_total{group="sales",result="answered"} 1
			seatbridge_queue_callers_total{group="sales",result="full"} 1
			# HELP seatbridge_queue_longest_wait_seconds How long the one has waited who waits for the longest time now; 0 where nobody waits.
			# TYPE seatbridge_queue_longest_wait_seconds gauge
			seatbridge_queue_longest_wait_seconds{group="sales"} 7
			# HELP seatbridge_queue_missed_total Callers offered to a seat that did not take them, by reason.
			# TYPE seatbridge_queue_missed_total counter
			seatbridge_queue_missed_total{group="sales",reason="noAnswer"} 1
			# HELP seatbridge_queue_ringing Callers now for whom seats ring.
			# TYPE seatbridge_queue_ringing gauge
			seatbridge_queue_ringing{group="sales"} 0
			# HELP seatbridge_queue_waiting Callers now for whom no seat rings.
			# TYPE seatbridge_queue_waiting gauge
			seatbridge_queue_waiting{group="sales"} 1
			# HELP seatbridge_seats Seats now, by status.
			# TYPE seatbridge_seats gauge
			seatbridge_seats{status="arrange"} 0
			seatbridge_seats{status="busy"} 0
			seatbridge_seats{status="free"} 1
			seatbridge_seats{status="notReady"} 0
			seatbridge_seats{status="offline"} 0
			seatbridge_seats{status="rest"} 1
		`
		err := testutil.GatherAndCompare(reg, strings.NewReader(want), "seatbridge_queue_callers_total", "seatbridge_seats",
			"seatbridge_queue_waiting", "seatbridge_queue_ringing", "seatbridge_queue_longest_wait_seconds",
			"seatbridge_queue_missed_total")
		if err != nil {
			t.Error(err)
		}
		if problems, err := testutil.GatherAndLint(reg); err != nil || len(problems) > 0 {
			t.Error(problems, err)
		}
	})
}

// TestGroupLabels wants no more labels than there may be, whatever groups are called.
func TestGroupLabels(t *testing.T) {
	m := NewMetrics(nil)
	for i := range maxGroupLabels {
		name := fmt.Sprint("group ", i)
		if got := m.label(name); got != name {
			t.Fatalf("%q", got)
		}
	}
	for name, want := range map[string]string{"one more": otherGroups, "group 5": "group 5", "\xff": otherGroups} {
		if got := m.label(name); got != want {
			t.Errorf("%q: %q", name, got)
		}
	}
	if got := NewMetrics(nil).label("a\xffb"); got != "a?b" {
		t.Errorf("%q", got)
	}
}
