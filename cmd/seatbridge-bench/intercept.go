package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
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
	before  flow          // what came to the customer before the command, for about as long
	after   flow          // and from then on
	dropped time.Duration // from the command until the agent is told that it is out
}

// heard is a packet that came.
type heard struct {
	arrival
	ssrc uint32
}

// flow is what a stretch of packets was like.
type flow struct {
	longest time.Duration // between two packets that came one after the other
	missing int           // packets, by their numbers
	changed int           // times that the SSRC changed
}

// flowOf is the flow of packets in the order in which they came.
func flowOf(packets []heard) flow {
	var f flow
	for i := 1; i < len(packets); i++ {
		last, p := packets[i-1], packets[i]
		f.longest = max(f.longest, p.at.Sub(last.at))
		f.missing += max(0, next(last.arrival, p.seq)-last.place-1)
		if p.ssrc != last.ssrc {
			f.changed++
		}
	}
	return f
}

// split cuts packets at a time; the last one before it is in both parts, so that no gap is lost.
func split(packets []heard, at time.Time) (before, after []heard) {
	i := slices.IndexFunc(packets, func(p heard) bool { return p.at.After(at) })
	if i < 0 {
		return packets, nil
	}
	return packets[:i], packets[max(0, i-1):]
}

// measureIntercept has two seats take each call from each other, in turn.
func measureIntercept(ctx context.Context, o options, sound *speech, out io.Writer) error {
	s, err := newStage(ctx, o, cast{calls: interceptCalls, others: interceptCalls})
	if err != nil {
		return err
	}
	defer s.close()
	s.microphones(true)
	var xs []exchange
	late, err := s.talking(ctx, sound, func() error { xs, err = s.intercepts(ctx); return err })
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nIntercept: %d, %d calls at once; own late p99 %.1f\n", len(xs), interceptCalls, late)
	return printIntercepts(xs, s.carrier.offers.Load(), out)
}

// intercepts makes all intercepts.
func (s *stage) intercepts(ctx context.Context) ([]exchange, error) {
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
	err := g.Wait()
	return slices.Concat(all[:]...), err
}

// intercept has a supervisor take call i from its agent.
func (s *stage) intercept(ctx context.Context, i int, supervisor, agent *page) (exchange, error) {
	var x exchange
	if err := supervisor.monitor(ctx, s.sessions[i]); err != nil {
		return x, err
	}
	var packets []heard
	s.calls[i].tell(func(_ int, h *rtp.Header, _ []byte, at time.Time) {
		packets = append(packets, heard{arrival{seq: h.SequenceNumber, at: at}, h.SSRC})
	})
	if err := sleep(ctx, around+rand.N(interval)); err != nil { // at any time between two packets
		return x, err
	}
	out := agent.expect(ended)
	begun := time.Now()
	if err := supervisor.about(ctx, s.sessions[i], "intercept"); err != nil {
		return x, err
	}
	m, err := agent.await(ctx, out)
	if err == nil {
		x.dropped = m.at.Sub(begun)
		err = sleep(ctx, around)
	}
	s.calls[i].tell(nil)
	before, after := split(packets, begun)
	x.before, x.after = flowOf(before), flowOf(after)
	return x, err
}

func printIntercepts(xs []exchange, offers int64, out io.Writer) error {
	var usual, gaps, dropped []time.Duration
	missing, changed := 0, 0
	for _, x := range xs {
		usual, gaps = append(usual, x.before.longest-interval), append(gaps, x.after.longest-interval)
		dropped = append(dropped, x.dropped)
		missing, changed = missing+x.after.missing, changed+x.after.changed
	}
	g := grid{{"", "p50 ms", "p99 ms", "most ms"}}
	g.add(append([]string{"gap for the customer"}, times(gaps)...)...)
	g.add(append([]string{"the same just before"}, times(usual)...)...)
	g.add(append([]string{"agent out after"}, times(dropped)...)...)
	if err := g.print(out); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "SSRC changes %d, re-INVITEs to the carrier %d, sequence numbers missing %d\n",
		changed, offers, missing)
	return err
}
