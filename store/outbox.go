package store

import (
	"context"
	"database/sql"
	"time"

	"seatbridge/api/cdr"
)

// PendingRecord is a record that its receiver has not taken yet.
type PendingRecord = cdr.Pending

// PendingRecords are the oldest records that are not sent, at most limit, in the order in which they were appended,
// whether their time has come or not: who sends in order waits for the first. Those put aside are not among them.
func (s *Store) PendingRecords(ctx context.Context, limit int) ([]PendingRecord, error) {
	rows, err := s.reader.QueryContext(ctx, `SELECT o.seq, r.session, r.body, o.tries, o.next
		FROM outbox o JOIN records r ON r.seq = o.seq WHERE o.parked = 0 ORDER BY o.seq LIMIT ?`, limit)
	all, err := collect(rows, err, func(rows *sql.Rows) (p PendingRecord, err error) {
		var next int64
		err = rows.Scan(&p.Seq, &p.SessionID, &p.Body, &p.Tries, &next)
		p.Next = fromMillis(next)
		return p, err
	})
	return all, mapped(err)
}

// RecordSent takes a record out of the outbox. A power cut may bring it back: it is sent at least once.
func (s *Store) RecordSent(ctx context.Context, seq int64) error {
	return s.write(ctx, buffered, func(tx *sql.Tx) error {
		_, err := tx.Exec("DELETE FROM outbox WHERE seq = ?", seq)
		return err
	})
}

// RecordFailed notes how often a record was sent in vain, and when to try again.
func (s *Store) RecordFailed(ctx context.Context, seq int64, tries int, next time.Time) error {
	return s.write(ctx, buffered, func(tx *sql.Tx) error {
		_, err := tx.Exec("UPDATE outbox SET tries = ?, next = ? WHERE seq = ?", tries, millis(next), seq)
		return err
	})
}

// ParkRecord puts a record aside that its receiver does not want: it stays in the outbox, and is not pending.
func (s *Store) ParkRecord(ctx context.Context, seq int64) error {
	return s.write(ctx, buffered, func(tx *sql.Tx) error {
		_, err := tx.Exec("UPDATE outbox SET parked = 1 WHERE seq = ?", seq)
		return err
	})
}

// Outbox counts what is not sent.
func (s *Store) Outbox(ctx context.Context) (cdr.Outbox, error) {
	var o cdr.Outbox
	var oldest int64
	err := s.reader.QueryRowContext(ctx, `SELECT count(*) FILTER (WHERE o.parked = 0), count(*) FILTER (WHERE o.parked = 1),
		coalesce(min(r.ended) FILTER (WHERE o.parked = 0), 0) FROM outbox o JOIN records r ON r.seq = o.seq`).
		Scan(&o.Pending, &o.Parked, &oldest)
	o.Oldest = fromMillis(oldest)
	return o, mapped(err)
}
