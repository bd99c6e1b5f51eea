package seat

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics counts what the queues do. One Directory uses it.
type Metrics struct {
	ended  *prometheus.CounterVec   // group, how
	missed *prometheus.CounterVec   // group, why
	waited *prometheus.HistogramVec // group
	reg    prometheus.Registerer    // for what the Directory itself shows; nil means that nobody looks
}

// NewMetrics makes the Metrics and registers them; a nil registerer means that nobody looks.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		reg: reg,
		ended: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "seatbridge_queue_callers_ended_total",
			Help: "Callers whose waiting ended, by group and how: taken, left, or why given up.",
		}, []string{"group", "how"}),
		missed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "seatbridge_queue_offers_missed_total", Help: "Offers that a seat did not take, by group and why.",
		}, []string{"group", "why"}),
		waited: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "seatbridge_queue_wait_seconds", Help: "Time from a caller's coming to a group until a seat took the call.",
			Buckets: []float64{1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800},
		}, []string{"group"}),
	}
	if reg != nil {
		reg.MustRegister(m.ended, m.missed, m.waited)
	}
	return m
}

// show has the registerer see the Directory's queues and seats.
func (m *Metrics) show(d *Directory) {
	if m.reg != nil {
		m.reg.MustRegister(view{
			d: d,
			callers: prometheus.NewDesc("seatbridge_queue_callers",
				"Callers in the queues now, by group and state: waiting, or ringing at seats.", []string{"group", "state"}, nil),
			seats: prometheus.NewDesc("seatbridge_seats", "Seats now, by status.", []string{"status"}, nil),
		})
	}
}

func (m *Metrics) end(w *waiter, how string, now time.Time) {
	m.ended.WithLabelValues(label(w.group), how).Inc()
	if how == "taken" {
		m.waited.WithLabelValues(label(w.group)).Observe(now.Sub(w.entered).Seconds())
	}
}

// label is a group's ID: names may change, or be there twice.
func label(g *group) string { return strconv.FormatInt(g.ID, 10) }

// view is a prometheus.Collector.
type view struct {
	d              *Directory
	callers, seats *prometheus.Desc
}

// Describe is for prometheus.Collector.
func (v view) Describe(descs chan<- *prometheus.Desc) {
	descs <- v.callers
	descs <- v.seats
}

// Collect is for prometheus.Collector.
func (v view) Collect(metrics chan<- prometheus.Metric) {
	gauge := func(desc *prometheus.Desc, n int, labels ...string) {
		metrics <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(n), labels...)
	}
	for _, q := range v.d.Queues().Snapshot() {
		id := strconv.FormatInt(q.Group, 10)
		gauge(v.callers, q.Waiting, id, "waiting")
		gauge(v.callers, q.Ringing, id, "ringing")
	}
	seats := map[Status]int{}
	for _, user := range v.d.Users() {
		if status, ok := v.d.Status(user); ok {
			seats[status]++
		}
	}
	for status, n := range seats {
		gauge(v.seats, n, string(status))
	}
}
