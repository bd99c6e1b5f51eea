package main

import (
	"context"
	"fmt"
	"io"
	"time"
)

const heldCalls = 100

// measureHeld measures calls on hold, where the customer hears music and the agent nothing: with what either side sends
// meanwhile and without.
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
	if err := sleep(ctx, warmUp); err != nil {
		return err
	}
	g := grid{{"", "CPU ms/call-s", "core %", "music packets/call-s"}}
	if err := s.hold(ctx, o.length, "nobody talks", &g); err != nil {
		return err
	}
	late, err := s.talking(ctx, sound, func() error { return s.hold(ctx, o.length, "both sides talk", &g) })
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nHold: %d calls, %v each; own late p99 %.1f\n", heldCalls, o.length, late)
	return g.print(out)
}

// hold measures the calls, which are on hold.
func (s *stage) hold(ctx context.Context, length time.Duration, name string, g *grid) error {
	r := row{calls: heldCalls}
	if err := s.window(ctx, length, &r); err != nil {
		return err
	}
	music := 0
	for _, c := range s.calls {
		music += c.count()
	}
	rate := float64(music) / heldCalls / (length + settle).Seconds()
	g.add(name, fmt.Sprintf("%.2f", r.values[cpu]), fmt.Sprintf("%.0f", r.values[core]), fmt.Sprintf("%.1f", rate))
	return nil
}
