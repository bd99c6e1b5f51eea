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

// measureBarge measures calls that two supervisors barge into, one at a browser and one at a desk phone, in turn with
// the calls alone.
func measureBarge(ctx context.Context, o options, sound *speech, out io.Writer) error {
	s, err := newStage(ctx, o, cast{calls: bargeCalls, others: bargeCalls, phones: bargeCalls})
	if err != nil {
		return err
	}
	defer s.close()
	stop := s.talk(sound)
	defer stop()
	if err := sleep(ctx, warmUp); err != nil {
		return err
	}
	var alone, four costs
	if err := s.observe(ctx, &alone); err != nil {
		return err
	}
	for range bargeRounds {
		if err := s.supervised(ctx, sound, "barge", [][]*page{s.listeners(), s.pages}, &four); err != nil {
			return err
		}
		if err := s.observe(ctx, &alone); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "\nBarge: %d calls of four parties; medians (least-most) of %d windows of %v\n",
		bargeCalls, bargeRounds, superviseWindow)
	g := grid{{"", "CPU ms/call-s", "more %"}}
	g.add("two parties", spread(alone.cost, 2), "-")
	g.add("four parties", spread(four.cost, 2), spread(extra(alone.cost, four.cost), 0))
	return g.print(out)
}
