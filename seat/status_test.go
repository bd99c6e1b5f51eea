package seat

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestTableIsInTheDocs compares the table with docs/seats.md, both ways.
func TestTableIsInTheDocs(t *testing.T) {
	text, err := os.ReadFile("../docs/seats.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rows, found := strings.Cut(string(text), "| from | on | to |\n|---|---|---|\n")
	if !found {
		t.Fatal("the docs have no table")
	}
	rows, _, _ = strings.Cut(rows, "\n\n")
	var want []string
	for _, l := range transitions() {
		want = append(want, fmt.Sprintf("| `%s` | `%s` | `%s` |", l.from, l.on, l.to))
	}
	if got := strings.Split(rows, "\n"); !slices.Equal(got, want) {
		t.Errorf("the docs have\n%s\nthe code has\n%s", rows, strings.Join(want, "\n"))
	}
}

// TestTransitions plays each line of the table on a seat with a browser.
func TestTransitions(t *testing.T) {
	for _, l := range transitions() {
		for _, wanted := range []Status{StatusFree, StatusNotReady, StatusRest} {
			for _, there := range []bool{true, false} {
				name := fmt.Sprintf("%s %s, wants %s, there %v", l.from, l.on, wanted, there)
				t.Run(name, func(t *testing.T) { synctest.Test(t, func(t *testing.T) { playTransition(t, l, wanted, there) }) })
			}
		}
	}
}

// playTransition takes a seat to the line's from, makes it want something that takes effect later or at once, and does
// the line's event.
func playTransition(t *testing.T, l transition, wanted Status, there bool) {
	f := openFloor(t, Config{Staff: []Staff{{User: "ann", Role: RoleAgent, MaxCalls: 2}}})
	login := func() { f.must(f.LoggedIn("ann")) }
	logout := func() { f.must(f.LoggedOut("ann")) }
	if l.from != StatusOffline {
		login()
		lead(f, l.from)
	}
	switch l.on {
	case eventAsked:
		there = l.from != StatusOffline
		f.ask("ann", wanted)
	case eventThere:
		wanted, there = f.wanted("ann"), true
		login()
	case eventGone:
		wanted, there = f.wanted("ann"), false
		logout()
	case eventClaimed:
		f.must(f.claim("ann", "s2", never))
	case eventEnded, eventWrapUp:
		f.ask("ann", wanted)
		if l.on == eventWrapUp {
			f.WrapUp("ann", "s1", time.Minute)
			there = true
		} else if !there {
			logout()
			f.WrapUp("ann", "s1", time.Minute) // who is gone does not wrap up
		}
		f.Release("ann", "s1")
	case eventWrapped:
		wanted, there = f.wanted("ann"), true
		time.Sleep(time.Minute)
		synctest.Wait()
	}
	want := l.to
	if want == settled {
		if want = wanted; !there {
			want = StatusOffline
		}
	}
	f.is("ann", want)
}

func (f *floor) wanted(user string) Status {
	s, _ := f.State(user)
	return s.Wanted.Status
}

// lead takes a seat that is free to another status.
func lead(f *floor, to Status) {
	switch to {
	case StatusBusy:
		f.must(f.claim("ann", "s1", never))
	case StatusArrange:
		f.must(f.claim("ann", "s1", never))
		f.WrapUp("ann", "s1", time.Minute)
		f.Release("ann", "s1")
	default:
		f.ask("ann", to)
	}
	f.is("ann", to)
}

func TestTableKnowsEveryCase(t *testing.T) {
	known := map[string]bool{}
	for _, l := range transitions() {
		key := string(l.from) + " " + string(l.on)
		if known[key] {
			t.Errorf("%s is there twice", key)
		}
		known[key] = true
	}
	for _, from := range []Status{StatusOffline, StatusFree, StatusBusy, StatusArrange, StatusNotReady, StatusRest} {
		for _, on := range []event{eventAsked, eventThere, eventGone, eventClaimed} {
			if !known[string(from)+" "+string(on)] {
				t.Errorf("%s %s is missing: it can happen in every status", from, on)
			}
		}
	}
}

// TestWrapUp has a status asked for in mid-call wait for the wrap-up, and one asked for in the wrap-up end it.
func TestWrapUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFloor(t, 1, Group{Name: "sales", WrapUp: 30 * time.Second, Members: members("ann")})
		f.enter("s1")
		f.take("s1", "ann")
		f.must(f.SetStatus("ann", StatusRest, "lunch"))
		f.is("ann", StatusBusy)
		f.must(f.claim("ann", "own", never))
		f.Release("ann", "s1")
		f.is("ann", StatusBusy) // the other one goes on
		f.Release("ann", "own")
		f.is("ann", StatusArrange)
		if s, _ := f.State("ann"); s.Until != time.Now().Add(30*time.Second) {
			t.Errorf("until %v", s.Until)
		}
		time.Sleep(30 * time.Second)
		synctest.Wait()
		f.is("ann", StatusRest)
		if s, _ := f.State("ann"); s.Wanted.Reason != "lunch" || !s.Until.IsZero() {
			t.Errorf("%+v", s)
		}
		f.ask("ann", StatusFree)
		f.enter("s2")
		f.serve("s2", "ann")
		f.is("ann", StatusArrange)
		f.ask("ann", StatusFree)
		f.is("ann", StatusFree)
		f.ask("ann", StatusArrange)
		time.Sleep(time.Hour)
		f.is("ann", StatusArrange)
		f.refused(f.SetStatus("ann", StatusBusy, ""), ErrStatus)
		f.refused(f.SetStatus("ann", "gone fishing", ""), ErrStatus)
		f.refused(f.SetStatus("zoe", StatusFree, ""), ErrUnknown)
	})
}

// TestWhoMayCall is the table of docs/seats.md.
func TestWhoMayCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := openFloor(t, Config{Staff: []Staff{{User: "ann", Role: RoleAgent, MaxCalls: 2}}})
		f.must(f.LoggedIn("ann"))
		for _, c := range []struct {
			status     Status
			dial, ring error
		}{
			{StatusFree, nil, nil}, {StatusNotReady, nil, nil}, {StatusArrange, nil, nil}, {StatusBusy, nil, nil},
			{StatusRest, ErrStatus, ErrStatus}, {StatusOffline, nil, ErrStatus},
		} {
			lead(f, c.status)
			f.refused(f.ClaimToDial("ann", "own"), c.dial)
			f.Release("ann", "own")
			f.refused(f.ClaimToRing("ann", "other"), c.ring)
			f.Release("ann", "other")
			f.Release("ann", "s1")
			f.ask("ann", StatusFree)
		}
	})
}

// TestClaimToRingMobile has a mobile ring while its seat's own device is not there, but not in a rest, and not where
// offline was asked for.
func TestClaimToRingMobile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := openFloor(t, Config{Staff: []Staff{{User: "ann", Role: RoleAgent, Mobile: "+491701"}}})
		claim := func(want error) {
			t.Helper()
			f.refused(f.ClaimToRingMobile("ann", "s1"), want)
			f.Release("ann", "s1")
		}
		f.refused(f.ClaimToRing("ann", "s1"), ErrStatus)
		claim(nil)
		f.is("ann", StatusOffline)
		f.must(f.LoggedIn("ann"))
		claim(nil)
		f.must(f.claim("ann", "own", never))
		claim(ErrBusy)
		f.Release("ann", "own")
		f.ask("ann", StatusRest)
		claim(ErrStatus)
		f.ask("ann", StatusOffline)
		claim(ErrStatus)
		f.must(f.LoggedOut("ann"))
		claim(ErrStatus)
	})
}

func TestPresence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		registered := map[string]bool{}
		f := openFloor(t, Config{Reachable: func(s Staff) bool { return registered[s.Extension] }, Staff: []Staff{
			{User: "ann", Role: RoleAgent},
			{User: "ben", Role: RoleAgent, Mobile: "+491701", UseMobile: MobileOffline},
			{User: "cat", Role: RoleAgent, Mobile: "+491702", UseMobile: MobileAlways, Device: DevicePhone, Extension: "1003"},
			{User: "dan", Role: RoleAgent, Mobile: "+491703", Device: DevicePhone, Extension: "1004"},
		}})
		check := func(user string, s Status, d Device) {
			t.Helper()
			f.is(user, s)
			if got, err := f.DeviceOf(user); got != d || err != nil {
				t.Errorf("%s is on %s, %v", user, got, err)
			}
		}
		check("ann", StatusOffline, DeviceBrowser)
		check("ben", StatusFree, DeviceMobile)
		check("cat", StatusFree, DeviceMobile)
		check("dan", StatusOffline, DevicePhone)
		f.must(f.LoggedIn("ann"))
		f.must(f.LoggedIn("ben"))
		registered["1004"] = true
		f.is("dan", StatusOffline)
		f.Refresh("dan")
		f.Refresh("zoe")
		check("ann", StatusFree, DeviceBrowser)
		check("ben", StatusFree, DeviceBrowser)
		check("dan", StatusFree, DevicePhone)
		f.must(f.SetDevice(t.Context(), "dan", DeviceBrowser))
		check("dan", StatusOffline, DeviceBrowser)
		f.must(f.SetDevice(t.Context(), "dan", DevicePhone))
		check("dan", StatusFree, DevicePhone) // it was asked at once
		f.ask("ann", StatusOffline)
		check("ann", StatusOffline, DeviceBrowser)
		f.must(f.LoggedOut("ann"))
		f.must(f.LoggedIn("ann")) // who logs in wants to work
		check("ann", StatusFree, DeviceBrowser)
		_, err := f.DeviceOf("zoe")
		f.refused(err, ErrUnknown)
	})
}

// TestRefreshOvertaken has the answer that was asked for last count, whichever comes last.
func TestRefreshOvertaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		slow := make(chan struct{})
		f := openFloor(t, Config{Staff: []Staff{phone("ann", "1001")}, Reachable: func(Staff) bool {
			n := asked.Add(1)
			if n == 2 {
				<-slow
			}
			return n < 3
		}})
		go f.Refresh("ann")
		synctest.Wait()
		f.Refresh("ann")
		f.is("ann", StatusOffline)
		close(slow)
		synctest.Wait()
		f.is("ann", StatusOffline)
	})
}
