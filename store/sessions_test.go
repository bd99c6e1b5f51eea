package store

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"seatbridge/api/cdr"
)

// TestOpenSessions wants a session to be open from its beginning until it has a record, and no more.
func TestOpenSessions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	s := open(t, path)
	put := func(id, body string) {
		t.Helper()
		if err := s.PutOpenSessions(t.Context(), []cdr.Open{{SessionID: id, Body: []byte(body)}}); err != nil {
			t.Fatal(err)
		}
	}
	put("one", "a")
	put("two", "b")
	put("one", "c")
	put("three", "d")
	append1(t, s, "three")
	put("three", "late") // it is over
	closed(t, s)
	all, err := open(t, path).OpenSessions(t.Context())
	if err != nil || len(all) != 2 || all[0].SessionID != "one" || string(all[0].Body) != "c" || all[1].SessionID != "two" {
		t.Fatalf("%s, %v", all, err)
	}
}

// TestPark wants a record that is put aside to be kept, counted, and not pending; and a local one to be neither.
func TestPark(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "a.db"))
	append1(t, s, "one")
	append1(t, s, "two")
	local := record("three")
	local.Local = true
	if err := s.AppendRecord(t.Context(), local); err != nil {
		t.Fatal(err)
	}
	if err := s.ParkRecord(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	pending, err := s.PendingRecords(t.Context(), 10)
	if err != nil || len(pending) != 1 || pending[0].SessionID != "two" {
		t.Fatalf("%+v, %v", pending, err)
	}
	o, err := s.Outbox(t.Context())
	if err != nil || o.Pending != 1 || o.Parked != 1 || !o.Oldest.Equal(record("two").Ended) {
		t.Fatalf("%+v, %v", o, err)
	}
	if _, err := s.Purge(t.Context(), noon.AddDate(9, 0, 0)); err != nil {
		t.Fatal(err)
	}
	if _, total, err := s.Records(t.Context(), Query{}); err != nil || total != 2 {
		t.Fatalf("%d left, %v", total, err)
	}
}

// TestSendAgain runs the statements of docs/records.md, which have records sent that were put aside, or that ended while
// there was no receiver.
func TestSendAgain(t *testing.T) {
	text, err := os.ReadFile("../docs/records.md")
	if err != nil {
		t.Fatal(err)
	}
	statements := regexp.MustCompile(`sqlite3 seatbridge.db "(.*)"`).FindAllStringSubmatch(string(text), -1)
	if len(statements) != 2 {
		t.Fatalf("%q, want two", statements)
	}
	s := open(t, filepath.Join(t.TempDir(), "a.db"))
	append1(t, s, "parked")
	for day, name := range []string{"local", "of the day before"} {
		local := record(name)
		local.Local, local.Ended = true, noon.AddDate(0, 0, -day)
		if err := s.AppendRecord(t.Context(), local); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.ParkRecord(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"parked", "parked local"} {
		today := strings.ReplaceAll(statements[i][1], "2026-11-22", noon.Format(time.DateOnly))
		if _, err := s.writer.ExecContext(t.Context(), today); err != nil {
			t.Fatal(err)
		}
		pending, err := s.PendingRecords(t.Context(), 10)
		var got []string
		for _, p := range pending {
			got = append(got, p.SessionID)
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: pending %q, %v; want %s", today, got, err, want)
		}
	}
}
