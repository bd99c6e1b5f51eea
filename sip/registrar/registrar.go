// Package registrar owns the registrations of phones: RFC 3261 section 10, the flow back to each phone, and whether it
// still answers.
package registrar

import (
	"cmp"
	"context"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"seatbridge/sip/dialog"
	"seatbridge/sip/digest"
)

// Requester sends a request outside dialogs and returns its final response; *dialog.Stack is one.
type Requester interface {
	Do(ctx context.Context, c dialog.RequestConfig) (*sip.Response, error)
}

// Binding is one phone's place: a Contact of an extension and the flow that it registered from.
type Binding struct {
	Extension string
	Contact   sip.Uri        // the Request-URI of requests to the phone
	Source    netip.AddrPort // where the REGISTER came from; requests go back there (RFC 3581, RFC 5626)
	Transport string         // udp, tcp or tls
	UserAgent string         // printable, cut to 128 bytes; may be empty
	Q         float64        // 0 to 1, 1 where not given; the highest is tried first
	Expires   time.Time      // monotonic, unless it was restored
	Reachable bool           // false after it left several OPTIONS unanswered
}

// Flow is the way back to the phone: over its own connection, or from the socket that it registered at.
func (b Binding) Flow() dialog.Flow {
	return dialog.Flow{Transport: b.Transport, Remote: b.Source.String(), Existing: b.Transport != "udp"}
}

// Config is what a Registrar needs; every zero value without a default must be given.
type Config struct {
	Auth      *digest.Authenticator
	Accounts  digest.Lookup    // by extension, which is the digest user too
	Algorithm digest.Algorithm // of the challenge to an unknown extension; it defaults to MD5
	Requester Requester        // for OPTIONS; may be nil where KeepAlive is negative
	Domain    string           // host of From in OPTIONS; it defaults to seatbridge.invalid
	Observer  func(Event)      // called in order from one goroutine; must not block; may be nil
	Store     Store            // nil keeps nothing beyond the life of the process
	Log       *slog.Logger
	Metrics   *Metrics

	MinExpires     time.Duration // it defaults to 60 s
	MaxExpires     time.Duration // it defaults to 3600 s
	DefaultExpires time.Duration // where the phone asks for nothing; it defaults to MaxExpires
	MaxBindings    int           // of one extension; it defaults to 10
	KeepAlive      time.Duration // between OPTIONS, give or take a tenth; it defaults to 30 s, negative is never
	Misses         int           // OPTIONS unanswered in a row that make a binding unreachable; it defaults to 3
}

func (c *Config) setDefaults() {
	c.Algorithm = cmp.Or(c.Algorithm, digest.MD5)
	c.Domain = cmp.Or(c.Domain, "seatbridge.invalid")
	c.MinExpires = cmp.Or(c.MinExpires, 60*time.Second)
	c.MaxExpires = cmp.Or(c.MaxExpires, 3600*time.Second)
	c.DefaultExpires = cmp.Or(c.DefaultExpires, c.MaxExpires)
	c.MaxBindings = cmp.Or(c.MaxBindings, 10)
	c.KeepAlive = cmp.Or(c.KeepAlive, 30*time.Second)
	c.Misses = cmp.Or(c.Misses, 3)
	if c.Observer == nil {
		c.Observer = func(Event) {}
	}
}

// Registrar keeps the bindings. It is safe for concurrent use; Close stops its goroutines.
type Registrar struct {
	cfg    Config
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
	wake   chan struct{} // there are events
	probes chan struct{} // one for each OPTIONS under way

	changed chan struct{} // unsaved is not empty

	mu      sync.Mutex
	records map[string][]record // by extension
	events  []Event             // not yet told
	unsaved map[string]struct{} // extensions whose bindings the Store does not have yet
}

// record is a binding with what only the registrar needs.
type record struct {
	Binding
	CallID  string           // of the REGISTER
	CSeq    uint32           // of the REGISTER
	Params  sip.HeaderParams // of the Contact, to be told again in answers
	Updated time.Time        // when the phone registered last

	NextProbe time.Time // when OPTIONS is due
	Missed    int       // OPTIONS unanswered in a row
}

// New makes a Registrar with the bindings that the Store has, and starts its expiry and keep-alive loop. The error is
// the Store's.
func New(cfg Config) (*Registrar, error) {
	cfg.setDefaults()
	r := &Registrar{
		cfg: cfg, wake: make(chan struct{}, 1), probes: make(chan struct{}, maxProbes), changed: make(chan struct{}, 1),
		records: map[string][]record{}, unsaved: map[string]struct{}{},
	}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	if cfg.Store != nil {
		if err := r.restore(r.ctx); err != nil {
			r.cancel()
			return nil, err
		}
		r.wg.Go(r.save)
	}
	count := r.count
	cfg.Metrics.bindings.Store(&count)
	r.wg.Go(r.run)
	return r, nil
}

// Close stops the loop and waits for it, for the OPTIONS under way, and until the Store has what it does not have yet,
// as far as it answers within 5 s. A phone that registers later is refused.
func (r *Registrar) Close() {
	r.cancel()
	r.wg.Wait()
}

// run expires bindings, sends OPTIONS and tells the observer.
func (r *Registrar) run() {
	tick, probe := time.NewTicker(time.Second), time.NewTicker(probeEvery)
	defer tick.Stop()
	defer probe.Stop()
	for {
		select {
		case <-r.ctx.Done():
			return
		case <-tick.C:
			r.expire(time.Now())
		case <-probe.C:
			r.keepAlive(time.Now())
		case <-r.wake:
		}
		r.tell()
	}
}

// Bindings are the current bindings of an extension, the highest q first, then the newest.
func (r *Registrar) Bindings(extension string) []Binding {
	r.mu.Lock()
	records := live(r.records[extension], time.Now())
	r.mu.Unlock()
	slices.SortStableFunc(records, func(a, b record) int {
		return cmp.Or(cmp.Compare(b.Q, a.Q), b.Updated.Compare(a.Updated))
	})
	bindings := make([]Binding, len(records))
	for i, rec := range records {
		bindings[i] = rec.Binding
		bindings[i].Contact = *rec.Contact.Clone() // the caller may change its parameters
	}
	return bindings
}

// live returns a copy without those that have expired.
func live(records []record, now time.Time) []record {
	var out []record
	for _, rec := range records {
		if now.Before(rec.Expires) {
			out = append(out, rec)
		}
	}
	return out
}

// expire forgets what has expired.
func (r *Registrar) expire(now time.Time) {
	r.drop(Expired, func(rec record) bool { return !now.Before(rec.Expires) })
}

// ConnectionClosed drops the bindings of a TCP or TLS connection that ended. It fits guard.Guard.Listener.
func (r *Registrar) ConnectionClosed(transport string, remote netip.AddrPort) {
	r.drop(Disconnected, func(rec record) bool { return rec.Transport == transport && rec.Source == remote })
}

// drop removes the bindings that gone picks.
func (r *Registrar) drop(kind EventKind, gone func(record) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for extension, records := range r.records {
		if !slices.ContainsFunc(records, gone) {
			continue
		}
		var kept []record
		for _, rec := range records {
			if gone(rec) {
				r.event(kind, rec.Binding)
				continue
			}
			kept = append(kept, rec)
		}
		r.put(extension, kept)
	}
}

// count counts the bindings by transport, and those that are unreachable.
func (r *Registrar) count() (transports map[string]int, unreachable int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	transports = make(map[string]int)
	for _, records := range r.records {
		for _, rec := range records {
			transports[rec.Transport]++
			if !rec.Reachable {
				unreachable++
			}
		}
	}
	return transports, unreachable
}
