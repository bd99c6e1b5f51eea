package store

import (
	"database/sql"
	"io/fs"
	"path/filepath"
	"slices"
	"testing"
)

// TestMigrations opens a file of every version up to now; what version 1 had is there.
func TestMigrations(t *testing.T) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil || len(names) < 2 || !slices.IsSorted(names) {
		t.Fatalf("%q, %v", names, err)
	}
	for version := 1; version <= len(names); version++ {
		t.Run(names[version-1], func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.db")
			old := &Store{log: silent}
			if err := old.attach(path); err != nil {
				t.Fatal(err)
			}
			if err := old.apply(t.Context(), names[:version], 0); err != nil {
				t.Fatal(err)
			}
			if got, err := old.version(t.Context()); err != nil || got != version {
				t.Fatalf("version %d, %v", got, err)
			}
			// As version 1 wrote a record.
			err := old.write(t.Context(), synced, func(tx *sql.Tx) error {
				_, err := tx.Exec(`INSERT INTO records VALUES (1, 'one', 0, 0, 0, '', '', x'7b7d'); INSERT INTO outbox (seq, tries, next)
					VALUES (1, 0, 0)`)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			closed(t, old)

			s := open(t, path)
			if got, err := s.version(t.Context()); err != nil || got != len(names) {
				t.Fatalf("version %d, %v", got, err)
			}
			count(t, s, 1)
			sound(t, s)
			put(t, s, someone("alice"), some(1, "alice"))
			closed(t, s)
			if got := load(t, open(t, path)); len(got.Staff) != 1 || len(got.Groups) != 1 {
				t.Fatalf("%+v", got)
			}
		})
	}
}

// TestBrokenMigration wants one that fails in its middle to leave no trace.
func TestBrokenMigration(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "a.db"))
	before, err := s.version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// The first one again: its tables are there already.
	if err := s.apply(t.Context(), []string{"migrations/0001_registrations_and_records.sql"}, 0); err == nil {
		t.Fatal("no error")
	}
	if after, err := s.version(t.Context()); err != nil || after != before {
		t.Fatalf("version %d after %d, %v", after, before, err)
	}
	append1(t, s, "one")
}
