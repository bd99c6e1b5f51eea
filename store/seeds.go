package store

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"seatbridge/seat"
)

// seeds is how things of one kind come from the file into their table.
type seeds[T any] struct {
	kind    string
	key     func(T) string // what the file calls it
	id      func(T) string // what the table calls it
	version func(*T) *int64
	current func(*sql.Tx) ([]T, error)
	put     func(*sql.Tx, T) error
	remove  func(*sql.Tx, T) error
}

// SeedSeats applies what the YAML file says about staff and groups, whose ids are those of GroupIDs, before they are
// loaded. Only what the file changed since the last time changes: a field that it says anew is set, who is new is added
// or taken over, who is left out is deleted. Anything else stays as it was changed by other means, and who was deleted by
// other means stays away until the file says something else about it. A group's members are one field. All is done or
// nothing.
func (s *Store) SeedSeats(ctx context.Context, staff []seat.Staff, groups []seat.Group) error {
	return s.write(ctx, synced, func(tx *sql.Tx) error {
		if err := staffSeeds().apply(tx, staff); err != nil {
			return err
		}
		return groupSeeds().apply(tx, groups)
	})
}

// GroupIDs are the ids of the file's groups by their names there: what each had the last time, though it may have got
// another name since; or that of a group of this name that was made otherwise; or a new one.
func (s *Store) GroupIDs(ctx context.Context, names []string) (map[string]int64, error) {
	ids := map[string]int64{}
	err := s.read(ctx, func(tx *sql.Tx) error {
		last, err := lastSeeds(tx, groupSeeds())
		if err != nil {
			return err
		}
		seeded := map[int64]bool{}
		for _, g := range last {
			seeded[g.value.ID] = true
		}
		byName := map[string]int64{}
		groups, err := loadGroups(tx)
		if err != nil {
			return err
		}
		for _, g := range groups {
			if !seeded[g.ID] {
				byName[g.Name] = g.ID
			}
		}
		next, err := lastGroup(tx)
		for _, name := range names {
			id := cmp.Or(last[name].value.ID, byName[name])
			if id == 0 {
				next++
				id = next
			}
			ids[name] = id
		}
		return err
	})
	return ids, err
}

// SeededStaff is what the file said last time, by user: a password that is still the same needs no new hash.
func (s *Store) SeededStaff(ctx context.Context) (map[string]seat.Staff, error) {
	all := map[string]seat.Staff{}
	err := s.read(ctx, func(tx *sql.Tx) error {
		last, err := lastSeeds(tx, staffSeeds())
		for user, m := range last {
			all[user] = m.value
		}
		return err
	})
	return all, err
}

func staffSeeds() seeds[seat.Staff] {
	user := func(m seat.Staff) string { return m.User }
	return seeds[seat.Staff]{
		kind: "staff", key: user, id: user, version: func(m *seat.Staff) *int64 { return &m.Version },
		current: loadStaff, put: putStaff,
		remove: func(tx *sql.Tx, m seat.Staff) error { return deleteStaff(tx, m.User) },
	}
}

func groupSeeds() seeds[seat.Group] {
	return seeds[seat.Group]{
		kind: "group", key: func(g seat.Group) string { return g.Name },
		id:      func(g seat.Group) string { return strconv.FormatInt(g.ID, 10) },
		version: func(g *seat.Group) *int64 { return &g.Version },
		current: loadGroups, put: putKnownMembers,
		remove: func(tx *sql.Tx, g seat.Group) error { return deleteGroup(tx, g.ID) },
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

// seed is what the file said of one thing.
type seed[T any] struct {
	body  []byte // JSON
	value T
}

// apply merges all that the file says of one kind.
func (k seeds[T]) apply(tx *sql.Tx, now []T) error {
	last, err := lastSeeds(tx, k)
	if err != nil {
		return err
	}
	list, err := k.current(tx)
	if err != nil {
		return err
	}
	current := map[string]*T{}
	for i := range list {
		current[k.id(list[i])] = &list[i]
	}
	for _, one := range now {
		if err := k.applyOne(tx, last[k.key(one)].body, one, current[k.id(one)]); err != nil {
			return fmt.Errorf("%s %s: %w", k.kind, k.key(one), err)
		}
		delete(last, k.key(one))
	}
	for key, gone := range last {
		if err := k.remove(tx, gone.value); err != nil {
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
func lastSeeds[T any](tx *sql.Tx, k seeds[T]) (map[string]seed[T], error) {
	rows, err := tx.Query("SELECT key, body FROM seeds WHERE kind = ?", k.kind)
	last := map[string]seed[T]{}
	_, err = collect(rows, err, func(rows *sql.Rows) (none struct{}, err error) {
		var key string
		var one seed[T]
		if err := rows.Scan(&key, &one.body); err != nil {
			return none, err
		}
		err = json.Unmarshal(one.body, &one.value)
		last[key] = one
		return none, err
	})
	return last, err
}
