package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// spread is the median of values, and the least and the most of them, with so many decimal places.
func spread(values []float64, places int) string {
	if len(values) == 0 {
		return "-"
	}
	v := slices.Sorted(slices.Values(values))
	return fmt.Sprintf("%.*f (%.*f-%.*f)", places, v[len(v)/2], places, v[0], places, v[len(v)-1])
}

// times are the median, 99th percentile and most of durations, in ms.
func times(d []time.Duration) []string {
	var cells []string
	for _, p := range []float64{0.5, 0.99, 1} {
		cells = append(cells, fmt.Sprintf("%.1f", milliseconds(percentile(d, p))))
	}
	return cells
}

// extra is what each of with costs more than alone did just before and just after it, in percent of that. There is one
// more of alone than of with.
func extra(alone, with []float64) []float64 {
	var shares []float64
	for i, w := range with {
		base := (alone[i] + alone[i+1]) / 2
		shares = append(shares, 100*(w-base)/base)
	}
	return shares
}

// grid is a table whose columns are as wide as what is in them.
type grid [][]string

func (g *grid) add(cells ...string) { *g = append(*g, cells) }

func (g grid) print(to io.Writer) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	for _, cells := range g {
		if _, err := fmt.Fprintln(w, strings.Join(cells, "\t")); err != nil {
			return err
		}
	}
	return w.Flush()
}
