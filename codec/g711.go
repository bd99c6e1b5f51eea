package codec

import (
	"fmt"

	"github.com/zaf/g711"
)

// g711Encoder makes PCMU or PCMA payloads, one byte a sample (ITU-T G.711). It has no state.
type g711Encoder struct{ alaw bool }

func newG711Encoder(id ID) g711Encoder { return g711Encoder{alaw: id == PCMA} }

func (e g711Encoder) Encode(dst []byte, pcm []int16) (int, error) {
	if len(pcm) == 0 || len(dst) < len(pcm) {
		return 0, fmt.Errorf("%w: %d samples into %d bytes", ErrFrame, len(pcm), len(dst))
	}
	dst = dst[:len(pcm)]
	// A loop for each law, since a call through a variable for every sample cannot be inlined.
	if e.alaw {
		for i, s := range pcm {
			dst[i] = g711.EncodeAlawFrame(s)
		}
		return len(pcm), nil
	}
	for i, s := range pcm {
		dst[i] = g711.EncodeUlawFrame(s)
	}
	return len(pcm), nil
}

func (e g711Encoder) Close() {}

// g711Decoder reads PCMU or PCMA payloads and conceals lost ones.
type g711Decoder struct {
	alaw bool
	plc  concealer
}

func newG711Decoder(id ID) *g711Decoder { return &g711Decoder{alaw: id == PCMA} }

func (d *g711Decoder) Decode(dst []int16, payload []byte) (int, error) {
	if len(payload) == 0 {
		return 0, fmt.Errorf("%w: empty", ErrPayload)
	}
	if len(dst) < len(payload) {
		return 0, fmt.Errorf("%w: %d bytes into %d samples", ErrFrame, len(payload), len(dst))
	}
	dst = dst[:len(payload)]
	if d.alaw {
		for i, b := range payload {
			dst[i] = g711.DecodeAlawFrame(b)
		}
	} else {
		for i, b := range payload {
			dst[i] = g711.DecodeUlawFrame(b)
		}
	}
	d.plc.good(dst)
	return len(dst), nil
}

// Recover is Conceal: G.711 carries nothing of the frame before.
func (d *g711Decoder) Recover(dst []int16, _ []byte) (int, error) { return d.Conceal(dst) }

func (d *g711Decoder) Conceal(dst []int16) (int, error) {
	d.plc.conceal(dst)
	return len(dst), nil
}

func (d *g711Decoder) Close() {}
