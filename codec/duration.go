package codec

import (
	"fmt"
	"time"
)

const (
	opusMaxFrame    = 1275                   // bytes of one frame (RFC 6716 section 3.4, R2)
	opusMaxDuration = 120 * time.Millisecond // of one packet (R5)
)

// FrameSamples is the length of a payload in ticks of the codec's RTP clock: what its timestamp advances by.
// The error wraps ErrPayload, or ErrNoCodec.
func FrameSamples(id ID, payload []byte) (int, error) {
	d, err := PayloadDuration(id, payload)
	return int(d * time.Duration(id.ClockRate()) / time.Second), err
}

// PayloadDuration is the length of a payload in time. The error wraps ErrPayload, or ErrNoCodec.
func PayloadDuration(id ID, payload []byte) (time.Duration, error) {
	switch id {
	case PCMU, PCMA: // a byte is a sample
		if len(payload) == 0 {
			return 0, fmt.Errorf("%w: empty", ErrPayload)
		}
		return time.Duration(len(payload)) * time.Second / 8000, nil
	case Opus:
		return OpusDuration(payload)
	}
	return 0, fmt.Errorf("%w: %d", ErrNoCodec, id)
}

// OpusDuration is the length of an Opus packet, 2.5 to 120 ms, read from its TOC byte and frame count (RFC 6716
// sections 3.1 and 3.2). The frames themselves are not looked into. The error wraps ErrPayload.
func OpusDuration(payload []byte) (time.Duration, error) {
	frames, err := opusFrames(payload)
	if err != nil {
		return 0, err
	}
	d := time.Duration(frames) * opusFrameDuration(payload[0])
	if d > opusMaxDuration {
		return 0, fmt.Errorf("%w: Opus packet of %v", ErrPayload, d)
	}
	return d, nil
}

// opusFrames is the number of frames in a packet.
func opusFrames(payload []byte) (int, error) {
	if len(payload) == 0 {
		return 0, fmt.Errorf("%w: empty", ErrPayload)
	}
	switch payload[0] & 3 {
	case 0:
		return 1, nil
	case 1, 2:
		return 2, nil
	}
	if len(payload) < 2 || payload[1]&63 == 0 {
		return 0, fmt.Errorf("%w: Opus packet without frames", ErrPayload)
	}
	return int(payload[1] & 63), nil
}

// opusFrameDuration is the length of each frame, by the TOC byte's configuration number (RFC 6716 table 2).
func opusFrameDuration(toc byte) time.Duration {
	config := toc >> 3
	switch {
	case config < 12: // SILK: 10, 20, 40, 60 ms
		if config&3 == 3 {
			return 60 * time.Millisecond
		}
		return 10 * time.Millisecond << (config & 3)
	case config < 16: // hybrid: 10, 20 ms
		return 10 * time.Millisecond << (config & 1)
	}
	return 2500 * time.Microsecond << (config & 3) // CELT: 2.5, 5, 10, 20 ms
}
