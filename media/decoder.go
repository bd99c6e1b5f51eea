package media

import (
	"sync/atomic"
	"time"

	"seatbridge/codec"
	"seatbridge/dtmf"
)

// PCMRate is the rate in Hz at which sound is transcoded and mixed. One end of it is always G.711, so a higher rate
// would cost more and be heard by nobody.
const PCMRate = 8000

const (
	maxPayload = 120 * PCMRate / 1000 // longest payload, in samples
	maxMended  = 60 * PCMRate / 1000  // longest gap that is mended, in samples
	mendStep   = PCMRate / 400        // Opus conceals in steps of 2.5 ms
)

// PCM is the sound of one frame, and of what was mended before it. It is valid until the next Decode.
type PCM struct {
	Stream  uint64 // the speaker's
	Pos     uint32 // of the first sample on the stream's time line, in samples
	Lost    int    // samples that the network lost just before it
	Marker  bool
	Arrived time.Time
	Samples []int16 // at PCMRate
}

// Decoder turns one speaker's frames into PCM, once for however many listeners. What Opus lost is mended where it was
// no more than 60 ms, by the forward error correction in the packet after it and by concealment; what G.711 lost stays
// a gap, and the far end conceals it as it would have. A Decoder belongs to one goroutine at a time.
type Decoder struct {
	// MendAll mends G.711 too, by concealment: for a mix, which can't pass a gap on.
	MendAll bool
	// Secret takes the tones of digits out, which makes the sound dtmf.CensorDelay later.
	Secret bool

	decoder codec.Decoder
	censor  *dtmf.Censor // while Secret
	codec   codec.ID
	ratio   uint32 // RTP clock ticks a sample
	stream  uint64
	ts      uint32 // RTP timestamp that is due
	frame   int    // samples of the last frame
	pcm     PCM
	buffer  [maxMended + maxPayload]int16

	concealed atomic.Uint64
	errors    atomic.Uint64
}

// NewDecoder makes a Decoder for whatever codecs the frames have.
func NewDecoder() *Decoder { return &Decoder{} }

// Decode gives the PCM of a frame. It is nil where the frame's codec is unknown.
func (d *Decoder) Decode(f *Frame) *PCM {
	if f.Codec != d.codec && !d.open(f.Codec) {
		return nil
	}
	if f.Stream != d.stream {
		d.stream, d.ts = f.Stream, f.Timestamp
		d.pcm.Stream, d.pcm.Pos, d.pcm.Samples = f.Stream, 0, nil
	}
	d.pcm.Pos += uint32(len(d.pcm.Samples))
	d.pcm.Marker, d.pcm.Arrived = f.Marker, f.Arrived
	missing := max(int(int32(f.Timestamp-d.ts)/int32(d.ratio)), 0)
	mended := 0
	if d.mendable(f, missing) {
		mended = d.mend(f.Payload, missing)
	}
	if mended > 0 {
		d.pcm.Lost = 0
		d.concealed.Add(uint64(f.Lost))
	} else {
		d.pcm.Lost = min(missing, f.Lost*d.frame) // the rest is a pause
		d.pcm.Pos += uint32(missing)
	}
	n := d.payload(d.buffer[mended:mended+maxPayload], f.Payload)
	d.ts = f.Timestamp + uint32(n)*d.ratio
	d.pcm.Samples = d.buffer[:mended+n]
	d.keepSecrets()
	return &d.pcm
}

// keepSecrets takes digits out of what is about to be given, if that is wanted.
func (d *Decoder) keepSecrets() {
	switch {
	case !d.Secret:
		d.censor = nil
		return
	case d.censor == nil:
		d.censor = dtmf.NewCensor()
	}
	d.censor.Pass(d.pcm.Samples)
}

// open makes the decoder of a codec; the one before is closed.
func (d *Decoder) open(c codec.ID) bool {
	opened, err := codec.NewDecoder(c, PCMRate)
	if err != nil {
		d.errors.Add(1)
		return false
	}
	d.Close()
	d.decoder, d.codec, d.ratio = opened, c, c.ClockRate()/PCMRate
	d.frame = PCMRate / 50
	return true
}

// mendable says that the gap before f is to be filled here.
func (d *Decoder) mendable(f *Frame, missing int) bool {
	mends := f.Codec == codec.Opus || d.MendAll
	return f.Lost > 0 && mends && missing > 0 && missing <= maxMended && missing%mendStep == 0
}

// mend fills the gap before next and says how many samples that made.
func (d *Decoder) mend(next []byte, missing int) int {
	n, err := d.decoder.Recover(d.buffer[:missing], next)
	if err != nil {
		return 0
	}
	return n
}

// payload decodes one payload. One that can't be decoded costs its own frame and no more: it is concealed.
func (d *Decoder) payload(dst []int16, payload []byte) int {
	n, err := d.decoder.Decode(dst, payload)
	if err == nil {
		d.frame = n
		return n
	}
	d.errors.Add(1)
	d.concealed.Add(1)
	if n, err = d.decoder.Conceal(dst[:d.frame]); err == nil {
		return n
	}
	clear(dst[:d.frame])
	return d.frame
}

// Close frees the codec.
func (d *Decoder) Close() {
	if d.decoder != nil {
		d.decoder.Close()
		d.decoder, d.codec = nil, codec.None
	}
}
