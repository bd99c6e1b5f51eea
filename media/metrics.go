package media

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics sums up what all legs' media counted. Legs count for themselves, so that the packet path shares nothing;
// what they counted is read when somebody asks, and kept when a leg is gone. A nil *Metrics takes nothing in.
type Metrics struct {
	mu   sync.Mutex
	live map[Counted]struct{}
	gone totals
}

// Counted is something of this package that counts: a Receiver, Sender, Decoder, Encoder, JitterBuffer or Clock.
type Counted interface{ addTo(t *totals) }

// NewMetrics makes the metrics and registers them.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{live: map[Counted]struct{}{}}
	reg.MustRegister(m)
	return m
}

// Track takes in what counts from now on.
func (m *Metrics) Track(counted ...Counted) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range counted {
		m.live[c] = struct{}{}
	}
}

// Untrack keeps what was counted by something that is gone.
func (m *Metrics) Untrack(counted ...Counted) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range counted {
		if _, ok := m.live[c]; ok {
			delete(m.live, c)
			c.addTo(&m.gone)
		}
	}
}

// TrackPort is Track of all that a Port has.
func (m *Metrics) TrackPort(p Port) { m.Track(p.counted()...) }

// UntrackPort is Untrack of all that a Port has.
func (m *Metrics) UntrackPort(p Port) { m.Untrack(p.counted()...) }

func (p Port) counted() []Counted {
	c := []Counted{p.In}
	for _, s := range p.Ears {
		c = append(c, s)
	}
	return c
}

// totals are sums over legs.
type totals struct {
	receive   ReceiveStats
	jitter    time.Duration // sum over legs that received
	receivers int           // with anything received
	send      SendStats
	added     latency
	concealed uint64
	decode    uint64 // errors
	encode    uint64 // errors
	encoders  int
	mixLate   uint64 // packets
	slips     uint64
	clock     ClockStats
}

func (r *Receiver) addTo(t *totals) {
	s := r.Stats()
	t.receive.Packets += s.Packets
	t.receive.Bytes += s.Bytes
	t.receive.Lost += s.Lost
	t.receive.Late += s.Late
	t.receive.Duplicate += s.Duplicate
	t.receive.Reordered += s.Reordered
	t.receive.UnknownType += s.UnknownType
	t.receive.ComfortNoise += s.ComfortNoise
	t.receive.Malformed += s.Malformed
	t.receive.Jumps += s.Jumps
	t.receive.Unheard += s.Unheard
	t.receive.Digits += s.Digits + s.Tones
	if s.Packets > 0 {
		t.jitter += s.Jitter
		t.receivers++
	}
}

func (s *Sender) addTo(t *totals) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t.send.Packets += s.stats.Packets
	t.send.Bytes += s.stats.Bytes
	t.send.Dropped += s.stats.Dropped
	t.added.count += s.latency.count
	t.added.sum += s.latency.sum
	for i, n := range s.latency.buckets {
		t.added.buckets[i] += n
	}
}

func (d *Decoder) addTo(t *totals) {
	t.concealed += d.concealed.Load()
	t.decode += d.errors.Load()
}

func (e *Encoder) addTo(t *totals) {
	t.encoders++
	t.encode += e.errors.Load()
}

func (j *JitterBuffer) addTo(t *totals) {
	late, slips := j.Stats()
	t.mixLate += late
	t.slips += slips
}

func (c *Clock) addTo(t *totals) {
	s := c.Stats()
	t.clock.Playing += s.Playing
	t.clock.Late += s.Late
	t.clock.Resets += s.Resets
}

// Describe says nothing: the metrics are made on Collect.
func (m *Metrics) Describe(chan<- *prometheus.Desc) {}

// Collect sums up for one scrape.
func (m *Metrics) Collect(ch chan<- prometheus.Metric) {
	m.mu.Lock()
	t := m.gone
	// What is only true of the living.
	t.jitter, t.receivers, t.encoders, t.clock.Playing = 0, 0, 0, 0
	for c := range m.live {
		c.addTo(&t)
	}
	m.mu.Unlock()
	t.collect(ch)
}

// metric is one metric with one value.
type metric struct {
	name, help   string
	label, value string // empty label: none
	kind         prometheus.ValueType
	v            float64
}

func (t *totals) collect(ch chan<- prometheus.Metric) {
	for _, m := range t.metrics() {
		desc := prometheus.NewDesc(m.name, m.help, nil, nil)
		if m.label != "" {
			desc = prometheus.NewDesc(m.name, m.help, nil, prometheus.Labels{m.label: m.value})
		}
		ch <- prometheus.MustNewConstMetric(desc, m.kind, m.v)
	}
	buckets, sum := map[float64]uint64{}, uint64(0)
	for i, n := range t.added.buckets {
		sum += n
		buckets[latencyBounds[i].Seconds()] = sum
	}
	desc := prometheus.NewDesc("seatbridge_media_added_latency_seconds",
		"Time from a packet's arrival to the leaving of what was made of it.", nil, nil)
	ch <- prometheus.MustNewConstHistogram(desc, t.added.count, t.added.sum.Seconds(), buckets)
}

// metrics is the table of all but the histogram.
func (t *totals) metrics() []metric {
	const (
		counter = prometheus.CounterValue
		gauge   = prometheus.GaugeValue

		packets = "seatbridge_media_packets_total"
		bytes   = "seatbridge_media_bytes_total"
		dropped = "seatbridge_media_dropped_packets_total"

		packetsHelp = "RTP packets of all legs, by direction."
		bytesHelp   = "RTP payload bytes of all legs, by direction."
		droppedHelp = "RTP packets that were not passed on, by reason."
	)
	r, s := &t.receive, &t.send
	m := []metric{
		{packets, packetsHelp, "direction", "in", counter, float64(r.Packets)},
		{packets, packetsHelp, "direction", "out", counter, float64(s.Packets)},
		{bytes, bytesHelp, "direction", "in", counter, float64(r.Bytes)},
		{bytes, bytesHelp, "direction", "out", counter, float64(s.Bytes)},
		{dropped, droppedHelp, "reason", "late", counter, float64(r.Late)},
		{dropped, droppedHelp, "reason", "duplicate", counter, float64(r.Duplicate)},
		{dropped, droppedHelp, "reason", "unknown_type", counter, float64(r.UnknownType)},
		{dropped, droppedHelp, "reason", "comfort_noise", counter, float64(r.ComfortNoise)},
		{dropped, droppedHelp, "reason", "malformed", counter, float64(r.Malformed)},
		{dropped, droppedHelp, "reason", "jump", counter, float64(r.Jumps)},
		{dropped, droppedHelp, "reason", "unheard", counter, float64(r.Unheard)},
		{dropped, droppedHelp, "reason", "late_for_mix", counter, float64(t.mixLate)},
		{dropped, droppedHelp, "reason", "not_sent", counter, float64(s.Dropped)},
	}
	single := func(name, help string, kind prometheus.ValueType, v float64) {
		m = append(m, metric{name: name, help: help, kind: kind, v: v})
	}
	single("seatbridge_media_lost_packets_total", "RTP packets that never arrived in time.", counter, float64(r.Lost))
	single("seatbridge_media_reordered_packets_total", "RTP packets put back in order.", counter, float64(r.Reordered))
	single("seatbridge_media_digits_total", "Digits received in RTP, as telephone-events or tones.", counter, float64(r.Digits))
	single("seatbridge_media_concealed_frames_total", "Frames mended by error correction or concealment.",
		counter, float64(t.concealed))
	single("seatbridge_media_decode_errors_total", "Payloads that could not be decoded.", counter, float64(t.decode))
	single("seatbridge_media_encode_errors_total", "Frames that could not be encoded.", counter, float64(t.encode))
	single("seatbridge_media_transcoders", "Encoders at work for legs now.", gauge, float64(t.encoders))
	single("seatbridge_media_mix_slips_total", "Blocks of 20 ms left out or repeated to follow a speaker's clock.",
		counter, float64(t.slips))
	single("seatbridge_media_sounds_playing", "Listeners to music or tones now.", gauge, float64(t.clock.Playing))
	single("seatbridge_media_late_ticks_total", "Ticks of the sound clock made up for.", counter, float64(t.clock.Late))
	single("seatbridge_media_clock_resets_total", "Stalls of the sound clock too long to make up for.",
		counter, float64(t.clock.Resets))
	single("seatbridge_media_jitter_seconds", "Mean interarrival jitter of the legs that receive.",
		gauge, t.meanJitter())
	return m
}

func (t *totals) meanJitter() float64 {
	if t.receivers == 0 {
		return 0
	}
	return t.jitter.Seconds() / float64(t.receivers)
}
