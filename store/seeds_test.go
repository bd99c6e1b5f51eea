package store

import (
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"seatbridge/seat"
)

func seedWith(t *testing.T, s *Store, staff []seat.Staff, groups ...seat.Group) {
	t.Helper()
	if err := s.SeedSeats(t.Context(), staff, groups); err != nil {
		t.Fatal(err)
	}
}

// versioned is what is in the database after so many changes.
func versioned(m seat.Staff, version int64) seat.Staff {
	m.Version = version
	return m
}

// TestSeeds goes through what the file and the API may do one after the other.
func TestSeeds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	s := open(t, path)
	alice, bob := someone("alice"), someone("bob")
	staff := func(want ...seat.Staff) {
		t.Helper()
		if got := load(t, s).Staff; !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v\nwant %+v", got, want)
		}
	}
	seedWith(t, s, []seat.Staff{alice, bob})
	staff(alice, bob)

	// The API changes alice and adds carol; the same file changes nothing, after a restart either.
	byAPI := alice
	byAPI.Name, byAPI.Version = "Alice B.", 2
	carol := someone("carol")
	put(t, s, byAPI, carol)
	closed(t, s)
	s = open(t, path)
	seedWith(t, s, []seat.Staff{alice, bob})
	staff(byAPI, bob, carol)

	// The file changes another field: the API's stays.
	alice.Extension = "1001"
	seedWith(t, s, []seat.Staff{alice, bob})
	byAPI.Extension = "1001"
	staff(versioned(byAPI, 3), bob, carol)

	// The file changes the same field: it is the later word.
	alice.Name = "Alice C."
	seedWith(t, s, []seat.Staff{alice, bob})
	staff(versioned(alice, 4), bob, carol)

	// The API deletes bob: he stays away until the file says something else about him.
	if err := s.DeleteStaff(t.Context(), "bob"); err != nil {
		t.Fatal(err)
	}
	seedWith(t, s, []seat.Staff{alice, bob})
	staff(versioned(alice, 4), carol)
	bob.MaxCalls = 3
	seedWith(t, s, []seat.Staff{alice, bob})
	staff(versioned(alice, 4), carol, bob)

	// The file has carol too, and leaves alice out.
	carol.Name = "Carol of the file"
	seedWith(t, s, []seat.Staff{bob, carol})
	staff(versioned(carol, 2), bob)

	// Left out and there again: as new.
	seedWith(t, s, []seat.Staff{alice, bob, carol})
	staff(versioned(carol, 2), bob, alice)
	sound(t, s)
}

func TestSeedGroups(t *testing.T) {
	s := open(t, "")
	staff := []seat.Staff{someone("alice"), someone("bob"), someone("carol")}
	groups := func(want ...seat.Group) {
		t.Helper()
		if got := load(t, s).Groups; !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v\nwant %+v", got, want)
		}
	}
	sales := some(1, "alice", "bob")
	seedWith(t, s, staff, sales)
	groups(sales)

	// The API takes bob out; the file changes something else.
	put(t, s, some(1, "alice"))
	sales.WrapUp = time.Minute
	seedWith(t, s, staff, sales)
	want := some(1, "alice")
	want.WrapUp, want.Version = time.Minute, 2
	groups(want)

	// The API deletes bob himself; the file still has him in the list that it changes.
	if err := s.DeleteStaff(t.Context(), "bob"); err != nil {
		t.Fatal(err)
	}
	sales.Members = append(sales.Members, seat.Member{User: "carol", Level: 2})
	seedWith(t, s, staff, sales)
	want.Members = []seat.Member{{User: "alice", Level: 0}, {User: "carol", Level: 2}}
	want.Version = 3
	groups(want)

	// The file has no groups any more; the API's stays.
	put(t, s, some(2))
	seedWith(t, s, staff)
	groups(some(2))
}

// TestSeedFails wants nothing applied where a part can't be.
func TestSeedFails(t *testing.T) {
	s := open(t, "")
	if _, err := s.writer.Exec("CREATE TRIGGER t BEFORE INSERT ON members BEGIN SELECT RAISE(ABORT, 'no'); END"); err != nil {
		t.Fatal(err)
	}
	if err := s.SeedSeats(t.Context(), []seat.Staff{someone("alice")}, []seat.Group{some(1, "alice")}); err == nil {
		t.Fatal("no error")
	}
	if got := load(t, s); len(got.Staff)+len(got.Groups) != 0 {
		t.Fatalf("%+v", got)
	}
}

// TestGroupIDs wants a group of the file to be the same one whatever happens to the others and to its name.
func TestGroupIDs(t *testing.T) {
	s := open(t, "")
	named := func(id int64, name string) seat.Group {
		g := some(id)
		g.Name = name
		return g
	}
	ids := func(want map[string]int64) {
		t.Helper()
		var names []string
		for name := range want {
			names = append(names, name)
		}
		slices.Sort(names)
		if got, err := s.GroupIDs(t.Context(), names); err != nil || !maps.Equal(got, want) {
			t.Fatalf("%v, %v; want %v", got, err, want)
		}
	}
	put(t, s, named(3, "made by the API"))
	ids(map[string]int64{"a": 4, "b": 5, "made by the API": 3})
	seedWith(t, s, nil, named(4, "a"), named(5, "b"))
	put(t, s, named(5, "renamed by the API"))
	if err := s.DeleteGroup(t.Context(), 4); err != nil {
		t.Fatal(err)
	}
	ids(map[string]int64{"a": 4, "b": 5, "c": 6, "renamed by the API": 7})
	seedWith(t, s, nil, named(4, "a"), named(5, "b"), named(6, "c"))
	if got := load(t, s).Groups; len(got) != 3 || got[1].Name != "renamed by the API" || got[2].Name != "c" {
		t.Fatalf("%+v", got)
	}
}

// TestSeededStaff wants the last file's word, not the API's.
func TestSeededStaff(t *testing.T) {
	s := open(t, "")
	alice := someone("alice")
	alice.PasswordHash = "hash"
	seedWith(t, s, []seat.Staff{alice})
	alice.Version, alice.PasswordHash = 2, "another"
	put(t, s, alice)
	got, err := s.SeededStaff(t.Context())
	if err != nil || len(got) != 1 || got["alice"].PasswordHash != "hash" {
		t.Fatalf("%+v, %v", got, err)
	}
}

func TestMerge(t *testing.T) {
	for _, ca := range []struct {
		name               string
		last, now, current string
		want               string
		changed            bool
	}{
		{"new", "", `{"a":1}`, "", `{"a":1}`, true},
		{"taken over", "", `{"a":1}`, `{"a":2,"b":3}`, `{"a":1,"b":3}`, true},
		{"same", `{"a":1}`, `{"a":1}`, `{"a":2}`, `{"a":2}`, false},
		{"said what holds", `{"a":1}`, `{"a":2}`, `{"a":2}`, `{"a":2}`, false},
		{"one of two", `{"a":1,"b":1}`, `{"a":1,"b":2}`, `{"a":5,"b":6}`, `{"a":5,"b":2}`, true},
		{"field that was not there", `{"a":1}`, `{"a":1,"c":0}`, `{"a":1,"c":0}`, `{"a":1,"c":0}`, false},
		{"field that is gone", `{"a":1,"old":7}`, `{"a":2}`, `{"a":1}`, `{"a":2}`, true},
		{"list", `{"a":[1,2]}`, `{"a":[1,2,3]}`, `{"a":[2]}`, `{"a":[1,2,3]}`, true},
	} {
		t.Run(ca.name, func(t *testing.T) {
			object := func(text string) []byte {
				if text == "" {
					return nil
				}
				return []byte(text)
			}
			got, changed, err := merge(object(ca.last), object(ca.now), object(ca.current))
			if err != nil || string(got) != ca.want || changed != ca.changed {
				t.Fatalf("%s, %v, %v", got, changed, err)
			}
		})
	}
	for i, bad := range [][3]string{{"[]", "{}", "{}"}, {"{}", "nonsense", "{}"}, {"{}", "{}", "1"}} {
		if _, _, err := merge([]byte(bad[0]), []byte(bad[1]), []byte(bad[2])); err == nil {
			t.Errorf("%d: no error", i)
		}
	}
}
