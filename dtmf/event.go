package dtmf

import (
	"errors"
	"fmt"
	"time"
)

// ErrPayload says that a telephone-event payload is malformed.
var ErrPayload = errors.New("dtmf: malformed telephone-event payload")

// ErrNotDigit says that an event, signal or character is none of the sixteen digits.
var ErrNotDigit = errors.New("dtmf: not a digit")

// Payload is the telephone-event payload of RFC 4733 section 2.3.
type Payload struct {
	Event    Event
	End      bool
	Volume   uint8  // dBm0 without the sign, 0 to 63
	Duration uint16 // since the RTP timestamp, in ticks of the RTP clock
}

// Marshal is the payload as sent. A Volume above 63 becomes 63, the quietest.
func (p Payload) Marshal() [4]byte {
	flags := min(p.Volume, 63)
	if p.End {
		flags |= 0x80
	}
	return [4]byte{byte(p.Event), flags, byte(p.Duration >> 8), byte(p.Duration)}
}

// Unmarshal reads a payload; the reserved bit and anything after the first four bytes are ignored (RFC 4733 section
// 2.3.3). The error wraps ErrPayload where b is too short, ErrNotDigit where the event is none of DTMF's.
func (p *Payload) Unmarshal(b []byte) error {
	if len(b) < 4 {
		return fmt.Errorf("%w: %d bytes", ErrPayload, len(b))
	}
	if e := Event(b[0]); !e.Valid() {
		return fmt.Errorf("%w: event %d", ErrNotDigit, e)
	}
	*p = Payload{
		Event:    Event(b[0]),
		End:      b[1]&0x80 != 0,
		Volume:   b[1] & 0x3f,
		Duration: uint16(b[2])<<8 | uint16(b[3]),
	}
	return nil
}

// Rescale turns a duration in ticks of one RTP clock into ticks of another, rounded; from and to are in Hz. A duration
// is never copied between clocks: 100 ms are 800 ticks at 8 kHz and 4800 at 48 kHz. The result saturates at 2^32-1;
// from 0 gives 0.
func Rescale(ticks, from, to uint32) uint32 {
	if from == 0 {
		return 0
	}
	return uint32(min((uint64(ticks)*uint64(to)+uint64(from)/2)/uint64(from), 1<<32-1))
}

// Saturate is the duration field for an event of so many ticks: 0xFFFF from there on. A longer event goes on in
// segments (RFC 4733 section 2.5.1.3).
func Saturate(ticks uint32) uint16 { return uint16(min(ticks, 0xffff)) }

// Ticks is a length, in whole milliseconds, in ticks of an RTP clock of so many Hz; a negative one is 0, and it
// saturates at 2^32-1.
func Ticks(length time.Duration, clock uint32) uint32 {
	ms := uint64(max(length, 0) / time.Millisecond)
	return uint32(min(ms*uint64(clock)/1000, 1<<32-1))
}

// Length is the time of so many ticks of an RTP clock of so many Hz; clock 0 gives 0.
func Length(ticks, clock uint32) time.Duration {
	if clock == 0 {
		return 0
	}
	return time.Duration(uint64(ticks) * uint64(time.Second) / uint64(clock))
}
