package codec

// This is a thin binding of our own. The widely used one (gopkg.in/hraban/opus.v2, newest commit of September 2023)
// needs libopusfile or a build tag, cannot set the signal type, and writes up to the capacity of the slice that it is
// given, not its length; with it this file would hardly be shorter.
//
// libopus keeps a codec's state in one flat block that has no pointers but to its own constant tables, so the block
// lives in Go's memory (opus_encoder_init takes memory of the caller's): it cannot leak, and Close just lets go of it.

/*
#cgo pkg-config: opus
#include <opus.h>

// opus_*_ctl are variadic, which cgo cannot call.
static int encoder_setup(OpusEncoder *e, int complexity) {
	int err = opus_encoder_ctl(e, OPUS_SET_COMPLEXITY(complexity));
	if (err == OPUS_OK) err = opus_encoder_ctl(e, OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE));
	return err;
}
static int encoder_set_bitrate(OpusEncoder *e, int bitrate) {
	return opus_encoder_ctl(e, OPUS_SET_BITRATE(bitrate));
}
static int encoder_set_fec(OpusEncoder *e, int on, int loss) {
	int err = opus_encoder_ctl(e, OPUS_SET_INBAND_FEC(on));
	if (err == OPUS_OK) err = opus_encoder_ctl(e, OPUS_SET_PACKET_LOSS_PERC(loss));
	return err;
}
*/
import "C"

import (
	"fmt"
	"time"
	"unsafe"
)

// Defaults of OpusOptions.
const (
	opusComplexity = 5 // 8 to 10 cost 70 % more and gain nothing at telephone bandwidth
	opusBitrate    = 24000
	opusLoss       = 5
)

// opusEncoder makes mono Opus packets (RFC 6716) for speech.
type opusEncoder struct {
	state []uint64 // the OpusEncoder; words, because it must be aligned; nil once closed
	rate  int
}

func newOpusEncoder(rate int, o OpusOptions) (Encoder, error) {
	complexity := o.Complexity
	switch {
	case complexity == 0:
		complexity = opusComplexity
	case complexity == -1:
		complexity = 0
	case complexity < -1 || complexity > 10:
		return nil, fmt.Errorf("codec: opus complexity %d is not within -1 to 10", complexity)
	}
	bitrate := o.Bitrate
	if bitrate == 0 {
		bitrate = opusBitrate
	}
	e := &opusEncoder{state: words(C.opus_encoder_get_size(1)), rate: rate}
	if err := opusError("opus_encoder_init",
		C.opus_encoder_init(e.c(), C.opus_int32(rate), 1, C.OPUS_APPLICATION_VOIP)); err != nil {
		return nil, err
	}
	if err := opusError("opus_encoder_ctl", C.encoder_setup(e.c(), C.int(complexity))); err != nil {
		return nil, err
	}
	if err := e.SetBitrate(bitrate); err != nil {
		return nil, err
	}
	if err := e.SetFEC(o.FEC, o.LossPercent); err != nil {
		return nil, err
	}
	return e, nil
}

// c is the state as libopus sees it.
func (e *opusEncoder) c() *C.OpusEncoder { return (*C.OpusEncoder)(unsafe.Pointer(&e.state[0])) }

// Encode takes 2.5, 5, 10, 20, 40, 60, 80, 100 or 120 ms.
func (e *opusEncoder) Encode(dst []byte, pcm []int16) (int, error) {
	if e.state == nil {
		return 0, ErrClosed
	}
	if len(pcm) == 0 || len(dst) == 0 {
		return 0, fmt.Errorf("%w: %d samples into %d bytes", ErrFrame, len(pcm), len(dst))
	}
	n := C.opus_encode(e.c(), (*C.opus_int16)(&pcm[0]), C.int(len(pcm)), (*C.uchar)(&dst[0]), C.opus_int32(len(dst)))
	switch {
	case n == C.OPUS_BAD_ARG || n == C.OPUS_BUFFER_TOO_SMALL:
		return 0, fmt.Errorf("%w: %d samples into %d bytes", ErrFrame, len(pcm), len(dst))
	case n < 0:
		return 0, opusError("opus_encode", C.int(n))
	}
	return int(n), nil
}

// SetFEC is Tuner's.
func (e *opusEncoder) SetFEC(on bool, lossPercent int) error {
	if e.state == nil {
		return ErrClosed
	}
	if lossPercent < 0 || lossPercent > 100 {
		return fmt.Errorf("codec: opus loss of %d percent is not within 0 to 100", lossPercent)
	}
	if !on {
		return opusError("opus_encoder_ctl", C.encoder_set_fec(e.c(), 0, 0))
	}
	if lossPercent == 0 {
		lossPercent = opusLoss // libopus makes no FEC for a loss of 0
	}
	return opusError("opus_encoder_ctl", C.encoder_set_fec(e.c(), 1, C.int(lossPercent)))
}

// SetBitrate is Tuner's.
func (e *opusEncoder) SetBitrate(bitrate int) error {
	if e.state == nil {
		return ErrClosed
	}
	if bitrate < 6000 || bitrate > 510000 {
		return fmt.Errorf("codec: opus bitrate %d is not within 6000 to 510000 bit/s", bitrate)
	}
	return opusError("opus_encoder_ctl", C.encoder_set_bitrate(e.c(), C.int(bitrate)))
}

func (e *opusEncoder) Close() { e.state = nil }

// opusDecoder reads Opus packets, mono or stereo, into mono PCM.
type opusDecoder struct {
	state []uint64 // the OpusDecoder, as in opusEncoder
	rate  int
}

func newOpusDecoder(rate int) (Decoder, error) {
	d := &opusDecoder{state: words(C.opus_decoder_get_size(1)), rate: rate}
	if err := opusError("opus_decoder_init", C.opus_decoder_init(d.c(), C.opus_int32(rate), 1)); err != nil {
		return nil, err
	}
	return d, nil
}

func (d *opusDecoder) c() *C.OpusDecoder { return (*C.OpusDecoder)(unsafe.Pointer(&d.state[0])) }

func (d *opusDecoder) Decode(dst []int16, payload []byte) (int, error) {
	if d.state == nil {
		return 0, ErrClosed
	}
	length, err := checkOpus(payload)
	if err != nil {
		return 0, err
	}
	if samples := d.samples(length); samples > len(dst) {
		return 0, fmt.Errorf("%w: %d samples into %d", ErrFrame, samples, len(dst))
	}
	return d.decode(payload, dst, 0)
}

// Recover takes dst in steps of 2.5 ms. FEC holds one frame; where dst is longer, what is before it is concealed.
func (d *opusDecoder) Recover(dst []int16, next []byte) (int, error) {
	if _, err := checkOpus(next); err != nil {
		return d.Conceal(dst)
	}
	if err := d.checkGap(dst); err != nil {
		return 0, err
	}
	return d.decode(next, dst, 1)
}

// Conceal takes dst in steps of 2.5 ms.
func (d *opusDecoder) Conceal(dst []int16) (int, error) {
	if err := d.checkGap(dst); err != nil {
		return 0, err
	}
	return d.decode(nil, dst, 0)
}

func (d *opusDecoder) Close() { d.state = nil }

// decode calls libopus; a nil payload is a loss. The arguments are checked by now.
func (d *opusDecoder) decode(payload []byte, dst []int16, fec C.int) (int, error) {
	n := C.opus_decode(d.c(), (*C.uchar)(unsafe.SliceData(payload)), C.opus_int32(len(payload)),
		(*C.opus_int16)(&dst[0]), C.int(len(dst)), fec)
	switch {
	case n == C.OPUS_INVALID_PACKET:
		return 0, fmt.Errorf("%w: Opus framing", ErrPayload)
	case n < 0:
		return 0, opusError("opus_decode", n)
	}
	return int(n), nil
}

// samples is a length in samples at the decoder's rate.
func (d *opusDecoder) samples(length time.Duration) int {
	return int(length * time.Duration(d.rate) / time.Second)
}

// checkGap says whether libopus can conceal a gap of len(dst) samples: whole steps of 2.5 ms.
func (d *opusDecoder) checkGap(dst []int16) error {
	switch {
	case d.state == nil:
		return ErrClosed
	case len(dst) == 0 || len(dst)%(d.rate/400) != 0:
		return fmt.Errorf("%w: %d samples are no multiple of 2.5 ms", ErrFrame, len(dst))
	}
	return nil
}

// checkOpus keeps out of C what cannot be an Opus packet, and gives the length of what can. Each frame has at most
// 1275 bytes after at most 2 of length; libopus checks the frames one by one.
func checkOpus(payload []byte) (time.Duration, error) {
	length, err := OpusDuration(payload)
	if err != nil {
		return 0, err
	}
	if frames, _ := opusFrames(payload); len(payload) > 2+frames*(2+opusMaxFrame) {
		return 0, fmt.Errorf("%w: Opus packet of %d bytes", ErrPayload, len(payload))
	}
	return length, nil
}

// words makes room for a libopus state of so many bytes.
func words(size C.int) []uint64 { return make([]uint64, (size+7)/8) }

// opusError turns libopus's answer to a call into an error, or nil.
func opusError(call string, code C.int) error {
	if code >= 0 {
		return nil
	}
	return fmt.Errorf("codec: %s: %s", call, C.GoString(C.opus_strerror(code)))
}
