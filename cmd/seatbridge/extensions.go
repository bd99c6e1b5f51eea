package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"seatbridge/api/ccc"
	"seatbridge/configs"
	"seatbridge/sip"
	"seatbridge/sip/digest"
	"seatbridge/sip/registrar"
	"seatbridge/sip/sdp"
	"seatbridge/store"
)

// extensions are the desk phones' accounts: the file's, which stay as they are, and those that the server API made.
type extensions struct {
	store     *store.Store
	phones    phones
	realm     string
	algorithm digest.Algorithm
	fixed     []string // the file's

	// admin lets one change at a time pass, while it is written. It is taken before mu.
	admin sync.Mutex

	mu        sync.Mutex
	own       map[string]store.Extension
	passwords map[string]string // that were generated and not shown yet
}

// phones is the SIP side; *sip.Endpoint is one.
type phones interface {
	SetAccount(a sip.Account) error
	RemoveAccount(extension string)
	Bindings(extension string) []registrar.Binding
}

// loadExtensions reads what is stored. What the file has too by now is the file's.
func loadExtensions(ctx context.Context, c *configs.Config, s *store.Store, log *slog.Logger) (*extensions, error) {
	e := &extensions{
		store: s, realm: c.SIP.Realm, algorithm: algorithm(c.SIP.Algorithm), own: map[string]store.Extension{},
		passwords: map[string]string{},
	}
	for _, p := range c.Phones {
		e.fixed = append(e.fixed, p.Extension)
	}
	stored, err := s.Extensions(ctx)
	for _, x := range stored {
		if slices.Contains(e.fixed, x.Extension) {
			log.Warn("the file has an extension that the server API made: the file's is used", "extension", x.Extension)
			continue
		}
		e.own[x.Extension] = x
	}
	return e, err
}

// accounts are those of what is stored.
func (e *extensions) accounts() []sip.Account {
	var all []sip.Account
	for _, x := range e.own {
		all = append(all, newAccount(x))
	}
	return all
}

func newAccount(x store.Extension) sip.Account {
	return sip.Account{
		Extension: x.Extension, SRTP: sdp.SRTPOptional,
		Secret: digest.Secret{HA1: x.HA1, Algorithm: digest.Algorithm(x.Algorithm)},
	}
}

// Extensions implements ccc.Extensions.
func (e *extensions) Extensions() []ccc.Extension {
	e.mu.Lock()
	own := slices.Collect(maps.Values(e.own))
	e.mu.Unlock()
	all := make([]ccc.Extension, 0, len(e.fixed)+len(own))
	for _, number := range e.fixed {
		all = append(all, ccc.Extension{Number: number})
	}
	for _, x := range own {
		all = append(all, ccc.Extension{Number: x.Extension, Name: x.Name, Created: x.Created, Changed: x.Changed})
	}
	for i := range all {
		reachable := func(b registrar.Binding) bool { return b.Reachable }
		all[i].Registered = slices.ContainsFunc(e.phones.Bindings(all[i].Number), reachable)
	}
	slices.SortFunc(all, func(a, b ccc.Extension) int { return cmp.Compare(a.Number, b.Number) })
	return all
}

// find is what is stored of an extension.
func (e *extensions) find(number string) (store.Extension, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	x, ok := e.own[number]
	switch {
	case slices.Contains(e.fixed, number):
		return x, ccc.ErrFixedExtension
	case !ok:
		return x, ccc.ErrNoExtension
	}
	return x, nil
}

// Create implements ccc.Extensions.
func (e *extensions) Create(ctx context.Context, number, name string) error {
	e.admin.Lock()
	defer e.admin.Unlock()
	if _, err := e.find(number); !errors.Is(err, ccc.ErrNoExtension) {
		return ccc.ErrExtensionExists
	}
	now := time.Now()
	password, err := e.put(ctx, store.Extension{Extension: number, Name: name, Created: now, Changed: now})
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.passwords[number] = password
	return nil
}

// put stores an extension with a new password, and lets its phone in.
func (e *extensions) put(ctx context.Context, x store.Extension) (password string, err error) {
	password = strings.ToLower(rand.Text())
	x.HA1, x.Algorithm = digest.HA1(e.algorithm, x.Extension, e.realm, password), string(e.algorithm)
	if err := e.phones.SetAccount(newAccount(x)); err != nil { // a trunk has it
		return "", ccc.ErrExtensionExists
	}
	if err := e.store.PutExtension(ctx, x); err != nil {
		e.restore(x.Extension)
		return "", err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.own[x.Extension] = x
	delete(e.passwords, x.Extension)
	return password, nil
}

// restore makes the account what it was, where a change was not stored.
func (e *extensions) restore(number string) {
	if old, err := e.find(number); err == nil {
		_ = e.phones.SetAccount(newAccount(old)) // it was set before
		return
	}
	e.phones.RemoveAccount(number)
}

// Password implements ccc.Extensions.
func (e *extensions) Password(number string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	password := e.passwords[number]
	delete(e.passwords, number)
	return password
}

// Reset implements ccc.Extensions.
func (e *extensions) Reset(ctx context.Context, number string) (password string, err error) {
	e.admin.Lock()
	defer e.admin.Unlock()
	x, err := e.find(number)
	if err != nil {
		return "", err
	}
	x.Changed = time.Now()
	return e.put(ctx, x)
}

// Delete implements ccc.Extensions.
func (e *extensions) Delete(ctx context.Context, number string) error {
	e.admin.Lock()
	defer e.admin.Unlock()
	if _, err := e.find(number); err != nil {
		return err
	}
	if err := e.store.DeleteExtension(ctx, number); err != nil {
		return err
	}
	e.mu.Lock()
	delete(e.own, number)
	delete(e.passwords, number)
	e.mu.Unlock()
	e.phones.RemoveAccount(number)
	return nil
}
