package seat

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

func TestMetrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reg := prometheus.NewRegistry()
		f := openFloor(t, Config{
			Metrics: NewMetrics(reg), Staff: []Staff{phone("ann", "1001"), phone("ben", "1002")},
			Groups: []Group{{Name: "sales", Members: members("ann")}},
		})
		f.enter("s1")
		time.Sleep(3 * time.Second)
		f.q.Missed("s1", "ann", MissRejected)
		f.enter("s2")
		f.take("s2", "ann")
		f.enter("s3")
		f.q.Leave("s3")
		want := `
# HELP seatbridge_queue_callers Callers in the queues now, by group and state: waiting, or ringing at seats.
# TYPE seatbridge_queue_callers gauge
seatbridge_queue_callers{group="1",state="ringing"} 0
seatbridge_queue_callers{group="1",state="waiting"} 1
# HELP seatbridge_queue_callers_ended_total Callers whose waiting ended, by group and how: taken, left, or why given up.
# TYPE seatbridge_queue_callers_ended_total counter
seatbridge_queue_callers_ended_total{group="1",how="left"} 1
seatbridge_queue_callers_ended_total{group="1",how="taken"} 1
# HELP seatbridge_queue_offers_missed_total Offers that a seat did not take, by group and why.
# TYPE seatbridge_queue_offers_missed_total counter
seatbridge_queue_offers_missed_total{group="1",why="rejected"} 1
# HELP seatbridge_seats Seats now, by status.
# TYPE seatbridge_seats gauge
seatbridge_seats{status="busy"} 1
seatbridge_seats{status="free"} 1
`
		if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "seatbridge_queue_callers",
			"seatbridge_queue_callers_ended_total", "seatbridge_queue_offers_missed_total", "seatbridge_seats"); err != nil {
			t.Error(err)
		}
		if problems, err := testutil.GatherAndLint(reg); err != nil || len(problems) > 0 {
			t.Errorf("%v, %v", problems, err)
		}
	})
}
