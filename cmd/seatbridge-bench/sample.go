package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// sample is what the gateway says of itself at one moment.
type sample struct {
	cpu   time.Duration
	added map[float64]float64 // packets by upper bound in seconds, cumulative
}

func (g *gateway) sample(ctx context.Context) (sample, error) {
	var s sample
	text, err := g.get(ctx, "/metrics")
	if err != nil {
		return s, err
	}
	if s.added, err = histogram(text); err != nil {
		return s, err
	}
	s.cpu, err = g.cpu()
	return s, err
}

// histogram reads the gateway's histogram of added latency from its metrics.
func histogram(metrics string) (map[float64]float64, error) {
	added := map[float64]float64{}
	for line := range strings.Lines(metrics) {
		rest, ok := strings.CutPrefix(line, `seatbridge_media_added_latency_seconds_bucket{le="`)
		if !ok {
			continue
		}
		bound, count, _ := strings.Cut(strings.TrimSpace(rest), `"} `)
		le, err := strconv.ParseFloat(bound, 64)
		if err != nil {
			return nil, err
		}
		if added[le], err = strconv.ParseFloat(count, 64); err != nil {
			return nil, err
		}
	}
	if len(added) == 0 {
		return nil, fmt.Errorf("the gateway has no latency histogram")
	}
	return added, nil
}

// quantile q of what the histogram counted between two samples, by straight lines within a bucket.
func quantile(before, after map[float64]float64, q float64) time.Duration {
	bounds := make([]float64, 0, len(after))
	for le := range after {
		bounds = append(bounds, le)
	}
	slices.Sort(bounds)
	total := after[math.Inf(1)] - before[math.Inf(1)]
	low, below := 0.0, 0.0
	for _, le := range bounds {
		count := after[le] - before[le]
		if count >= q*total && count > below {
			if math.IsInf(le, 1) {
				le = low
			}
			return time.Duration((low + (le-low)*(q*total-below)/(count-below)) * float64(time.Second))
		}
		low, below = le, count
	}
	return 0
}
