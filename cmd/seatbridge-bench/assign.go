package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"seatbridge/seat"
)

const (
	assignSeats   = 200
	assignWaiting = 1000
	assignments   = 20000 // by each strategy
)

// measureAssign deals callers to seats by each strategy: call control's queue alone, in this process.
func measureAssign(ctx context.Context, _ options, _ *speech, out io.Writer) error {
	g := grid{{"strategy", "p50 µs", "p99 µs", "most µs"}}
	for _, s := range []seat.Strategy{seat.LongestIdle, seat.RoundRobin, seat.LeastCalls, seat.ByLevel, seat.RingAll} {
		took, err := assign(ctx, s, assignSeats, assignWaiting, assignments)
		if err != nil {
			return err
		}
		cells := []string{string(s)}
		for _, p := range []float64{0.5, 0.99, 1} {
			cells = append(cells, fmt.Sprintf("%.1f", float64(percentile(took, p).Nanoseconds())/1e3))
		}
		g.add(cells...)
	}
	fmt.Fprintf(out, "\nAssign: %d callers wait for %d seats, %d calls each\n", assignWaiting, assignSeats, assignments)
	return g.print(out)
}

// offer is a caller who was offered to a seat.
type offer struct {
	session, user string
	at            time.Time
}

// ward is a group of seats that are all in a call, and callers who wait for them.
type ward struct {
	d        *seat.Directory
	held     map[string]string // sessions by user
	offers   chan offer
	sessions int
}

// assign has n calls end, one after the other, in each of which the first caller is offered and taken, and another
// comes. The times are from the end of the call to the offer.
func assign(ctx context.Context, s seat.Strategy, seats, waiting, n int) ([]time.Duration, error) {
	c := seat.Config{Groups: []seat.Group{{Name: "sales", Strategy: s}}}
	for i := range seats {
		c.Staff = append(c.Staff, seat.Staff{
			User: fmt.Sprint("agent", i), Role: seat.RoleAgent, Device: seat.DevicePhone, Extension: fmt.Sprint(1000 + i),
		})
		c.Groups[0].Members = append(c.Groups[0].Members, seat.Member{User: c.Staff[i].User, Level: 1 + i%5})
	}
	d, err := seat.New(c)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	w := &ward{d: d, held: map[string]string{}, offers: make(chan offer, 1)}
	for _, s := range c.Staff {
		w.held[s.User] = "own " + s.User
		if err := d.ClaimToDial(s.User, w.held[s.User]); err != nil {
			return nil, err
		}
	}
	for range waiting {
		if err := w.enter(); err != nil {
			return nil, err
		}
	}
	took := make([]time.Duration, 0, n)
	for i := range n {
		t, err := w.end(ctx, c.Staff[i%seats].User)
		if err != nil {
			return nil, err
		}
		took = append(took, t)
	}
	return took, nil
}

// enter has one caller more wait.
func (w *ward) enter() error {
	w.sessions++
	session := fmt.Sprint("caller ", w.sessions)
	return w.d.Queues().Enter(seat.Waiter{
		Session: session, Group: 1, GiveUp: func(seat.Why, seat.Overflow) {}, // when all is over
		Offer: func(users []string) { w.offers <- offer{session, users[0], time.Now()} },
	})
}

// end ends a seat's call and has it take who is offered to it.
func (w *ward) end(ctx context.Context, user string) (time.Duration, error) {
	start := time.Now()
	w.d.Release(user, w.held[user])
	select {
	case o := <-w.offers:
		if o.user != user {
			return 0, fmt.Errorf("%s was offered a caller, but %s is free", o.user, user)
		}
		w.held[user] = o.session
		if err := w.d.Queues().Taken(o.session, user); err != nil {
			return 0, err
		}
		return o.at.Sub(start), w.enter()
	case <-ctx.Done():
		return 0, fmt.Errorf("nobody was offered to %s: %w", user, ctx.Err())
	}
}
