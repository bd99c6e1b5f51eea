package trunk

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics shows the trunks' health, which is read when it is asked for.
type Metrics struct {
	up         *prometheus.Desc
	registered *prometheus.Desc
	calls      *prometheus.Desc
	status     atomic.Pointer[func() []Status]
}

// NewMetrics registers the trunks' metrics.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		up: prometheus.NewDesc("seatbridge_sip_trunk_gateway_up",
			"Whether a trunk's gateway answers.", []string{"trunk", "gateway"}, nil),
		registered: prometheus.NewDesc("seatbridge_sip_trunk_registered",
			"Whether we are registered at a trunk.", []string{"trunk"}, nil),
		calls: prometheus.NewDesc("seatbridge_sip_trunk_calls",
			"Calls that a trunk carries, both ways, with those that are being tried.", []string{"trunk"}, nil),
	}
	reg.MustRegister(m)
	return m
}

// Describe implements prometheus.Collector.
func (m *Metrics) Describe(ch chan<- *prometheus.Desc) {
	ch <- m.up
	ch <- m.registered
	ch <- m.calls
}

// Collect implements prometheus.Collector.
func (m *Metrics) Collect(ch chan<- prometheus.Metric) {
	status := m.status.Load()
	if status == nil {
		return
	}
	for _, s := range (*status)() {
		if s.Registered != nil {
			ch <- prometheus.MustNewConstMetric(m.registered, prometheus.GaugeValue, gauge(*s.Registered), s.Name)
		}
		ch <- prometheus.MustNewConstMetric(m.calls, prometheus.GaugeValue, float64(s.Calls), s.Name)
		for _, g := range s.Gateways {
			ch <- prometheus.MustNewConstMetric(m.up, prometheus.GaugeValue, gauge(g.Up), s.Name, g.Address)
		}
	}
}

func gauge(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
