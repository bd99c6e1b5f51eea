package seat

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// floor is a Directory in a synctest bubble, with what its waiters were told.
type floor struct {
	*Directory
	q *Queues
	t *testing.T

	mu    sync.Mutex
	told  []string            // since the last check: "s1 ann+ben", "s1 full"
	rings map[string][]string // users by session, as offered
}

// newFloor has desk phones ann, ben, cat, dan and so on, who need no login, and one group of the first few.
func newFloor(t *testing.T, seats int, g Group, others ...Group) *floor {
	t.Helper()
	c := Config{Groups: append([]Group{g}, others...)}
	for i, user := range []string{"ann", "ben", "cat", "dan", "eva"}[:seats] {
		c.Staff = append(c.Staff, Staff{
			User: user, Role: RoleAgent, Device: DevicePhone, Extension: fmt.Sprint(1001 + i), MaxCalls: 2,
		})
	}
	return openFloor(t, c)
}

func openFloor(t *testing.T, c Config) *floor {
	t.Helper()
	d, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return &floor{Directory: d, q: d.Queues(), t: t, rings: map[string][]string{}}
}

// members are users of the default level.
func members(users ...string) []Member {
	var all []Member
	for _, u := range users {
		all = append(all, Member{User: u})
	}
	return all
}

func (f *floor) tell(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.told = append(f.told, fmt.Sprintf(format, args...))
}

// enter begins to wait in group 1, and lets things happen.
func (f *floor) enter(session string, change ...func(*Waiter)) {
	f.t.Helper()
	w := Waiter{
		Session: session, Group: 1,
		Offer: func(users []string) {
			f.tell("%s %s", session, strings.Join(users, "+"))
		},
		GiveUp: func(why Why, to Overflow) {
			where := ""
			if to != (Overflow{}) {
				where = fmt.Sprintf(" to %d%s", to.Group, to.Number)
			}
			f.tell("%s %s%s", session, why, where)
		},
	}
	for _, c := range change {
		c(&w)
	}
	if err := f.q.Enter(w); err != nil {
		f.t.Fatalf("enter %s: %v", session, err)
	}
	synctest.Wait()
}

// want checks what was told since the last time, in order.
func (f *floor) want(told ...string) {
	f.t.Helper()
	synctest.Wait()
	f.mu.Lock()
	defer f.mu.Unlock()
	if !slices.Equal(f.told, told) {
		f.t.Errorf("told %q, want %q", f.told, told)
	}
	f.told = nil
}

func (f *floor) is(user string, want Status) {
	f.t.Helper()
	if got, _ := f.Status(user); got != want {
		f.t.Errorf("%s is %s, want %s", user, got, want)
	}
}

func (f *floor) ask(user string, s Status) {
	f.t.Helper()
	f.must(f.SetStatus(user, s, ""))
}

func (f *floor) take(session, user string) { f.t.Helper(); f.must(f.q.Taken(session, user)) }

// serve takes a call and ends it a second later.
func (f *floor) serve(session, user string) {
	f.t.Helper()
	f.take(session, user)
	time.Sleep(time.Second)
	f.Release(user, session)
}

func (f *floor) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *floor) refused(err, want error) {
	f.t.Helper()
	if !errors.Is(err, want) {
		f.t.Errorf("%v, want %v", err, want)
	}
}
