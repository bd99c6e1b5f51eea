package main

import (
	"context"
	"fmt"
	"io"
)

const (
	bargeCalls  = 10
	bargeRounds = 3
)

// measureBarge measures calls that two supervisors barge into, one at a browser and one at a desk phone.
func measureBarge(ctx context.Context, o options, sound *speech, out io.Writer) error {
	s, err := newStage(ctx, o, cast{calls: bargeCalls, others: bargeCalls, phones: bargeCalls})
	if err != nil {
		return err
	}
	defer s.close()
	var alone, four costs
	late, err := s.talking(ctx, sound, func() (err error) {
		ways := [][][]*page{{s.listeners(), s.pages}}
		alone, four, err = s.inTurn(ctx, sound, "barge", ways, bargeRounds)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nBarge: %d calls; medians (least-most) of %d windows of %v; own late p99 %.1f\n",
		bargeCalls, bargeRounds, superviseWindow, late)
	g := grid{{"", "CPU ms/call-s", "more %"}}
	g.add("two parties", spread(alone.cost, 2), "-")
	g.add("four parties", spread(four.cost, 2), spread(extra(alone.cost, four.cost), 0))
	return g.print(out)
}
