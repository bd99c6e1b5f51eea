// Package media owns the packet path of one leg: RTP in to ordered frames, frames out to RTP, and the pacing of what
// has no packets of its own (digits, tones, music). It does not know who speaks.
package media

import (
	"time"

	"github.com/pion/rtp"

	"seatbridge/codec"
	"seatbridge/dtmf"
)

// Frame is the audio of one RTP packet on its way from a speaker to the listeners. It and its payload are valid only
// until the Sink returns.
type Frame struct {
	Stream    uint64 // the RTP stream it came from; another value means that Seq and Timestamp start anew
	Codec     codec.ID
	Seq       uint16
	Timestamp uint32 // in the codec's RTP clock
	Marker    bool
	Lost      int       // packets that are missing just before this one
	Arrived   time.Time // when its packet was read; has a monotonic reading
	Payload   []byte
}

// Event is one telephone-event packet (RFC 4733) on its way from a speaker to the listeners.
type Event struct {
	Stream    uint64
	Timestamp uint32 // of the digit's start, in Clock; all packets of one digit share it
	Clock     uint32 // Hz
	Event     dtmf.Event
	Volume    uint8  // dBm0 without the sign
	Duration  uint32 // so far, in Clock
	First     bool   // the first packet seen of this digit, whether or not it had the marker bit
	End       bool   // the digit ended; the Sink sees End exactly once a digit, even when every end packet was lost
	Arrived   time.Time
}

// Sink takes what a speaker says, on the speaker's reader goroutine. It must not block.
type Sink interface {
	Frame(f *Frame)
	Event(e *Event)
}

// Tap takes a copy of what a speaker says, beside the listeners, as a Sink does: on the speaker's reader goroutine, and
// without blocking. The frame is valid only until it returns.
type Tap interface {
	Frame(f *Frame)
}

// Writer sends one RTP packet to the far end. It must not keep header or payload. pion's TrackLocalWriter has the
// same shape.
type Writer interface {
	WriteRTP(header *rtp.Header, payload []byte) (int, error)
}

// Formats is what was negotiated for one direction of a leg: payload types by what they mean.
type Formats struct {
	Audio []AudioFormat // in order of preference
	Event []EventFormat
	Ptime time.Duration // packet length that the far end asked for (a=ptime); 0 means 20 ms
}

// AudioFormat is a codec under the payload type that carries it.
type AudioFormat struct {
	PT    uint8
	Codec codec.ID
}

// EventFormat is telephone-event under the payload type that carries it, with its clock rate in Hz.
type EventFormat struct {
	PT    uint8
	Clock uint32
}

// Port is a leg's media as the bridge sees it: what the party says, and the ears that it can be given sound on.
// A phone has one ear; a browser has a few.
type Port struct {
	In   *Receiver
	Ears []*Sender
}
