package dialog

import (
	"log/slog"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

// maxQueue is how many received requests may wait for a dialog.
const maxQueue = 256

// ID names a dialog as we see it (RFC 3261 section 12).
type ID struct {
	CallID    string
	LocalTag  string
	RemoteTag string // empty until the peer answered
}

// Options are a dialog's habits.
type Options struct {
	// FollowFlow sends our requests along the flow that the peer's last request came from, whatever its Contact and
	// Record-Route say: for phones behind a NAT.
	FollowFlow bool
	// ContactUser is the user part of our Contact; for a received INVITE it defaults to that of the Request-URI.
	ContactUser string
	// Auth answers challenges, also those to requests in the dialog. nil means that a challenge is a refusal.
	Auth Authorizer
	// Headers are added to our 2xx, and to our INVITE and re-INVITEs.
	Headers []sip.Header
	// Owner is whatever the dialog belongs to, for who finds it by Stack.Lookup.
	Owner any
	// NoSessionTimer keeps this dialog without session timers.
	NoSessionTimer bool
}

// Dialog is a peer relation that an INVITE made, ours or the peer's (RFC 3261 section 12). Its methods are safe to call
// from any goroutine, return at once, and are ignored where they no longer fit the dialog's state.
//
// All that it does is done by one goroutine at a time, which runs what is in the queue and ends when there is nothing
// left: state without a lock belongs to it.
type Dialog struct {
	s        *Stack
	o        Options
	observer Observer
	outgoing bool
	log      *slog.Logger
	done     chan struct{} // closed when the dialog is forgotten

	rec         record
	established bool // a 2xx to the first INVITE was sent or received
	ended       bool // Ended was told
	holds       int  // reasons to live on after the end
	uas         *invited
	uac         *inviting
	unacked     map[uint32]*invited // our 2xx to INVITEs without ACK, by CSeq
	offers      offerLane
	requests    requestLane
	session     *session

	queue queue

	mu    sync.Mutex
	id    ID
	shown snapshot
}

// snapshot is what others may know of a dialog.
type snapshot struct {
	flow      Flow
	canUpdate bool
	over      bool

	established bool
}

func (s *Stack) newDialog(o Options, obs Observer, id ID) *Dialog {
	if obs == nil {
		obs = func(*Dialog, Event) {}
	}
	d := &Dialog{s: s, o: o, observer: obs, id: id, done: make(chan struct{}), unacked: map[uint32]*invited{},
		log: s.log.With("call_id", id.CallID)}
	d.offers.d, d.requests.d = d, d
	d.session = newSession(d)
	d.queue.spawn, d.queue.step = s.spawn, d.step
	return d
}

// stillborn ends a dialog that could not be begun: the Stack is closing, or the INVITE was answered already.
func (d *Dialog) stillborn() {
	d.queue.spawn = func(run func()) bool { // it ends at once, also where the Stack takes no more goroutines
		go run()
		return true
	}
	d.queue.pause()
	d.post(func() { d.end(Ended{Why: Closed, Err: ErrClosed}) })
	d.queue.resume()
}

// supported is our Supported header in this dialog.
func (d *Dialog) supported() string {
	if d.o.NoSessionTimer {
		return "replaces, norefersub"
	}
	return d.s.Supported()
}

// ID returns the dialog's name. RemoteTag is known from the first 1xx with a tag on.
func (d *Dialog) ID() ID {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.id
}

// Outgoing is true where we sent the INVITE.
func (d *Dialog) Outgoing() bool { return d.outgoing }

// Owner returns Options.Owner.
func (d *Dialog) Owner() any { return d.o.Owner }

// Established is true from the 2xx to the first INVITE on; before that the dialog is an early one.
func (d *Dialog) Established() bool { return d.snapshot().established }

// Over is true once the dialog has ended, while what is left is still said on the wire.
func (d *Dialog) Over() bool { return d.snapshot().over }

// Flow returns where our next request will go to as far as it is known.
func (d *Dialog) Flow() Flow { return d.snapshot().flow }

// CanUpdate is true where the peer's Allow names UPDATE.
func (d *Dialog) CanUpdate() bool { return d.snapshot().canUpdate }

func (d *Dialog) snapshot() snapshot {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.shown
}

func (d *Dialog) key() dialogKey { return dialogKey{d.id.CallID, d.id.LocalTag} } // both never change

// publish makes what the dialog's goroutine knows visible to others.
func (d *Dialog) publish() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.id.RemoteTag = d.rec.remoteTag()
	d.shown = snapshot{flow: d.rec.next(d.s), canUpdate: d.rec.allowsUpdate, over: d.ended,
		established: d.established}
}

// post queues f for the dialog's goroutine. It is false for a dialog that is forgotten.
func (d *Dialog) post(f func()) bool { return d.queue.post(f, 0) == queued }

// ask queues f, which will call done. A dialog that is forgotten has done told that nothing came of it.
func (d *Dialog) ask(f func(), done func(Result)) {
	if !d.post(f) && done != nil {
		d.s.spawn(func() { done(Result{Code: 487}) })
	}
}

// step does one thing from the queue. A fault ends this dialog and no other.
func (d *Dialog) step(f func()) {
	defer func() {
		if p := recover(); p != nil {
			d.s.panicked("dialog", p)
			d.fault()
		}
	}()
	f()
	d.maybeForget()
	d.publish()
}

// fault gives up a dialog whose state cannot be trusted any more.
func (d *Dialog) fault() {
	defer func() {
		if p := recover(); p != nil {
			d.s.panicked("dialog", p)
			d.forget()
		}
	}()
	d.hangup(500, nil, Ended{Why: Failed})
	d.maybeForget()
	d.publish()
}

// after queues f when the time has come.
func (d *Dialog) after(wait time.Duration, f func()) *time.Timer {
	return time.AfterFunc(wait, func() { d.post(f) })
}

func (d *Dialog) emit(e Event) {
	if !d.ended {
		d.observer(d, e)
	}
}
