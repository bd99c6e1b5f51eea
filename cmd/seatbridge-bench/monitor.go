package main

import (
	"context"
	"fmt"
	"io"
)

const (
	monitorCalls  = 20
	monitorRounds = 5
)

// measureMonitor measures calls with a supervisor to each, at a browser and at a desk phone in turn.
func measureMonitor(ctx context.Context, o options, sound *speech, out io.Writer) error {
	s, err := newStage(ctx, o, cast{calls: monitorCalls, others: monitorCalls, phones: monitorCalls})
	if err != nil {
		return err
	}
	defer s.close()
	var alone, monitored costs
	late, err := s.talking(ctx, sound, func() (err error) {
		ways := [][][]*page{{s.listeners()}, {s.pages}}
		alone, monitored, err = s.inTurn(ctx, sound, "monitor", ways, monitorRounds)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nMonitor: %d calls; medians (least-most) of %d windows of %v; own late p99 %.1f\n",
		monitorCalls, monitorRounds, superviseWindow, late)
	g := grid{{"", "CPU ms/call-s", "monitor's share %", "added p99", "through p50", "through p99"}}
	share := extra(alone.cost, monitored.cost)
	g.row("alone", alone, nil)
	g.row("at a browser", monitored.every(2, 0), every(2, 0, share))
	g.row("at a phone", monitored.every(2, 1), every(2, 1, share))
	return g.print(out)
}

// row adds what was measured; share is what the supervisors' is.
func (g *grid) row(name string, c costs, share []float64) {
	g.add(name, spread(c.cost, 2), spread(share, 0), spread(c.added99, 2), spread(c.through50, 2), spread(c.through99, 2))
}
