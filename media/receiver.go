package media

import (
	"time"

	"github.com/pion/rtp"
)

// Receiver puts one leg's arriving RTP in order and hands it to a Sink: duplicates dropped, a reordered packet waited
// for only while a gap shows, digits told apart from audio, loss counted.
type Receiver struct{}

// ReceiverConfig says how a Receiver works.
type ReceiverConfig struct {
	// Reorder is how long a packet after a gap waits for the missing ones. It defaults to 20 ms.
	Reorder time.Duration
}

// NewReceiver makes a Receiver that discards everything until SetFormats and SetSink were called.
func NewReceiver(c ReceiverConfig) *Receiver { return &Receiver{} }

// SetFormats says which payload types are what from the next packet on; others are counted and dropped.
func (r *Receiver) SetFormats(f Formats) {}

// SetSink says who hears the party from the next packet on; nil drops and counts.
func (r *Receiver) SetSink(s Sink) {}

// Push takes one packet that arrived at the given time. Only the leg's reader goroutine calls it. The packet may be
// reused by the caller once it returns.
func (r *Receiver) Push(h *rtp.Header, payload []byte, arrived time.Time) {}

// Stats is a snapshot of what was received so far.
func (r *Receiver) Stats() ReceiveStats { return ReceiveStats{} }

// ReceiveStats counts what arrived on one leg, in packets unless said otherwise.
type ReceiveStats struct {
	Packets     uint64
	Bytes       uint64 // of payload
	Lost        uint64 // never arrived, or later than the reorder window
	Late        uint64 // arrived after their place was given up
	Duplicate   uint64
	Reordered   uint64
	UnknownType uint64        // payload type not negotiated
	Digits      uint64        // RFC 4733 digits begun
	Streams     uint64        // SSRCs or restarts seen
	Jitter      time.Duration // RFC 3550 section 6.4.1
	Last        time.Time     // of the last good packet
	SSRC        uint32
	HighestSeq  uint32 // extended, RFC 3550 appendix A.1
	Cycles      uint16
}
