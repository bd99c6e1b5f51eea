package main

import (
	"errors"
	"log/slog"
	"path/filepath"
	"testing"

	"seatbridge/api/ccc"
	"seatbridge/configs"
	"seatbridge/sip"
	"seatbridge/sip/digest"
	"seatbridge/sip/registrar"
	"seatbridge/store"
)

// phoneSide is the SIP side: the secrets by extension. 8000 is a trunk's.
type phoneSide map[string]digest.Secret

func (p phoneSide) SetAccount(a sip.Account) error {
	if a.Extension == "8000" {
		return sip.ErrConfig
	}
	p[a.Extension] = a.Secret
	return nil
}
func (p phoneSide) RemoveAccount(extension string) { delete(p, extension) }
func (p phoneSide) Bindings(extension string) []registrar.Binding {
	return []registrar.Binding{{Extension: extension, Reachable: extension == "1011"}}
}

// TestExtensions wants extensions to outlive the process without their passwords, and no change that was not stored.
func TestExtensions(t *testing.T) {
	path, ctx := filepath.Join(t.TempDir(), "a.db"), t.Context()
	c := &configs.Config{Phones: []configs.Phone{{Extension: "1011"}}}
	c.SIP.Realm = "here"
	open := func() (*extensions, *store.Store, phoneSide) {
		s, err := store.Open(ctx, path, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		e, err := loadExtensions(ctx, c, s, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		side := phoneSide{}
		e.phones = side
		for _, a := range e.accounts() {
			side[a.Extension] = a.Secret
		}
		return e, s, side
	}
	secret := func(password string) digest.Secret {
		return digest.Secret{HA1: digest.HA1(digest.MD5, "2001", "here", password), Algorithm: digest.MD5}
	}
	e, s, side := open()
	if err := e.Create(ctx, "2001", "Desk"); err != nil {
		t.Fatal(err)
	}
	if side["2001"] != secret(e.Password("2001")) || e.Password("2001") != "" {
		t.Error("the account has another password than is shown, or it is shown twice")
	}
	for number, want := range map[string]error{
		"2001": ccc.ErrExtensionExists, "1011": ccc.ErrExtensionExists, "8000": ccc.ErrExtensionExists,
	} {
		if err := e.Create(ctx, number, ""); !errors.Is(err, want) {
			t.Errorf("creating %s: %v", number, err)
		}
	}
	if _, err := e.Reset(ctx, "1011"); !errors.Is(err, ccc.ErrFixedExtension) {
		t.Errorf("the file's: %v", err)
	}
	if err := e.Delete(ctx, "2002"); !errors.Is(err, ccc.ErrNoExtension) {
		t.Errorf("nobody's: %v", err)
	}
	password, err := e.Reset(ctx, "2001")
	if err != nil || side["2001"] != secret(password) {
		t.Fatalf("reset: %v", err)
	}
	s.Close()
	if _, err := e.Reset(ctx, "2001"); err == nil || side["2001"] != secret(password) {
		t.Errorf("a reset that was not stored: %v", err)
	}
	if err := e.Create(ctx, "2003", ""); err == nil || side["2003"] != (digest.Secret{}) {
		t.Errorf("an extension that was not stored: %v", err)
	}

	e, _, side = open()
	all := e.Extensions()
	if len(all) != 2 || all[0].Number != "1011" || !all[0].Registered || all[1].Name != "Desk" || all[1].Registered ||
		side["2001"] != secret(password) || e.Password("2001") != "" {
		t.Errorf("after a restart: %+v, %v", all, side)
	}
	if err := e.Delete(ctx, "2001"); err != nil || len(side) != 0 || len(e.Extensions()) != 1 {
		t.Errorf("deleted: %v, %v", err, side)
	}
}
