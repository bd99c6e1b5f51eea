package main

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSpread(t *testing.T) {
	for _, ca := range []struct {
		values []float64
		places int
		want   string
	}{
		{nil, 1, "-"},
		{[]float64{2}, 0, "2 (2-2)"},
		{[]float64{3, 1, 2}, 1, "2.0 (1.0-3.0)"},
	} {
		if got := spread(ca.values, ca.places); got != ca.want {
			t.Errorf("%v is %q, not %q", ca.values, got, ca.want)
		}
	}
	values := []float64{3, 1, 2}
	if spread(values, 0); !slices.Equal(values, []float64{3, 1, 2}) {
		t.Error("the order of the windows was lost")
	}
}

func TestTimes(t *testing.T) {
	var d []time.Duration
	for i := range 200 {
		d = append(d, time.Duration(i)*time.Millisecond)
	}
	if got := times(d); !slices.Equal(got, []string{"100.0", "198.0", "199.0"}) {
		t.Errorf("%q", got)
	}
}

// TestExtra: a machine that becomes slower all the time does not count as the supervisors'.
func TestExtra(t *testing.T) {
	got := extra([]float64{10, 20, 30}, []float64{15, 50})
	if !slices.Equal(got, []float64{0, 100}) {
		t.Errorf("%v", got)
	}
}

func TestEvery(t *testing.T) {
	c := costs{cost: []float64{1, 2, 3, 4, 5}, added99: []float64{6, 7}}
	if got := c.every(2, 1); !slices.Equal(got.cost, []float64{2, 4}) || !slices.Equal(got.added99, []float64{7}) {
		t.Errorf("%v", got)
	}
}

func TestGrid(t *testing.T) {
	var g grid
	g.add("", "long title")
	g.add("name", "1")
	var out strings.Builder
	if err := g.print(&out); err != nil || out.String() != "      long title\nname  1\n" {
		t.Errorf("%q %v", out.String(), err)
	}
}
