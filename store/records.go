package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"seatbridge/api/cdr"
)

// Record is one ended session: its body, and what it is found by.
type Record = cdr.Entry

// AppendRecord writes a record and its outbox entry, both or none; when it returns nil they are on the disk, and the
// session is not open any more. A session that has a record keeps it: to append it again, after an error or a crash,
// does nothing.
func (s *Store) AppendRecord(ctx context.Context, r Record) error {
	return s.write(ctx, synced, func(tx *sql.Tx) error {
		result, err := tx.Exec(`INSERT INTO records (session, started, ended, direction, caller, callee, body)
			VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (session) DO NOTHING`,
			r.SessionID, millis(r.Started), millis(r.Ended), r.Direction, r.Caller, r.Callee, r.Body)
		if err != nil {
			return err
		}
		if _, err := tx.Exec("DELETE FROM open_sessions WHERE session = ?", r.SessionID); err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return err
		}
		seq, err := result.LastInsertId()
		if err != nil {
			return err
		}
		for _, seat := range r.Seats {
			if _, err := tx.Exec("INSERT OR IGNORE INTO record_seats (seat, seq) VALUES (?, ?)", seat, seq); err != nil {
				return err
			}
		}
		if r.Local {
			return nil
		}
		_, err = tx.Exec("INSERT INTO outbox (seq, tries, next) VALUES (?, 0, 0)", seq)
		return err
	})
}

// Query picks records. Every zero value leaves its condition out.
type Query struct {
	From, To time.Time // started at or after From, and before To
	Sessions []string  // one of these ids
	Phones   []string  // caller or callee is one of these
	Seat     string    // served by this user
	Page     int       // from 0
	Size     int       // of a page; 0 means 100
}

// Records returns one page, the newest first, and how many records the whole query finds.
func (s *Store) Records(ctx context.Context, q Query) (page []Record, total int, err error) {
	where, args := q.where()
	if q.Size == 0 {
		q.Size = 100
	}
	err = s.read(ctx, func(tx *sql.Tx) error {
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM records"+where, args...).Scan(&total); err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, "SELECT seq, session, started, ended, direction, caller, callee, body FROM records"+
			where+" ORDER BY started DESC, seq DESC LIMIT ? OFFSET ?", append(args, q.Size, q.Page*q.Size)...)
		page, err = collect(rows, err, scanRecord)
		return err
	})
	return page, total, err
}

// where is the query's condition, with a place for each of the arguments.
func (q Query) where() (string, []any) {
	var conditions []string
	var args []any
	add := func(condition string, values ...any) {
		conditions = append(conditions, condition)
		args = append(args, values...)
	}
	if !q.From.IsZero() {
		add("started >= ?", millis(q.From))
	}
	if !q.To.IsZero() {
		add("started < ?", millis(q.To))
	}
	if len(q.Sessions) > 0 {
		add("session IN ("+places(q.Sessions)+")", values(q.Sessions)...)
	}
	if len(q.Phones) > 0 {
		in := " IN (" + places(q.Phones) + ")"
		add("(caller"+in+" OR callee"+in+")", append(values(q.Phones), values(q.Phones)...)...)
	}
	if q.Seat != "" {
		add("EXISTS (SELECT 1 FROM record_seats s WHERE s.seat = ? AND s.seq = records.seq)", q.Seat)
	}
	if len(conditions) == 0 {
		return "", nil
	}
	return " WHERE " + strings.Join(conditions, " AND "), args
}

func places(list []string) string { return strings.Repeat(", ?", len(list))[2:] }

func values(list []string) []any {
	all := make([]any, len(list))
	for i, v := range list {
		all[i] = v
	}
	return all
}

func scanRecord(rows *sql.Rows) (Record, error) {
	var r Record
	var started, ended int64
	err := rows.Scan(&r.Seq, &r.SessionID, &started, &ended, &r.Direction, &r.Caller, &r.Callee, &r.Body)
	r.Started, r.Ended = fromMillis(started), fromMillis(ended)
	return r, err
}

// purgeStep bounds how long a purge keeps other writers waiting at a time.
const purgeStep = 500

// Purge deletes the records that ended before a time, but none that is not sent. It returns how many.
func (s *Store) Purge(ctx context.Context, before time.Time) (int, error) {
	total := 0
	for {
		deleted := int64(0)
		err := s.write(ctx, buffered, func(tx *sql.Tx) error {
			result, err := tx.Exec(`DELETE FROM records WHERE seq IN (
				SELECT seq FROM records WHERE ended < ? AND seq NOT IN (SELECT seq FROM outbox) ORDER BY ended LIMIT ?)`,
				millis(before), purgeStep)
			if err != nil {
				return err
			}
			deleted, err = result.RowsAffected()
			return err
		})
		if err != nil {
			return total, err
		}
		total += int(deleted)
		if deleted < purgeStep {
			return total, ctx.Err()
		}
	}
}
