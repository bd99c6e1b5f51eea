package store

import (
	"context"
	"database/sql"

	"seatbridge/seat"
)

// SaveStatuses implements seat.Store. A power cut may take the last ones back.
func (s *Store) SaveStatuses(ctx context.Context, wanted []seat.Wanted, times []seat.StatusTime) error {
	return s.write(ctx, buffered, func(tx *sql.Tx) error {
		for _, w := range wanted {
			_, err := tx.Exec(`INSERT INTO statuses (user, status, reason)
				SELECT user, ?, ? FROM staff WHERE user = ?
				ON CONFLICT (user) DO UPDATE SET status = excluded.status, reason = excluded.reason`,
				w.Status, w.Reason, w.User)
			if err != nil {
				return err
			}
		}
		for _, t := range times {
			_, err := tx.Exec(`INSERT INTO status_times (day, user, status, time) VALUES (?, ?, ?, ?)
				ON CONFLICT (day, user, status) DO UPDATE SET time = time + excluded.time`,
				t.Day, t.User, t.Status, int64(t.Time))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// TimesOf implements seat.Store.
func (s *Store) TimesOf(ctx context.Context, day seat.Day) ([]seat.StatusTime, error) {
	rows, err := s.reader.QueryContext(ctx,
		"SELECT user, day, status, time FROM status_times WHERE day = ? ORDER BY user, status", day)
	all, err := collect(rows, err, func(rows *sql.Rows) (t seat.StatusTime, err error) {
		return t, rows.Scan(&t.User, &t.Day, &t.Status, (*int64)(&t.Time))
	})
	return all, mapped(err)
}
