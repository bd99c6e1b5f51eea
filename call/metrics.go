package call

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"seatbridge/leg"
)

// Metrics counts what sessions do.
type Metrics struct {
	sessions   *prometheus.GaugeVec     // direction, status
	ended      *prometheus.CounterVec   // direction, reason, closed_by
	refused    *prometheus.CounterVec   // reason
	denied     *prometheus.CounterVec   // policy
	legs       *prometheus.GaugeVec     // kind, state
	setup      *prometheus.HistogramVec // direction
	reaped     *prometheus.CounterVec   // kind
	overflows  prometheus.Counter
	panics     prometheus.Counter
	late       prometheus.Counter
	digitsLost prometheus.Counter
	soundLost  *prometheus.CounterVec // kind, reason
}

// NewMetrics makes the Metrics and registers them; a nil registerer means that nobody looks.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		sessions: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "seatbridge_sessions", Help: "Sessions now, by direction and status.",
		}, []string{"direction", "status"}),
		ended: counters("seatbridge_sessions_ended_total", "Sessions that ended, by direction, reason and who closed them.",
			"direction", "reason", "closed_by"),
		refused: counters("seatbridge_sessions_refused_total", "Calls that never became a session, by reason.", "reason"),
		denied: counters("seatbridge_outbound_refused_total",
			"Calls, transfers and forwardings outside that policy refused, by the policy.", "policy"),
		legs: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "seatbridge_legs", Help: "Legs of sessions now, by kind and state.",
		}, []string{"kind", "state"}),
		setup: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "seatbridge_session_setup_seconds", Help: "Time from a session's start to its answer.",
			Buckets: []float64{0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 180},
		}, []string{"direction"}),
		reaped: counters("seatbridge_legs_reaped_total", "Legs that never said that they ended, by kind: a fault.", "kind"),
		overflows: counter("seatbridge_session_mailbox_overflows_total",
			"Sessions ended because more happened at once than they could take."),
		panics: counter("seatbridge_session_panics_total", "Sessions ended by a fault of the program."),
		late:   counter("seatbridge_session_late_events_total", "Events of legs whose session was gone."),
		digitsLost: counter("seatbridge_session_digits_lost_total",
			"Digits that were to be passed on and could not be sent."),
		soundLost: counters("seatbridge_media_lost_total",
			"Times that a party's sound stopped or never came, by kind of leg and cause.", "kind", "reason"),
	}
	if reg != nil {
		reg.MustRegister(m.sessions, m.ended, m.refused, m.denied, m.legs, m.setup, m.reaped, m.overflows, m.panics, m.late,
			m.digitsLost, m.soundLost)
	}
	return m
}

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
}

// legState moves one leg's count from one state to the next; from is empty for a new leg.
func (m *Metrics) legState(kind leg.Kind, from, to state) {
	if from != "" {
		m.legs.WithLabelValues(string(kind), string(from)).Dec()
	}
	if to != stateEnded {
		m.legs.WithLabelValues(string(kind), string(to)).Inc()
	}
}

// sessionStatus moves one session's count from one status to the next; either may be empty.
func (m *Metrics) sessionStatus(d Direction, from, to Status) {
	if from != "" {
		m.sessions.WithLabelValues(d.String(), string(from)).Dec()
	}
	if to != "" {
		m.sessions.WithLabelValues(d.String(), string(to)).Inc()
	}
}

func (m *Metrics) sessionAnswered(d Direction, after time.Duration) {
	m.setup.WithLabelValues(d.String()).Observe(after.Seconds())
}

func (m *Metrics) sessionEnded(d Direction, reason leg.Reason, closedBy string) {
	m.ended.WithLabelValues(d.String(), string(reason), closedBy).Inc()
}
