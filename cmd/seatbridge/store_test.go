package main

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"seatbridge/configs"
	"seatbridge/sip/registrar"
	"seatbridge/store"
)

// stored is a configuration with a database and without fixed ports.
func stored(t *testing.T, path string) *configs.Config {
	t.Helper()
	c, err := configs.Load("")
	if err != nil {
		t.Fatal(err)
	}
	anywhere := netip.MustParseAddrPort("127.0.0.1:0")
	c.Demo.Enabled, c.Trunks, c.Inbound, c.Outbound = false, nil, nil, nil
	c.WebRTC.Listen, c.HTTP.Listen = anywhere, anywhere
	c.SIP.Listen = []configs.Listener{{Transport: "udp", Address: anywhere}}
	c.Groups = []configs.Group{{Name: "sales", Members: []configs.Member{{User: "alice"}}}}
	c.Store.Path = path
	return c
}

func built(t *testing.T, c *configs.Config) *gateway {
	t.Helper()
	g, err := newGateway(c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// TestRestart wants what the API changed, what the file changed meanwhile, and a phone's registration after a restart.
func TestRestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	c := stored(t, path)
	c.Staff[0].Password = "secret" // hashed once: alice's hash is the same after the restart
	g := built(t, c)
	alice, _ := g.seats.Lookup("alice")
	alice.Name = "Alice B."
	if _, err := g.seats.Change(t.Context(), alice); err != nil {
		t.Fatal(err)
	}
	if err := g.seats.DeleteGroup(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	phone := registrar.Registration{
		Extension: "1010", Contact: "sip:1010@127.0.0.1:5070", Source: netip.MustParseAddrPort("127.0.0.1:5070"),
		Transport: "udp", Params: []byte("null"), Expires: time.Now().Add(time.Hour),
	}
	if err := g.store.PutRegistrations(t.Context(), map[string][]registrar.Registration{"1010": {phone}}); err != nil {
		t.Fatal(err)
	}
	g.close()

	c.Staff[0].MaxCalls = 3
	c.Groups = append(c.Groups, configs.Group{Name: "support", Overflow: configs.Overflow{Group: "sales"}})
	c.Inbound = []configs.Inbound{{Number: "+15550100", Group: "support"}}
	g = built(t, c)
	defer g.close()
	after, _ := g.seats.Lookup("alice")
	if after.Name != "Alice B." || after.MaxCalls != 3 || after.PasswordHash != alice.PasswordHash || after.Version != 3 {
		t.Errorf("%+v", after)
	}
	if alice.PasswordHash == "" {
		t.Error("no password hash")
	}
	if groups := g.seats.Groups(); len(groups) != 1 || groups[0].ID != 2 || groups[0].Overflow.Group != 0 {
		t.Errorf("%+v", groups)
	}
	if b := g.sip.Bindings("1010"); len(b) != 1 || b[0].Source != phone.Source || !b[0].Reachable {
		t.Errorf("%+v", b)
	}
}

// TestRestartWithoutStaff wants the gateway to start though the API deleted who an inbound rule leads to.
func TestRestartWithoutStaff(t *testing.T) {
	c := stored(t, filepath.Join(t.TempDir(), "a.db"))
	c.Inbound = []configs.Inbound{{Number: "+15550100", User: "alice"}, {Number: "+15550101", Group: "sales"}}
	g := built(t, c)
	if err := g.seats.DeleteGroup(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if err := g.seats.Delete(t.Context(), "alice"); err != nil {
		t.Fatal(err)
	}
	g.close()
	built(t, c).close()
}

// TestBadDatabase wants the start to fail with what is wrong, and to leave nothing open.
func TestBadDatabase(t *testing.T) {
	locked, corrupt := filepath.Join(t.TempDir(), "a.db"), filepath.Join(t.TempDir(), "b.db")
	if err := os.WriteFile(corrupt, []byte(strings.Repeat("x", 9999)), 0o600); err != nil {
		t.Fatal(err)
	}
	defer built(t, stored(t, locked)).close()
	for path, want := range map[string]error{locked: store.ErrLocked, corrupt: store.ErrCorrupt, "/no/such/dir/a.db": os.ErrNotExist} {
		_, err := newGateway(stored(t, path), slog.New(slog.DiscardHandler))
		if !errors.Is(err, want) || !strings.HasPrefix(err.Error(), "store.path: ") || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestPurge wants old records gone soon after they are old, and others not.
func TestPurge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := slog.New(slog.DiscardHandler)
		s, err := store.Open(t.Context(), "", log)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		for i, age := range []time.Duration{100 * time.Hour, 23 * time.Hour, 0} {
			ended := time.Now().Add(-age)
			err := s.AppendRecord(t.Context(), store.Record{SessionID: strconv.Itoa(i), Started: ended, Ended: ended, Body: []byte("{}")})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.RecordSent(t.Context(), int64(i+1)); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		var purging sync.WaitGroup
		purging.Go(func() { purge(ctx, s, 24*time.Hour, log) })
		left := func(want int) {
			t.Helper()
			synctest.Wait()
			if _, total, err := s.Records(t.Context(), store.Query{}); err != nil || total != want {
				t.Fatalf("%d records, %v, want %d", total, err, want)
			}
		}
		left(2)
		time.Sleep(30 * time.Minute)
		left(2)
		time.Sleep(2 * time.Hour)
		left(1)
		cancel()
		purging.Wait()
	})
}
