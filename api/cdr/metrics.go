package cdr

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics count records.
type Metrics struct {
	written, lost, sent, cutOff prometheus.Counter
	failed                      *prometheus.CounterVec
	unwritten, unnoted          prometheus.Gauge
	pending, parked             prometheus.Gauge

	oldest atomic.Int64 // unix ms at which the oldest pending record's session ended; 0 where none is pending
}

// NewMetrics makes the metrics and registers them; a nil Registerer means that nobody looks.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "seatbridge_records_" + name, Help: help})
	}
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: "seatbridge_records_" + name, Help: help})
	}
	m := &Metrics{
		written: counter("written_total", "Records written to the store."),
		lost:    counter("lost_total", "Records that the store never took; the log has them."),
		cutOff:  counter("cut_off_total", "Sessions that the end of the process before cut off, recorded at the start."),
		sent:    counter("sent_total", "Records that the receiver took."),
		failed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "seatbridge_records_failed_total",
			Help: "Attempts to send a record that failed, by what became of it: retry or parked.",
		}, []string{"then"}),
		unwritten: gauge("unwritten", "Records in memory that the store does not take."),
		unnoted:   gauge("sessions_unnoted", "Sessions that go on, of which the store does not know how far they are."),
		pending:   gauge("pending", "Records that the receiver has not taken yet."),
		parked:    gauge("parked", "Records that the receiver refused for so long that they are put aside."),
	}
	for _, then := range []string{"retry", "parked"} {
		m.failed.WithLabelValues(then)
	}
	age := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "seatbridge_records_oldest_pending_age_seconds",
		Help: "Since the end of the session whose record is the first to be sent.",
	}, m.age)
	if reg != nil {
		reg.MustRegister(m.written, m.lost, m.cutOff, m.sent, m.failed, m.unwritten, m.unnoted, m.pending, m.parked, age)
	}
	return m
}

func (m *Metrics) age() float64 {
	oldest := m.oldest.Load()
	if oldest == 0 {
		return 0
	}
	return time.Since(time.UnixMilli(oldest)).Seconds()
}

// outbox shows what is not sent.
func (m *Metrics) outbox(o Outbox) {
	m.pending.Set(float64(o.Pending))
	m.parked.Set(float64(o.Parked))
	oldest := int64(0)
	if !o.Oldest.IsZero() {
		oldest = o.Oldest.UnixMilli()
	}
	m.oldest.Store(oldest)
}
