package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(childOf); path != "" {
		writeUntilKilled(path)
		return
	}
	goleak.VerifyTestMain(m)
}

var silent = slog.New(slog.DiscardHandler)

func open(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), path, silent)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func closed(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// sound wants every page and every row of the database to be well.
func sound(t testing.TB, s *Store) {
	t.Helper()
	var found string
	if err := s.writer.QueryRow("PRAGMA integrity_check").Scan(&found); err != nil || found != "ok" {
		t.Fatalf("integrity_check: %q, %v", found, err)
	}
	rows, err := s.writer.Query("PRAGMA foreign_key_check")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if rows.Next() {
		t.Fatal("a row refers to none")
	}
}

func TestMode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b%20c?.db") // what a URI could trip over
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	s := open(t, path)
	append1(t, s, "one")
	for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
		info, err := os.Stat(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has the mode %v", info.Name(), info.Mode())
		}
	}
	closed(t, s)
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a -wal file is left: %v", err)
	}
}

// TestPragmas wants the settings that the promises rest on.
func TestPragmas(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "a.db"))
	for _, ca := range []struct {
		d    durability
		want string
	}{{synced, "2"}, {buffered, "1"}, {synced, "2"}} {
		err := s.write(t.Context(), ca.d, func(tx *sql.Tx) error {
			for pragma, want := range map[string]string{"synchronous": ca.want, "journal_mode": "wal", "foreign_keys": "1"} {
				var got string
				if err := tx.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
					t.Errorf("%s: %s is %q (%v), want %q", ca.d, pragma, got, err, want)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.reader.Exec("DELETE FROM records"); err == nil {
		t.Error("a connection for queries deletes")
	}
}

func TestMemory(t *testing.T) {
	s := open(t, "")
	append1(t, s, "one")
	if _, total, err := s.Records(t.Context(), Query{}); err != nil || total != 1 {
		t.Fatalf("%d records, %v", total, err)
	}
	closed(t, s)
	if _, total, err := open(t, "").Records(t.Context(), Query{}); err != nil || total != 0 {
		t.Fatalf("another one has %d records, %v", total, err)
	}
}

// TestCorrupt damages a file in several ways; none may be opened.
func TestCorrupt(t *testing.T) {
	for _, ca := range []struct {
		name   string
		damage func([]byte) []byte
	}{
		{"no database", func([]byte) []byte { return []byte(strings.Repeat("staff:\n", 1000)) }},
		{"header", func(b []byte) []byte { copy(b, "nonsense"); return b }},
		{"cut", func(b []byte) []byte { return b[:len(b)/2] }},
		{"pages in the middle", func(b []byte) []byte {
			copy(b[4096:], bytes.Repeat([]byte{0xA5}, len(b)-2*4096))
			return b
		}},
	} {
		t.Run(ca.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.db")
			s := open(t, path)
			for _, id := range []string{"one", "two", "three"} {
				append1(t, s, id)
			}
			closed(t, s)
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, ca.damage(content), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err = Open(t.Context(), path, silent)
			if !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "backup") {
				t.Fatalf("got %v", err)
			}
			if _, err := Open(t.Context(), path, silent); errors.Is(err, ErrLocked) {
				t.Fatal("the lock was kept")
			}
		})
	}
}

// TestLargeFile wants a check that takes too long to be broken off, but not the start; an impatient caller is told.
func TestLargeFile(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "a.db"))
	if err := s.check(t.Context(), time.Nanosecond); err != nil {
		t.Error(err)
	}
	ctx, cancel := contextWithTimeout(t, 0)
	defer cancel()
	if err := s.check(ctx, time.Minute); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	append1(t, s, "one")
}

func TestForeign(t *testing.T) {
	for name, statement := range map[string]string{
		"another program's": "CREATE TABLE users (id)",
		"a newer version's": "PRAGMA application_id = 0x53656174; PRAGMA user_version = 999",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.db")
			db, err := connect("file:"+path, 1, "")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.Exec(statement); err != nil {
				t.Fatal(err)
			}
			db.Close()
			if _, err := Open(t.Context(), path, silent); !errors.Is(err, ErrForeign) {
				t.Fatalf("got %v", err)
			}
		})
	}
}

func TestUnreachablePath(t *testing.T) {
	path := filepath.Join(t.TempDir(), "no", "such", "folder.db")
	if _, err := Open(t.Context(), path, silent); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), path) {
		t.Fatalf("got %v", err)
	}
}

// TestTwoGateways wants the second one on a file to be refused, and the file free after the first.
func TestTwoGateways(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	s := open(t, path)
	if _, err := Open(t.Context(), path, silent); !errors.Is(err, ErrLocked) {
		t.Fatalf("got %v", err)
	}
	append1(t, s, "one")
	closed(t, s)
	open(t, path)
}

// TestLockedByTool has somebody else hold the file for longer than a write waits.
func TestLockedByTool(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	s := open(t, path)
	tool, err := connect("file:"+path, 1, "_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer tool.Close()
	tx, err := tool.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.writer.Exec("PRAGMA busy_timeout = 20"); err != nil {
		t.Fatal(err)
	}
	if err := s.AppendRecord(t.Context(), record("one")); !errors.Is(err, ErrLocked) {
		t.Fatalf("got %v", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	append1(t, s, "one")
}

// TestFull fills the disk; what was acknowledged is there, nothing is there by half, and it goes on when there is space.
func TestFull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	s := open(t, path)
	if _, err := s.writer.Exec("PRAGMA max_page_count = 60"); err != nil {
		t.Fatal(err)
	}
	big := record("")
	big.Body = []byte(`{"remark":"` + strings.Repeat("x", 5000) + `"}`)
	var err error
	written := 0
	for ; err == nil && written < 1000; written++ {
		big.SessionID = strings.Repeat("s", written+1)
		err = s.AppendRecord(t.Context(), big)
	}
	written-- // the last one failed
	if !errors.Is(err, ErrFull) || written == 0 {
		t.Fatalf("after %d records: %v", written, err)
	}
	count(t, s, written)
	sound(t, s)
	if _, err := s.writer.Exec("PRAGMA max_page_count = 1000"); err != nil {
		t.Fatal(err)
	}
	if err := s.AppendRecord(t.Context(), big); err != nil {
		t.Fatal(err)
	}
	count(t, s, written+1)
	sound(t, s)
}

// TestCancelled wants a write that gave up waiting to have done nothing.
func TestCancelled(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "a.db"))
	held, err := s.writer.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := contextWithTimeout(t, 10*time.Millisecond)
	defer cancel()
	if err := s.AppendRecord(ctx, record("one")); !errors.Is(err, ctx.Err()) || err == nil {
		t.Fatalf("got %v", err)
	}
	held.Close()
	count(t, s, 0)
}
