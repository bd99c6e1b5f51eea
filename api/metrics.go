package api

import "github.com/prometheus/client_golang/prometheus"

// Metrics counts what the API does.
type Metrics struct {
	sockets  prometheus.Gauge
	logins   prometheus.Gauge
	tokens   *prometheus.CounterVec // result
	commands *prometheus.CounterVec // type, result
	events   *prometheus.CounterVec // event
	closed   *prometheus.CounterVec // reason
}

// NewMetrics registers the metrics; a nil registerer means that nobody looks at them.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		sockets: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "seatbridge_api_sockets", Help: "WebSockets that are open.",
		}),
		logins: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "seatbridge_api_logins", Help: "Browsers that are logged in, with a socket or between two.",
		}),
		tokens: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "seatbridge_api_token_requests_total", Help: "Requests for a token, by result.",
		}, []string{"result"}),
		commands: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "seatbridge_api_commands_total", Help: "Commands of browsers, by type and result code.",
		}, []string{"type", "result"}),
		events: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "seatbridge_api_events_total", Help: "Events numbered for browsers, by event.",
		}, []string{"event"}),
		closed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "seatbridge_api_sockets_closed_total", Help: "WebSockets that were closed, by reason.",
		}, []string{"reason"}),
	}
	if reg != nil {
		reg.MustRegister(m.sockets, m.logins, m.tokens, m.commands, m.events, m.closed)
	}
	return m
}
