package seat

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
)

// TestAtOnce has callers, agents and an administrator do what they do all at the same time: every caller ends once, and
// at the end all seats are free.
func TestAtOnce(t *testing.T) {
	c := Config{Groups: []Group{{Name: "sales"}, {Name: "support", Strategy: RingAll}}}
	for i := range 8 {
		s := phone(fmt.Sprint("agent", i), fmt.Sprint(1000+i))
		c.Staff = append(c.Staff, s)
		c.Groups[i%2].Members = append(c.Groups[i%2].Members, Member{User: s.User})
	}
	d, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	var told atomic.Int64
	d.Watch(func(user string) {
		if _, ok := d.State(user); ok { // no lock is held
			told.Add(1)
		}
	})

	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			for n := range 20 {
				waitInQueue(t, d.Queues(), d, fmt.Sprintf("s%d-%d", i, n), int64(i%2+1))
			}
		})
	}
	stop := make(chan struct{})
	var others sync.WaitGroup
	others.Go(func() { wander(d, stop) })
	others.Go(func() { administer(t, d, stop) })
	all.Wait()
	close(stop)
	others.Wait()
	for _, user := range d.Users() {
		if s, _ := d.State(user); len(s.Sessions) > 0 {
			t.Errorf("%+v", s)
		}
	}
	for _, info := range d.Queues().Snapshot() {
		if info.Waiting+info.Ringing > 0 {
			t.Errorf("%+v", info)
		}
	}
	if told.Load() == 0 {
		t.Error("nobody was told")
	}
}

// waitInQueue is one caller: the first seat that rings takes the call, or misses it, or the caller hangs up.
func waitInQueue(t *testing.T, q *Queues, d *Directory, session string, group int64) {
	offers, gone := make(chan string, 100), make(chan struct{}, 100)
	err := q.Enter(Waiter{
		Session: session, Group: group,
		Offer: func(users []string) {
			for _, u := range users {
				offers <- u
			}
		},
		GiveUp: func(Why, Overflow) { gone <- struct{}{} },
	})
	if err != nil {
		t.Error(err)
		return
	}
	select {
	case <-gone:
	case user := <-offers:
		switch rand.IntN(4) {
		case 0:
			q.Missed(session, user, MissNoAnswer)
			q.Leave(session)
		case 1:
			q.Leave(session)
		default:
			if q.Taken(session, user) == nil {
				d.Release(user, session)
			} else {
				q.Leave(session)
			}
		}
	}
	if _, _, waits := q.Position(session); waits {
		t.Errorf("%s waits after its end", session)
	}
	if len(gone) > 0 {
		t.Errorf("%s ended again", session)
	}
}

// wander has agents come and go. The first two stay.
func wander(d *Directory, stop chan struct{}) {
	statuses := []Status{StatusFree, StatusNotReady, StatusRest, StatusOffline, StatusArrange}
	users := d.Users()
	for i := 0; ; i++ {
		select {
		case <-stop:
			return
		default:
		}
		user := users[2+rand.IntN(len(users)-2)]
		_ = d.SetStatus(user, statuses[i%len(statuses)], "")
		if session := fmt.Sprint("own", i); d.ClaimToDial(user, session) == nil {
			d.Release(user, session)
		}
	}
}

// administer changes groups and reads what there is.
func administer(t *testing.T, d *Directory, stop chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
		}
		for _, g := range d.Groups() {
			g.Priority++
			if _, err := d.ChangeGroup(context.Background(), g); err != nil {
				t.Error(err)
			}
		}
		if _, err := d.Times(context.Background(), d.Today()); err != nil {
			t.Error(err)
		}
	}
}
