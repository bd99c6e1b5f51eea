package media

import (
	"math"
	"sync"

	"seatbridge/codec"
)

// clipFrame is the length of a frame of a Clip, in samples: 20 ms.
const clipFrame = PCMRate / 50

// Clip is a sound that goes round and round: music or a tone. Each codec's frames are made when they are first
// needed, once, and kept: about 3 kB a second in Opus, 8 in G.711. It is safe for use from any goroutine.
type Clip struct {
	pcm []int16 // whole frames, immutable

	mu    sync.Mutex
	coded map[codec.ID]*codedClip
}

// codedClip is a Clip in one codec, as far as it has been played. Frames are made in order, as an encoder has a memory.
type codedClip struct {
	encoder codec.Encoder // nil once all is made, or where the codec can't be had
	frames  [][]byte
}

// NewClip makes a Clip of mono PCM at 8 kHz. It is filled up with silence to whole 20 ms; no PCM makes 20 ms of it.
func NewClip(pcm []int16) *Clip {
	frames := max((len(pcm)+clipFrame-1)/clipFrame, 1)
	whole := make([]int16, frames*clipFrame)
	copy(whole, pcm)
	return &Clip{pcm: whole, coded: map[codec.ID]*codedClip{}}
}

// Ringback is the ringing tone that a caller hears: 425 Hz, one second on and four off (ITU-T E.180).
func Ringback() *Clip {
	const (
		hertz = 425
		level = 0.2 * math.MaxInt16 // -14 dB below full scale: as loud as speech
	)
	pcm := make([]int16, 5*PCMRate)
	for i := range pcm[:PCMRate] {
		pcm[i] = int16(level * math.Sin(2*math.Pi*hertz*float64(i)/PCMRate))
	}
	return NewClip(pcm)
}

// Len is the number of frames of 20 ms.
func (c *Clip) Len() int { return len(c.pcm) / clipFrame }

// Samples is the PCM of frame i, 20 ms at 8 kHz. It must not be changed.
func (c *Clip) Samples(i int) []int16 { return c.pcm[i*clipFrame:][:clipFrame] }

// payload is frame i in a codec, or nil where that can't be had. It must not be changed.
func (c *Clip) payload(id codec.ID, i int) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	coded := c.coded[id]
	if coded == nil {
		coded = &codedClip{}
		coded.encoder, _ = codec.NewEncoder(id, PCMRate, codec.Options{}) // nil makes no frames
		c.coded[id] = coded
	}
	for coded.encoder != nil && len(coded.frames) <= i {
		coded.add(c.Samples(len(coded.frames)), c.Len())
	}
	if i >= len(coded.frames) {
		return nil
	}
	return coded.frames[i]
}

// add makes the next frame; of is how many there will be.
func (c *codedClip) add(pcm []int16, of int) {
	var buf [maxEncoded]byte
	n, err := c.encoder.Encode(buf[:], pcm)
	if err != nil {
		n = 0
	}
	c.frames = append(c.frames, append([]byte(nil), buf[:n]...))
	if len(c.frames) == of {
		c.encoder.Close()
		c.encoder = nil
	}
}
