package sip

import (
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/media"
	"seatbridge/sip/dialog"
	"seatbridge/sip/rtpsock"
	"seatbridge/sip/sdp"
)

// sipLeg is one phone's or trunk's side of a call: a dialog, or the attempts to get one, and an RTP socket. Both
// directions are the same type; they differ only until they are established.
type sipLeg struct {
	e       *Endpoint
	id      string
	profile profile
	log     *slog.Logger
	socket  *rtpsock.Socket

	// tell makes one stream of the events that come from several goroutines. The observer only queues, so it is safe
	// to hold across the call.
	tell     sync.Mutex
	observer leg.Observer
	waiting  []leg.Event // for an observer
	ended    bool

	mu       sync.Mutex
	session  *sdp.Session
	dialog   *dialog.Dialog // the one that was received, or that answered; nil while attempts run
	callIDs  []string
	peer     netip.Addr // where the far end's SIP comes from
	incoming *incoming  // of a received INVITE until it is answered
	outgoing *outgoing  // of our INVITEs until one is answered
	codec    codec.ID
	secure   bool
	held     bool
	closing  *leg.Cause // why we hung up; nil while we did not
	started  time.Time
	answered time.Time
	silent   *time.Timer // runs while an answered party is silent
}

// newLeg opens the RTP socket for a leg towards the given address.
func (e *Endpoint) newLeg(id string, p profile, peer netip.Addr) (*sipLeg, error) {
	l := &sipLeg{
		e: e, id: id, profile: p, peer: peer, started: time.Now(),
		log: e.log.With("leg", id, "kind", string(p.kind), "remote", p.remote),
	}
	pool, advertise := e.pool(peer)
	learn := rtpsock.LearnNever
	if p.nat {
		learn = rtpsock.LearnSignalling
	}
	socket, err := pool.Open(rtpsock.Config{
		Learn: learn, Networks: p.networks, OnSilence: l.silence, Digit: l.pressed,
	})
	if err != nil {
		return nil, err
	}
	l.socket = socket
	e.c.Media.TrackPort(socket.Port())
	if !advertise.IsValid() {
		advertise = socket.LocalAddr().Addr()
	}
	l.session = sdp.New(sdp.Config{
		Address: advertise, Port: socket.LocalAddr().Port(), Codecs: p.codecs, Events: true, Ptime: p.ptime, SRTP: p.srtp,
	})
	e.legs.Add(1)
	return l, nil
}

// ID returns the leg's id.
func (l *sipLeg) ID() string { return l.id }

// Kind returns phone or trunk.
func (l *sipLeg) Kind() leg.Kind { return l.profile.kind }

// Port returns the leg's media.
func (l *sipLeg) Port() media.Port { return l.socket.Port() }

// Pickup is false: SIP has no way of telling a phone to answer that phones agree on (see Dial.AutoAnswer).
func (l *sipLeg) Pickup() bool { return false }

// Info returns a snapshot.
func (l *sipLeg) Info() leg.Info {
	l.mu.Lock()
	defer l.mu.Unlock()
	port := l.socket.Port()
	info := leg.Info{
		ID: l.id, Kind: l.profile.kind, Remote: l.profile.remote, Secure: l.secure, Started: l.started,
		Answered: l.answered, Receive: port.In.Stats(), Send: port.Ears[0].Stats(),
	}
	if len(l.callIDs) > 0 {
		info.CallID = l.callIDs[len(l.callIDs)-1]
	}
	if l.codec != codec.None {
		info.Codec = l.codec.Name()
	}
	return info
}

// Hangup ends the leg in whatever way is due.
func (l *sipLeg) Hangup(c leg.Cause) {
	l.mu.Lock()
	if l.closing != nil {
		l.mu.Unlock()
		return
	}
	l.closing = &c
	d, out := l.dialog, l.outgoing
	l.mu.Unlock()
	switch {
	case d != nil:
		d.Hangup(statusOf(c.Reason), hangupHeaders(c.Reason)...)
	case out != nil:
		out.hangup(c)
	}
}

// emit tells the observer an event, unless the last one was told.
func (l *sipLeg) emit(e leg.Event) {
	l.tell.Lock()
	defer l.tell.Unlock()
	if l.ended {
		return
	}
	if _, last := e.(leg.Ended); last {
		l.ended = true
	}
	if l.observer == nil {
		l.waiting = append(l.waiting, e)
		return
	}
	l.observer(e)
}

// observe sets who is told the leg's events, from the first on.
func (l *sipLeg) observe(o leg.Observer) {
	l.tell.Lock()
	defer l.tell.Unlock()
	l.observer = o
	for _, e := range l.waiting {
		o(e)
	}
	l.waiting = nil
}

// end frees what the leg holds and tells the last event.
func (l *sipLeg) end(c leg.Cause) {
	l.mu.Lock()
	if l.closing != nil {
		c = *l.closing
	} else {
		l.closing = &c
	}
	if l.silent != nil {
		l.silent.Stop()
	}
	l.mu.Unlock()
	// Close waits for the reader, which may be in the observer; so it must not happen on a goroutine that the observer
	// waits for. Nothing does: the observer only queues.
	l.socket.Close()
	l.e.c.Media.UntrackPort(l.socket.Port())
	l.log.Debug("leg ended", "reason", string(c.Reason), "remote_end", c.Remote, "status", c.SIP, "text", c.Text)
	l.emit(leg.Ended{Cause: c})
	l.e.legs.Done()
}

// established makes d the leg's dialog once the call is answered.
func (l *sipLeg) established(d *dialog.Dialog, number string) {
	l.mu.Lock()
	l.dialog, l.incoming, l.outgoing = d, nil, nil
	l.answered = time.Now()
	id, closing := l.codec, l.closing
	l.mu.Unlock()
	if closing != nil { // we hung up while the answer came
		d.Hangup(0, hangupHeaders(closing.Reason)...)
		return
	}
	l.log.Debug("leg answered", "codec", id.Name())
	l.socket.Watch(silenceNotice)
	l.emit(leg.Answered{Codec: id, Number: number})
}

// event handles what happens in the leg's dialog once there is one.
func (l *sipLeg) event(d *dialog.Dialog, e dialog.Event) {
	switch e := e.(type) {
	case dialog.Offer:
		l.offered(e)
	case dialog.OfferAnswered:
		l.accepted(e.SDP)
	case dialog.Confirmed:
		if e.SDP != nil { // the answer to the offer in our 200
			l.accepted(e.SDP)
		}
	case dialog.Request:
		l.request(e)
	case dialog.Refer:
		l.refer(e)
	case dialog.Ended:
		l.end(causeOf(e, l.profile.kind))
	}
}
