package recording

import "github.com/prometheus/client_golang/prometheus"

// Results of recordings, in metrics.
const (
	resultComplete  = "complete"
	resultFailed    = "failed"
	resultRecovered = "recovered"
)

// Metrics counts recordings.
type Metrics struct {
	now    prometheus.Gauge
	ended  *prometheus.CounterVec // result
	bytes  prometheus.Counter
	lost   prometheus.Counter
	broken prometheus.Counter
}

// NewMetrics makes the Metrics and registers them; a nil registerer means that nobody looks.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	m := &Metrics{
		now: prometheus.NewGauge(prometheus.GaugeOpts{Name: "seatbridge_recordings", Help: "Recordings that go on."}),
		ended: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "seatbridge_recordings_total",
			Help: "Recordings that ended, by result: complete, failed (cut short by an error), recovered (by a crash).",
		}, []string{"result"}),
		bytes: counter("seatbridge_recording_bytes_total", "Bytes written to recordings."),
		lost: counter("seatbridge_recording_frames_lost_total",
			"Frames that a recording has silence in place of, as its queue was full."),
		broken: counter("seatbridge_recording_frames_undecodable_total", "Frames of recordings that could not be decoded."),
	}
	if reg != nil {
		reg.MustRegister(m.now, m.ended, m.bytes, m.lost, m.broken)
	}
	return m
}
