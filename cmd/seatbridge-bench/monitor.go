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

// measureMonitor measures calls with a supervisor to each, at a browser and at a desk phone in turn, and alone before
// and after each of these: a machine that changes its speed does so for all of them.
func measureMonitor(ctx context.Context, o options, sound *speech, out io.Writer) error {
	s, err := newStage(ctx, o, cast{calls: monitorCalls, others: monitorCalls, phones: monitorCalls})
	if err != nil {
		return err
	}
	defer s.close()
	stop := s.talk(sound)
	defer stop()
	if err := sleep(ctx, warmUp); err != nil {
		return err
	}
	var alone, monitored costs // monitored at a browser and at a phone in turn
	if err := s.observe(ctx, &alone); err != nil {
		return err
	}
	for i := range 2 * monitorRounds {
		who := [][]*page{s.listeners(), s.pages}[i%2]
		if err := s.supervised(ctx, sound, "monitor", [][]*page{who}, &monitored); err != nil {
			return err
		}
		if err := s.observe(ctx, &alone); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "\nMonitor: %d calls, each with a supervisor; medians (least-most) of %d windows of %v\n",
		monitorCalls, monitorRounds, superviseWindow)
	g := grid{{"", "CPU ms/call-s", "monitor's share %", "added p99", "through p50", "through p99"}}
	share := extra(alone.cost, monitored.cost)
	g.row("alone", alone, "-")
	g.row("at a browser", monitored.turn(0), spread(turn(share, 0), 0))
	g.row("at a phone", monitored.turn(1), spread(turn(share, 1), 0))
	return g.print(out)
}

// turn is the values of one of two that took turns.
func turn(values []float64, which int) []float64 {
	var own []float64
	for i := which; i < len(values); i += 2 {
		own = append(own, values[i])
	}
	return own
}

func (c costs) turn(which int) costs {
	return costs{turn(c.cost, which), turn(c.added99, which), turn(c.through50, which), turn(c.through99, which)}
}
