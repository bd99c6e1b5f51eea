package rtpsock

import "github.com/prometheus/client_golang/prometheus"

// Metrics are the package's Prometheus metrics. One serves all pools; a nil *Metrics counts nothing.
type Metrics struct {
	pairs     [2]prometheus.Gauge
	exhausted prometheus.Counter
	dropped   [reasons]prometheus.Counter
}

// state says what a pair is bound for.
type state uint8

const (
	inUse state = iota
	draining
)

// NewMetrics makes and registers the metrics.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	pairs := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "seatbridge_rtp_port_pairs", Help: "RTP and RTCP port pairs that are bound, by state: used or draining.",
	}, []string{"state"})
	exhausted := prometheus.NewCounter(prometheus.CounterOpts{
		Name: "seatbridge_rtp_ports_exhausted_total", Help: "Legs that got no RTP port.",
	})
	dropped := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "seatbridge_rtp_dropped_packets_total", Help: "Packets dropped at SIP legs' RTP and RTCP ports, by reason.",
	}, []string{"reason"})
	reg.MustRegister(pairs, exhausted, dropped)
	m := &Metrics{exhausted: exhausted}
	m.pairs[inUse], m.pairs[draining] = pairs.WithLabelValues("used"), pairs.WithLabelValues("draining")
	for r := reason(1); r < reasons; r++ {
		m.dropped[r] = dropped.WithLabelValues(r.String())
	}
	return m
}

func (m *Metrics) ports(s state, change float64) {
	if m != nil {
		m.pairs[s].Add(change)
	}
}

func (m *Metrics) exhaust() {
	if m != nil {
		m.exhausted.Inc()
	}
}

func (m *Metrics) drop(r reason) {
	if m != nil {
		m.dropped[r].Inc()
	}
}
