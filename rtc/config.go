package rtc

import (
	"cmp"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"seatbridge/media"
)

// Config says how a Server works. Zero values mean the defaults written at each field.
type Config struct {
	// Conn is the bound UDP socket of all WebRTC traffic; the Server closes it. One bound to [::] serves both IP
	// versions.
	Conn *net.UDPConn
	// Advertise are the addresses that browsers are told to send to (1:1 NAT, RFC 8445 section 5.1.1.1). Where it is
	// empty they are told the bound address or, when that is unspecified, those of the machine's interfaces without
	// loopback.
	Advertise []netip.Addr

	// Opus is what browsers are told about the Opus that they send.
	Opus Opus

	// MaxPeers is the most connections at a time. It defaults to 5000.
	MaxPeers int
	// MaxHandshakes is the most DTLS handshakes at a time; further ones wait. It defaults to 200.
	MaxHandshakes int
	// MaxPacketRate is the most packets a second taken from one browser's address. It defaults to 250.
	MaxPacketRate int
	// MaxAbuse is how long a browser may go on exceeding MaxPacketRate, or sending RTP streams that it has not offered,
	// until it loses its connection. It defaults to 2 s.
	MaxAbuse time.Duration

	// SetupTimeout frees a connection that was offered but not set up. It defaults to 15 s.
	SetupTimeout time.Duration
	// HandshakeTimeout ends a DTLS handshake that does not come to its end. It defaults to 10 s.
	HandshakeTimeout time.Duration
	// DisconnectAfter is how long a browser may be silent until its connection counts as lost. It defaults to 5 s:
	// browsers check theirs every 2.5 s or so.
	DisconnectAfter time.Duration
	// FailAfter is how long a lost connection may come back by itself. It defaults to 25 s.
	FailAfter time.Duration
	// RestartGrace is how long a failed connection waits for an ICE restart to bring it back before it is closed. It
	// defaults to 30 s.
	RestartGrace time.Duration
	// LegGrace is how long a leg outlives the loss of its connection. It defaults to 30 s.
	LegGrace time.Duration
	// SilenceAfter is how long an answered leg may be without packets until MediaLost. It defaults to 3 s.
	SilenceAfter time.Duration

	// Observer is told what becomes of the logins' connections, on goroutines of the Server. It must not block; nil
	// means that nobody wants to know.
	Observer func(Event)
	// Added is told the time from packet in to packet out of each packet sent to a browser; may be nil.
	Added func(time.Duration)
	// Media takes in what the logins' receivers and ears count; may be nil.
	Media *media.Metrics
	// Logger defaults to discarding everything.
	Logger *slog.Logger
	// Metrics defaults to counting for nobody.
	Metrics *Metrics
}

// Opus is what an answer asks of a browser's encoder (RFC 7587 section 6.1).
type Opus struct {
	// MaxPlaybackRate is the highest sampling rate worth sending, in Hz. It defaults to 16000: wideband.
	MaxPlaybackRate int
	// MaxAverageBitrate is in bit/s. It defaults to 24000.
	MaxAverageBitrate int
}

// State is where a login's connection stands.
type State string

// The states of a login's connection.
const (
	StateConnecting   State = "connecting"   // an offer was answered, the transport is being set up
	StateConnected    State = "connected"    // sound can travel
	StateDisconnected State = "disconnected" // the transport was lost; an ICE restart or a new offer can bring it back
	StateClosed       State = "closed"       // gone for good; a new offer begins anew
)

// Event says that a login's connection changed its state.
type Event struct {
	User   string
	Login  string
	State  State
	Reason string // of StateDisconnected and StateClosed, for logs and people
}

// setDefaults fills in what was left zero.
func (c *Config) setDefaults() {
	c.Opus.MaxPlaybackRate = cmp.Or(c.Opus.MaxPlaybackRate, 16000)
	c.Opus.MaxAverageBitrate = cmp.Or(c.Opus.MaxAverageBitrate, 24000)
	c.MaxPeers = cmp.Or(c.MaxPeers, 5000)
	c.MaxHandshakes = cmp.Or(c.MaxHandshakes, 200)
	c.MaxPacketRate = cmp.Or(c.MaxPacketRate, 250)
	c.MaxAbuse = cmp.Or(c.MaxAbuse, 2*time.Second)
	c.SetupTimeout = cmp.Or(c.SetupTimeout, 15*time.Second)
	c.HandshakeTimeout = cmp.Or(c.HandshakeTimeout, 10*time.Second)
	c.DisconnectAfter = cmp.Or(c.DisconnectAfter, 5*time.Second)
	c.FailAfter = cmp.Or(c.FailAfter, 25*time.Second)
	c.RestartGrace = cmp.Or(c.RestartGrace, 30*time.Second)
	c.LegGrace = cmp.Or(c.LegGrace, 30*time.Second)
	c.SilenceAfter = cmp.Or(c.SilenceAfter, 3*time.Second)
	if c.Observer == nil {
		c.Observer = func(Event) {}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Metrics == nil {
		c.Metrics = NewMetrics(prometheus.NewRegistry())
	}
}
