package store

import (
	"errors"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"seatbridge/seat"
)

func seed(t *testing.T, s *Store, staff []seat.Staff, groups ...seat.Group) {
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
	seed(t, s, []seat.Staff{alice, bob})
	staff(alice, bob)

	// The API changes alice and adds carol; the same file changes nothing, after a restart either.
	byAPI := alice
	byAPI.Name, byAPI.Version = "Alice B.", 2
	carol := someone("carol")
	put(t, s, byAPI, carol)
	closed(t, s)
	s = open(t, path)
	seed(t, s, []seat.Staff{alice, bob})
	staff(byAPI, bob, carol)

	// The file changes another field: the API's stays.
	alice.Extension = "1001"
	seed(t, s, []seat.Staff{alice, bob})
	byAPI.Extension = "1001"
	staff(versioned(byAPI, 3), bob, carol)

	// The file changes the same field: it is the later word.
	alice.Name = "Alice C."
	seed(t, s, []seat.Staff{alice, bob})
	staff(versioned(alice, 4), bob, carol)

	// The API deletes bob: he stays away until the file says something else about him.
	if err := s.DeleteStaff(t.Context(), "bob"); err != nil {
		t.Fatal(err)
	}
	seed(t, s, []seat.Staff{alice, bob})
	staff(versioned(alice, 4), carol)
	bob.MaxCalls = 3
	seed(t, s, []seat.Staff{alice, bob})
	staff(versioned(alice, 4), carol, bob)

	// The file has carol too, and leaves alice out.
	carol.Name = "Carol of the file"
	seed(t, s, []seat.Staff{bob, carol})
	staff(versioned(carol, 2), bob)

	// Left out and there again: as new.
	seed(t, s, []seat.Staff{alice, bob, carol})
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
	seed(t, s, staff, sales)
	groups(sales)

	// The API takes bob out; the file changes something else.
	put(t, s, some(1, "alice"))
	sales.WrapUp = time.Minute
	seed(t, s, staff, sales)
	want := some(1, "alice")
	want.WrapUp, want.Version = time.Minute, 2
	groups(want)

	// The API deletes bob himself; the file still has him in the list that it changes.
	if err := s.DeleteStaff(t.Context(), "bob"); err != nil {
		t.Fatal(err)
	}
	sales.Members = append(sales.Members, seat.Member{User: "carol", Level: 2})
	seed(t, s, staff, sales)
	want.Members = []seat.Member{{User: "alice", Level: 0}, {User: "carol", Level: 2}}
	want.Version = 3
	groups(want)

	// The API made group 2; the file cannot mean that one, and nothing of it is applied.
	put(t, s, some(2))
	renamed := []seat.Staff{staff[0]}
	renamed[0].Name = "renamed"
	if err := s.SeedSeats(t.Context(), renamed, []seat.Group{sales, some(2, "alice")}); !errors.Is(err, ErrTaken) {
		t.Fatalf("got %v", err)
	}
	groups(want, some(2))
	if got := load(t, s).Staff[0].Name; got != staff[0].Name {
		t.Fatalf("the name is %q", got)
	}
	seed(t, s, staff) // no groups any more
	groups(some(2))
}

// TestSeededStaff wants the last file's word, not the API's.
func TestSeededStaff(t *testing.T) {
	s := open(t, "")
	alice := someone("alice")
	alice.PasswordHash = "hash"
	seed(t, s, []seat.Staff{alice})
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
