package media

import (
	"math/rand/v2"
	"sync/atomic"
	"time"

	"seatbridge/codec"
)

// maxEncoded is more than any payload of ours has, in bytes: 60 ms of G.711, or 20 ms of Opus.
const maxEncoded = 1275

// Packing is how sound is put into packets: in which codec, how much in each.
type Packing struct {
	Codec codec.ID
	Ptime time.Duration
}

// PackingFor is how an ear that asked for packets of the given length is best sent a codec: Opus in 20 ms always, as
// its own frames and our encoder's delay are best at that; G.711 in whole 10 ms up to 60 ms.
func PackingFor(c codec.ID, ptime time.Duration) Packing {
	if c == codec.Opus {
		return Packing{c, defaultPtime}
	}
	const unit = 10 * time.Millisecond
	return Packing{c, min(max(ptime.Truncate(unit), unit), 6*unit)}
}

// Fits says that a frame is packed like that already. Opus is never packed anew.
func (p Packing) Fits(f *Frame) bool {
	if f.Codec != p.Codec || f.Codec == codec.Opus {
		return f.Codec == p.Codec
	}
	return len(f.Payload) == p.samples()
}

func (p Packing) samples() int { return int(p.Ptime * PCMRate / time.Second) }

// Encoder turns PCM of one speaker, in pieces of any length, into frames of one Packing. A gap in the PCM becomes a gap
// in sequence and timestamp. An Encoder belongs to one goroutine at a time.
type Encoder struct {
	encoder codec.Encoder
	packing Packing
	ratio   uint32 // RTP clock ticks a sample
	stream  uint64 // of the PCM
	pos     uint32 // of the first sample in buffer
	buffer  []int16
	n       int   // samples in buffer
	out     Frame // lent to the Senders
	payload [maxEncoded]byte

	errors atomic.Uint64
}

// NewEncoder makes an Encoder. Where the codec refuses the options, every frame counts as an error.
func NewEncoder(p Packing, o codec.Options) *Encoder {
	opened, err := codec.NewEncoder(p.Codec, PCMRate, o)
	if err != nil {
		opened = refused{err}
	}
	return &Encoder{
		encoder: opened, packing: p, ratio: p.Codec.ClockRate() / PCMRate,
		buffer: make([]int16, p.samples()),
	}
}

// refused is a codec that could not be had.
type refused struct{ err error }

func (r refused) Encode([]byte, []int16) (int, error) { return 0, r.err }
func (r refused) Close()                              {}

// Packing is what the Encoder was made for.
func (e *Encoder) Packing() Packing { return e.packing }

// Encode takes the next PCM and sends the frames that it completes to every ear in to, encoded once.
func (e *Encoder) Encode(p *PCM, to []*Sender) {
	e.out.Arrived = p.Arrived
	if p.Stream != e.stream || e.out.Stream == 0 {
		e.begin(p)
	} else {
		e.skip(p, to)
	}
	e.out.Marker = e.out.Marker || p.Marker
	for rest := p.Samples; len(rest) > 0; {
		took := copy(e.buffer[e.n:], rest)
		rest = rest[took:]
		e.n += took
		e.send(to)
	}
}

// begin starts a new stream of ours for a new one of the speaker's.
func (e *Encoder) begin(p *PCM) {
	e.stream, e.pos, e.n = p.Stream, p.Pos, 0
	e.out.Stream, e.out.Marker, e.out.Lost = rand.Uint64()|1, true, 0
}

// skip moves to where p begins. A frame that was begun before a gap is filled up with silence, as it has to end on
// its own time.
func (e *Encoder) skip(p *PCM, to []*Sender) {
	gap := int(int32(p.Pos - e.pos - uint32(e.n)))
	if gap <= 0 {
		return
	}
	if e.n > 0 {
		fill := min(gap, len(e.buffer)-e.n)
		clear(e.buffer[e.n : e.n+fill])
		e.n += fill
		e.send(to)
		if gap -= fill; gap == 0 {
			return
		}
	}
	e.pos = p.Pos
	if p.Lost > 0 {
		e.out.Lost = min(gap, p.Lost+len(e.buffer)/2) / len(e.buffer)
	} else {
		e.out.Marker = true
	}
}

// send sends the frame in the buffer if it is full.
func (e *Encoder) send(to []*Sender) {
	if e.n < len(e.buffer) {
		return
	}
	n, err := e.encoder.Encode(e.payload[:], e.buffer)
	if err != nil {
		e.errors.Add(1)
	} else {
		e.out.Codec = e.packing.Codec
		e.out.Seq += uint16(1 + e.out.Lost)
		e.out.Timestamp = e.pos * e.ratio
		e.out.Payload = e.payload[:n]
		for _, s := range to {
			s.Send(&e.out)
		}
	}
	e.pos += uint32(len(e.buffer))
	e.n, e.out.Lost, e.out.Marker = 0, 0, false
}

// Close frees the codec.
func (e *Encoder) Close() { e.encoder.Close() }
