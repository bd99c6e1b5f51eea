package main

import (
	"context"
	"time"
)

const (
	superviseWindow = 2 * time.Second
	calm            = 500 * time.Millisecond // after a change, before it is measured
)

// costs is what was measured of calls with the same supervisors, a value for each window.
type costs struct{ cost, added99, through50, through99 []float64 }

// inTurn measures the calls alone and with supervisors in turn, so that a machine that changes its speed does so for
// both: each round goes through the ways of supervising, and each of these is between two windows alone.
func (s *stage) inTurn(ctx context.Context, sound *speech, mode string, ways [][][]*page, rounds int) (
	alone, with costs, err error,
) {
	if err = s.observe(ctx, &alone); err != nil {
		return alone, with, err
	}
	for range rounds {
		for _, groups := range ways {
			if err = s.supervised(ctx, sound, mode, groups, &with); err != nil {
				return alone, with, err
			}
			if err = s.observe(ctx, &alone); err != nil {
				return alone, with, err
			}
		}
	}
	return alone, with, nil
}

// every is every n-th window, from the first.
func (c costs) every(n, first int) costs {
	return costs{
		every(n, first, c.cost), every(n, first, c.added99), every(n, first, c.through50), every(n, first, c.through99),
	}
}

// every is every n-th value, from the first.
func every(n, first int, values []float64) []float64 {
	var some []float64
	for i := first; i < len(values); i += n {
		some = append(some, values[i])
	}
	return some
}

// observe measures one window.
func (s *stage) observe(ctx context.Context, c *costs) error {
	r := row{calls: len(s.calls)}
	if err := sleep(ctx, calm); err != nil {
		return err
	}
	if err := s.window(ctx, superviseWindow, &r); err != nil {
		return err
	}
	c.cost = append(c.cost, r.values[cpu])
	c.added99 = append(c.added99, r.values[addedP99])
	c.through50 = append(c.through50, r.values[throughP50])
	c.through99 = append(c.through99, r.values[throughP99])
	return nil
}

// supervised measures one window in which each group has a supervisor for each call. Phones talk meanwhile, as they
// always do, and pages if they barge in.
func (s *stage) supervised(ctx context.Context, sound *speech, mode string, groups [][]*page, c *costs) error {
	for _, who := range groups {
		for i, p := range who {
			if err := p.supervise(ctx, s.sessions[i], mode); err != nil {
				return err
			}
		}
	}
	s.microphones(mode != "monitor")
	end := make(chan struct{})
	late := talk(end, s.phones.all(), nil, sound)
	err := s.observe(ctx, c)
	close(end)
	<-late
	s.microphones(false)
	if err != nil {
		return err
	}
	for _, who := range groups {
		for i, p := range who {
			if err := p.leave(ctx, s.sessions[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// supervise has a seat monitor a session, and go on to another mode.
func (p *page) supervise(ctx context.Context, session, mode string) error {
	if err := p.monitor(ctx, session); err != nil || mode == "monitor" {
		return err
	}
	return p.about(ctx, session, mode)
}

// microphones switches those of the browsers that are in no call of their own.
func (s *stage) microphones(on bool) {
	for _, b := range s.others {
		b.quiet.Store(!on)
	}
}

// listeners are the supervisors at a browser.
func (s *stage) listeners() []*page {
	var pages []*page
	for _, b := range s.others {
		pages = append(pages, b.page)
	}
	return pages
}
