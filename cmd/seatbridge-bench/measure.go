package main

import (
	"context"
	"slices"
	"time"
)

const (
	warmUp = 2 * time.Second        // calls run before they are measured
	settle = 500 * time.Millisecond // the last packets may be on their way
	setUp  = time.Minute            // to start a gateway and to set its calls up, at most
)

// measure sets up n calls and measures them.
func measure(ctx context.Context, o options, n int, sound *speech) (row, error) {
	r := row{calls: n}
	ctx, cancel := context.WithTimeout(ctx, setUp+warmUp+o.length)
	defer cancel()
	s, err := newStage(ctx, o, cast{calls: n})
	if err != nil {
		return r, err
	}
	defer s.close()
	r.values[ownLate], err = s.talking(ctx, sound, func() error { return s.window(ctx, o.length, &r) })
	if err != nil {
		return r, err
	}
	full, err := s.memory()
	r.values[memory] = float64(full-s.base) / float64(max(1, n-1))
	return r, err
}

// window measures the calls for a while.
func (s *stage) window(ctx context.Context, length time.Duration, r *row) error {
	var phones, pages []*party
	for i := range s.calls {
		phones, pages = append(phones, &s.calls[i].party), append(pages, &s.agents[i].party)
	}
	room := int((length+settle)/interval) + 100
	each(phones, pages, func(p *party) { p.receive(room) })
	each(phones, pages, func(p *party) { p.send(room) })
	before, err := s.sample(ctx)
	if err != nil {
		return err
	}
	begun := time.Now()
	if err := sleep(ctx, length); err != nil {
		return err
	}
	after, err := s.sample(ctx)
	if err != nil {
		return err
	}
	seconds := time.Since(begun).Seconds()
	each(phones, pages, func(p *party) { p.send(0) })
	if err := sleep(ctx, settle); err != nil {
		return err
	}
	used := after.cpu - before.cpu
	r.values[cpu] = milliseconds(used) / seconds / float64(r.calls)
	r.values[core] = 100 * used.Seconds() / seconds
	r.values[addedP50] = milliseconds(quantile(before.added, after.added, 0.5))
	r.values[addedP99] = milliseconds(quantile(before.added, after.added, 0.99))
	var toSIP, toWeb []time.Duration
	r.values[lostSIP], toSIP = passages(pages, phones)
	r.values[lostWeb], toWeb = passages(phones, pages)
	through := append(toSIP, toWeb...)
	r.values[throughP50], r.values[throughP99] = milliseconds(percentile(through, 0.5)), milliseconds(percentile(through, 0.99))
	return nil
}

// each does something to all parties.
func each(phones, pages []*party, do func(*party)) {
	for _, p := range slices.Concat(phones, pages) {
		do(p)
	}
}

// passages is the share of packets that were lost one way, in percent, and how long the others were on their way.
func passages(from, to []*party) (lost float64, took []time.Duration) {
	missing := 0
	for i := range from {
		l, t := passage(from[i], to[i])
		missing += l
		took = append(took, t...)
	}
	return 100 * float64(missing) / float64(max(1, missing+len(took))), took
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// percentile p (0 to 1) of durations, which are sorted by it.
func percentile(d []time.Duration, p float64) time.Duration {
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	return d[min(len(d)-1, int(p*float64(len(d))))]
}
