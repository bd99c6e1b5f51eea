package store

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/mattn/go-sqlite3"
)

// What a database can refuse, besides what the methods name.
var (
	// ErrLocked indicates a file that another process has: a second gateway, or a tool that does not let go.
	ErrLocked = errors.New("store: the file is locked by another process")
	// ErrCorrupt indicates a file that is damaged, or that is no SQLite database.
	ErrCorrupt = errors.New("store: the file is damaged")
	// ErrFull indicates a disk without space. Nothing of what was to be written is; it may be tried again.
	ErrFull = errors.New("store: the disk is full")
	// ErrForeign indicates a database of another program, or of a newer version of this one.
	ErrForeign = errors.New("store: the file is not for this version")
)

// mapped puts the package's own error around SQLite's where there is one for it.
func mapped(err error) error {
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return err
	}
	switch {
	case e.Code == sqlite3.ErrBusy || e.Code == sqlite3.ErrLocked:
		return fmt.Errorf("%w: %w", ErrLocked, err)
	case e.Code == sqlite3.ErrCorrupt || e.Code == sqlite3.ErrNotADB:
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	case e.Code == sqlite3.ErrFull || e.SystemErrno == syscall.ENOSPC || e.SystemErrno == syscall.EDQUOT:
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}
