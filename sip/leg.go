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
	"seatbridge/sip/trunk"
)

// sipLeg is one phone's or trunk's side of a call: a dialog, or the attempts to get one, and an RTP socket. Both
// directions are the same type; they differ only until they are established.
type sipLeg struct {
	e       *Endpoint
	id      string
	kind    leg.Kind
	log     *slog.Logger
	socket  *rtpsock.Socket
	address netip.AddrPort // of socket, as advertised
	tell    teller

	mu       sync.Mutex
	profile  profile
	session  *sdp.Session
	dialog   *dialog.Dialog // the one that was received, or that answered; nil while attempts run
	callID   string         // of dialog, or of the last attempt
	peer     netip.Addr     // where the far end's SIP comes from
	incoming *incoming      // of a received INVITE until it is answered
	outgoing *outgoing      // of our INVITEs until one is answered
	late     bool           // we offered in our 200; the ACK brings the answer
	codec    codec.ID
	secure   bool
	held     bool
	heldTold bool       // as call control knows it
	hold     hold       // of the far end, by us
	closing  *leg.Cause // why we hung up; nil while we did not
	started  time.Time
	answered time.Time
	vigil    *vigil // over an answered party that is silent
	leave    func() // has the trunk count one call less; nil where none counts it

	nextDigit *time.Timer // of those that go by INFO
}

// newLeg opens the RTP socket for a leg towards the given address. Errors: rtpsock's, and rtpsock.ErrClosed also where
// the Endpoint is closing.
func (e *Endpoint) newLeg(id string, p profile, peer netip.Addr) (*sipLeg, error) {
	if !e.enter() {
		return nil, rtpsock.ErrClosed
	}
	l := &sipLeg{
		e: e, id: id, kind: p.kind, peer: peer, started: time.Now(), log: e.log.With("leg", id, "kind", string(p.kind)),
	}
	l.tell.last = e.legs.Done
	pool, advertise := e.pool(peer)
	socket, err := pool.Open(rtpsock.Config{OnSilence: l.silence, Digit: l.pressed, Tone: l.sounded})
	if err != nil {
		e.legs.Done()
		return nil, err
	}
	l.socket = socket
	l.address = netip.AddrPortFrom(advertise, socket.LocalAddr().Port())
	l.adopt(p)
	e.c.Media.TrackPort(socket.Port())
	return l, nil
}

// adopt makes the leg one for this kind of far end, which has negotiated nothing yet. The caller holds mu, or is alone.
func (l *sipLeg) adopt(p profile) {
	if l.session != nil && l.session.Remote() != nil { // the far end before sent early media
		_ = l.socket.Configure(sdp.Negotiated{Direction: sdp.Inactive}, netip.Addr{}) // without keys it can't fail
	}
	learn := rtpsock.LearnNever
	if p.nat {
		learn = rtpsock.LearnSignalling
	}
	l.socket.Trust(learn, p.networks)
	l.socket.Port().In.SetInband(p.dtmf == trunk.DTMFInband)
	l.profile = p
	l.session = p.session(l.address)
	l.codec, l.secure, l.held = codec.None, false, false
}

// ID returns the leg's id.
func (l *sipLeg) ID() string { return l.id }

// Kind returns phone or trunk.
func (l *sipLeg) Kind() leg.Kind { return l.kind }

// Port returns the leg's media.
func (l *sipLeg) Port() media.Port { return l.socket.Port() }

// Info returns a snapshot.
func (l *sipLeg) Info() leg.Info {
	port := l.socket.Port()
	info := leg.Info{
		ID: l.id, Kind: l.kind, Started: l.started,
		Receive: port.In.Stats(), Send: port.Ears[0].Stats(), Report: l.socket.Stats().Report,
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	info.Remote, info.CallID, info.Secure, info.Answered = l.profile.remote, l.callID, l.secure, l.answered
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
	d, in, out := l.dialog, l.incoming, l.outgoing
	l.mu.Unlock()
	switch {
	case in != nil:
		code, headers := refusal(c.Reason)
		d.Hangup(code, headers...)
	case d != nil:
		d.Hangup(statusOf(c.Reason), goodbye(c.Reason)...)
	case out != nil:
		out.hangup(c)
	}
}

func (l *sipLeg) emit(e leg.Event) { l.tell.event(e) }

// end frees what the leg holds and tells the last event.
func (l *sipLeg) end(c leg.Cause) {
	l.mu.Lock()
	if l.closing != nil {
		c = *l.closing
	} else {
		l.closing = &c
	}
	l.watchOver()
	if l.nextDigit != nil {
		l.nextDigit.Stop()
	}
	leave := l.leave
	l.mu.Unlock()
	if leave != nil {
		leave()
	}
	// Close waits for the reader, which may be in the observer; so it must not happen on a goroutine that the observer
	// waits for. Nothing does: the observer only queues.
	l.socket.Close()
	l.e.c.Media.UntrackPort(l.socket.Port())
	l.log.Debug("leg ended", "reason", string(c.Reason), "remote_end", c.Remote, "status", c.SIP, "text", c.Text)
	l.emit(leg.Ended{Cause: c})
}

// established says that the call is answered and its media agreed on. number is who answered.
func (l *sipLeg) established(number string) {
	l.mu.Lock()
	l.answered = time.Now()
	id, closing := l.codec, l.closing != nil
	l.mu.Unlock()
	if closing { // we hung up while the answer came
		return
	}
	l.log.Debug("leg answered", "codec", id.Name())
	l.socket.Watch(l.e.c.times.silence)
	l.emit(leg.Answered{Codec: id, Number: number})
	l.tellHeld()
	l.tellHold()
}

// event handles what happens in the leg's dialog once there is one.
func (l *sipLeg) event(d *dialog.Dialog, e dialog.Event) {
	switch e := e.(type) {
	case dialog.Offer:
		l.offered(d, e)
	case dialog.OfferAnswered:
		l.offerAnswered(e.SDP)
	case dialog.Confirmed:
		l.confirmed(e.SDP)
	case dialog.Request:
		l.request(e)
	case dialog.Refer:
		l.refer(e)
	case dialog.Ended:
		l.end(causeOf(e, l.kind, false))
	}
}
