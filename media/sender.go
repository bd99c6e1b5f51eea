package media

import (
	"time"

	"seatbridge/codec"
	"seatbridge/dtmf"
)

// Sender feeds one ear of a listener. It owns SSRC, sequence and timestamp through every change of what is heard, so
// that the far end never sees a new stream, and its sequence never goes back.
type Sender struct{}

// SenderConfig says how a Sender works.
type SenderConfig struct {
	Writer Writer
	SSRC   uint32              // 0 means random; a Writer that sets its own ignores it
	Added  func(time.Duration) // told the time from packet in to packet out, for each relayed or transcoded packet; may be nil
}

// NewSender makes a Sender that drops everything until SetFormats was called.
func NewSender(c SenderConfig) *Sender { return &Sender{} }

// SetFormats says what the far end takes from now on.
func (s *Sender) SetFormats(f Formats) {}

// Codec is what the far end would rather be sent; None before SetFormats.
func (s *Sender) Codec() codec.ID { return codec.None }

// Accepts says that the far end takes frames of c as they are.
func (s *Sender) Accepts(c codec.ID) bool { return false }

// Ptime is the packet length that the far end asked for.
func (s *Sender) Ptime() time.Duration { return 20 * time.Millisecond }

// Send sends a frame whose codec the far end Accepts, re-stamped onto this ear's own sequence and timestamp with the
// speaker's gaps kept. It is dropped while a digit plays.
func (s *Sender) Send(f *Frame) {}

// SendEvent passes one telephone-event packet on, its timestamp and duration scaled to the ear's clock. It is false
// where the far end takes no telephone-event.
func (s *Sender) SendEvent(e *Event) bool { return false }

// TakesEvents says that telephone-event was negotiated.
func (s *Sender) TakesEvents() bool { return false }

// Play queues digits to be sent as telephone-events, each of the given length with the given gap after it; audio is
// held back while a digit plays. done is called once, from another goroutine, when the last one was sent or the
// Sender was closed (then sent is false).
func (s *Sender) Play(digits []dtmf.Event, length, gap time.Duration, done func(sent bool)) {}

// Stats is a snapshot of what was sent so far.
func (s *Sender) Stats() SendStats { return SendStats{} }

// Close stops what the Sender plays and drops everything from then on.
func (s *Sender) Close() {}

// SendStats counts what was sent on one ear, in packets unless said otherwise.
type SendStats struct {
	Packets   uint64
	Bytes     uint64 // of payload
	Dropped   uint64 // format not accepted, write failed, or a digit was playing
	SSRC      uint32
	Timestamp uint32    // last sent
	Last      time.Time // of the last packet
}
