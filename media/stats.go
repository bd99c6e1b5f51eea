package media

import "time"

// ReceiveStats counts what arrived on one leg, in packets unless said otherwise.
type ReceiveStats struct {
	Packets      uint64
	Bytes        uint64 // of payload
	Lost         uint64 // never arrived, or later than the reorder window
	Late         uint64 // arrived after their place was given up
	Duplicate    uint64
	Reordered    uint64
	UnknownType  uint64        // payload type not negotiated
	ComfortNoise uint64        // RFC 3389, not passed on
	Malformed    uint64        // too short or too long for its payload type, or an event that is no digit
	Jumps        uint64        // far from the sequence, and not confirmed by the next packet
	Unheard      uint64        // good audio while there was no Sink
	Digits       uint64        // RFC 4733 digits begun
	Tones        uint64        // digits begun in the sound, where they are listened for
	Streams      uint64        // SSRCs or restarts seen
	Jitter       time.Duration // RFC 3550 section 6.4.1
	Last         time.Time     // of the last good packet
	SSRC         uint32
	HighestSeq   uint32 // extended, RFC 3550 appendix A.1
	Cycles       uint16
}

// SendStats counts what was sent on one ear, in packets unless said otherwise.
type SendStats struct {
	Packets   uint64
	Bytes     uint64 // of payload
	Dropped   uint64 // format not accepted, write failed, or a digit was playing
	SSRC      uint32
	Timestamp uint32    // last sent
	Last      time.Time // of the last packet
}
