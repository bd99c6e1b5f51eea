package sip

import (
	"fmt"
	"sync"
)

// accounts are the phones' accounts by extension.
type accounts struct {
	mu          sync.RWMutex
	byExtension map[string]Account
}

func newAccounts(all []Account) *accounts {
	a := &accounts{byExtension: make(map[string]Account, len(all))}
	for _, one := range all {
		a.byExtension[one.Extension] = one
	}
	return a
}

func (a *accounts) get(extension string) (Account, bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	account, ok := a.byExtension[extension]
	return account, ok
}

// SetAccount adds a phone's account, or changes it: where the password is another, what registered by the old one is
// gone. The error is ErrConfig where a trunk has the account.
func (e *Endpoint) SetAccount(account Account) error {
	if _, taken := e.trunks.Account(account.Extension); taken {
		return fmt.Errorf("%w: a trunk has the account %s", ErrConfig, account.Extension)
	}
	e.accounts.mu.Lock()
	old := e.accounts.byExtension[account.Extension]
	e.accounts.byExtension[account.Extension] = account
	e.accounts.mu.Unlock()
	if old.Secret != account.Secret {
		e.registrar.Forget(account.Extension)
	}
	return nil
}

// RemoveAccount removes a phone's account and its registrations. Calls that it has go on.
func (e *Endpoint) RemoveAccount(extension string) {
	e.accounts.mu.Lock()
	delete(e.accounts.byExtension, extension)
	e.accounts.mu.Unlock()
	e.registrar.Forget(extension)
}
