package media

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"seatbridge/codec"
)

func TestMetrics(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	m := NewMetrics(reg)
	r, _ := newTestReceiver()
	s, _ := newTestSender(t)
	port := Port{In: r, Ears: []*Sender{s}}
	m.TrackPort(port)
	d, e, c := NewDecoder(), NewEncoder(PackingFor(codec.Opus, 0), codec.Options{}), NewClock()
	defer c.Close()
	m.Track(d, e, c)
	c.Play(Ringback(), NewSender(SenderConfig{Writer: &wire{}}))
	epoch := time.Now()
	for n := range 10 {
		if n != 5 {
			in{n: n}.push(r, epoch)
		}
	}
	in{n: 3}.push(r, epoch.Add(time.Second))
	f := frame(1, codec.PCMU, 1, 0)
	f.Arrived = time.Now().Add(-1500 * time.Microsecond)
	s.Send(f)
	s.Send(frame(1, codec.ID(99), 2, 160))
	d.concealed.Add(2)

	want := `
		# HELP seatbridge_media_bytes_total RTP payload bytes of all legs, by direction.
		# TYPE seatbridge_media_bytes_total counter
		seatbridge_media_bytes_total{direction="in"} 1600
		seatbridge_media_bytes_total{direction="out"} 160
		# HELP seatbridge_media_concealed_frames_total Frames mended by error correction or concealment.
		# TYPE seatbridge_media_concealed_frames_total counter
		seatbridge_media_concealed_frames_total 2
		# HELP seatbridge_media_lost_packets_total RTP packets that never arrived in time.
		# TYPE seatbridge_media_lost_packets_total counter
		seatbridge_media_lost_packets_total 1
		# HELP seatbridge_media_packets_total RTP packets of all legs, by direction.
		# TYPE seatbridge_media_packets_total counter
		seatbridge_media_packets_total{direction="in"} 10
		seatbridge_media_packets_total{direction="out"} 1
		`
	living := `# HELP seatbridge_media_sounds_playing Listeners to music or tones now.
		# TYPE seatbridge_media_sounds_playing gauge
		seatbridge_media_sounds_playing 1
		# HELP seatbridge_media_transcoders Encoders at work for legs now.
		# TYPE seatbridge_media_transcoders gauge
		seatbridge_media_transcoders 1
		`
	names := []string{
		"seatbridge_media_bytes_total", "seatbridge_media_concealed_frames_total", "seatbridge_media_lost_packets_total",
		"seatbridge_media_packets_total", "seatbridge_media_sounds_playing", "seatbridge_media_transcoders",
	}
	compare := func(want string) {
		t.Helper()
		if err := testutil.GatherAndCompare(reg, strings.NewReader(want), names...); err != nil {
			t.Error(err)
		}
	}
	compare(want + living)
	// What is gone stays counted, and only once.
	m.UntrackPort(port)
	m.UntrackPort(port)
	m.Untrack(d, e, c)
	compare(want + strings.NewReplacer("playing 1", "playing 0", "transcoders 1", "transcoders 0").Replace(living))
	if problems, err := testutil.GatherAndLint(reg); err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
	checkLatency(t, reg)
	(*Metrics)(nil).TrackPort(port)
	(*Metrics)(nil).UntrackPort(port)
}

func checkLatency(t *testing.T, reg *prometheus.Registry) {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != "seatbridge_media_added_latency_seconds" {
			continue
		}
		h := f.GetMetric()[0].GetHistogram()
		buckets := h.GetBucket()
		if h.GetSampleCount() != 1 || h.GetSampleSum() < 0.0015 || len(buckets) != len(latencyBounds) ||
			buckets[0].GetUpperBound() != 50e-6 || buckets[4].GetCumulativeCount() != 0 ||
			buckets[len(buckets)-1].GetUpperBound() != 0.1 || buckets[len(buckets)-1].GetCumulativeCount() != 1 {
			t.Errorf("%v", h)
		}
		return
	}
	t.Error("no histogram")
}
