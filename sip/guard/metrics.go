package guard

import "github.com/prometheus/client_golang/prometheus"

// Metrics counts what the guard lets through and what it drops.
type Metrics struct {
	passed       *prometheus.CounterVec
	dropped      *prometheus.CounterVec
	conns        *prometheus.GaugeVec
	authFailures prometheus.Counter
	bans         *prometheus.CounterVec
	recycles     prometheus.Counter
}

// NewMetrics registers the guard's metrics.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		passed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "seatbridge_sip_guard_passed_total",
			Help: "SIP messages let through, by lane: stranger, known (authenticated lately), allowed (trunk).",
		}, []string{"transport", "lane"}),
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "seatbridge_sip_guard_dropped_total",
			Help: "SIP messages and connections dropped before the parser, by reason; keepalive is none to worry about.",
		}, []string{"transport", "reason"}),
		conns: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "seatbridge_sip_guard_connections", Help: "Accepted SIP connections that are open.",
		}, []string{"transport"}),
		authFailures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "seatbridge_sip_guard_auth_failures_total", Help: "Wrong SIP passwords, also of unknown users.",
		}),
		bans: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "seatbridge_sip_guard_bans_total",
			Help: "Bans after wrong passwords, of: source, user_at_source (from where others authenticate), user.",
		}, []string{"kind"}),
		recycles: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "seatbridge_sip_guard_recycles_total", Help: "Times that the SIP stack was made to forget UDP sources.",
		}),
	}
	reg.MustRegister(m.passed, m.dropped, m.conns, m.authFailures, m.bans, m.recycles)
	return m
}
