package seat

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// BenchmarkAssign is a queue of 1000 callers before 200 agents: each iteration an agent's call ends, the first caller
// is offered, taken, and somebody new comes. It reports the time from the end of the call to Offer.
func BenchmarkAssign(b *testing.B) {
	const seats, waiting = 200, 1000
	for _, strategy := range []Strategy{LongestIdle, RingAll} {
		b.Run(string(strategy), func(b *testing.B) { benchmarkAssign(b, strategy, seats, waiting) })
	}
}

type offer struct {
	session, user string
	at            time.Time
}

func benchmarkAssign(b *testing.B, strategy Strategy, seats, waiting int) {
	c := Config{Groups: []Group{{Name: "sales", Strategy: strategy}}}
	for i := range seats {
		c.Staff = append(c.Staff, Staff{
			User: fmt.Sprint("agent", i), Role: RoleAgent, Device: DevicePhone, Extension: fmt.Sprint(1000 + i),
		})
		c.Groups[0].Members = append(c.Groups[0].Members, Member{User: c.Staff[i].User})
	}
	d, err := New(c)
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	q, offers, sessions := d.Queues(), make(chan offer, 1), 0
	enter := func() {
		sessions++
		session := fmt.Sprint("s", sessions)
		err := q.Enter(Waiter{
			Session: session, Group: 1, GiveUp: func(Why, Overflow) {}, // when all is over
			Offer: func(users []string) { offers <- offer{session, users[0], time.Now()} },
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	for _, s := range c.Staff { // all have a call of their own
		if err := d.Claim(s.User, "own"); err != nil {
			b.Fatal(err)
		}
	}
	for range waiting {
		enter()
	}
	held := map[string]string{}
	took := make([]time.Duration, 0, b.N)
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		user := c.Staff[i%seats].User
		session := held[user]
		if session == "" {
			session = "own"
		}
		start := time.Now()
		d.Release(user, session)
		o := <-offers
		took = append(took, o.at.Sub(start))
		if err := q.Taken(o.session, o.user); err != nil {
			b.Fatal(err)
		}
		held[o.user] = o.session
		enter()
	}
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Nanoseconds())/1e3, "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds())/1e3, "p99-µs")
}
