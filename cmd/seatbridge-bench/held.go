package main

import (
	"context"
	"fmt"
	"io"
)

const heldCalls = 100

// measureHeld measures calls on hold: the customer hears music, the agent nothing, and both talk on.
func measureHeld(ctx context.Context, o options, sound *speech, out io.Writer) error {
	s, err := newStage(ctx, o, cast{calls: heldCalls})
	if err != nil {
		return err
	}
	defer s.close()
	for i, b := range s.agents {
		if err := b.about(ctx, s.sessions[i], "hold"); err != nil {
			return err
		}
	}
	stop := s.talk(sound)
	defer stop()
	if err := sleep(ctx, warmUp); err != nil {
		return err
	}
	r := row{calls: heldCalls}
	if err := s.window(ctx, o.length, &r); err != nil {
		return err
	}
	music := 0
	for _, c := range s.calls {
		music += c.count()
	}
	fmt.Fprintf(out, "\nHold: %d calls for %v\n", heldCalls, o.length)
	g := grid{{"CPU ms/call-s", "core %", "packets of music/call-s"}}
	g.add(fmt.Sprintf("%.2f", r.values[cpu]), fmt.Sprintf("%.0f", r.values[core]),
		fmt.Sprintf("%.1f", float64(music)/heldCalls/(o.length+settle).Seconds()))
	return g.print(out)
}
