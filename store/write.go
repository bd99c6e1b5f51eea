package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// durability is how sure a commit is (PRAGMA synchronous). Both survive the end of the process at any moment.
type durability string

const (
	// synced is on the disk when the commit returns: it survives a power cut.
	synced durability = "FULL"
	// buffered is on the disk with the next synced commit or checkpoint: a power cut may take the last ones back.
	buffered durability = "NORMAL"
)

// write runs one transaction. The context bounds only the wait for the turn: a transaction that began is not broken
// off, so that an error always means that nothing was written.
func (s *Store) write(ctx context.Context, d durability, f func(tx *sql.Tx) error) error {
	conn, err := s.writer.Conn(ctx)
	if err != nil {
		return mapped(err)
	}
	defer conn.Close()
	begun := context.WithoutCancel(ctx)
	if _, err := conn.ExecContext(begun, fmt.Sprintf("PRAGMA synchronous = %s", d)); err != nil {
		return mapped(err)
	}
	tx, err := conn.BeginTx(begun, nil)
	if err != nil {
		return mapped(err)
	}
	if err := f(tx); err != nil {
		_ = tx.Rollback() // SQLite has rolled back by itself where it says that it can't
		return mapped(err)
	}
	return mapped(tx.Commit())
}

// read runs queries that see one state of the database.
func (s *Store) read(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := s.reader.BeginTx(ctx, nil)
	if err != nil {
		return mapped(err)
	}
	defer tx.Rollback()
	return mapped(f(tx))
}

// collect scans each row of a query.
func collect[T any](rows *sql.Rows, err error, scan func(*sql.Rows) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// Times are kept as milliseconds since 1970; the zero time as 0.

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
