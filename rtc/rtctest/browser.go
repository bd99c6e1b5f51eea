// Package rtctest owns a fake browser made with pion, for the tests of whatever talks to browsers and for generating
// load. It speaks on loopback only.
package rtctest

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/pion/ice/v2"
	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v3"
)

// patience is how long a Browser waits for what should take a tenth of it.
const patience = 10 * time.Second

// ErrTimeout says that something did not come about in time.
var ErrTimeout = errors.New("rtctest: timeout")

// ErrClosed says that the Browser was closed.
var ErrClosed = errors.New("rtctest: closed")

// Config says how a Browser is made.
type Config struct {
	// Ears is the number of audio m-lines in the offer, of which the first is sendrecv and the others are recvonly. It
	// defaults to 1.
	Ears int
	// Received is told every RTP packet that arrives, with the ear that it arrived on, on that ear's goroutine; header
	// and payload are valid until it returns. Where it is set the Browser is in raw mode: it does not decode, so that
	// Hear hears nothing, and sends no RTCP.
	Received func(ear int, h *rtp.Header, payload []byte)
	// DataChannel puts an m=application line into the offer, as pages do that want a data channel.
	DataChannel bool
	// NoMic makes the first m-line recvonly too: a page that was not given a microphone.
	NoMic bool
	// IPv6 makes it speak from [::1] instead of 127.0.0.1.
	IPv6 bool
}

// Browser is a fake browser: one PeerConnection on loopback with a microphone and ears. A test Closes it.
type Browser struct {
	pc       *webrtc.PeerConnection
	socket   ice.UDPMux
	mic      *mic
	ears     []*ear
	received func(ear int, h *rtp.Header, payload []byte)
	changed  chan struct{} // the connection state changed; holds at most one
	done     chan struct{} // closed by Close

	mu      sync.Mutex
	closed  bool
	readers sync.WaitGroup
}

// New makes a Browser.
func New(c Config) (*Browser, error) {
	ip := net.IPv4(127, 0, 0, 1)
	if c.IPv6 {
		ip = net.IPv6loopback
	}
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: ip})
	if err != nil {
		return nil, fmt.Errorf("rtctest: %w", err)
	}
	socket := webrtc.NewICEUDPMux(nil, conn)
	pc, err := newPC(socket, c.Received == nil)
	if err != nil {
		return nil, errors.Join(err, socket.Close())
	}
	b := &Browser{
		pc: pc, socket: socket, mic: newMic(), received: c.Received, changed: make(chan struct{}, 1),
		done: make(chan struct{}),
	}
	pc.OnConnectionStateChange(func(webrtc.PeerConnectionState) {
		select {
		case b.changed <- struct{}{}:
		default:
		}
	})
	pc.OnTrack(b.track)
	if err := b.addEars(max(1, c.Ears), !c.NoMic); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	if c.DataChannel {
		if _, err := pc.CreateDataChannel("data", nil); err != nil {
			return nil, errors.Join(err, b.Close())
		}
	}
	return b, nil
}

func (b *Browser) addEars(n int, mic bool) error {
	for i := range n {
		var err error
		if i == 0 && mic {
			both := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendrecv}
			_, err = b.pc.AddTransceiverFromTrack(b.mic, both)
		} else {
			only := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}
			_, err = b.pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, only)
		}
		if err != nil {
			return fmt.Errorf("rtctest: m-line %d: %w", i, err)
		}
		b.ears = append(b.ears, newEar())
	}
	return nil
}

// newPC makes a PeerConnection like Chromium's, as far as it matters.
func newPC(socket ice.UDPMux, reports bool) (*webrtc.PeerConnection, error) {
	codecs := &webrtc.MediaEngine{}
	for _, c := range []struct {
		mime            string
		clock, channels int
		pt              webrtc.PayloadType
	}{
		{webrtc.MimeTypeOpus, 48000, 2, opusPT},
		{webrtc.MimeTypePCMU, 8000, 0, 0},
		{webrtc.MimeTypePCMA, 8000, 0, 8},
		{"audio/telephone-event", 48000, 0, 110},
		{"audio/telephone-event", 8000, 0, eventPT},
	} {
		p := webrtc.RTPCodecParameters{PayloadType: c.pt, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: c.mime, ClockRate: uint32(c.clock), Channels: uint16(c.channels),
		}}
		if err := codecs.RegisterCodec(p, webrtc.RTPCodecTypeAudio); err != nil {
			return nil, fmt.Errorf("rtctest: %w", err)
		}
	}
	registry := &interceptor.Registry{}
	if reports {
		if err := webrtc.ConfigureRTCPReports(registry); err != nil {
			return nil, fmt.Errorf("rtctest: %w", err)
		}
	}
	// One socket of our own on the one address: pion takes no ::1 from the machine's interfaces.
	s := webrtc.SettingEngine{}
	s.SetICEUDPMux(socket)
	s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6})
	s.SetDTLSRetransmissionInterval(100 * time.Millisecond) // Chromium's is 50 ms at first
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	api := webrtc.NewAPI(webrtc.WithMediaEngine(codecs), webrtc.WithInterceptorRegistry(registry),
		webrtc.WithSettingEngine(s))
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, fmt.Errorf("rtctest: %w", err)
	}
	return pc, nil
}

// Offer makes the SDP of a new offer, without candidates; with restart it asks for an ICE restart (RFC 8839 section
// 4.4.1.1.1).
func (b *Browser) Offer(restart bool) (string, error) {
	offer, err := b.pc.CreateOffer(&webrtc.OfferOptions{ICERestart: restart})
	if err != nil {
		return "", fmt.Errorf("rtctest: offer: %w", err)
	}
	gathered := webrtc.GatheringCompletePromise(b.pc)
	if err := b.pc.SetLocalDescription(offer); err != nil {
		return "", fmt.Errorf("rtctest: offer: %w", err)
	}
	select {
	case <-gathered: // pion must not be asked for an ICE restart before
		return offer.SDP, nil
	case <-b.done:
		return "", ErrClosed
	}
}

// Answer takes the answer to the last offer.
func (b *Browser) Answer(sdp string) error {
	err := b.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: sdp})
	if err != nil {
		return fmt.Errorf("rtctest: answer: %w", err)
	}
	return nil
}

// Connect makes an offer, has it answered by signal, and waits until the connection works.
func (b *Browser) Connect(signal func(offer string) (answer string, err error)) error {
	return b.negotiate(false, signal)
}

// Restart does an ICE restart in the same way.
func (b *Browser) Restart(signal func(offer string) (answer string, err error)) error {
	return b.negotiate(true, signal)
}

func (b *Browser) negotiate(restart bool, signal func(string) (string, error)) error {
	offer, err := b.Offer(restart)
	if err != nil {
		return err
	}
	answer, err := signal(offer)
	if err != nil {
		return err
	}
	if err := b.Answer(answer); err != nil {
		return err
	}
	deadline := time.After(patience)
	for !b.Connected() {
		select {
		case <-b.changed:
		case <-b.done:
			return ErrClosed
		case <-deadline:
			return fmt.Errorf("%w: connection is %v", ErrTimeout, b.pc.ConnectionState())
		}
	}
	return nil
}

// Connected says that the connection works.
func (b *Browser) Connected() bool {
	if b.pc.ConnectionState() != webrtc.PeerConnectionStateConnected {
		return false
	}
	// The state lags behind an ICE restart, the pair does not.
	pair, err := b.pc.SCTP().Transport().ICETransport().GetSelectedCandidatePair()
	return err == nil && pair != nil
}

// Mids are the mids of the ears, in the order of the m-lines.
func (b *Browser) Mids() []string {
	var mids []string
	for _, t := range b.pc.GetTransceivers() {
		mids = append(mids, t.Mid())
	}
	return mids
}

// Close closes the connection and waits until nothing of the Browser runs any more. It does nothing the second time.
func (b *Browser) Close() error {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return nil
	}
	b.closed = true
	close(b.done)
	b.mu.Unlock()
	b.mic.close()
	err := errors.Join(b.pc.GracefulClose(), b.socket.Close())
	b.readers.Wait()
	for _, e := range b.ears {
		e.close()
	}
	if err != nil {
		return fmt.Errorf("rtctest: close: %w", err)
	}
	return nil
}
