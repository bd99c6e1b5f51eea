package rtc

import "github.com/prometheus/client_golang/prometheus"

// Metrics counts what a Server does.
type Metrics struct {
	peers      *prometheus.GaugeVec
	offers     *prometheus.CounterVec
	lost       prometheus.Counter
	closed     *prometheus.CounterVec
	dropped    *prometheus.CounterVec
	readErrors prometheus.Counter

	// One for each kind of packet: label lookups are too slow for the packet path.
	in, out [numKinds]prometheus.Counter
}

// NewMetrics makes Metrics and registers them.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		peers: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "seatbridge_rtc_peers", Help: "Browsers' peer connections by state.",
		}, []string{"state"}),
		offers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "seatbridge_rtc_offers_total",
			Help: "Offers, by what came of them: new, replace (the page was loaded anew), renegotiate, refused, failed.",
		}, []string{"result"}),
		lost: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "seatbridge_rtc_disconnects_total", Help: "Connections that were lost, whether or not they came back.",
		}),
		closed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "seatbridge_rtc_closed_total", Help: "Peer connections closed, by reason.",
		}, []string{"reason"}),
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "seatbridge_rtc_dropped_packets_total", Help: "Packets from browsers that were dropped, by reason.",
		}, []string{"reason"}),
		readErrors: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "seatbridge_rtc_socket_errors_total", Help: "Errors of reading the UDP socket that were survived.",
		}),
	}
	packets := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "seatbridge_rtc_packets_total",
		Help: "Packets on the UDP socket by direction and kind (RFC 7983); in: before any was dropped.",
	}, []string{"direction", "kind"})
	for k := range numKinds {
		m.in[k] = packets.WithLabelValues("in", k.String())
		m.out[k] = packets.WithLabelValues("out", k.String())
	}
	reg.MustRegister(m.peers, m.offers, m.lost, m.closed, m.dropped, m.readErrors, packets)
	return m
}
