package main

import (
	"context"
	"fmt"
	"slices"
)

// stage is a gateway with calls between its carrier and browsers, and with more seats that may supervise them.
type stage struct {
	*gateway
	carrier  *carrier
	phones   *carrier // of supervisors; nil where there are none
	calls    []*carrierCall
	agents   []*browser // of the calls
	sessions []string
	base     int        // memory in KiB: see setUp
	others   []*browser // in no call yet; their microphones are off
	pages    []*page    // of the phones' users
}

// cast is who is on a stage.
type cast struct {
	calls  int
	others int // browsers in no call
	phones int
}

// newStage starts everything and sets the calls up. Nobody talks yet.
func newStage(ctx context.Context, o options, n cast) (*stage, error) {
	c, err := startCarrier()
	if err != nil {
		return nil, err
	}
	s := &stage{carrier: c}
	s.gateway, err = startGateway(ctx, o, seats{n.calls + n.others, n.phones}, c.addr)
	if err == nil {
		err = s.setUp(ctx, n)
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// setUp sets the calls up, one after the other: the carrier has them in the same order. base is the gateway's memory
// after the first call, for which it makes what all of them share, or before it where there is no other.
func (s *stage) setUp(ctx context.Context, n cast) (err error) {
	for i := range n.calls {
		if i < 2 {
			if s.base, err = s.memory(); err != nil {
				return err
			}
		}
		b, err := s.browser(ctx, fmt.Sprintf("u%d", i))
		s.agents = append(s.agents, b)
		if err != nil {
			return err
		}
		session, err := b.call(ctx, fmt.Sprintf("+1555%07d", i))
		if err != nil {
			return err
		}
		s.sessions = append(s.sessions, session)
	}
	if s.calls = s.carrier.all(); len(s.calls) != n.calls {
		return fmt.Errorf("the carrier has %d calls", len(s.calls))
	}
	for i := range n.others {
		b, err := s.browser(ctx, fmt.Sprintf("u%d", n.calls+i))
		b.quiet.Store(true)
		s.others = append(s.others, b)
		if err != nil {
			return err
		}
	}
	if n.phones > 0 {
		s.phones, s.pages, err = s.startPhones(ctx, n.phones)
	}
	return err
}

// talking has all sides talk while do does, and returns how late they were themselves with their packets, p99 in ms.
// The others talk in the opposite order, so that it differs from call to call how long after its agent's packets theirs
// come.
func (s *stage) talking(ctx context.Context, sound *speech, do func() error) (late float64, err error) {
	browsers := slices.Clone(s.others)
	slices.Reverse(browsers)
	end := make(chan struct{})
	result := talk(end, s.calls, slices.Concat(s.agents, browsers), sound)
	if err = sleep(ctx, warmUp); err == nil {
		err = do()
	}
	close(end)
	return milliseconds(percentile(<-result, 0.99)), err
}

func (s *stage) close() {
	for _, b := range slices.Concat(s.agents, s.others) {
		b.close()
	}
	for _, p := range s.pages {
		p.close()
	}
	if s.gateway != nil {
		s.stop()
	}
	if s.phones != nil {
		s.phones.close()
	}
	s.carrier.close()
}
