// Package store owns what outlives the process: one SQLite file, its schema, and the interfaces that the packages above
// declare for what they keep.
package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver "sqlite3"
)

// readers is the number of connections for queries; they run beside each other and beside the writer.
const readers = 4

// Store is one open database. All methods are safe for concurrent use; Close comes after the last of them.
type Store struct {
	log    *slog.Logger
	lock   *os.File // holds the start lock; nil for a database in memory
	writer *sql.DB  // one connection: writers queue up here, in the order of their coming, and never see a busy database
	reader *sql.DB  // the writer itself for a database in memory, which a second connection could not see
}

// Open opens the file, makes it where there is none (mode 0600), and brings its schema up to date. An empty path means
// a database in memory, which is gone with the process. The file belongs to one process at a time: beside it lies
// path.lock. The error wraps ErrLocked, ErrCorrupt, ErrFull or ErrForeign where it is one of these.
func Open(ctx context.Context, path string, log *slog.Logger) (*Store, error) {
	s := &Store{log: log}
	if err := s.open(ctx, path); err != nil {
		if errors.Is(err, ErrCorrupt) {
			err = fmt.Errorf("%w: move it away together with its -wal file, and put a backup or "+
				"what `sqlite3 %s .recover` can save in its place; without a file a new one is begun", err, path)
		}
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, path string) error {
	err := s.attach(path)
	if err == nil {
		err = s.check(ctx, checkTime)
	}
	if err == nil {
		err = s.migrate(ctx)
	}
	if err != nil {
		return fmt.Errorf("opening %s: %w", cmp.Or(path, inMemory), mapped(err))
	}
	return nil
}

// inMemory is SQLite's name for a database without a file.
const inMemory = ":memory:"

// attach takes the file and makes the pools; whether there is a database in it shows with the first query.
func (s *Store) attach(path string) error {
	name := inMemory
	if path != "" {
		if err := s.own(path); err != nil {
			return err
		}
		absolute, err := filepath.Abs(path)
		if err != nil {
			return err
		}
		name = (&url.URL{Scheme: "file", Path: absolute}).String()
	}
	var err error
	// immediate: a transaction that reads first and then writes cannot find that another one was faster.
	if s.writer, err = connect(name, 1, "_journal_mode=WAL&_foreign_keys=on&_txlock=immediate"); err != nil {
		return err
	}
	s.reader = s.writer
	if path != "" {
		s.reader, err = connect(name, readers, "_query_only=on")
	}
	return err
}

// own takes the start lock and sees to the file's mode; its -wal and -shm get the same one from SQLite.
func (s *Store) own(path string) error {
	var err error
	if s.lock, err = lock(path + ".lock"); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	// Closing a file gives up all locks that the process has on it (POSIX), so this comes before SQLite opens it.
	return errors.Join(f.Chmod(0o600), f.Close())
}

// connect makes a pool of lasting connections.
func connect(name string, most int, options string) (*sql.DB, error) {
	// The timeout is for strangers only, such as a backup by sqlite3: our own writers queue up for one connection.
	db, err := sql.Open("sqlite3", name+"?_busy_timeout=5000&"+options)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(most)
	return db, nil
}

// checkTime bounds the check of a large file, about 600 MB: the start waits for it.
const checkTime = 2 * time.Second

// check looks whether the file is sound.
func (s *Store) check(ctx context.Context, longest time.Duration) error {
	bounded, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	var found string
	err := s.writer.QueryRowContext(bounded, "PRAGMA quick_check(1)").Scan(&found)
	if bounded.Err() != nil && ctx.Err() == nil {
		s.log.Warn("the database is large: only its first part was checked")
		return nil
	}
	if err != nil {
		return err
	}
	if found != "ok" {
		return fmt.Errorf("%w: %s", ErrCorrupt, found)
	}
	return nil
}

// Close closes the file. What was acknowledged is on the disk already.
func (s *Store) Close() error {
	var errs []error
	if s.reader != nil && s.reader != s.writer {
		errs = append(errs, s.reader.Close())
	}
	if s.writer != nil {
		errs = append(errs, s.writer.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return mapped(errors.Join(errs...))
}
