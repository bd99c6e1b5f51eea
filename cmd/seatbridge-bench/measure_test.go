package main

import (
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestHistogram(t *testing.T) {
	const name = "seatbridge_media_added_latency_seconds"
	h, err := histogram(strings.Join([]string{
		"# TYPE " + name + " histogram",
		name + `_bucket{le="0.001"} 10`,
		name + `_bucket{le="+Inf"} 1.2e+06`,
		name + "_sum 17",
		"other 3",
	}, "\n"))
	if err != nil || len(h) != 2 || h[0.001] != 10 || h[math.Inf(1)] != 1.2e6 {
		t.Errorf("%v %v", h, err)
	}
	for _, bad := range []string{"", "other 3", name + `_bucket{le="x"} 1`, name + `_bucket{le="1"} x`} {
		if h, err := histogram(bad); err == nil {
			t.Errorf("%q is %v", bad, h)
		}
	}
}

func TestQuantile(t *testing.T) {
	before := map[float64]float64{0.001: 5, 0.002: 5, 0.004: 5, math.Inf(1): 5}
	after := map[float64]float64{0.001: 55, 0.002: 105, 0.004: 105, math.Inf(1): 105}
	for _, ca := range []struct {
		name          string
		before, after map[float64]float64
		q             float64
		want          time.Duration
	}{
		{"end of a bucket", before, after, 0.5, time.Millisecond},
		{"within a bucket", before, after, 0.75, 1500 * time.Microsecond},
		{"first bucket", before, after, 0.25, 500 * time.Microsecond},
		{"all", before, after, 1, 2 * time.Millisecond},
		{"nothing was counted", before, before, 0.5, 0},
		{"beyond the last bound", before, map[float64]float64{0.001: 5, 0.002: 5, 0.004: 5, math.Inf(1): 6}, 0.5,
			4 * time.Millisecond},
	} {
		t.Run(ca.name, func(t *testing.T) {
			if got := quantile(ca.before, ca.after, ca.q); (got - ca.want).Abs() > time.Nanosecond {
				t.Errorf("%v, not %v", got, ca.want)
			}
		})
	}
}

func TestPercentile(t *testing.T) {
	var d []time.Duration
	if got := percentile(d, 0.5); got != 0 {
		t.Errorf("%v of nothing", got)
	}
	for i := range 100 {
		d = append(d, time.Duration(99-i))
	}
	for p, want := range map[float64]time.Duration{0: 0, 0.5: 50, 0.99: 99, 1: 99} {
		if got := percentile(d, p); got != want {
			t.Errorf("%v: %v, not %v", p, got, want)
		}
	}
}

// TestPace: each of four is served every 20 ms, and the pacer knows when a slow one made it late.
func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop := make(chan struct{})
		time.AfterFunc(time.Second, func() { close(stop) })
		begun, served := time.Now(), [4]int{}
		late := pace(stop, 4, func(i int) {
			due := begun.Add(interval*time.Duration(served[i]) + interval*time.Duration(i)/4)
			if early := time.Until(due); early > slack {
				t.Errorf("%d was served %v early", i, early)
			}
			if served[i]++; i == 0 && served[i] == 10 {
				time.Sleep(15 * time.Millisecond)
			}
		})
		for i, n := range served {
			if n < 49 || n > 51 {
				t.Errorf("%d was served %d times in a second", i, n)
			}
		}
		if p50, worst := percentile(late, 0.5), percentile(late, 1); p50 > 0 || worst != 10*time.Millisecond {
			t.Errorf("late by %v and at worst %v", p50, worst)
		}
	})
}

func TestSummary(t *testing.T) {
	var rows []row
	for _, v := range []float64{3, 1, 2} {
		r := row{calls: 50}
		for c := range columns {
			r.values[c] = v * float64(c+1)
		}
		rows = append(rows, r)
	}
	lines := strings.Split(summary(rows), "\n")
	if len(lines) != 2 || len(lines[0]) != len(header()) {
		t.Fatalf("%q", lines)
	}
	if got := strings.Fields(lines[0]); got[0] != "50" || got[1+cpu] != "2.00" || got[1+memory] != "18" {
		t.Errorf("%q", got)
	}
	if got := strings.Fields(lines[1]); got[cpu] != "1.00-3.00" || got[memory] != "9-27" {
		t.Errorf("%q", got)
	}
}
