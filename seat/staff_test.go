package seat

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// memory is a Store that lives as long as the test. fail, where it is set, is what it answers.
type memory struct {
	mu     sync.Mutex
	fail   error
	saved  Saved
	times  map[timeKey]time.Duration
	writes int    // of statuses
	during func() // is called once while statuses are written
}

func newMemory(saved Saved) *memory { return &memory{saved: saved, times: map[timeKey]time.Duration{}} }

// do does something to what is saved, or fails.
func (m *memory) do(f func()) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail == nil {
		f()
	}
	return m.fail
}

func (m *memory) failing(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = err
}

// duringWrite sets what is called during the next write, and returns what was set.
func (m *memory) duringWrite(f func()) (was func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	was, m.during = m.during, f
	return was
}

func (m *memory) LoadSeats(context.Context) (saved Saved, err error) {
	return saved, m.do(func() { saved = m.saved })
}

func (m *memory) PutStaff(_ context.Context, s Staff) error {
	return m.do(func() {
		m.saved.Staff = slices.DeleteFunc(m.saved.Staff, func(o Staff) bool { return o.User == s.User })
		m.saved.Staff = append(m.saved.Staff, s)
	})
}

func (m *memory) DeleteStaff(_ context.Context, user string) error {
	return m.do(func() {
		m.saved.Staff = slices.DeleteFunc(m.saved.Staff, func(s Staff) bool { return s.User == user })
		m.saved.Wanted = slices.DeleteFunc(m.saved.Wanted, func(w Wanted) bool { return w.User == user })
		for i, g := range m.saved.Groups {
			m.saved.Groups[i].Members = slices.DeleteFunc(slices.Clone(g.Members), func(o Member) bool { return o.User == user })
		}
	})
}

func (m *memory) PutGroup(_ context.Context, g Group) error {
	return m.do(func() {
		m.saved.Groups = slices.DeleteFunc(m.saved.Groups, func(o Group) bool { return o.ID == g.ID })
		m.saved.Groups = append(m.saved.Groups, g)
		m.saved.LastGroup = max(m.saved.LastGroup, g.ID)
	})
}

func (m *memory) DeleteGroup(_ context.Context, id int64) error {
	return m.do(func() {
		m.saved.Groups = slices.DeleteFunc(m.saved.Groups, func(o Group) bool { return o.ID == id })
	})
}

func (m *memory) SaveStatuses(_ context.Context, wanted []Wanted, times []StatusTime) error {
	if during := m.duringWrite(nil); during != nil {
		during()
	}
	return m.do(func() {
		m.writes++
		for _, w := range wanted {
			m.saved.Wanted = slices.DeleteFunc(m.saved.Wanted, func(o Wanted) bool { return o.User == w.User })
			if slices.ContainsFunc(m.saved.Staff, func(s Staff) bool { return s.User == w.User }) {
				m.saved.Wanted = append(m.saved.Wanted, w)
			}
		}
		for _, t := range times {
			m.times[timeKey{t.User, t.Day, t.Status}] += t.Time
		}
	})
}

func (m *memory) TimesOf(_ context.Context, day Day) (times []StatusTime, err error) {
	return times, m.do(func() {
		for k, t := range m.times {
			if k.day == day {
				times = append(times, StatusTime{k.user, k.day, k.status, t})
			}
		}
	})
}

func phone(user, extension string) Staff {
	return Staff{User: user, Role: RoleAgent, Device: DevicePhone, Extension: extension}
}

func TestStaffChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory(Saved{})
		f := openFloor(t, Config{Store: store})
		ctx := t.Context()
		ann, err := f.Add(ctx, phone("ann", "1001"))
		f.must(err)
		f.is("ann", StatusFree)
		ben, err := f.Add(ctx, phone("ben", "1002"))
		f.must(err)

		_, err = f.Add(ctx, phone("ann", "1003"))
		f.refused(err, ErrExists)
		_, err = f.Add(ctx, phone("cat", "1001"))
		f.refused(err, ErrExists)
		_, err = f.Add(ctx, Staff{User: "cat"})
		f.refused(err, ErrConfig)

		one, other := ann, ann // two administrators read the same
		one.Name, one.Extension = "Ann", "2001"
		one, err = f.Change(ctx, one)
		f.must(err)
		_, err = f.Change(ctx, other)
		f.refused(err, ErrConflict)
		if got, ok := f.ByExtension("2001"); !ok || got != one || one.Version != ann.Version+1 {
			t.Errorf("%+v, %v", got, ok)
		}
		if _, ok := f.ByExtension("1001"); ok {
			t.Error("the old extension is still there")
		}
		ben.Extension = "2001"
		_, err = f.Change(ctx, ben)
		f.refused(err, ErrExists)
		_, err = f.Change(ctx, phone("zoe", "1003"))
		f.refused(err, ErrUnknown)
		f.refused(f.Delete(ctx, "zoe"), ErrUnknown)
		f.must(f.Delete(ctx, "ben"))
		_, err = f.Add(ctx, phone("ben", "1002"))
		f.must(err)
		if got := f.Users(); !slices.Equal(got, []string{"ann", "ben"}) || len(store.saved.Staff) != 2 {
			t.Errorf("%q, stored %+v", got, store.saved.Staff)
		}
	})
}

// TestStoreFails has nothing happen that the Store did not take.
func TestStoreFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := errors.New("disk full")
		store := newMemory(Saved{Staff: []Staff{phone("ann", "1001")}, Groups: []Group{{ID: 3, Name: "sales"}}, LastGroup: 7})
		f := openFloor(t, Config{Store: store})
		ctx := t.Context()
		store.failing(full)
		_, err := f.Add(ctx, phone("ben", "1002"))
		f.refused(err, full)
		ann, _ := f.Lookup("ann")
		ann.Name = "Ann"
		_, err = f.Change(ctx, ann)
		f.refused(err, full)
		f.refused(f.SetDevice(ctx, "ann", DeviceBrowser), full)
		f.refused(f.Delete(ctx, "ann"), full)
		_, err = f.AddGroup(ctx, Group{Name: "support"})
		f.refused(err, full)
		sales, _ := f.Group(3)
		sales.Name = "Sales"
		_, err = f.ChangeGroup(ctx, sales)
		f.refused(err, full)
		f.refused(f.DeleteGroup(ctx, 3), full)
		_, err = New(Config{Store: store})
		f.refused(err, full)
		_, err = f.Times(ctx, f.Today())
		f.refused(err, full)

		store.failing(nil)
		if got, _ := f.Lookup("ann"); got.Name != "" || got.Device != DevicePhone || len(f.Users()) != 1 {
			t.Errorf("%+v, users %q", got, f.Users())
		}
		if got := f.Groups(); len(got) != 1 || got[0].Name != "sales" {
			t.Errorf("%+v", got)
		}
		support, err := f.AddGroup(ctx, Group{Name: "support"})
		f.must(err)
		if support.ID != 8 {
			t.Errorf("group %d: 7 was given before", support.ID)
		}
	})
}

// TestDeletedInMidCall has an agent keep the call, get no other, and be gone after it.
func TestDeletedInMidCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFloor(t, 2, Group{Name: "sales", WrapUp: time.Minute, Members: members("ann", "ben")})
		ctx := t.Context()
		f.enter("s1")
		f.enter("s2")
		f.take("s1", "ann")
		f.must(f.Delete(ctx, "ann"))
		f.must(f.Delete(ctx, "ben")) // while it rings
		f.refused(f.Delete(ctx, "ann"), ErrUnknown)
		f.refused(f.claim("ann", "s3", never), ErrUnknown)
		_, err := f.Add(ctx, phone("ann", "1009"))
		f.refused(err, ErrExists)
		if s, ok := f.State("ann"); !ok || !s.Deleted || len(f.Users()) > 0 {
			t.Errorf("%+v, %v, users %q", s, ok, f.Users())
		}
		if g, _ := f.Group(1); len(g.Members) > 0 {
			t.Errorf("members %v", g.Members)
		}
		f.Release("ann", "s1")
		f.take("s2", "ben")
		if _, ok := f.State("ann"); ok {
			t.Error("ann is still there")
		}
		f.Release("ben", "s2")
		if _, ok := f.ByExtension("1002"); ok {
			t.Error("ben is still there")
		}
		_, err = f.Add(ctx, phone("ann", "1002"))
		f.must(err)
		f.is("ann", StatusFree)
	})
}

func TestGroupChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFloor(t, 2, Group{Name: "sales", Members: members("ann")}, Group{Name: "night"})
		ctx := t.Context()
		for name, g := range map[string]Group{
			"no name":          {},
			"bad strategy":     {Name: "x", Strategy: "dice"},
			"negative":         {Name: "x", MaxWait: -1},
			"unknown member":   {Name: "x", Members: members("zoe")},
			"member twice":     {Name: "x", Members: members("ann", "ann")},
			"bad level":        {Name: "x", Members: []Member{{"ann", 6}}},
			"overflow unknown": {Name: "x", Overflow: Overflow{Group: 9}},
			"overflow both":    {Name: "x", Overflow: Overflow{Group: 1, Number: "1"}},
			"overflow itself":  {ID: 5, Name: "x", Overflow: Overflow{Group: 5}},
			"bad hours":        {Name: "x", Hours: []Hours{{From: 25 * time.Hour}}},
			"bad day":          {Name: "x", Hours: []Hours{{Days: []time.Weekday{7}}}},
			"bad zone":         {Name: "x", Hours: []Hours{{Zone: "Mars/Olympus"}}},
		} {
			if _, err := f.AddGroup(ctx, g); !errors.Is(err, ErrConfig) {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err := f.AddGroup(ctx, Group{ID: 2, Name: "x"})
		f.refused(err, ErrExists)
		_, err = f.ChangeGroup(ctx, Group{ID: 9, Name: "x"})
		f.refused(err, ErrUnknownGroup)
		f.refused(f.DeleteGroup(ctx, 9), ErrUnknownGroup)

		g, _ := f.Group(1)
		g.MaxWait, g.Overflow = time.Minute, Overflow{Group: 2}
		f.enter("s1")
		f.enter("s2")
		f.want("s1 ann")
		time.Sleep(30 * time.Second)
		changed, err := f.ChangeGroup(ctx, g) // those who wait have the new times
		f.must(err)
		_, err = f.ChangeGroup(ctx, g)
		f.refused(err, ErrConflict)
		time.Sleep(30 * time.Second)
		f.want("s2 tooLong to 2")
		f.must(f.DeleteGroup(ctx, 2))
		changed.MaxWaiting = 1
		_, err = f.ChangeGroup(ctx, changed) // the overflow that is gone may stay
		f.must(err)
		f.enter("s3")
		f.enter("s4")
		f.want("s4 full")
	})
}

// TestGroupDeleted has those who wait be given up; who rings may still be taken, or is given up then.
func TestGroupDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFloor(t, 2, Group{Name: "sales", Members: members("ann", "ben"), Overflow: Overflow{Number: "+49309"}})
		for _, s := range []string{"s1", "s2", "s3", "s4"} {
			f.enter(s)
		}
		f.must(f.DeleteGroup(t.Context(), 1))
		f.want("s1 ann", "s2 ben", "s3 groupDeleted to 0+49309", "s4 groupDeleted to 0+49309")
		f.q.Missed("s1", "ann", MissNoAnswer)
		f.want("s1 groupDeleted to 0+49309")
		f.serve("s2", "ben")
		f.is("ben", StatusFree)
		if _, ok := f.Group(1); ok {
			t.Error("the group is there")
		}
	})
}
