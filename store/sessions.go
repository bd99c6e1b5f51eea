package store

import (
	"context"
	"database/sql"

	"seatbridge/api/cdr"
)

// PutOpenSessions keeps what is known of sessions that go on, in place of what was known before. One that has a record
// is over, and is left out. A power cut may take the last ones back; a killed process does not.
func (s *Store) PutOpenSessions(ctx context.Context, all []cdr.Open) error {
	return s.write(ctx, buffered, func(tx *sql.Tx) error {
		for _, o := range all {
			_, err := tx.Exec(`INSERT INTO open_sessions (session, body)
				SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM records WHERE session = ?1)
				ON CONFLICT (session) DO UPDATE SET body = excluded.body`, o.SessionID, o.Body)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// OpenSessions are the sessions without a record, in the order of their beginning: at the start, those that the end of
// the process before has cut off.
func (s *Store) OpenSessions(ctx context.Context) ([]cdr.Open, error) {
	rows, err := s.reader.QueryContext(ctx, "SELECT session, body FROM open_sessions ORDER BY seq")
	all, err := collect(rows, err, func(rows *sql.Rows) (o cdr.Open, err error) {
		err = rows.Scan(&o.SessionID, &o.Body)
		return o, err
	})
	return all, mapped(err)
}
