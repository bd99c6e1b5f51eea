package store

import (
	"encoding/json"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"seatbridge/seat"
)

func someone(user string) seat.Staff {
	return seat.Staff{User: user, Name: "Name of " + user, Role: seat.RoleAgent, MaxCalls: 2, Version: 1}
}

func some(id int64, users ...string) seat.Group {
	g := seat.Group{ID: id, Name: "Sales", RingTimeout: 20 * time.Second, Version: 1}
	for i, u := range users {
		g.Members = append(g.Members, seat.Member{User: u, Level: i})
	}
	return g
}

func put(t *testing.T, s *Store, things ...any) {
	t.Helper()
	for _, thing := range things {
		var err error
		switch v := thing.(type) {
		case seat.Staff:
			err = s.PutStaff(t.Context(), v)
		case seat.Group:
			err = s.PutGroup(t.Context(), v)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func load(t *testing.T, s *Store) seat.Saved {
	t.Helper()
	saved, err := s.LoadSeats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return saved
}

// fill sets every field of a struct to something.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	default:
		v.SetInt(1)
	}
}

// TestSeatsSurvive wants every field back after a restart, in order.
func TestSeatsSurvive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	s := open(t, path)
	var full seat.Staff
	var group seat.Group
	fill(reflect.ValueOf(&full).Elem())
	fill(reflect.ValueOf(&group).Elem())
	zoe, bob := someone("zoe"), someone("bob")
	group.ID, group.Members = 7, []seat.Member{{User: "zoe", Level: 5}, {User: full.User, Level: 1}, {User: "bob"}}
	put(t, s, zoe, full, bob, some(1), group, some(9))
	zoe.Name = "Zoë"
	put(t, s, zoe) // keeps its place
	wanted := []seat.Wanted{{User: "bob", Status: seat.StatusRest, Reason: "lunch"}}
	if err := s.SaveStatuses(t.Context(), append(wanted, seat.Wanted{User: "nobody", Status: seat.StatusRest}), nil); err != nil {
		t.Fatal(err)
	}
	closed(t, s)
	want := seat.Saved{
		Staff: []seat.Staff{zoe, full, bob}, Groups: []seat.Group{some(1), group, some(9)}, LastGroup: 9, Wanted: wanted,
	}
	if got := load(t, open(t, path)); !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v\nwant %+v", got, want)
	}
}

// TestDeletedSeats wants what refers to a deleted user or group to be gone, but for the times, and ids not to come again.
func TestDeletedSeats(t *testing.T) {
	s := open(t, "")
	sales := some(1, "alice", "bob")
	sales.Overflow.Group = 2
	put(t, s, someone("alice"), someone("bob"), sales, some(2, "bob"))
	times := []seat.StatusTime{{User: "bob", Day: "2026-11-22", Status: seat.StatusBusy, Time: time.Second}}
	if err := s.SaveStatuses(t.Context(), []seat.Wanted{{User: "bob", Status: seat.StatusNotReady}}, times); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteStaff(t.Context(), "bob"); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteGroup(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	want := seat.Saved{Staff: []seat.Staff{someone("alice")}, Groups: []seat.Group{some(1, "alice")}, LastGroup: 2}
	if got := load(t, s); !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v\nwant %+v", got, want)
	}
	if got, err := s.TimesOf(t.Context(), "2026-11-22"); err != nil || !reflect.DeepEqual(got, times) {
		t.Fatalf("%+v, %v", got, err)
	}
	sound(t, s)
}

// TestUnknownMember wants a group to be put whole or not at all.
func TestUnknownMember(t *testing.T) {
	s := open(t, "")
	put(t, s, someone("alice"), some(1, "alice"))
	changed := some(1, "alice", "nobody")
	changed.Name = "changed"
	if err := s.PutGroup(t.Context(), changed); err == nil || !strings.Contains(err.Error(), "nobody") {
		t.Fatalf("got %v", err)
	}
	if got := load(t, s).Groups; !reflect.DeepEqual(got, []seat.Group{some(1, "alice")}) {
		t.Fatalf("%+v", got)
	}
}

func TestStatusTimes(t *testing.T) {
	s := open(t, "")
	for _, d := range []time.Duration{1500 * time.Microsecond, 2 * time.Hour} {
		err := s.SaveStatuses(t.Context(), nil, []seat.StatusTime{
			{User: "bob", Day: "2026-11-22", Status: seat.StatusBusy, Time: d},
			{User: "bob", Day: "2026-11-22", Status: seat.StatusRest, Time: time.Minute},
			{User: "bob", Day: "2026-11-23", Status: seat.StatusBusy, Time: time.Minute},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	want := []seat.StatusTime{
		{User: "bob", Day: "2026-11-22", Status: seat.StatusBusy, Time: 2*time.Hour + 1500*time.Microsecond},
		{User: "bob", Day: "2026-11-22", Status: seat.StatusRest, Time: 2 * time.Minute},
	}
	if got, err := s.TimesOf(t.Context(), "2026-11-22"); err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v, %v", got, err)
	}
}

// TestBodies wants a changed name of a field to be noticed: rows that are there have the old one, so it needs a
// migration that renames it in the bodies.
func TestBodies(t *testing.T) {
	for _, ca := range []struct {
		v    any
		want string
	}{
		{&seat.Staff{}, "Device Extension Mail MaxCalls Mobile Name Nick Number PasswordHash Role UseMobile User Version"},
		{&seat.Group{}, "CallerIDs Hours ID LastAgentFirst MaxWait MaxWaiting Members Misses Music Name Overflow Position " +
			"Priority ProtectCallee ProtectCaller Record RingTimeout Strategy Version Waiting WrapUp"},
		{&seat.Hours{}, "Days From To Zone"},
		{&seat.Overflow{}, "Group Number"},
	} {
		fill(reflect.ValueOf(ca.v).Elem())
		body, err := json.Marshal(ca.v)
		if err != nil {
			t.Fatal(err)
		}
		all, err := fields(body)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for name := range all {
			names = append(names, name)
		}
		slices.Sort(names)
		if got := strings.Join(names, " "); got != ca.want {
			t.Errorf("%T: %s\nwant %s", ca.v, got, ca.want)
		}
	}
}
