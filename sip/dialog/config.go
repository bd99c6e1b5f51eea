package dialog

import (
	"crypto/tls"
	"log/slog"
	"net"
	"time"

	"github.com/emiago/sipgo/sip"
)

// Config sets up a Stack.
type Config struct {
	// Listeners are the sockets to serve; the Stack closes them.
	Listeners []Listener
	// Handler takes the requests outside dialogs.
	Handler Handler
	// UserAgent stands in the User-Agent and Server headers; it defaults to "seatbridge".
	UserAgent string
	// Methods are the methods outside dialogs that go to Handler.Request; all but these and INVITE are answered with
	// 405. It defaults to REGISTER and OPTIONS.
	Methods []sip.RequestMethod
	// TLS is for the connections that the Stack opens; nil means the system's roots.
	TLS *tls.Config
	// Resolver looks up host names in flows and remote targets; it defaults to net.DefaultResolver.
	Resolver *net.Resolver
	// Timers are the base timers of our own retransmissions (RFC 3261 section 17.1.1.1).
	Timers Timers
	// Session sets the session timers (RFC 4028).
	Session SessionTimer
	// ReadTimeout closes a stream connection that was silent for so long; it defaults to 10 minutes.
	ReadTimeout time.Duration
	// WriteTimeout closes a stream connection that takes no data for so long; it defaults to 5 seconds.
	WriteTimeout time.Duration
	// DialTimeout is how long resolving, connecting and the TLS handshake may take; it defaults to 5 seconds.
	DialTimeout time.Duration
	// Trace is told every message that was sent and received; it must not block. Two that come close may be told in the
	// wrong order: sort them by At. nil means no trace.
	Trace func(Message)
	// Logger must be given.
	Logger *slog.Logger
	// Metrics must be given.
	Metrics *Metrics
}

// Listener is a socket that is bound already, so that a guard can stand before it.
type Listener struct {
	// Transport is "udp", "tcp" or "tls".
	Transport string
	// PacketConn is the socket of a "udp" listener.
	PacketConn net.PacketConn
	// Listener accepts for "tcp" (plain connections) and "tls" (connections that speak TLS already).
	Listener net.Listener
	// Host is the address for Via and Contact; it defaults to the socket's own address.
	Host string
	// Port is the port for Via and Contact; it defaults to the socket's own port.
	Port int
}

// Timers are RFC 3261's T1, T2 and T4 as far as this layer retransmits by itself (a 2xx until its ACK). They default to
// 500 ms, 4 s and 5 s. The timers of transactions are sipgo's (sip.SetTimers).
type Timers struct{ T1, T2, T4 time.Duration }

// SessionTimer sets RFC 4028: how long a session lives without a refresh.
type SessionTimer struct {
	// Off neither asks for session timers nor takes part in them.
	Off bool
	// Expires is what we ask for; it defaults to 1800 s.
	Expires time.Duration
	// MinSE is the shortest that we accept; it defaults to 90 s, the least that the RFC allows.
	MinSE time.Duration
}

// Message is one SIP message on the wire, for traces and ladders.
type Message struct {
	At        time.Time
	Sent      bool   // false: received
	Transport string // "udp", "tcp" or "tls"
	Local     string // ip:port
	Remote    string // ip:port
	CallID    string
	Raw       []byte // belongs to the receiver of the trace
}
