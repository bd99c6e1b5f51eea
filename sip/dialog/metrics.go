package dialog

import "github.com/prometheus/client_golang/prometheus"

// Metrics counts what the Stack does.
type Metrics struct {
	requests        *prometheus.CounterVec
	responses       *prometheus.CounterVec
	dialogs         prometheus.Gauge
	retransmissions *prometheus.CounterVec
	panics          prometheus.Counter
	dropped         *prometheus.CounterVec
}

// NewMetrics registers the metrics of SIP signalling.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "seatbridge_sip_requests_total", Help: "SIP requests on the wire.",
		}, []string{"method", "direction"}),
		responses: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "seatbridge_sip_responses_total", Help: "SIP responses on the wire, by the request's method.",
		}, []string{"method", "code", "direction"}),
		dialogs: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "seatbridge_sip_dialogs", Help: "SIP dialogs in memory.",
		}),
		retransmissions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "seatbridge_sip_retransmissions_total", Help: "SIP messages sent or received again.",
		}, []string{"direction"}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "seatbridge_sip_panics_total", Help: "Panics caught in SIP handlers.",
		}),
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "seatbridge_sip_dropped_total", Help: "SIP messages refused or dropped before a handler, by reason.",
		}, []string{"reason"}),
	}
	reg.MustRegister(m.requests, m.responses, m.dialogs, m.retransmissions, m.panics, m.dropped)
	return m
}
