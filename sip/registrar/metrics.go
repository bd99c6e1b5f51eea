package registrar

import (
	"strconv"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics counts registrations; the bindings are counted when they are asked for.
type Metrics struct {
	responses   *prometheus.CounterVec
	current     *prometheus.Desc
	unreachable *prometheus.Desc
	bindings    atomic.Pointer[func() (transports map[string]int, unreachable int)]
}

// NewMetrics registers the registrar's metrics.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		responses: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "seatbridge_sip_register_responses_total",
			Help: "Answers to REGISTER by code; 0 is none, to a banned source.",
		}, []string{"code"}),
		current: prometheus.NewDesc("seatbridge_sip_registrations",
			"Bindings of registered phones.", []string{"transport"}, nil),
		unreachable: prometheus.NewDesc("seatbridge_sip_registrations_unreachable",
			"Bindings of registered phones that leave OPTIONS unanswered.", nil, nil),
	}
	reg.MustRegister(m.responses, m)
	return m
}

// Describe implements prometheus.Collector.
func (m *Metrics) Describe(ch chan<- *prometheus.Desc) {
	ch <- m.current
	ch <- m.unreachable
}

// Collect implements prometheus.Collector.
func (m *Metrics) Collect(ch chan<- prometheus.Metric) {
	count := m.bindings.Load()
	if count == nil {
		return
	}
	transports, unreachable := (*count)()
	for _, t := range []string{"udp", "tcp", "tls"} {
		ch <- prometheus.MustNewConstMetric(m.current, prometheus.GaugeValue, float64(transports[t]), t)
	}
	ch <- prometheus.MustNewConstMetric(m.unreachable, prometheus.GaugeValue, float64(unreachable))
}

func (m *Metrics) answered(code int) { m.responses.WithLabelValues(strconv.Itoa(code)).Inc() }
