package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// warmUp is how long calls run before they are measured.
const warmUp = 2 * time.Second

// row is what was measured of n calls.
type row struct {
	calls              int
	cpu                time.Duration // of the gateway for a second of one call
	core               float64       // share of one processor
	lostSIP, lostWeb   float64       // share of the packets towards each side
	addedP50, addedP99 time.Duration
	lateP99            time.Duration // of arriving packets, against the earliest of their stream
	ownLate            time.Duration // of the generator's own sending, p99
	memory             int           // KiB a call, with the browser's connection
}

// String is a line of the table. A row whose generator was late itself says so: its latencies are not the gateway's.
func (r row) String() string {
	s := fmt.Sprintf("%5d %12.2f %9.0f%% %8.3f%% %8.3f%% %10s %10s %10s %11d", r.calls,
		float64(r.cpu.Microseconds())/1000, 100*r.core, 100*r.lostSIP, 100*r.lostWeb,
		r.addedP50.Round(10*time.Microsecond), r.addedP99.Round(10*time.Microsecond), r.lateP99.Round(100*time.Microsecond),
		r.memory)
	if r.ownLate > 5*time.Millisecond {
		s += fmt.Sprintf("  (the generator was late itself: p99 %v)", r.ownLate.Round(100*time.Microsecond))
	}
	return s
}

// measure sets up n calls and measures them.
func measure(ctx context.Context, o options, n int, sound *speech) (row, error) {
	r := row{calls: n}
	c, err := startCarrier()
	if err != nil {
		return r, err
	}
	defer c.close()
	g, err := startGateway(ctx, o, n, c.addr)
	if err != nil {
		return r, err
	}
	defer g.stop()
	empty, err := g.memory()
	if err != nil {
		return r, err
	}
	var browsers []*browser
	defer func() {
		for _, b := range browsers {
			b.close()
		}
	}()
	for i := range n {
		b, err := g.call(ctx, fmt.Sprintf("u%d", i), fmt.Sprintf("+1555%07d", i))
		if err != nil {
			return r, err
		}
		browsers = append(browsers, b)
	}
	stop := make(chan struct{})
	own := talk(stop, c.all(), browsers, sound)
	err = g.window(ctx, o.length, &r, c.all(), browsers)
	close(stop)
	r.ownLate = <-own
	if err != nil {
		return r, err
	}
	full, err := g.memory()
	r.memory = (full - empty) / n
	return r, err
}

// talk has both sides of every call speak until stop is closed, and then tells how late it was itself.
func talk(stop <-chan struct{}, calls []*carrierCall, browsers []*browser, sound *speech) <-chan time.Duration {
	var late [2][]time.Duration
	var both sync.WaitGroup
	both.Go(func() { late[0] = pace(stop, len(calls), func(i int) { calls[i].send(sound) }) })
	both.Go(func() { late[1] = pace(stop, len(browsers), func(i int) { browsers[i].send(sound) }) })
	result := make(chan time.Duration, 1)
	go func() {
		both.Wait()
		result <- percentile(append(late[0], late[1]...), 0.99)
	}()
	return result
}

// window measures for a while.
func (g *gateway) window(ctx context.Context, length time.Duration, r *row, calls []*carrierCall, bs []*browser) error {
	if err := sleep(ctx, warmUp); err != nil {
		return err
	}
	streams := make([][]*stream, 2)
	for i := range calls {
		streams[0] = append(streams[0], &calls[i].stream)
		streams[1] = append(streams[1], &bs[i].stream)
	}
	for _, s := range slices.Concat(streams...) {
		s.reset(int(length/(20*time.Millisecond)) + 100)
	}
	before, err := g.sample(ctx)
	if err != nil {
		return err
	}
	begun := time.Now()
	if err := sleep(ctx, length); err != nil {
		return err
	}
	after, err := g.sample(ctx)
	if err != nil {
		return err
	}
	seconds := time.Since(begun).Seconds()
	used := after.cpu - before.cpu
	r.cpu = time.Duration(float64(used) / seconds / float64(r.calls))
	r.core = used.Seconds() / seconds
	r.addedP50, r.addedP99 = quantile(before.added, after.added, 0.5), quantile(before.added, after.added, 0.99)
	var all []time.Duration
	r.lostSIP = lost(streams[0], seconds, &all)
	r.lostWeb = lost(streams[1], seconds, &all)
	r.lateP99 = percentile(all, 0.99)
	return nil
}

// lost is the share of packets that did not arrive; a stream that stopped has lost the rest.
func lost(streams []*stream, seconds float64, late *[]time.Duration) float64 {
	var want, got float64
	for _, s := range streams {
		expected, received, l := s.result()
		want += max(float64(expected), seconds*49)
		got += float64(received)
		*late = append(*late, l...)
	}
	return max(0, 1-got/want)
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// sample is what the gateway says of itself at one moment.
type sample struct {
	cpu   time.Duration
	added map[float64]float64 // packets by upper bound in seconds, cumulative
}

func (g *gateway) sample(ctx context.Context) (sample, error) {
	s := sample{added: map[float64]float64{}}
	text, err := g.get(ctx, "/metrics")
	if err != nil {
		return s, err
	}
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(line, `seatbridge_media_added_latency_seconds_bucket{le="`)
		if !ok {
			continue
		}
		bound, count, _ := strings.Cut(strings.TrimSpace(rest), `"} `)
		le, err := strconv.ParseFloat(bound, 64)
		if err != nil {
			return s, err
		}
		if s.added[le], err = strconv.ParseFloat(count, 64); err != nil {
			return s, err
		}
	}
	if len(s.added) == 0 {
		return s, fmt.Errorf("the gateway has no latency histogram")
	}
	s.cpu, err = g.cpu()
	return s, err
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
