package rtc

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/pion/ice/v2"
	"github.com/pion/transport/v2/packetio"
	"github.com/pion/transport/v2/stdnet"
	"github.com/pion/webrtc/v3"
)

// pion is how each PeerConnection is set up: audio only, ICE-lite on one port, no interceptors.
type pion struct {
	codecs   *webrtc.MediaEngine
	settings webrtc.SettingEngine
}

func newPion(c *Config, m *mux, logs *pionLog, stop <-chan struct{}) (*pion, error) {
	p := &pion{codecs: &webrtc.MediaEngine{}}
	for _, codec := range offeredCodecs() {
		if err := p.codecs.RegisterCodec(codec, webrtc.RTPCodecTypeAudio); err != nil {
			return nil, fmt.Errorf("rtc: codec %s: %w", codec.MimeType, err)
		}
	}
	var err error
	p.settings, err = newSettings(c, m, logs, stop)
	return p, err
}

// connection makes a PeerConnection, which gets the buffers of its streams from buffers.
func (p *pion) connection(buffers func(packetio.BufferPacketType, uint32) io.ReadWriteCloser) (
	*webrtc.PeerConnection, error,
) {
	settings := p.settings
	settings.BufferFactory = buffers
	api := webrtc.NewAPI(webrtc.WithMediaEngine(p.codecs), webrtc.WithSettingEngine(settings))
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, fmt.Errorf("rtc: peer connection: %w", err)
	}
	return pc, nil
}

// offeredCodecs are the codecs that we take from an offer. pion compares names and not clock rates, so the one
// telephone-event stands for that of 8000 Hz too, which Chromium sends.
func offeredCodecs() []webrtc.RTPCodecParameters {
	return []webrtc.RTPCodecParameters{
		{RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1",
		}, PayloadType: 111},
		{RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: 8000}, PayloadType: 0},
		{RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMA, ClockRate: 8000}, PayloadType: 8},
		{RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: "audio/telephone-event", ClockRate: 48000,
		}, PayloadType: 110},
	}
}

func newSettings(c *Config, m *mux, logs *pionLog, stop <-chan struct{}) (webrtc.SettingEngine, error) {
	s := webrtc.SettingEngine{LoggerFactory: logs}
	s.SetICEUDPMux(m)
	s.SetLite(true)
	s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6})
	s.SetInterfaceFilter(func(string) bool { return false }) // mux knows the addresses
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	s.SetICETimeouts(c.DisconnectAfter, c.FailAfter, 2*time.Second)
	s.SetReceiveMTU(maxSize)
	network, err := stdnet.NewNet() // once; else each connection would ask the kernel for its interfaces
	if err != nil {
		return s, fmt.Errorf("rtc: network: %w", err)
	}
	s.SetNet(network)
	// Our ClientHello may come before the browser is ready for it. pion's own 1 s would be heard after a reload.
	s.SetDTLSRetransmissionInterval(100 * time.Millisecond)
	handshakes := make(chan struct{}, c.MaxHandshakes)
	s.SetDTLSConnectContextMaker(func() (context.Context, func()) {
		ctx, cancel := context.WithTimeout(context.Background(), c.HandshakeTimeout)
		select {
		case handshakes <- struct{}{}:
			return ctx, func() { cancel(); <-handshakes }
		case <-ctx.Done():
		case <-stop:
			cancel()
		}
		return ctx, cancel
	})
	return s, nil
}
