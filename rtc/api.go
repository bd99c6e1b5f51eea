package rtc

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/pion/ice/v2"
	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/report"
	"github.com/pion/transport/v2/packetio"
	"github.com/pion/transport/v2/stdnet"
	"github.com/pion/webrtc/v3"
)

// newAPI sets pion up: audio only, ICE-lite on one port, RTCP reports and nothing else.
func newAPI(c *Config, m *mux, logs *pionLog, stop <-chan struct{}) (*webrtc.API, error) {
	codecs := &webrtc.MediaEngine{}
	for _, p := range offeredCodecs() {
		if err := codecs.RegisterCodec(p, webrtc.RTPCodecTypeAudio); err != nil {
			return nil, fmt.Errorf("rtc: codec %s: %w", p.MimeType, err)
		}
	}
	received, err := report.NewReceiverInterceptor(report.ReceiverLog(logs.NewLogger("reports")))
	if err != nil {
		return nil, fmt.Errorf("rtc: receiver reports: %w", err)
	}
	sent, err := report.NewSenderInterceptor(report.SenderLog(logs.NewLogger("reports")))
	if err != nil {
		return nil, fmt.Errorf("rtc: sender reports: %w", err)
	}
	reports := &interceptor.Registry{}
	reports.Add(received)
	reports.Add(sent)
	settings, err := newSettings(c, m, logs, stop)
	if err != nil {
		return nil, err
	}
	return webrtc.NewAPI(webrtc.WithMediaEngine(codecs), webrtc.WithInterceptorRegistry(reports),
		webrtc.WithSettingEngine(settings)), nil
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
	s := webrtc.SettingEngine{LoggerFactory: logs, BufferFactory: newBuffer}
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

// maxBuffer is how much one RTP or RTCP stream may hold that was not read yet, in bytes: over a second of sound.
// pion's own limit is a megabyte, for each SSRC that somebody invents.
const maxBuffer = 32 << 10

// newBuffer makes the buffer of one stream.
func newBuffer(packetio.BufferPacketType, uint32) io.ReadWriteCloser {
	b := packetio.NewBuffer()
	b.SetLimitSize(maxBuffer)
	return b
}
