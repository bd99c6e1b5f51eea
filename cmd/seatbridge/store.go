package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/crypto/bcrypt"

	"seatbridge/configs"
	"seatbridge/seat"
	"seatbridge/store"
)

// openStore opens what outlives the process.
func openStore(ctx context.Context, c *configs.Config, log *slog.Logger) (*store.Store, error) {
	if c.Store.Path == "" {
		log.Warn("store.path is not set: records, statuses, registrations and what the API changes are lost at the end")
	}
	s, err := store.Open(ctx, c.Store.Path, log)
	if err != nil {
		return nil, fmt.Errorf("store.path: %w", err)
	}
	return s, nil
}

// seedSeats applies what the file changed about staff and groups to what is stored. It returns the groups' ids by name.
func seedSeats(ctx context.Context, c *configs.Config, s *store.Store) (map[string]int64, error) {
	var names []string
	for _, g := range c.Groups {
		names = append(names, g.Name)
	}
	ids, err := s.GroupIDs(ctx, names)
	if err != nil {
		return nil, err
	}
	last, err := s.SeededStaff(ctx)
	if err != nil {
		return nil, err
	}
	all, err := staff(c, last)
	if err != nil {
		return nil, err
	}
	return ids, s.SeedSeats(ctx, all, groups(c, ids))
}

// staff are the file's; last is what it said last time.
func staff(c *configs.Config, last map[string]seat.Staff) ([]seat.Staff, error) {
	roles := map[string]seat.Role{
		"administrator": seat.RoleAdministrator, "inspector": seat.RoleQualityInspector, "agent": seat.RoleAgent,
	}
	mobile := map[string]seat.MobileUse{
		"off": seat.MobileNever, "offline": seat.MobileOffline, "always": seat.MobileAlways,
	}
	var all []seat.Staff
	for _, s := range c.Staff {
		hash, err := passwordHash(s, last[s.User].PasswordHash)
		if err != nil {
			return nil, fmt.Errorf("password of %s: %w", s.User, err)
		}
		all = append(all, seat.Staff{
			User: s.User, Name: s.Name, Role: roles[s.Role], Device: seat.Device(s.Device), Extension: s.Extension,
			MaxCalls: s.MaxCalls, Nick: s.Nick, Mail: s.Mail, Number: s.Number, Mobile: s.Mobile, UseMobile: mobile[s.UseMobile],
			PasswordHash: hash,
		})
	}
	return all, nil
}

// passwordHash is the staff member's bcrypt hash: the last one where the password is the same, so that hashing it again,
// with other salt, is no change.
func passwordHash(s configs.Staff, last string) (string, error) {
	switch {
	case s.Password == "":
		return s.PasswordHash, nil
	case bcrypt.CompareHashAndPassword([]byte(last), []byte(s.Password)) == nil:
		return last, nil
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(s.Password), bcrypt.DefaultCost)
	return string(hash), err
}

// purge deletes records that are older than keep, now and every hour, until the context ends.
func purge(ctx context.Context, s *store.Store, keep time.Duration, log *slog.Logger) {
	hourly := time.NewTicker(time.Hour)
	defer hourly.Stop()
	for {
		n, err := s.Purge(ctx, time.Now().Add(-keep))
		if n > 0 {
			log.Info("old records are deleted", "records", n)
		}
		if err != nil && ctx.Err() == nil {
			log.Error("old records are not deleted", "error", err.Error())
		}
		select {
		case <-hourly.C:
		case <-ctx.Done():
			return
		}
	}
}
