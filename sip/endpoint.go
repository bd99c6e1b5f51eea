// Package sip owns the SIP side of the gateway: it puts guard, registrar, trunks, dialogs, SDP and RTP sockets
// together into legs.
package sip

import (
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
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
	accounts  map[string]Account
	guard     *guard.Guard
	auth      *digest.Authenticator
	stack     *dialog.Stack
	registrar *registrar.Registrar
	trunks    *trunk.Manager
	pools     []*rtpsock.Pool // one of an address family
	trace     *Trace
	sockets   map[string]socketAddr // by transport: the first listener of each
	legs      sync.WaitGroup
}

type socketAddr struct {
	host  string // advertised
	port  int
	local netip.AddrPort
}

// New binds the sockets and makes an Endpoint that does not serve yet.
func New(c Config) (*Endpoint, error) {
	e := &Endpoint{
		c: c, log: c.Log, accounts: map[string]Account{}, trace: newTrace(), sockets: map[string]socketAddr{},
	}
	for _, a := range c.Accounts {
		e.accounts[a.Extension] = a
	}
	e.guard = guard.New(c.Guard, c.Log, guard.NewMetrics(c.Registry))
	e.auth = digest.NewAuthenticator(digest.Config{Realm: c.Realm, Gate: e.guard})
	trunks, err := newTrunks(c.Trunks)
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
		Session: dialog.SessionTimer{Off: c.SessionExpires == 0, Expires: c.SessionExpires},
		Metrics: dialog.NewMetrics(c.Registry),
	})
	if err != nil {
		closeAll(listeners)
		return nil, err
	}
	keepAlive := c.KeepAlive
	if keepAlive == 0 {
		keepAlive = -1
	}
	e.registrar = registrar.New(registrar.Config{
		Auth: e.auth, Accounts: e.secret, Algorithm: c.Algorithm, Requester: e.stack, Domain: e.host("udp"),
		Log: c.Log, Metrics: registrar.NewMetrics(c.Registry), MinExpires: c.MinExpires, MaxExpires: c.MaxExpires,
		DefaultExpires: c.MaxExpires, KeepAlive: keepAlive,
	})
	e.trunks = trunk.NewManager(trunk.ManagerConfig{
		Trunks: trunks, Requester: e.stack, Addresses: e.guard.SetAllowed, Log: c.Log,
		Metrics: trunk.NewMetrics(c.Registry),
	})
	return e, nil
}

func newTrunks(configs []trunk.Config) ([]*trunk.Trunk, error) {
	var trunks []*trunk.Trunk
	for _, c := range configs {
		t, err := trunk.New(c)
		if err != nil {
			return nil, err
		}
		trunks = append(trunks, t)
	}
	return trunks, nil
}

func (e *Endpoint) openPools() error {
	metrics := rtpsock.NewMetrics(e.c.Registry)
	for _, address := range e.c.RTP.Addresses {
		pool, err := rtpsock.NewPool(rtpsock.PoolConfig{
			Address: address, MinPort: e.c.RTP.MinPort, MaxPort: e.c.RTP.MaxPort, SendOnlyTo: e.c.RTP.SendOnlyTo,
			Metrics: metrics, Logger: e.log,
		})
		if err != nil {
			return err
		}
		e.pools = append(e.pools, pool)
	}
	if len(e.pools) == 0 {
		return fmt.Errorf("%w: no RTP address", ErrConfig)
	}
	return nil
}

// pool picks the RTP ports of the peer's address family, and the address to advertise in SDP.
func (e *Endpoint) pool(peer netip.Addr) (*rtpsock.Pool, netip.Addr) {
	for i, address := range e.c.RTP.Addresses {
		if address.Is4() == peer.Unmap().Is4() {
			return e.pools[i], e.advertised(address)
		}
	}
	return e.pools[0], e.advertised(e.c.RTP.Addresses[0])
}

func (e *Endpoint) advertised(bound netip.Addr) netip.Addr {
	if a := e.c.RTP.Advertise; a.IsValid() && a.Is4() == bound.Is4() {
		return a
	}
	return bound
}

// listen binds the configured sockets, each behind the guard.
func (e *Endpoint) listen() ([]dialog.Listener, error) {
	var all []dialog.Listener
	for _, c := range e.c.Listeners {
		l, err := e.bind(c)
		if err != nil {
			closeAll(all)
			return nil, fmt.Errorf("sip: %s %s: %w", c.Transport, c.Address, err)
		}
		all = append(all, l)
		var local net.Addr
		if l.PacketConn != nil {
			local = l.PacketConn.LocalAddr()
		} else {
			local = l.Listener.Addr()
		}
		at := netip.MustParseAddrPort(local.String())
		host := l.Host
		if host == "" {
			host = at.Addr().String()
		}
		if _, known := e.sockets[c.Transport]; !known {
			e.sockets[c.Transport] = socketAddr{host: host, port: int(at.Port()), local: at}
		}
	}
	return all, nil
}

func (e *Endpoint) bind(c Listener) (dialog.Listener, error) {
	l := dialog.Listener{Transport: c.Transport, Host: e.c.Advertise}
	switch c.Transport {
	case "udp":
		conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(c.Address))
		if err != nil {
			return l, err
		}
		l.PacketConn = e.guard.PacketConn(conn)
	case "tcp", "tls":
		tcp, err := net.Listen("tcp", c.Address.String())
		if err != nil {
			return l, err
		}
		if c.Transport == "tls" {
			tcp = tls.NewListener(tcp, c.TLS)
		}
		l.Listener = e.guard.Listener(tcp, c.Transport, e.connectionClosed)
	default:
		return l, fmt.Errorf("%w: no such transport", ErrConfig)
	}
	return l, nil
}

func closeAll(listeners []dialog.Listener) {
	for _, l := range listeners {
		if l.PacketConn != nil {
			l.PacketConn.Close()
		} else {
			l.Listener.Close()
		}
	}
}

func (e *Endpoint) connectionClosed(transport string, remote netip.AddrPort) {
	e.registrar.ConnectionClosed(transport, remote)
}

// Start begins to serve, to probe and to register.
func (e *Endpoint) Start() {
	e.stack.Start()
	e.trunks.Start()
}

// Close unregisters, ends everything and waits for it. Hang up the legs before.
func (e *Endpoint) Close() {
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

// Addr is the bound address of the first listener of a transport; the zero AddrPort where there is none.
func (e *Endpoint) Addr(transport string) netip.AddrPort { return e.sockets[transport].local }

// Trace has the SIP messages of recent calls.
func (e *Endpoint) Trace() *Trace { return e.trace }

// Trunks is a snapshot of the trunks' health.
func (e *Endpoint) Trunks() []trunk.Status { return e.trunks.Status() }

// Bindings are the places where an extension is registered.
func (e *Endpoint) Bindings(extension string) []registrar.Binding {
	return e.registrar.Bindings(extension)
}

// host is our advertised host for a transport.
func (e *Endpoint) host(transport string) string {
	if s, ok := e.sockets[transport]; ok {
		return s.host
	}
	return e.c.Realm
}

// secret looks up the digest secret of an extension.
func (e *Endpoint) secret(user string) (digest.Secret, bool) {
	a, ok := e.accounts[user]
	return a.Secret, ok
}

func newID() string {
	var b [12]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	return hex.EncodeToString(b[:])
}

var _ leg.Dialer = (*Endpoint)(nil)
