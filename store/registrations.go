package store

import (
	"context"
	"database/sql"
	"net/netip"

	"seatbridge/sip/registrar"
)

// *Store keeps the phones' registrations.
var _ registrar.Store = (*Store)(nil)

// Registrations implements registrar.Store.
func (s *Store) Registrations(ctx context.Context) ([]registrar.Registration, error) {
	rows, err := s.reader.QueryContext(ctx, `SELECT extension, contact, source, transport, user_agent, params, q,
		call_id, cseq, updated, expires FROM registrations`)
	all, err := collect(rows, err, func(rows *sql.Rows) (r registrar.Registration, err error) {
		var source string
		var updated, expires int64
		err = rows.Scan(&r.Extension, &r.Contact, &source, &r.Transport, &r.UserAgent, &r.Params, &r.Q,
			&r.CallID, &r.CSeq, &updated, &expires)
		if err != nil {
			return r, err
		}
		r.Updated, r.Expires = fromMillis(updated), fromMillis(expires)
		r.Source, err = netip.ParseAddrPort(source)
		return r, err
	})
	return all, mapped(err)
}

// PutRegistrations implements registrar.Store. A power cut may take the last second's back: phones register again.
func (s *Store) PutRegistrations(ctx context.Context, changed map[string][]registrar.Registration) error {
	return s.write(ctx, buffered, func(tx *sql.Tx) error {
		put, err := tx.Prepare(`INSERT OR REPLACE INTO registrations (extension, contact, source, transport, user_agent,
			params, q, call_id, cseq, updated, expires) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
		if err != nil {
			return err
		}
		defer put.Close()
		for extension, list := range changed {
			if _, err := tx.Exec("DELETE FROM registrations WHERE extension = ?", extension); err != nil {
				return err
			}
			for _, r := range list {
				_, err := put.Exec(extension, r.Contact, r.Source.String(), r.Transport, r.UserAgent, string(r.Params), r.Q,
					r.CallID, r.CSeq, millis(r.Updated), millis(r.Expires))
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
}
