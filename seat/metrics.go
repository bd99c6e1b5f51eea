package seat

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// maxGroupLabels bounds the label "group": groups beyond it, in the order in which they are first seen, count together
// as otherGroups.
const (
	maxGroupLabels = 100
	otherGroups    = "(others)"
)

// How a caller's waiting ends, beside each Why.
const (
	resultAnswered  = "answered"
	resultAbandoned = "abandoned" // hung up, or went elsewhere
)

// Metrics shows what seats do and who waits, which is read when it is asked for, and counts how waiting ended.
type Metrics struct {
	callers *prometheus.CounterVec   // group, result
	waited  *prometheus.HistogramVec // group
	missed  *prometheus.CounterVec   // group, reason

	seats, waiting, ringing, longest *prometheus.Desc
	directory                        atomic.Pointer[Directory]

	mu     sync.Mutex
	labels map[string]struct{} // groups that have a label of their own
}

// NewMetrics makes the Metrics and registers them; a nil registerer means that nobody looks.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		callers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "seatbridge_queue_callers_total",
			Help: "Callers whose waiting for a group ended, by result: answered, abandoned, or why they were given up.",
		}, []string{"group", "result"}),
		waited: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "seatbridge_queue_wait_seconds", Help: "How long answered callers waited, ringing included.",
			Buckets: []float64{2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 1800},
		}, []string{"group"}),
		missed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "seatbridge_queue_missed_total", Help: "Callers offered to a seat that did not take them, by reason.",
		}, []string{"group", "reason"}),
		seats: prometheus.NewDesc("seatbridge_seats", "Seats now, by status.", []string{"status"}, nil),
		waiting: prometheus.NewDesc("seatbridge_queue_waiting", "Callers now for whom no seat rings.",
			[]string{"group"}, nil),
		ringing: prometheus.NewDesc("seatbridge_queue_ringing", "Callers now for whom seats ring.",
			[]string{"group"}, nil),
		longest: prometheus.NewDesc("seatbridge_queue_longest_wait_seconds",
			"How long the one has waited who waits for the longest time now; 0 where nobody waits.", []string{"group"}, nil),
		labels: map[string]struct{}{},
	}
	if reg != nil {
		reg.MustRegister(m, m.callers, m.waited, m.missed)
	}
	return m
}

// Describe implements prometheus.Collector.
func (m *Metrics) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.seats, m.waiting, m.ringing, m.longest} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (m *Metrics) Collect(ch chan<- prometheus.Metric) {
	d := m.directory.Load()
	if d == nil {
		return
	}
	for status, n := range d.statuses() {
		ch <- prometheus.MustNewConstMetric(m.seats, prometheus.GaugeValue, float64(n), string(status))
	}
	for label, q := range m.byLabel(d.Queues().Snapshot()) {
		ch <- prometheus.MustNewConstMetric(m.waiting, prometheus.GaugeValue, float64(q.Waiting), label)
		ch <- prometheus.MustNewConstMetric(m.ringing, prometheus.GaugeValue, float64(q.Ringing), label)
		ch <- prometheus.MustNewConstMetric(m.longest, prometheus.GaugeValue, q.Longest.Seconds(), label)
	}
}

// byLabel adds up what has the same label: groups may have the same name.
func (m *Metrics) byLabel(queues []QueueInfo) map[string]QueueInfo {
	all := map[string]QueueInfo{}
	for _, q := range queues {
		label := m.label(q.Name)
		sum := all[label]
		sum.Waiting, sum.Ringing, sum.Longest = sum.Waiting+q.Waiting, sum.Ringing+q.Ringing, max(sum.Longest, q.Longest)
		all[label] = sum
	}
	return all
}

// label is the group's, as far as there is room.
func (m *Metrics) label(name string) string {
	name = strings.ToValidUTF8(name, "?")
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.labels[name]; !ok && len(m.labels) >= maxGroupLabels {
		return otherGroups
	}
	m.labels[name] = struct{}{}
	return name
}

// ended counts a caller whose waiting is over.
func (m *Metrics) ended(w *waiter, result string, now time.Time) {
	group := m.label(w.group.Name)
	m.callers.WithLabelValues(group, result).Inc()
	if result == resultAnswered {
		m.waited.WithLabelValues(group).Observe(now.Sub(w.Since).Seconds())
	}
}

// statuses counts the seats in each status, also in those that none has.
func (d *Directory) statuses() map[Status]int {
	count := map[Status]int{
		StatusOffline: 0, StatusFree: 0, StatusBusy: 0, StatusArrange: 0, StatusNotReady: 0, StatusRest: 0,
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range d.byUser {
		count[p.status]++
	}
	return count
}
