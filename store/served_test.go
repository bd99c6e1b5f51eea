package store

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"seatbridge/api/cdr"
	"seatbridge/seat"
)

// served is a record of a session in which these took part.
func served(t testing.TB, session string, direction int, parts ...cdr.Participant) Record {
	t.Helper()
	r := record(session)
	body, err := json.Marshal(cdr.Record{SessionId: session, Direction: direction, ServeParticipants: parts})
	if err != nil {
		t.Fatal(err)
	}
	r.Direction, r.Body = direction, body
	return r
}

// TestServed wants those callers of groups that seats took, oldest first, with the customer's number.
func TestServed(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "a.db"))
	at := func(seconds int) int64 { return noon.Unix() + int64(seconds) }
	broken := record("broken")
	broken.Body = []byte("no JSON")
	for _, r := range []Record{
		served(t, "late", 0, cdr.Participant{UserId: "alice", SkillGroupId: 1, AcceptTimestamp: at(9)}),
		served(t, "missed, then taken", 0, cdr.Participant{UserId: "alice", SkillGroupId: 1},
			cdr.Participant{UserId: "bob", SkillGroupId: 1, AcceptTimestamp: at(1)}),
		served(t, "handed to a group", 1, cdr.Participant{UserId: "alice", AcceptTimestamp: at(2)},
			cdr.Participant{UserId: "bob", SkillGroupId: 2, AcceptTimestamp: at(3)}),
		served(t, "of no group", 0, cdr.Participant{UserId: "alice", AcceptTimestamp: at(4)}),
		served(t, "of nobody", 0, cdr.Participant{Phone: "+1555", SkillGroupId: 1, AcceptTimestamp: at(5)}),
		served(t, "nobody", 0), record("without parts"), broken,
	} {
		if err := s.AppendRecord(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	saved, err := s.LoadSeats(t.Context())
	customer, ours := record("").Caller, record("").Callee
	want := []seat.Served{
		{User: "bob", Number: customer, At: noon.Add(time.Second)}, {User: "bob", Number: ours, At: noon.Add(3 * time.Second)},
		{User: "alice", Number: customer, At: noon.Add(9 * time.Second)},
	}
	same := func(a, b seat.Served) bool { return a.User == b.User && a.Number == b.Number && a.At.Equal(b.At) }
	if err != nil || !slices.EqualFunc(saved.Served, want, same) {
		t.Errorf("%+v, %v; want %+v", saved.Served, err, want)
	}
}

func BenchmarkLoadServed(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "a.db"))
	parts := []cdr.Participant{
		{UserId: "alice", SkillGroupId: 1}, {UserId: "bob", SkillGroupId: 1, AcceptTimestamp: noon.Unix()},
	}
	for i := range servedRecords {
		r := served(b, fmt.Sprint(i), 0, parts...)
		r.Local = true
		if err := s.AppendRecord(b.Context(), r); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if saved, err := s.LoadSeats(b.Context()); err != nil || len(saved.Served) != servedRecords {
			b.Fatalf("%d, %v", len(saved.Served), err)
		}
	}
}
