// Package sip owns the SIP side of the gateway: it puts guard, registrar, trunks, dialogs, SDP and RTP sockets
// together into legs.
package sip

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"seatbridge/leg"
	"seatbridge/sip/dialog"
	"seatbridge/sip/digest"
	"seatbridge/sip/guard"
	"seatbridge/sip/registrar"
	"seatbridge/sip/rtpsock"
	"seatbridge/sip/trunk"
)

// ErrConfig says that the configuration cannot work.
var ErrConfig = errors.New("sip: bad configuration")

// Endpoint serves SIP: it registers phones, takes calls from phones and trunks and makes calls to them.
type Endpoint struct {
	c         Config
	log       *slog.Logger
	accounts  *accounts
	guard     *guard.Guard
	auth      *digest.Authenticator
	stack     *dialog.Stack
	registrar *registrar.Registrar
	trunks    *trunk.Manager
	pools     []*rtpsock.Pool // one of an address family
	trace     *Trace
	sockets   map[string]socketAddr // by transport: the first listener of each
	legs      sync.WaitGroup        // those that have not told their end

	mu      sync.Mutex
	closing bool // no new legs
}

// New binds the sockets and makes an Endpoint that does not serve yet.
func New(c Config) (*Endpoint, error) {
	c.setDefaults()
	e := &Endpoint{
		c: c, log: c.Log, accounts: newAccounts(c.Accounts), trace: newTrace(), sockets: map[string]socketAddr{},
	}
	e.guard = guard.New(c.Guard, c.Log, guard.NewMetrics(c.Registry))
	e.auth = digest.NewAuthenticator(digest.Config{Realm: c.Realm, Gate: e.guard})
	trunks, err := e.newTrunks(c.Trunks)
	if err != nil {
		return nil, err
	}
	if err := e.openPools(); err != nil {
		return nil, err
	}
	listeners, err := e.listen()
	if err != nil {
		return nil, err
	}
	e.stack, err = dialog.New(dialog.Config{
		Listeners: listeners, Handler: e, TLS: c.TLS, Trace: e.trace.add, Logger: c.Log,
		Session: dialog.SessionTimer{Off: c.SessionExpires == 0, Expires: c.SessionExpires, MinSE: c.times.minSE},
		Metrics: dialog.NewMetrics(c.Registry), Timers: c.times.dialogs,
	})
	if err != nil {
		closeAll(listeners)
		return nil, err
	}
	keepAlive := c.KeepAlive
	if keepAlive == 0 {
		keepAlive = -1
	}
	e.registrar, err = registrar.New(registrar.Config{
		Auth: e.auth, Accounts: e.secret, Algorithm: c.Algorithm, Requester: e.stack, Domain: e.host("udp"),
		Log: c.Log, Metrics: registrar.NewMetrics(c.Registry), MinExpires: c.MinExpires, MaxExpires: c.MaxExpires,
		DefaultExpires: c.MaxExpires, KeepAlive: keepAlive, Store: c.Registrations, Observer: c.PhoneChanged,
	})
	if err != nil {
		return nil, errors.Join(err, e.stack.Close())
	}
	for _, a := range c.Accounts { // who was restored has proved who it is
		for _, b := range e.registrar.Bindings(a.Extension) {
			e.guard.AuthPassed(b.Source.Addr(), a.Extension)
		}
	}
	e.trunks = trunk.NewManager(trunk.ManagerConfig{
		Trunks: trunks, Requester: e.stack, Addresses: e.guard.SetAllowed, Log: c.Log,
		Metrics: trunk.NewMetrics(c.Registry),
	})
	return e, nil
}

func (e *Endpoint) newTrunks(configs []trunk.Config) ([]*trunk.Trunk, error) {
	var trunks []*trunk.Trunk
	for _, c := range configs {
		t, err := trunk.New(c)
		if err != nil {
			return nil, err
		}
		if _, taken := e.accounts.get(c.Account); taken && c.Account != "" {
			return nil, fmt.Errorf("%w: trunk %s and a phone have the account %s", ErrConfig, c.Name, c.Account)
		}
		// A carrier's From has the caller, not the account: who asks is not known when the challenge is made.
		if c.Account != "" && c.Secret.Algorithm != e.c.Algorithm {
			return nil, fmt.Errorf("%w: the account of trunk %s is not %s", ErrConfig, c.Name, e.c.Algorithm)
		}
		trunks = append(trunks, t)
	}
	return trunks, nil
}

// Start begins to serve, to probe and to register.
func (e *Endpoint) Start() {
	e.stack.Start()
	e.trunks.Start()
}

// enter notes a new leg. It is false when the Endpoint is closing.
func (e *Endpoint) enter() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closing {
		return false
	}
	e.legs.Add(1)
	return true
}

// Close unregisters, ends everything and waits for it: legs that are left end with Shutdown, without a word to the
// far end, so hang them up before. Nothing new begins meanwhile.
func (e *Endpoint) Close() {
	e.mu.Lock()
	e.closing = true
	e.mu.Unlock()
	e.trunks.Close()
	e.registrar.Close()
	if err := e.stack.Close(); err != nil {
		e.log.Warn("closing SIP sockets", "error", err.Error())
	}
	e.legs.Wait()
	for _, p := range e.pools {
		p.Close()
	}
}

// Trace has the SIP messages of recent calls.
func (e *Endpoint) Trace() *Trace { return e.trace }

// Trunks is a snapshot of the trunks' health.
func (e *Endpoint) Trunks() []trunk.Status { return e.trunks.Status() }

// Bindings are the places where an extension is registered.
func (e *Endpoint) Bindings(extension string) []registrar.Binding {
	return e.registrar.Bindings(extension)
}

// Registrations are the places where all phones are registered, by extension.
func (e *Endpoint) Registrations() []registrar.Binding { return e.registrar.All() }

// secret looks up the digest secret of an extension.
func (e *Endpoint) secret(user string) (digest.Secret, bool) {
	a, ok := e.accounts.get(user)
	return a.Secret, ok
}

func newID() string {
	var b [12]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	return hex.EncodeToString(b[:])
}

var _ leg.Dialer = (*Endpoint)(nil)
