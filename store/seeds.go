package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"seatbridge/seat"
)

// ErrTaken indicates a group of the file whose id one has that was made otherwise.
var ErrTaken = errors.New("store: the id is taken")

// seeds is how things of one kind come from the file into their table.
type seeds[T any] struct {
	kind    string
	key     func(T) string
	version func(*T) *int64
	current func(*sql.Tx) ([]T, error)
	put     func(*sql.Tx, T) error
	remove  func(tx *sql.Tx, key string) error
	adopt   bool // what is there without the file having said so, such as a user made by the API, may be taken over
}

// SeedSeats applies what the YAML file says about staff and groups, which have ids there, before they are loaded. Only
// what the file changed since the last time changes: a field that it says anew is set, a new one is added, one that it
// leaves out is deleted. Anything else stays as the API made it, and what the API deleted stays so until the file says
// something else about it. A group's members are one field. The error may wrap ErrTaken; then nothing was changed.
func (s *Store) SeedSeats(ctx context.Context, staff []seat.Staff, groups []seat.Group) error {
	return s.write(ctx, synced, func(tx *sql.Tx) error {
		if err := staffSeeds().apply(tx, staff); err != nil {
			return err
		}
		return groupSeeds().apply(tx, groups)
	})
}

// SeededStaff is what the file said last time, by user: a password that is still the same needs no new hash.
func (s *Store) SeededStaff(ctx context.Context) (map[string]seat.Staff, error) {
	all := map[string]seat.Staff{}
	err := s.read(ctx, func(tx *sql.Tx) error {
		last, err := lastSeeds(tx, staffSeeds().kind)
		if err != nil {
			return err
		}
		for user, body := range last {
			var m seat.Staff
			if err := json.Unmarshal(body, &m); err != nil {
				return err
			}
			all[user] = m
		}
		return nil
	})
	return all, err
}

func staffSeeds() seeds[seat.Staff] {
	return seeds[seat.Staff]{
		kind: "staff", adopt: true,
		key:     func(m seat.Staff) string { return m.User },
		version: func(m *seat.Staff) *int64 { return &m.Version },
		current: loadStaff, put: putStaff, remove: deleteStaff,
	}
}

func groupSeeds() seeds[seat.Group] {
	return seeds[seat.Group]{
		kind: "group", key: func(g seat.Group) string { return strconv.FormatInt(g.ID, 10) },
		version: func(g *seat.Group) *int64 { return &g.Version },
		current: loadGroups, put: putKnownMembers,
		remove: func(tx *sql.Tx, key string) error {
			id, err := strconv.ParseInt(key, 10, 64)
			if err != nil {
				return err
			}
			return deleteGroup(tx, id)
		},
	}
}

// putKnownMembers leaves members out whom the API deleted.
func putKnownMembers(tx *sql.Tx, g seat.Group) error {
	staff, err := loadStaff(tx)
	if err != nil {
		return err
	}
	g.Members = slices.DeleteFunc(slices.Clone(g.Members), func(m seat.Member) bool {
		return !slices.ContainsFunc(staff, func(s seat.Staff) bool { return s.User == m.User })
	})
	return putGroup(tx, g)
}

// apply merges all that the file says of one kind.
func (k seeds[T]) apply(tx *sql.Tx, now []T) error {
	last, err := lastSeeds(tx, k.kind)
	if err != nil {
		return err
	}
	list, err := k.current(tx)
	if err != nil {
		return err
	}
	current := map[string]T{}
	for _, one := range list {
		current[k.key(one)] = one
	}
	for _, one := range now {
		key := k.key(one)
		var held *T
		if c, ok := current[key]; ok {
			held = &c
		}
		if err := k.applyOne(tx, last[key], one, held); err != nil {
			return fmt.Errorf("%s %s: %w", k.kind, key, err)
		}
		delete(last, key)
	}
	for key := range last { // the file does not have it any more
		if err := k.remove(tx, key); err != nil {
			return err
		}
		if _, err := tx.Exec("DELETE FROM seeds WHERE kind = ? AND key = ?", k.kind, key); err != nil {
			return err
		}
	}
	return nil
}

// applyOne merges one thing and notes what the file says of it. current is nil where it is not there.
func (k seeds[T]) applyOne(tx *sql.Tx, last []byte, now T, current *T) error {
	*k.version(&now) = 0 // it is not the file's
	said, err := json.Marshal(now)
	if err != nil || bytes.Equal(said, last) {
		return err
	}
	if err := k.change(tx, last, said, current); err != nil {
		return err
	}
	_, err = tx.Exec("INSERT OR REPLACE INTO seeds (kind, key, body) VALUES (?, ?, ?)", k.kind, k.key(now), said)
	return err
}

// change puts what said changes, with the next version.
func (k seeds[T]) change(tx *sql.Tx, last, said []byte, current *T) error {
	var held []byte
	version := int64(0)
	if current != nil {
		if last == nil && !k.adopt {
			return ErrTaken
		}
		version = *k.version(current)
		*k.version(current) = 0
		var err error
		if held, err = json.Marshal(current); err != nil {
			return err
		}
	}
	merged, changed, err := merge(last, said, held)
	if err != nil || !changed {
		return err
	}
	var next T
	if err := json.Unmarshal(merged, &next); err != nil {
		return err
	}
	*k.version(&next) = version + 1
	return k.put(tx, next)
}

// lastSeeds is what the file said last time of one kind, by key.
func lastSeeds(tx *sql.Tx, kind string) (map[string][]byte, error) {
	rows, err := tx.Query("SELECT key, body FROM seeds WHERE kind = ?", kind)
	last := map[string][]byte{}
	_, err = collect(rows, err, func(rows *sql.Rows) (struct{}, error) {
		var key string
		var body []byte
		err := rows.Scan(&key, &body)
		last[key] = body
		return struct{}{}, err
	})
	return last, err
}
