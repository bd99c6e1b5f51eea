package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"slices"
)

// migrations are applied in the order of their numbers, each once and whole. One that was released is never changed.
//
//go:embed migrations/*.sql
var migrations embed.FS

// applicationID marks a file as ours (PRAGMA application_id): "Seat".
const applicationID = 0x53656174

// migrate applies what the file does not have yet. Its version (PRAGMA user_version) is the number of the last.
func (s *Store) migrate(ctx context.Context) error {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	slices.Sort(names)
	from, err := s.version(ctx)
	if err != nil {
		return err
	}
	if from > len(names) {
		return fmt.Errorf("%w: its schema is %d, a newer gateway's; this one knows %d", ErrForeign, from, len(names))
	}
	return s.apply(ctx, names, from)
}

// apply applies the migrations after the first skip.
func (s *Store) apply(ctx context.Context, names []string, skip int) error {
	for i, name := range names[skip:] {
		text, err := migrations.ReadFile(name)
		if err != nil {
			return err
		}
		err = s.write(ctx, synced, func(tx *sql.Tx) error {
			_, err := tx.Exec(fmt.Sprintf("%s; PRAGMA application_id = %d; PRAGMA user_version = %d",
				text, applicationID, skip+i+1))
			return err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		s.log.Info("the database has a new schema", "migration", name)
	}
	return nil
}

// version is the file's version; 0 for a new one.
func (s *Store) version(ctx context.Context) (int, error) {
	var id, version, objects int
	row := s.writer.QueryRowContext(ctx, "SELECT (SELECT application_id FROM pragma_application_id), "+
		"(SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_schema)")
	if err := row.Scan(&id, &version, &objects); err != nil {
		return 0, err
	}
	if id != applicationID && (objects > 0 || version > 0 || id != 0) {
		return 0, fmt.Errorf("%w: it is another program's database", ErrForeign)
	}
	return version, nil
}
