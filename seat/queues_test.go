package seat

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// bubble is a test in a synctest bubble.
func bubble(t *testing.T, name string, f func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, f) })
}

func TestStrategies(t *testing.T) {
	all := members("ann", "ben", "cat")
	one := func(f *floor, session, user string) { // a call that is taken by user
		f.t.Helper()
		f.enter(session)
		f.want(session + " " + user)
		f.serve(session, user)
	}
	bubble(t, "longest idle", func(t *testing.T) {
		f := newFloor(t, 3, Group{Name: "sales", Members: all})
		one(f, "s1", "ann")
		one(f, "s2", "ben")
		one(f, "s3", "cat")
		f.enter("s4")
		f.want("s4 ann")
		time.Sleep(time.Second)
		f.q.Leave("s4") // ann rang for nothing and is still the one
		one(f, "s5", "ann")
		f.ask("ben", StatusRest)
		time.Sleep(time.Second)
		f.ask("ben", StatusFree)
		one(f, "s6", "cat")
	})
	bubble(t, "round robin", func(t *testing.T) {
		f := newFloor(t, 3, Group{Name: "sales", Members: all, Strategy: RoundRobin})
		for _, user := range []string{"ann", "ben", "cat", "ann"} {
			one(f, "s"+user, user)
		}
		f.ask("ben", StatusNotReady)
		one(f, "s5", "cat")
		f.ask("ben", StatusFree)
		one(f, "s6", "ann")
	})
	bubble(t, "least calls", func(t *testing.T) {
		f := newFloor(t, 3, Group{Name: "sales", Members: all, Strategy: LeastCalls})
		f.ask("cat", StatusRest)
		one(f, "s1", "ann")
		one(f, "s2", "ben")
		one(f, "s3", "ann")
		f.ask("cat", StatusFree)
		one(f, "s4", "cat")
		one(f, "s5", "ben")
		one(f, "s6", "cat")
		time.Sleep(24 * time.Hour)
		one(f, "s7", "ann") // all have none today, and ann is idle for the longest time
	})
	bubble(t, "by level", func(t *testing.T) {
		f := newFloor(t, 3, Group{Name: "sales", Strategy: ByLevel, Members: []Member{{"ann", 5}, {"ben", 0}, {"cat", 1}}})
		f.enter("s1")
		f.enter("s2")
		f.enter("s3")
		f.want("s1 cat", "s2 ben", "s3 ann")
	})
}

func TestLastAgentFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFloor(t, 3, Group{Name: "sales", Members: members("ann", "ben", "cat"), LastAgentFirst: true})
		number := func(w *Waiter) { w.Number = "+49301" }
		f.enter("s1", number)
		f.serve("s1", "ann")
		f.enter("s2", number)
		f.want("s1 ann", "s2 ann")
		f.enter("s3", number) // ann rings: the strategy chooses
		f.want("s3 ben")
	})
}

// TestServedBefore has a restart not forget who served whom.
func TestServedBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		served := func(user, number string, ago time.Duration) Served {
			return Served{User: user, Number: number, At: time.Now().Add(-ago)}
		}
		time.Sleep(12 * time.Hour)
		f := openFloor(t, Config{Store: newMemory(Saved{
			Staff: []Staff{phone("ann", "1001"), phone("ben", "1002")},
			Groups: []Group{
				{ID: 1, Name: "sales", Strategy: LeastCalls, Members: members("ann", "ben")},
				{ID: 2, Name: "support", LastAgentFirst: true, Members: members("ann", "ben")},
			},
			Served: []Served{
				served("ben", "+49301", 24*time.Hour), served("ben", "+49302", 24*time.Hour),
				served("ann", "+49301", 2*time.Hour), served("zoe", "+49303", time.Hour), served("ben", "+49301", time.Hour),
				served("ann", "", time.Minute),
			},
		})})
		f.enter("s1")
		f.want("s1 ben") // one today, ann two
		f.q.Leave("s1")
		f.enter("s2", func(w *Waiter) { w.Group, w.Number = 2, "+49301" })
		f.want("s2 ben")
		f.enter("s3", func(w *Waiter) { w.Group, w.Number = 2, "+49303" }) // by one who is gone
		f.want("s3 ann")
	})
}

func TestRingAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFloor(t, 4, Group{Name: "sales", Strategy: RingAll, Misses: 1, Members: members("ann", "ben", "cat", "dan")})
		f.ask("dan", StatusRest)
		f.enter("s1")
		f.want("s1 ann+ben+cat")
		f.enter("s2")
		f.q.Missed("s1", "ann", MissNoAnswer) // and is notReady
		f.is("ann", StatusNotReady)
		f.want()
		f.take("s1", "ben")
		f.is("ben", StatusBusy)
		f.want("s2 cat")
		f.ask("dan", StatusFree) // joins who rings already
		f.want("s2 dan")
		f.refused(f.q.Taken("s1", "cat"), ErrNotOffered)
		f.q.Missed("s2", "cat", MissFailed)
		f.is("cat", StatusFree)
		f.want()
		f.take("s2", "dan")
		f.want()
	})
}

// TestRingAllLeavesSeats has seats that become free together go each to who comes first there.
func TestRingAllLeavesSeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFloor(t, 3, Group{Name: "sales", Strategy: RingAll, Members: members("ann", "ben", "cat")},
			Group{Name: "gold", Priority: 5, Members: members("cat")})
		f.enter("s1")
		f.enter("s2")
		f.enter("s3", func(w *Waiter) { w.Group = 2 })
		f.want("s1 ann+ben+cat")
		f.take("s1", "ann")
		f.want("s2 ben", "s3 cat")
	})
}

// TestOrder has a seat serve the higher priority first, then who waits longer, over several groups.
func TestOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFloor(t, 1, Group{Name: "sales", Members: members("ann")},
			Group{Name: "gold", Priority: 5, Members: members("ann")})
		f.must(f.claim("ann", "own", never))
		start := time.Now()
		f.enter("later")
		f.enter("earlier", func(w *Waiter) { w.Since = start.Add(-time.Minute) })
		f.enter("same") // after later, who came first
		f.enter("high", func(w *Waiter) { w.Priority = 4 })
		f.enter("gold", func(w *Waiter) { w.Group = 2 })
		f.enter("higher", func(w *Waiter) { w.Priority = 6 })
		if at, of, ok := f.q.Position("later"); at != 4 || of != 5 || !ok {
			t.Errorf("position %d of %d, %v", at, of, ok)
		}
		f.Release("ann", "own")
		for _, s := range []string{"higher", "gold", "high", "earlier", "later", "same"} {
			f.want(s + " ann")
			if at, _, ok := f.q.Position(s); at != 0 || !ok {
				t.Errorf("%s rings at position %d, %v", s, at, ok)
			}
			f.serve(s, "ann")
		}
		if _, _, ok := f.q.Position("same"); ok {
			t.Error("same waits")
		}
	})
}

// TestMissed has a missed caller go to the next seat, keep its place, and come back to the same seat later.
func TestMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFloor(t, 2, Group{Name: "sales", Misses: 2, Members: members("ann", "ben")})
		f.enter("s1")
		f.enter("s2")
		f.enter("s3")
		f.want("s1 ann", "s2 ben")
		f.q.Missed("s1", "ann", MissNoAnswer)
		f.want("s3 ann") // s1 was missed by ann just now
		if at, of, _ := f.q.Position("s1"); at != 1 || of != 1 {
			t.Errorf("position %d of %d", at, of)
		}
		f.q.Missed("s3", "ann", MissRejected)
		f.is("ann", StatusNotReady)
		f.ask("ann", StatusFree)
		f.want() // both were missed by ann
		time.Sleep(5 * time.Second)
		f.want("s1 ann")
		f.q.Missed("s1", "ben", MissNoAnswer) // does not ring for it
		f.q.Missed("s9", "ann", MissNoAnswer)
		f.q.Missed("s1", "zoe", MissNoAnswer)
		f.want()
		f.q.Missed("s1", "ann", MissFailed)
		f.is("ann", StatusBusy)
		f.want("s3 ann")
		if s, _ := f.State("ann"); s.Misses != 0 {
			t.Errorf("%d misses: a fault is none", s.Misses)
		}
		f.Release("ann", "s3") // a release is as good as a miss by fault
		f.is("ann", StatusFree)
		f.serve("s2", "ben")
		f.want("s1 ben")
		time.Sleep(5 * time.Second)
		f.want("s3 ann")
	})
}

// TestUnreachable has a seat whose device is not there not be offered all who wait, one after the other; just after a
// login, when a browser has yet to connect, that is no miss.
func TestUnreachable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := openFloor(t, Config{
			Staff:  []Staff{{User: "ann", Role: RoleAgent}, phone("ben", "1002")},
			Groups: []Group{{Name: "sales", Misses: 1, Members: members("ann", "ben")}},
		})
		f.ask("ben", StatusNotReady)
		f.enter("s1")
		f.enter("s2")
		f.must(f.LoggedIn("ann"))
		f.want("s1 ann")
		f.q.Missed("s1", "ann", MissUnreachable)
		f.want()
		f.is("ann", StatusFree)
		f.enter("s3")
		f.want()
		time.Sleep(5 * time.Second)
		f.want("s1 ann")
		f.q.Missed("s1", "ann", MissUnreachable)
		f.is("ann", StatusNotReady)
		f.ask("ben", StatusFree)
		f.want("s1 ben")
	})
}

func TestMissedAsksNotOverOtherStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFloor(t, 1, Group{Name: "sales", Misses: 1, Members: members("ann")})
		f.enter("s1")
		f.ask("ann", StatusRest)
		f.q.Missed("s1", "ann", MissNoAnswer)
		f.is("ann", StatusRest)
		f.want("s1 ann")
	})
}

func TestGivenUp(t *testing.T) {
	bubble(t, "full", func(t *testing.T) {
		f := newFloor(t, 1, Group{
			Name: "sales", MaxWaiting: 1, Overflow: Overflow{Number: "+49309"}, Members: members("ann"),
		})
		f.enter("s1")
		f.enter("s2")
		f.enter("s3")
		f.want("s1 ann", "s3 full to 0+49309")
		f.q.Missed("s1", "ann", MissNoAnswer)
		f.want("s2 ann") // who was missed has its place whatever is full
		f.enter("s4")
		f.want("s4 full to 0+49309")
	})
	bubble(t, "too long", func(t *testing.T) {
		f := newFloor(t, 1, Group{Name: "sales", MaxWait: time.Minute, Members: members("ann")})
		f.enter("s1")
		f.enter("s2", func(w *Waiter) { w.Since = time.Now().Add(-time.Hour) })
		f.want("s1 ann")
		time.Sleep(59 * time.Second)
		f.want()
		time.Sleep(time.Second)
		f.want("s2 tooLong") // not s1, for whom ann rings
		f.q.Missed("s1", "ann", MissNoAnswer)
		f.want("s1 tooLong")
	})
	bubble(t, "closed", func(t *testing.T) { // the bubble begins on Saturday, 1 January 2000, 0:00 UTC
		f := newFloor(t, 1, Group{Name: "sales", Members: members("ann"), Overflow: Overflow{Group: 2},
			Hours: []Hours{{Days: []time.Weekday{time.Saturday}, From: 9 * time.Hour, To: 10 * time.Hour}}},
			Group{Name: "night"})
		f.enter("s1")
		f.want("s1 closed to 2")
		f.enter("s1", func(w *Waiter) { w.Been = []int64{2} })
		f.want("s1 closed")
		time.Sleep(9 * time.Hour)
		f.enter("s2")
		f.enter("s3")
		f.want("s2 ann")
		time.Sleep(time.Hour - time.Second)
		f.want()
		time.Sleep(time.Second)
		f.want("s3 closed to 2") // not s2, for whom ann rings
		f.q.Missed("s2", "ann", MissNoAnswer)
		f.want("s2 closed to 2")
	})
	bubble(t, "closed, but open by other hours", func(t *testing.T) {
		f := newFloor(t, 1, Group{Name: "sales", Members: members("ann"), Hours: []Hours{
			{From: 0, To: 2 * time.Hour}, {From: time.Hour, To: 3 * time.Hour},
		}})
		f.ask("ann", StatusRest)
		f.enter("s1")
		time.Sleep(3*time.Hour - time.Second)
		f.want()
		time.Sleep(time.Second)
		f.want("s1 closed")
	})
	bubble(t, "the device of the only one becomes another", func(t *testing.T) {
		f := openFloor(t, Config{
			Staff:     []Staff{{User: "ann", Role: RoleAgent, Device: DeviceBrowser, Extension: "1001", MaxCalls: 1}},
			Groups:    []Group{{Name: "sales", Members: members("ann")}},
			Reachable: func(Staff) bool { return true },
		})
		f.must(f.LoggedIn("ann"))
		f.ask("ann", StatusRest)
		f.enter("s1")
		f.must(f.SetDevice(t.Context(), "ann", DevicePhone))
		f.want() // it was online all the time
	})
	bubble(t, "closed by a change", func(t *testing.T) {
		f := newFloor(t, 1, Group{Name: "sales", Members: members("ann")})
		f.ask("ann", StatusRest)
		f.enter("s1")
		g, _ := f.Group(1)
		g.Hours = []Hours{{From: time.Hour, To: 2 * time.Hour}}
		_, err := f.ChangeGroup(t.Context(), g)
		f.must(err)
		f.want("s1 closed")
	})
	bubble(t, "nobody", func(t *testing.T) {
		f := newFloor(t, 1, Group{Name: "sales", Members: members("ann")}, Group{Name: "empty"})
		f.ask("ann", StatusOffline)
		f.enter("s1")
		f.enter("s2", func(w *Waiter) { w.Group = 2 })
		f.want("s1 noSeatOnline", "s2 noSeatOnline")
	})
	for name, leave := range map[string]func(f *floor){
		"goes offline": func(f *floor) { f.ask("ann", StatusOffline) },
		"is deleted":   func(f *floor) { f.must(f.Delete(f.t.Context(), "ann")) },
		"is no member any more": func(f *floor) {
			g, _ := f.Group(1)
			g.Members = members("ben")
			_, err := f.ChangeGroup(f.t.Context(), g)
			f.must(err)
		},
	} {
		bubble(t, "the last one "+name, func(t *testing.T) {
			f := newFloor(t, 2, Group{Name: "sales", Members: members("ann", "ben"), Overflow: Overflow{Number: "+49309"}})
			f.must(f.ClaimToDial("ann", "own"))
			f.ask("ben", StatusNotReady)
			f.enter("s1")
			f.enter("s2")
			f.ask("ben", StatusOffline)
			f.want() // for ann has a call
			leave(f)
			if name == "goes offline" {
				f.want() // as she is busy
				f.Release("ann", "own")
			}
			f.want("s1 noSeatOnline to 0+49309", "s2 noSeatOnline to 0+49309")
		})
	}
	bubble(t, "the last one rings, and is gone", func(t *testing.T) {
		f := newFloor(t, 1, Group{Name: "sales", Members: members("ann")})
		f.enter("s1")
		f.enter("s2")
		f.ask("ann", StatusOffline)
		f.want("s1 ann")
		f.q.Missed("s1", "ann", MissNoAnswer)
		f.want("s1 noSeatOnline", "s2 noSeatOnline")
	})
}

// TestHandedToOwnGroup has a seat give its caller to the group that it is in, and leave: it is not offered it at once,
// but others are, and so is whoever else is free.
func TestHandedToOwnGroup(t *testing.T) {
	for name, ca := range map[string]struct {
		do   func(f *floor)
		want []string // at once, and 5 seconds later
		late []string
	}{
		"nobody else":    {func(*floor) {}, nil, []string{"s1 ann"}},
		"another seat":   {func(f *floor) { f.ask("ben", StatusFree) }, []string{"s1 ben"}, nil},
		"another caller": {func(f *floor) { f.enter("s2") }, []string{"s2 ann"}, nil},
	} {
		bubble(t, name, func(t *testing.T) {
			f := newFloor(t, 2, Group{Name: "sales", Members: members("ann", "ben")})
			f.ask("ben", StatusNotReady)
			f.must(f.ClaimToDial("ann", "s1"))
			f.enter("s1")
			time.Sleep(time.Minute) // she waits to see how it ends
			f.Release("ann", "s1")
			f.want()
			ca.do(f)
			f.want(ca.want...)
			time.Sleep(5 * time.Second)
			f.want(ca.late...)
		})
	}
}

func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFloor(t, 1, Group{Name: "sales", Members: members("ann"), Overflow: Overflow{Number: "+49309"}})
		f.enter("s1")
		f.enter("s2")
		f.want("s1 ann")
		f.Close()
		slices.Sort(f.told)
		f.want("s1 stopped", "s2 stopped")
		f.refused(f.q.Enter(Waiter{Session: "s3", Group: 1}), ErrClosed)
		f.is("ann", StatusFree)
	})
}

func TestEnterRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFloor(t, 1, Group{Name: "sales", Members: members("ann")})
		f.refused(f.q.Enter(Waiter{Session: "s1", Group: 9}), ErrUnknownGroup)
		f.enter("s1")
		f.refused(f.q.Enter(Waiter{Session: "s1", Group: 1}), ErrExists)
		f.q.Leave("s1")
		f.q.Leave("s1")
		f.is("ann", StatusFree)
		f.enter("s1") // the same again
		f.want("s1 ann", "s1 ann")
	})
}

// TestSeatsComeAndGo has a waiting caller served as soon as there is a seat, however that comes.
func TestSeatsComeAndGo(t *testing.T) {
	for name, come := range map[string]func(f *floor){
		"asks for free": func(f *floor) { f.ask("ann", StatusFree) },
		"joins the group": func(f *floor) {
			g, _ := f.Group(1)
			g.Members = members("ann", "ben")
			_, err := f.ChangeGroup(f.t.Context(), g)
			f.must(err)
		},
		"is new": func(f *floor) {
			_, err := f.Add(f.t.Context(), Staff{User: "zoe", Role: RoleAgent, Device: DevicePhone, Extension: "1099"})
			f.must(err)
			g, _ := f.Group(1)
			g.Members = members("zoe")
			_, err = f.ChangeGroup(f.t.Context(), g)
			f.must(err)
		},
	} {
		bubble(t, name, func(t *testing.T) {
			f := newFloor(t, 2, Group{Name: "sales", Members: members("ann")})
			f.ask("ann", StatusRest)
			f.enter("s1")
			f.want()
			come(f)
			synctest.Wait()
			if at, _, ok := f.q.Position("s1"); at != 0 || !ok {
				t.Errorf("position %d, %v", at, ok)
			}
		})
	}
}

func TestSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFloor(t, 2, Group{Name: "sales", Members: members("ann", "ben")},
			Group{Name: "night", Hours: []Hours{{From: time.Hour, To: 2 * time.Hour}}})
		f.ask("ben", StatusRest)
		f.enter("s1")
		f.enter("s2")
		time.Sleep(time.Minute)
		got := f.q.Snapshot()
		if len(got) != 2 || got[1].Group != 2 || got[1].Open {
			t.Fatalf("%+v", got)
		}
		s := got[0]
		if s.Name != "sales" || s.Waiting != 1 || s.Ringing != 1 || s.Longest != time.Minute || !s.Open ||
			s.Statuses[StatusBusy] != 1 || s.Statuses[StatusRest] != 1 {
			t.Errorf("%+v", s)
		}
	})
}
