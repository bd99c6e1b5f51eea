package codec

import (
	"errors"
	"fmt"
)

// ErrRate says that a codec does not work at the PCM rate that was asked for.
var ErrRate = errors.New("codec: PCM rate not supported")

// ErrPayload says that a payload is malformed: the packet is to be counted and its frame concealed.
var ErrPayload = errors.New("codec: malformed payload")

// ErrFrame says that PCM of this length cannot be coded, or that a buffer is too small for the result.
var ErrFrame = errors.New("codec: wrong frame or buffer length")

// ErrClosed says that an encoder or decoder was used after its Close.
var ErrClosed = errors.New("codec: closed")

// NewEncoder makes an encoder that takes mono PCM at rate Hz: 8000 for PCMU and PCMA; 8000, 12000, 16000, 24000 or
// 48000 for Opus, whose RTP clock stays 48000 whatever the rate (RFC 7587 section 4.1). The error wraps ErrNoCodec or
// ErrRate, or says which option is out of range.
func NewEncoder(id ID, rate int, o Options) (Encoder, error) {
	if err := checkRate(id, rate); err != nil {
		return nil, err
	}
	if id == Opus {
		return newOpusEncoder(rate, o.Opus)
	}
	return newG711Encoder(id), nil
}

// NewDecoder makes a decoder that gives mono PCM at rate Hz, with the same rates and errors as NewEncoder.
func NewDecoder(id ID, rate int) (Decoder, error) {
	if err := checkRate(id, rate); err != nil {
		return nil, err
	}
	if id == Opus {
		return newOpusDecoder(rate)
	}
	return newG711Decoder(id), nil
}

// Tuner is an Encoder that can be tuned while it runs, between two calls of Encode; Opus is one.
type Tuner interface {
	// SetFEC turns in-band forward error correction on for a loss of 1 to 100 percent (0 means 5), or off.
	SetFEC(on bool, lossPercent int) error
	// SetBitrate sets the mean bitrate in bit/s, 6000 to 510000.
	SetBitrate(bitrate int) error
}

func checkRate(id ID, rate int) error {
	switch id {
	case PCMU, PCMA:
		if rate == 8000 {
			return nil
		}
	case Opus:
		switch rate {
		case 8000, 12000, 16000, 24000, 48000:
			return nil
		}
	default:
		return fmt.Errorf("%w: %d", ErrNoCodec, id)
	}
	return fmt.Errorf("%w: %s at %d Hz", ErrRate, id, rate)
}
