package rtc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v3"
)

// peer is one PeerConnection and what reads from it.
type peer struct {
	login      *login
	connection string // offer.connection
	pc         *webrtc.PeerConnection
	tracks     []*track

	changed     chan struct{} // pion's connection state changed; holds at most one
	restarted   chan struct{} // an ICE restart was answered; holds at most one
	negotiating sync.Mutex    // one offer at a time

	mu      sync.Mutex
	closing bool
	stop    chan struct{} // closed by close
	reason  string        // why
	ssrc    uint32        // of the browser's microphone
	ended   bool          // no reader may start any more
	readers sync.WaitGroup
	buffers []io.Closer // of the streams that pion has made
}

// newPeer makes the connection of a login for an offer.
func (s *Server) newPeer(l *login, o offer) (*peer, error) {
	p := &peer{
		login: l, connection: o.connection,
		changed: make(chan struct{}, 1), restarted: make(chan struct{}, 1), stop: make(chan struct{}),
	}
	pc, err := s.pion.connection(p.newBuffer)
	if err != nil {
		return nil, err
	}
	p.pc = pc
	pc.OnConnectionStateChange(func(webrtc.PeerConnectionState) { signal(p.changed) })
	pc.OnTrack(func(t *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		p.read(func() { p.readPackets(t) })
	})
	// Before SetRemoteDescription, and in both directions, so that pion matches them with the offer's m-lines in
	// order whatever the directions there are.
	for i := range o.ears {
		t := &track{ear: l.ears[i], name: fmt.Sprintf("ear%d", i)}
		_, err := pc.AddTransceiverFromTrack(t, webrtc.RTPTransceiverInit{
			Direction: webrtc.RTPTransceiverDirectionSendrecv,
		})
		if err != nil {
			return nil, errors.Join(fmt.Errorf("rtc: ear %d: %w", i, err), pc.Close())
		}
		p.tracks = append(p.tracks, t)
	}
	return p, nil
}

// signal puts a value where there is none yet.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// read runs a reader that ends with the connection.
func (p *peer) read(f func()) {
	p.mu.Lock()
	if p.ended {
		p.mu.Unlock()
		return
	}
	p.readers.Add(1)
	p.mu.Unlock()
	defer p.readers.Done()
	f()
}

// close asks the connection to end. It returns at once.
func (p *peer) close(reason string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopLocked(reason)
}

func (p *peer) stopLocked(reason string) {
	if !p.closing {
		p.closing, p.reason = true, reason
		close(p.stop)
	}
}

// negotiate answers an offer.
func (p *peer) negotiate(ctx context.Context, o offer) (string, error) {
	p.negotiating.Lock()
	defer p.negotiating.Unlock()
	p.offered(o.ssrc)
	if err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: o.sdp}); err != nil {
		return "", fmt.Errorf("%w: %w", ErrOffer, err)
	}
	answer, err := p.pc.CreateAnswer(nil)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrOffer, err)
	}
	gathered := webrtc.GatheringCompletePromise(p.pc)
	if err := p.pc.SetLocalDescription(answer); err != nil {
		return "", fmt.Errorf("%w: %w", ErrOffer, err)
	}
	select {
	case <-gathered: // at once: there is nobody to ask
	case <-p.stop:
		return "", ErrClosed
	case <-ctx.Done():
		return "", ctx.Err()
	}
	text, formats, err := finishAnswer(p.pc.LocalDescription().SDP, p.login.server.config.Opus)
	if err != nil {
		return "", err
	}
	p.login.setFormats(formats)
	p.login.setTalker(p)
	signal(p.restarted)
	return text, nil
}

// stuck says that an offer was left half answered, which pion has no way out of.
func (p *peer) stuck() bool {
	return p.pc.SignalingState() != webrtc.SignalingStateStable || p.pc.CurrentLocalDescription() == nil
}

// run is the connection's life: it follows pion's states and ends what does not work.
func (p *peer) run() {
	reason := p.watch()
	s := p.login.server
	s.metrics.closed.WithLabelValues(reason).Inc()
	s.gone(p, reason)
	p.closePC()
	p.offered(0)
	p.mu.Lock()
	p.ended = true
	for _, b := range p.buffers { // pion forgets those of streams that began while it closed
		_ = b.Close()
	}
	p.mu.Unlock()
	p.readers.Wait()
	s.forget()
}

// closePC closes the PeerConnection. In pion v3 the end of ICE may meet its beginning and use a mux that is not there
// yet (ICETransport.stop), which must not be the end of all other calls.
func (p *peer) closePC() {
	log := p.login.server.log.With("user", p.login.user, "login", p.login.id)
	defer func() {
		if r := recover(); r != nil {
			log.Error("pion panicked while closing a connection", "panic", r)
		}
	}()
	if err := p.pc.GracefulClose(); err != nil {
		log.Debug("closing a connection", "error", err)
	}
}

// offered tells the guard which SSRC the browser sends from now on.
func (p *peer) offered(ssrc uint32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.login.server.guard.offer(ssrc, p.ssrc)
	p.ssrc = ssrc
}

// Why a connection was closed: the labels of a counter.
const (
	endedSetupTimeout = "setup_timeout"
	endedSetupFailed  = "setup_failed"
	endedFailed       = "connection_failed"
	endedNegotiation  = "negotiation_failed"
	endedAbuse        = "abuse"
	endedReplaced     = "replaced"
	endedLogout       = "logged_out"
	endedShutdown     = "shutdown"
)

// watch returns when the connection is to be closed, and says why.
func (p *peer) watch() string {
	s := p.login.server
	why := endedSetupTimeout
	timer := time.NewTimer(s.config.SetupTimeout)
	defer timer.Stop()
	reports := time.NewTicker(reportEvery)
	defer reports.Stop()
	connected := false // ever
	for {
		select {
		case <-p.changed:
			switch p.pc.ConnectionState() {
			case webrtc.PeerConnectionStateConnected:
				connected = true
				timer.Stop()
				s.moved(p, StateConnected, "")
			case webrtc.PeerConnectionStateDisconnected:
				s.moved(p, StateDisconnected, "the browser does not answer")
			case webrtc.PeerConnectionStateFailed:
				if !connected {
					return endedSetupFailed
				}
				s.moved(p, StateDisconnected, "connection failed")
				why = endedFailed
				timer.Reset(s.config.RestartGrace)
			}
		case <-p.restarted:
			if connected && p.pc.ConnectionState() != webrtc.PeerConnectionStateConnected {
				timer.Reset(s.config.RestartGrace)
			}
		case now := <-reports.C:
			if connected {
				p.sendReports(now)
			}
		case <-timer.C:
			return why
		case <-p.stop:
			return p.reason
		}
	}
}

// remote is the browser's address as ICE has chosen it.
func (p *peer) remote() netip.AddrPort {
	pair, err := p.pc.SCTP().Transport().ICETransport().GetSelectedCandidatePair()
	if err != nil || pair == nil {
		return netip.AddrPort{}
	}
	a, err := netip.ParseAddr(pair.Remote.Address)
	if err != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(a.Unmap(), pair.Remote.Port)
}

// readPackets hands the browser's packets on until the connection ends. It reads also when nobody listens: pion would
// keep them and give them all to the next listener.
func (p *peer) readPackets(t *webrtc.TrackRemote) {
	var h rtp.Header
	readAll(t, func(b []byte) error {
		now := time.Now()
		size, err := h.Unmarshal(b)
		if err != nil {
			return err
		}
		payload := b[size:]
		if h.Padding {
			if payload, err = unpad(payload); err != nil {
				return err
			}
		}
		p.login.push(p, &h, payload, now)
		return nil
	})
}

// reader is a stream of pion's.
type reader interface {
	Read(b []byte) (int, interceptor.Attributes, error)
}

// readAll hands what arrives to take until there is nothing more to come.
func readAll(r reader, take func(packet []byte) error) {
	buf := make([]byte, maxSize)
	for bad := 0; bad < maxBad; {
		n, _, err := r.Read(buf)
		switch {
		case n > 0: // whatever the error: a payload type that pion does not know is one
			err = take(buf[:n])
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrClosedPipe):
			return
		}
		if bad++; err == nil {
			bad = 0
		}
	}
}

// maxBad is how many unreadable packets in a row are taken before a stream is left to itself.
const maxBad = 1000

// unpad removes the padding (RFC 3550 section 5.1).
func unpad(payload []byte) ([]byte, error) {
	if len(payload) == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	n := int(payload[len(payload)-1])
	if n == 0 || n > len(payload) {
		return nil, io.ErrUnexpectedEOF
	}
	return payload[:len(payload)-n], nil
}
