package dialog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
	"golang.org/x/sync/singleflight"
)

// Errors of requests that got no response.
var (
	// ErrTimeout says that no final response came in time.
	ErrTimeout = errors.New("dialog: no response")
	// ErrUnreachable says that the message could not be sent.
	ErrUnreachable = errors.New("dialog: peer unreachable")
	// ErrClosed says that the Stack is closed.
	ErrClosed = errors.New("dialog: stack closed")
	// ErrConfig says that the configuration cannot work.
	ErrConfig = errors.New("dialog: bad configuration")
	// ErrUnsafe says that a header or URI to be sent contains a line break or a NUL.
	ErrUnsafe = errors.New("dialog: unsafe text in message")
)

// sipgoGlobals guards the settings that sipgo has for the whole process.
var sipgoGlobals sync.Once

// setGlobals is the one place where sipgo's package variables are set.
func setGlobals() {
	// Otherwise sipgo refuses every UDP message over 1300 bytes, such as a 200 with SDP behind a few proxies. The kernel
	// sends larger ones in fragments.
	sip.UDPMTUSize = 65535
	// This one tells of connections' reference counts and of stream parse errors with their payload; the latter are
	// counted by streamConn.
	sip.SetDefaultLogger(slog.New(slog.DiscardHandler))
}

// Stack serves SIP on its listeners.
type Stack struct {
	c            Config
	log          *slog.Logger
	metrics      *Metrics
	trace        func(Message)
	transport    *sip.TransportLayer
	transactions *sip.TransactionLayer
	listeners    []*listener
	dialled      map[string]*dialled
	dials        singleflight.Group
	intake       *intake

	ctx    context.Context // done when the Stack stops
	cancel context.CancelFunc
	work   sync.WaitGroup // goroutines that handle something
	loops  sync.WaitGroup // goroutines that live as long as the Stack

	mu      sync.Mutex
	closing bool // no new work from outside
	closed  bool // no work at all
	dialogs map[dialogKey]*Dialog
	clients map[string]*clientTx // by transaction
	conns   map[*streamConn]struct{}
}

// dialogKey finds a dialog before its remote tag is known. Our tags are random.
type dialogKey struct{ callID, localTag string }

// New makes a Stack which does not serve yet.
func New(c Config) (*Stack, error) {
	sipgoGlobals.Do(setGlobals)
	if err := c.complete(); err != nil {
		return nil, err
	}
	s := &Stack{c: c, log: c.Logger, metrics: c.Metrics, trace: c.Trace, intake: newIntake(),
		dialogs: map[dialogKey]*Dialog{}, clients: map[string]*clientTx{}, conns: map[*streamConn]struct{}{}}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	for _, lc := range c.Listeners {
		l, err := newListener(s, lc)
		if err != nil {
			return nil, err
		}
		s.listeners = append(s.listeners, l)
	}
	s.dialled = map[string]*dialled{"tcp": newDialled(s.ctx.Done()), "tls": newDialled(s.ctx.Done())}
	s.layers()
	return s, nil
}

// layers sets up sipgo. Our onMessage comes before the transaction layer's, which starts a goroutine for each message.
func (s *Stack) layers() {
	log := slog.New(newSipgoLog(s.log.Handler(), s.metrics.dropped))
	tcp := func() *sip.TransportTCP {
		return &sip.TransportTCP{ReadTimeout: s.c.ReadTimeout, WriteTimeout: s.c.WriteTimeout, DialerCreate: noDialer}
	}
	s.transport = sip.NewTransportLayer(s.c.Resolver, sip.NewParser(), nil,
		sip.WithTransportLayerLogger(log),
		sip.WithTransportLayerTransports(sip.TransportsConfig{TCP: tcp(), TLS: &sip.TransportTLS{TransportTCP: tcp()}}))
	s.transport.OnMessage(s.onMessage)
	s.transactions = sip.NewTransactionLayer(s.transport,
		sip.WithTransactionLayerLogger(log),
		sip.WithTransactionLayerUnhandledResponseHandler(func(*sip.Response) {})) // onMessage had it
	s.transactions.OnRequest(s.onRequest)
}

// complete fills in the defaults.
func (c *Config) complete() error {
	switch {
	case c.Handler == nil || c.Logger == nil || c.Metrics == nil:
		return fmt.Errorf("%w: Handler, Logger and Metrics must be given", ErrConfig)
	case len(c.Listeners) == 0:
		return fmt.Errorf("%w: no listener", ErrConfig)
	}
	orString(&c.UserAgent, "seatbridge")
	if c.Methods == nil {
		c.Methods = []sip.RequestMethod{sip.REGISTER, sip.OPTIONS}
	}
	if c.Resolver == nil {
		c.Resolver = net.DefaultResolver
	}
	orDuration(&c.Timers.T1, 500*time.Millisecond)
	orDuration(&c.Timers.T2, 4*time.Second)
	orDuration(&c.Session.Expires, 1800*time.Second)
	orDuration(&c.Session.MinSE, 90*time.Second)
	orDuration(&c.ReadTimeout, 10*time.Minute)
	orDuration(&c.WriteTimeout, 5*time.Second)
	orDuration(&c.DialTimeout, 5*time.Second)
	return nil
}

func orString(v *string, def string) {
	if *v == "" {
		*v = def
	}
}

func orDuration(v *time.Duration, def time.Duration) {
	if *v == 0 {
		*v = def
	}
}

// Start begins to serve and returns at once.
func (s *Stack) Start() {
	for _, l := range s.listeners {
		s.loops.Go(func() { l.serve(s) })
	}
	s.loops.Go(func() { _ = s.transport.ServeTCP(s.dialled["tcp"]) })
	s.loops.Go(func() { _ = s.transport.ServeTLS(s.dialled["tls"]) })
	s.loops.Go(s.sweep)
}

// sweep forgets requests that got lost between the wire and their handler.
func (s *Stack) sweep() {
	t := time.NewTicker(arrivalTimeout)
	defer t.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case now := <-t.C:
			s.metrics.dropped.WithLabelValues("lost").Add(float64(s.intake.sweep(now)))
		}
	}
}

// Close ends everything at once, without a word to the peers, and waits for it. Hang up the dialogs before.
func (s *Stack) Close() error {
	s.mu.Lock()
	if s.closing {
		s.mu.Unlock()
		return nil
	}
	s.closing = true
	all := make([]*Dialog, 0, len(s.dialogs))
	for _, d := range s.dialogs {
		all = append(all, d)
	}
	s.mu.Unlock()
	for _, d := range all {
		d.close()
	}
	for _, d := range all {
		<-d.done
	}
	s.cancel()
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.transactions.Close()
	s.work.Wait() // nothing is sent from here on: sipgo would open a socket for it
	err := s.closeSockets()
	s.loops.Wait()
	_ = s.transport.Close() // it closes again what closeSockets did
	return err
}

func (s *Stack) closeSockets() error {
	var errs []error
	for _, l := range s.listeners {
		if l.packets != nil {
			errs = append(errs, l.packets.Close())
		} else {
			errs = append(errs, l.streams.Close())
		}
	}
	s.mu.Lock()
	conns := s.conns
	s.conns = map[*streamConn]struct{}{}
	s.mu.Unlock()
	for c := range conns {
		_ = c.Close()
	}
	return errors.Join(errs...)
}

// enter notes a piece of work that came from outside. It is false when the Stack is closing.
func (s *Stack) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	s.work.Add(1)
	return true
}

func (s *Stack) leave() { s.work.Done() }

// spawn starts a goroutine that Close waits for. It is false when the Stack is closed.
func (s *Stack) spawn(run func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.work.Add(1)
	go func() {
		defer s.work.Done()
		run()
	}()
	return true
}

// add makes a dialog known; it is false when the Stack is closing.
func (s *Stack) add(d *Dialog) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	s.dialogs[d.key()] = d
	s.metrics.dialogs.Inc()
	return true
}

func (s *Stack) remove(d *Dialog) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dialogs[d.key()] == d {
		delete(s.dialogs, d.key())
		s.metrics.dialogs.Dec()
	}
}

func (s *Stack) find(callID, localTag string) *Dialog {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dialogs[dialogKey{callID, localTag}]
}

// Lookup finds a dialog by its name, such as that of a Replaces (RFC 3891 section 3); nil if there is none. One that is
// over may still be found for a moment.
func (s *Stack) Lookup(id ID) *Dialog {
	d := s.find(id.CallID, id.LocalTag)
	if d == nil || d.ID() != id {
		return nil
	}
	return d
}

// Allow returns the value of our Allow header.
func (s *Stack) Allow() string {
	all := make([]string, 0, len(inDialogMethods)+len(s.c.Methods))
	for _, m := range inDialogMethods {
		all = append(all, string(m))
	}
	for _, m := range s.c.Methods {
		if m != sip.OPTIONS {
			all = append(all, string(m))
		}
	}
	return strings.Join(all, ", ")
}

// Supported returns the value of our Supported header.
func (s *Stack) Supported() string { return strings.Join(s.extensions(), ", ") }

// extensions are the option tags that we know.
func (s *Stack) extensions() []string {
	if s.c.Session.Off {
		return []string{"replaces", "norefersub"}
	}
	return []string{"timer", "replaces", "norefersub"}
}
