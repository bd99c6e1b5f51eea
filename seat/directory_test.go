package seat

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

func newDirectory(t *testing.T) *Directory {
	t.Helper()
	d, err := New(Config{Staff: []Staff{
		{User: "ann", Name: "Ann", Role: RoleAgent, Extension: "1001"},
		{User: "sam", Name: "Sam", Role: RoleAdministrator, Device: DevicePhone, Extension: "1090", MaxCalls: 2},
		{User: "quin", Role: RoleQualityInspector},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

func TestLookup(t *testing.T) {
	d := newDirectory(t)
	if got := d.Users(); !slices.Equal(got, []string{"ann", "sam", "quin"}) {
		t.Errorf("users %v", got)
	}
	ann := Staff{User: "ann", Name: "Ann", Role: RoleAgent, Device: DeviceBrowser, Extension: "1001", MaxCalls: 1,
		Version: 1}
	if got, ok := d.Lookup("ann"); !ok || got != ann {
		t.Errorf("ann is %+v, %v; want the defaults filled in", got, ok)
	}
	if got, ok := d.ByExtension("1001"); !ok || got != ann {
		t.Errorf("1001 is %+v, %v", got, ok)
	}
	for _, extension := range []string{"", "1002", "ann"} {
		if got, ok := d.ByExtension(extension); ok {
			t.Errorf("extension %q is %+v", extension, got)
		}
	}
	if _, ok := d.Lookup("zoe"); ok {
		t.Error("zoe is there")
	}
	if _, ok := d.State("zoe"); ok {
		t.Error("zoe has a state")
	}
}

func TestNewRefuses(t *testing.T) {
	ok := Staff{User: "ann", Role: RoleAgent, Extension: "1001"}
	for name, staff := range map[string][]Staff{
		"no user":             {{Role: RoleAgent}},
		"no role":             {{User: "ann"}},
		"unknown role":        {{User: "ann", Role: 4}},
		"negative calls":      {{User: "ann", Role: RoleAgent, MaxCalls: -1}},
		"short extension":     {{User: "ann", Role: RoleAgent, Extension: "101"}},
		"extension with 9":    {{User: "ann", Role: RoleAgent, Extension: "9001"}},
		"phone, no extension": {{User: "ann", Role: RoleAgent, Device: DevicePhone}},
		"mobile, no number":   {{User: "ann", Role: RoleAgent, Device: DeviceMobile}},
		"unknown device":      {{User: "ann", Role: RoleAgent, Device: "fax"}},
		"user twice":          {ok, {User: "ann", Role: RoleAgent}},
		"extension twice":     {ok, {User: "ben", Role: RoleAgent, Extension: "1001"}},
	} {
		if _, err := New(Config{Staff: staff}); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
	d, err := New(Config{Staff: []Staff{ok, {User: "ben", Role: RoleAgent}, {User: "cat", Role: RoleAgent}}})
	if err != nil {
		t.Fatalf("two without an extension: %v", err)
	}
	d.Close()
}

func TestIsExtension(t *testing.T) {
	for number, want := range map[string]bool{
		"1000": true, "8999": true, "123456": true, "": false, "100": false, "1234567": false, "0100": false,
		"9000": false, "10a0": false, "100a": false, "+1000": false, "١٠٠٠": false,
	} {
		if got := IsExtension(number); got != want {
			t.Errorf("IsExtension(%q) = %v", number, got)
		}
	}
}

func TestClaim(t *testing.T) {
	d := newDirectory(t)
	for _, step := range []struct {
		do            string
		user, session string
		want          error
		busy          bool
	}{
		{"claim", "ann", "s1", nil, true},
		{"claim", "ann", "s1", nil, true}, // keeps what it has
		{"claim", "ann", "s2", ErrBusy, true},
		{"release", "ann", "s2", nil, true}, // never had one
		{"release", "ann", "s1", nil, false},
		{"release", "ann", "s1", nil, false},
		{"claim", "ann", "s2", nil, true},
		{"claim", "sam", "s1", nil, false},
		{"claim", "sam", "s2", nil, true},
		{"claim", "sam", "s3", ErrBusy, true},
		{"claim", "zoe", "s1", ErrUnknown, false},
		{"release", "zoe", "s1", nil, false},
	} {
		var err error
		if step.do == "claim" {
			err = d.claim(step.user, step.session, never)
		} else {
			d.Release(step.user, step.session)
		}
		state, _ := d.State(step.user)
		if !errors.Is(err, step.want) || state.Busy != step.busy {
			t.Errorf("%+v: %v, busy %v", step, err, state.Busy)
		}
	}
}

func online(d *Directory, user string) bool {
	s, _ := d.State(user)
	return s.Browsers > 0
}

func TestLogins(t *testing.T) {
	d := newDirectory(t)
	for i, step := range []struct {
		do     func(string) error
		online bool
	}{
		{d.LoggedOut, false}, {d.LoggedIn, true}, {d.LoggedIn, true}, {d.LoggedOut, true}, {d.LoggedOut, false},
	} {
		if err := step.do("ann"); err != nil || online(d, "ann") != step.online {
			t.Errorf("step %d: %v, online %v", i, err, online(d, "ann"))
		}
	}
	if err := d.LoggedIn("zoe"); !errors.Is(err, ErrUnknown) {
		t.Errorf("zoe: %v", err)
	}
}

func TestSetDevice(t *testing.T) {
	d := newDirectory(t)
	if err := d.SetDevice(t.Context(), "ann", DevicePhone); err != nil {
		t.Error(err)
	}
	if s, _ := d.ByExtension("1001"); s.Device != DevicePhone {
		t.Errorf("device %s", s.Device)
	}
	for user, want := range map[string]error{"quin": ErrConfig, "zoe": ErrUnknown} {
		if err := d.SetDevice(t.Context(), user, DevicePhone); !errors.Is(err, want) {
			t.Errorf("%s: %v", user, err)
		}
	}
	if s, _ := d.Lookup("quin"); s.Device != DeviceBrowser {
		t.Errorf("a refused change made it %s", s.Device)
	}
}

func TestHas(t *testing.T) {
	d := newDirectory(t)
	for user, want := range map[string]bool{"ann": false, "sam": true, "quin": true, "zoe": false} {
		if got := d.Has(user, RoleAdministrator, RoleQualityInspector); got != want {
			t.Errorf("%s: %v", user, got)
		}
	}
	if d.Has("sam") {
		t.Error("sam has one of no roles")
	}
}

func TestWatch(t *testing.T) {
	d := newDirectory(t)
	type change struct {
		user     string
		busy     bool
		browsers int
		device   Device
	}
	var told []change
	d.Watch(func(user string) {
		state, _ := d.State(user) // no lock is held
		told = append(told, change{user, state.Busy, state.Browsers, state.Staff.Device})
	})
	check := func(err error, want ...change) {
		t.Helper()
		if err != nil || !slices.Equal(told, want) {
			t.Errorf("%v, told %v; want %v", err, told, want)
		}
		told = nil
	}
	check(d.claim("ann", "s1", never), change{"ann", true, 0, DeviceBrowser})
	check(d.LoggedIn("ann"), change{"ann", true, 1, DeviceBrowser})
	check(d.SetDevice(t.Context(), "ann", DevicePhone), change{"ann", true, 1, DevicePhone})
	d.Release("ann", "s1")
	check(nil, change{"ann", false, 1, DevicePhone})
	if err := d.claim("zoe", "s1", never); err == nil {
		t.Error("zoe was claimed")
	}
	check(nil)
}

// TestClaimsAtOnce has many sessions want one seat of two slots: never more than two have one.
func TestClaimsAtOnce(t *testing.T) {
	d := newDirectory(t)
	var changes, holders, tooMany, taken atomic.Int64
	d.Watch(func(string) { changes.Add(1) })
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			session := fmt.Sprint(i)
			for range 100 {
				if d.claim("sam", session, never) != nil {
					continue
				}
				if holders.Add(1) > 2 {
					tooMany.Add(1)
				}
				taken.Add(1)
				holders.Add(-1)
				d.Release("sam", session)
			}
		})
	}
	all.Wait()
	if s, _ := d.State("sam"); len(s.Sessions) > 0 || s.Busy || tooMany.Load() > 0 || taken.Load() == 0 {
		t.Errorf("left %v, %d too many of %d", s.Sessions, tooMany.Load(), taken.Load())
	}
	if got := changes.Load(); got != 2*taken.Load() {
		t.Errorf("told %d changes of %d claims", got, taken.Load())
	}
}

// never refuses no claim because of the seat's status.
func never(*place) bool { return false }
