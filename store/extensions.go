package store

import (
	"context"
	"database/sql"
	"time"
)

// Extension is a desk phone's account that was made at run time.
type Extension struct {
	Extension string
	Name      string
	HA1       string    // hex; the password itself is not kept
	Algorithm string    // of HA1, by its name on the wire
	Created   time.Time // kept to the millisecond, as is Changed
	Changed   time.Time
}

// Extensions are all, by extension.
func (s *Store) Extensions(ctx context.Context) ([]Extension, error) {
	rows, err := s.reader.QueryContext(ctx,
		"SELECT extension, name, ha1, algorithm, created, changed FROM extensions ORDER BY extension")
	all, err := collect(rows, err, func(rows *sql.Rows) (e Extension, err error) {
		var created, changed int64
		err = rows.Scan(&e.Extension, &e.Name, &e.HA1, &e.Algorithm, &created, &changed)
		e.Created, e.Changed = fromMillis(created), fromMillis(changed)
		return e, err
	})
	return all, mapped(err)
}

// PutExtension adds an extension or replaces it; when it returns nil it is on the disk.
func (s *Store) PutExtension(ctx context.Context, e Extension) error {
	return s.write(ctx, synced, func(tx *sql.Tx) error {
		_, err := tx.Exec("INSERT OR REPLACE INTO extensions (extension, name, ha1, algorithm, created, changed) "+
			"VALUES (?, ?, ?, ?, ?, ?)", e.Extension, e.Name, e.HA1, e.Algorithm, millis(e.Created), millis(e.Changed))
		return err
	})
}

// DeleteExtension deletes an extension, or does nothing where there is none.
func (s *Store) DeleteExtension(ctx context.Context, extension string) error {
	return s.write(ctx, synced, func(tx *sql.Tx) error {
		_, err := tx.Exec("DELETE FROM extensions WHERE extension = ?", extension)
		return err
	})
}
