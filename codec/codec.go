// Package codec owns the audio codecs: their names, their clocks and the pure functions that turn PCM into
// payloads and back.
package codec

import (
	"errors"
	"fmt"
	"strings"
)

// ID names one codec. It is small and comparable so that the packet path can carry it by value.
type ID uint8

// The codecs that Seatbridge speaks. A new one is a constant here, a line in the table and a file of its own.
const (
	None ID = iota
	PCMU
	PCMA
	Opus
	numIDs
)

// info is one line of the codec table.
type info struct {
	name     string
	clock    uint32 // RTP clock, Hz
	channels int    // as written in a=rtpmap (RFC 7587 section 4.1 wants 2 for Opus, whatever is sent)
	pt       uint8  // static payload type (RFC 3551), or the dynamic one that we offer
	static   bool
}

func (id ID) info() info {
	switch id {
	case PCMU:
		return info{"PCMU", 8000, 1, 0, true}
	case PCMA:
		return info{"PCMA", 8000, 1, 8, true}
	case Opus:
		return info{"opus", 48000, 2, 111, false}
	}
	return info{"none", 8000, 1, 0, false}
}

// Name is the encoding name as written in a=rtpmap.
func (id ID) Name() string { return id.info().name }

// String is Name, for logs.
func (id ID) String() string { return id.Name() }

// ClockRate is the RTP timestamp clock in Hz.
func (id ID) ClockRate() uint32 { return id.info().clock }

// Channels is the channel count written in a=rtpmap; every payload that we make is mono.
func (id ID) Channels() int { return id.info().channels }

// PayloadType is the static RTP payload type (RFC 3551 table 4), or the dynamic one that we put into our own offers.
func (id ID) PayloadType() uint8 { return id.info().pt }

// Static says that the payload type is fixed by RFC 3551.
func (id ID) Static() bool { return id.info().static }

// Lookup finds a codec by its rtpmap encoding name (case-insensitive, RFC 8866 section 6.6) and clock rate in Hz.
func Lookup(name string, clock uint32) (ID, bool) {
	for id := None + 1; id < numIDs; id++ {
		if strings.EqualFold(id.Name(), name) && id.ClockRate() == clock {
			return id, true
		}
	}
	return None, false
}

// LookupStatic finds a codec by a static payload type.
func LookupStatic(pt uint8) (ID, bool) {
	for id := None + 1; id < numIDs; id++ {
		if id.Static() && id.PayloadType() == pt {
			return id, true
		}
	}
	return None, false
}

// Parse reads a codec's name as written in a configuration file: pcmu, pcma, opus.
func Parse(name string) (ID, error) {
	for id := None + 1; id < numIDs; id++ {
		if strings.EqualFold(id.Name(), name) {
			return id, nil
		}
	}
	return None, fmt.Errorf("codec: unknown codec %q (known: pcmu, pcma, opus)", name)
}

// UnmarshalText is Parse, for configuration files.
func (id *ID) UnmarshalText(text []byte) error {
	parsed, err := Parse(string(text))
	*id = parsed
	return err
}

// ErrNoCodec says that an encoder or decoder was asked for a codec that is not in the table.
var ErrNoCodec = errors.New("codec: no such codec")

// Encoder turns PCM into payloads. It belongs to one goroutine at a time.
type Encoder interface {
	// Encode writes one payload for pcm (mono, at the rate given to NewEncoder) into dst and returns its length in
	// bytes. It does not allocate.
	Encode(dst []byte, pcm []int16) (int, error)
	// Close frees what the codec holds outside Go's heap; the encoder is unusable after it.
	Close()
}

// Decoder turns payloads into PCM. It belongs to one goroutine at a time and allocates nothing after it was made.
type Decoder interface {
	// Decode writes the PCM of one payload into dst and returns the number of samples. dst holds at least 120 ms.
	Decode(dst []int16, payload []byte) (int, error)
	// Recover writes the PCM of a frame of len(dst) samples that was lost just before next, from next's in-band
	// forward error correction (RFC 6716 section 2.1.7) where there is some, else by concealment.
	Recover(dst []int16, next []byte) (int, error)
	// Conceal writes len(dst) samples of packet loss concealment.
	Conceal(dst []int16) (int, error)
	// Close frees what the codec holds outside Go's heap; the decoder is unusable after it.
	Close()
}

// Options sets how encoders work. The zero value means the defaults written at each field.
type Options struct {
	Opus OpusOptions
}

// OpusOptions are the knobs of the Opus encoder.
type OpusOptions struct {
	Complexity  int  // 0 to 10; 0 means the default, 5; -1 means 0
	Bitrate     int  // bit/s; 0 means the default, 24000
	FEC         bool // in-band forward error correction, for listeners who report loss
	LossPercent int  // the loss that FEC is made for, 0 to 100; 0 with FEC on means 5
}
