package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"seatbridge/seat"
)

// *Store keeps the staff and their groups.
var _ seat.Store = (*Store)(nil)

// LoadSeats implements seat.Store.
func (s *Store) LoadSeats(ctx context.Context) (saved seat.Saved, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		if saved.Staff, err = loadStaff(tx); err != nil {
			return err
		}
		if saved.Groups, err = loadGroups(tx); err != nil {
			return err
		}
		s.cutOverflows(saved.Groups)
		if saved.LastGroup, err = lastGroup(tx); err != nil {
			return err
		}
		rows, err := tx.Query("SELECT user, status, reason FROM statuses")
		saved.Wanted, err = collect(rows, err, func(rows *sql.Rows) (w seat.Wanted, err error) {
			return w, rows.Scan(&w.User, &w.Status, &w.Reason)
		})
		if err != nil {
			return err
		}
		saved.Served, err = loadServed(tx)
		return err
	})
	return saved, err
}

// servedRecords are so many that reading them takes no second.
const servedRecords = 20_000

// loadServed are the callers of groups whom seats took, by the latest records.
func loadServed(tx *sql.Tx) ([]seat.Served, error) {
	rows, err := tx.Query(`SELECT p.value ->> 'UserId', CASE direction WHEN 0 THEN caller ELSE callee END,
			p.value ->> 'AcceptTimestamp' AS accepted
		FROM (SELECT direction, caller, callee, CAST(body AS TEXT) AS body FROM records ORDER BY seq DESC LIMIT ?) r,
			json_each(CASE WHEN json_valid(r.body) THEN r.body ELSE '{}' END, '$.ServeParticipants') p
		WHERE p.value ->> 'UserId' <> '' AND p.value ->> 'SkillGroupId' <> 0 AND accepted <> 0 ORDER BY accepted`,
		servedRecords)
	return collect(rows, err, func(rows *sql.Rows) (served seat.Served, err error) {
		var at int64
		err = rows.Scan(&served.User, &served.Number, &at)
		served.At = time.Unix(at, 0)
		return served, err
	})
}

func loadStaff(tx *sql.Tx) ([]seat.Staff, error) {
	rows, err := tx.Query("SELECT user, body FROM staff ORDER BY seq")
	return collect(rows, err, func(rows *sql.Rows) (m seat.Staff, err error) {
		var user string
		var body []byte
		if err := rows.Scan(&user, &body); err != nil {
			return m, err
		}
		if err := json.Unmarshal(body, &m); err != nil {
			return m, fmt.Errorf("%w: staff %q: %w", ErrCorrupt, user, err)
		}
		return m, nil
	})
}

func loadGroups(tx *sql.Tx) ([]seat.Group, error) {
	rows, err := tx.Query("SELECT id, body FROM skill_groups ORDER BY id")
	groups, err := collect(rows, err, func(rows *sql.Rows) (g seat.Group, err error) {
		var id int64
		var body []byte
		if err := rows.Scan(&id, &body); err != nil {
			return g, err
		}
		if err := json.Unmarshal(body, &g); err != nil {
			return g, fmt.Errorf("%w: group %d: %w", ErrCorrupt, id, err)
		}
		return g, nil
	})
	if err != nil {
		return nil, err
	}
	for i := range groups {
		if groups[i].Members, err = loadMembers(tx, groups[i].ID); err != nil {
			return nil, err
		}
	}
	return groups, nil
}

func loadMembers(tx *sql.Tx, group int64) ([]seat.Member, error) {
	rows, err := tx.Query("SELECT user, level FROM members WHERE skill_group = ? ORDER BY place", group)
	return collect(rows, err, func(rows *sql.Rows) (m seat.Member, err error) {
		return m, rows.Scan(&m.User, &m.Level)
	})
}

// cutOverflows takes overflows out whose group was deleted.
func (s *Store) cutOverflows(groups []seat.Group) {
	for i := range groups {
		g := &groups[i]
		there := func(o seat.Group) bool { return o.ID == g.Overflow.Group }
		if g.Overflow.Group != 0 && !slices.ContainsFunc(groups, there) {
			s.log.Warn("a group overflows into one that is not there: it hangs up instead", "group", g.Name)
			g.Overflow.Group = 0
		}
	}
}

// lastGroup is the highest id that a group ever had.
func lastGroup(tx *sql.Tx) (id int64, err error) {
	return id, tx.QueryRow("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'skill_groups'").Scan(&id)
}

// PutStaff implements seat.Store.
func (s *Store) PutStaff(ctx context.Context, m seat.Staff) error {
	return s.write(ctx, synced, func(tx *sql.Tx) error { return putStaff(tx, m) })
}

func putStaff(tx *sql.Tx, m seat.Staff) error {
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = tx.Exec("INSERT INTO staff (user, body) VALUES (?, ?) ON CONFLICT (user) DO UPDATE SET body = excluded.body",
		m.User, string(body))
	return err
}

// DeleteStaff implements seat.Store.
func (s *Store) DeleteStaff(ctx context.Context, user string) error {
	return s.write(ctx, synced, func(tx *sql.Tx) error { return deleteStaff(tx, user) })
}

func deleteStaff(tx *sql.Tx, user string) error {
	_, err := tx.Exec("DELETE FROM staff WHERE user = ?", user)
	return err
}

// PutGroup implements seat.Store. All members must be staff.
func (s *Store) PutGroup(ctx context.Context, g seat.Group) error {
	return s.write(ctx, synced, func(tx *sql.Tx) error { return putGroup(tx, g) })
}

func putGroup(tx *sql.Tx, g seat.Group) error {
	members := g.Members
	g.Members = nil
	body, err := json.Marshal(g)
	if err != nil {
		return err
	}
	_, err = tx.Exec("INSERT INTO skill_groups (id, body) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
		g.ID, string(body))
	if err != nil {
		return err
	}
	if _, err := tx.Exec("DELETE FROM members WHERE skill_group = ?", g.ID); err != nil {
		return err
	}
	for i, m := range members {
		_, err := tx.Exec("INSERT INTO members (skill_group, place, user, level) VALUES (?, ?, ?, ?)",
			g.ID, i, m.User, m.Level)
		if err != nil {
			return fmt.Errorf("member %q of group %d: %w", m.User, g.ID, err)
		}
	}
	return nil
}

// DeleteGroup implements seat.Store.
func (s *Store) DeleteGroup(ctx context.Context, id int64) error {
	return s.write(ctx, synced, func(tx *sql.Tx) error { return deleteGroup(tx, id) })
}

func deleteGroup(tx *sql.Tx, id int64) error {
	_, err := tx.Exec("DELETE FROM skill_groups WHERE id = ?", id)
	return err
}
