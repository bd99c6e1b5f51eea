package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/pion/rtp"
	"golang.org/x/sync/errgroup"
)

const (
	interceptCalls  = 5  // at once
	interceptRounds = 40 // each, one after the other
	around          = 200 * time.Millisecond
)

// exchange is what the customer and the agent have of an intercept.
type exchange struct {
	longest time.Duration // between two packets to the customer, one after the other
	missing int           // packets, by their numbers
	changed int           // times that the SSRC changed
	dropped time.Duration // from the command until the agent is told that it is out
}

// hear takes the packets of a stream one after the other. It is told the time and the header of each.
func (x *exchange) hear() tap {
	var last arrival
	var ssrc uint32
	return func(_ int, h *rtp.Header, _ []byte, at time.Time) {
		a := arrival{seq: h.SequenceNumber, at: at}
		if !last.at.IsZero() {
			a.place = next(last, a.seq)
			x.longest = max(x.longest, at.Sub(last.at))
			x.missing += max(0, a.place-last.place-1)
			if h.SSRC != ssrc {
				x.changed++
			}
		}
		last, ssrc = a, h.SSRC
	}
}

// measureIntercept has two seats take each call from each other, in turn.
func measureIntercept(ctx context.Context, o options, sound *speech, out io.Writer) error {
	s, err := newStage(ctx, o, cast{calls: interceptCalls, others: interceptCalls})
	if err != nil {
		return err
	}
	defer s.close()
	s.microphones(true)
	stop := s.talk(sound)
	defer stop()
	if err := sleep(ctx, warmUp); err != nil {
		return err
	}
	var all [interceptCalls][]exchange
	g, ctx := errgroup.WithContext(ctx)
	for i := range all {
		g.Go(func() error {
			agent, supervisor := s.agents[i].page, s.others[i].page
			for range interceptRounds {
				x, err := s.intercept(ctx, i, supervisor, agent)
				if err != nil {
					return err
				}
				all[i] = append(all[i], x)
				agent, supervisor = supervisor, agent
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	var xs []exchange
	for _, of := range all {
		xs = append(xs, of...)
	}
	return printIntercepts(xs, s.carrier.offers.Load(), out)
}

// intercept has a supervisor take call i from its agent.
func (s *stage) intercept(ctx context.Context, i int, supervisor, agent *page) (exchange, error) {
	var x exchange
	if err := supervisor.monitor(ctx, s.sessions[i]); err != nil {
		return x, err
	}
	s.calls[i].tell(x.hear())
	if err := sleep(ctx, around); err != nil {
		return x, err
	}
	out := agent.expect(ended)
	begun := time.Now()
	if err := supervisor.about(ctx, s.sessions[i], "intercept"); err != nil {
		return x, err
	}
	m, err := agent.await(ctx, out)
	if err != nil {
		return x, err
	}
	x.dropped = m.at.Sub(begun)
	err = sleep(ctx, around)
	s.calls[i].tell(nil)
	return x, err
}

func printIntercepts(xs []exchange, offers int64, out io.Writer) error {
	var gaps, dropped []time.Duration
	missing, changed := 0, 0
	for _, x := range xs {
		gaps, dropped = append(gaps, x.longest-interval), append(dropped, x.dropped)
		missing, changed = missing+x.missing, changed+x.changed
	}
	fmt.Fprintf(out, "\nIntercept: %d, %d calls at once\n", len(xs), interceptCalls)
	g := grid{{"", "p50 ms", "p99 ms", "most ms"}}
	g.add(append([]string{"gap for the customer"}, times(gaps)...)...)
	g.add(append([]string{"agent out after"}, times(dropped)...)...)
	if err := g.print(out); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "SSRC changes %d, re-INVITEs to the carrier %d, sequence numbers missing %d\n",
		changed, offers, missing)
	return err
}
