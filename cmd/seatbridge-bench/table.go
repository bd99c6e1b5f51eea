package main

import (
	"fmt"
	"slices"
	"strings"
)

// The columns of a row.
const (
	cpu        = iota // ms for a second of one call
	core              // percent of one processor
	lostSIP           // percent of the packets towards the carrier
	lostWeb           // percent of the packets towards the browsers
	addedP50          // ms
	addedP99          // ms
	throughP50        // ms
	throughP99        // ms
	memory            // KiB a call
	ownLate           // ms, p99
	columns
)

// titles are the columns' names, places how many decimal places they have.
var (
	titles = [columns]string{
		"CPU ms/call-s", "core %", "lost>SIP %", "lost>web %", "added p50", "added p99", "through p50", "through p99",
		"KiB/call", "own late p99",
	}
	places = [columns]int{2, 0, 3, 3, 2, 2, 2, 2, 0, 1}
)

// row is what was measured of a number of calls.
type row struct {
	calls  int
	values [columns]float64
}

// header is the first line of the table.
func header() string { return "calls  " + strings.Join(titles[:], "  ") }

// String is a line of the table.
func (r row) String() string {
	return r.line(func(c int) string { return fmt.Sprintf("%.*f", places[c], r.values[c]) })
}

func (r row) line(cell func(column int) string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%5d", r.calls)
	for c, title := range titles {
		fmt.Fprintf(&b, "  %*s", len(title), cell(c))
	}
	return b.String()
}

// summary is two lines: each column's median, and its least and most, of rows of the same number of calls.
func summary(rows []row) string {
	middle, least, most := rows[0], rows[0], rows[0]
	for c := range columns {
		var all []float64
		for _, r := range rows {
			all = append(all, r.values[c])
		}
		slices.Sort(all)
		middle.values[c], least.values[c], most.values[c] = all[len(all)/2], all[0], all[len(all)-1]
	}
	spread := middle.line(func(c int) string {
		return fmt.Sprintf("%.*f-%.*f", places[c], least.values[c], places[c], most.values[c])
	})
	return middle.String() + "\n" + strings.Repeat(" ", 5) + spread[5:]
}
