package bridge

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"seatbridge/codec"
	"seatbridge/media"
)

// mixBlock is how much is mixed at a time, in samples: one Tick.
const mixBlock = int(media.Tick * media.PCMRate / time.Second)

// input is one speaker's way into the mixes.
type input struct {
	*media.JitterBuffer
	block [mixBlock]int16 // of this tick
}

// mix is what several speakers, and perhaps a sound, make together, for all ears that hear the same ones. Its fields
// after sound belong to the mixer's lock.
type mix struct {
	inputs []*input // in the order of the parties' ids
	sound  *media.Clip

	frame   int // of sound
	sum     [mixBlock]int32
	block   [mixBlock]int16
	pcm     media.PCM
	outputs outputs
}

// mixRoute says who hears a mix.
type mixRoute struct {
	mix *mix
	to  []*media.Sender
}

func newMix(inputs []*input, sound *media.Clip, c Config) *mix {
	m := &mix{inputs: inputs, sound: sound, outputs: outputs{options: c.Codec, metrics: c.Metrics}}
	m.pcm = media.PCM{Stream: rand.Uint64(), Samples: m.block[:]}
	return m
}

// is says that a mix is of just these.
func (m *mix) is(inputs []*input, sound *media.Clip) bool {
	return m.sound == sound && slices.Equal(m.inputs, inputs)
}

// next mixes one block and sends it, encoded once for each way of packing it.
func (m *mix) next(to []*media.Sender) {
	m.add()
	for _, s := range to {
		if p := mixPacking(s); p.Codec != codec.None {
			m.outputs.add(p, s)
		}
	}
	m.outputs.encode(&m.pcm)
	m.pcm.Pos += uint32(mixBlock)
}

// mixPacking is how an ear gets a mix.
func mixPacking(s *media.Sender) media.Packing { return media.PackingFor(s.Codec(), s.Ptime()) }

// add sums the inputs up and clips once, at the end.
func (m *mix) add() {
	clear(m.sum[:])
	for _, in := range m.inputs {
		for i, s := range in.block {
			m.sum[i] += int32(s)
		}
	}
	if m.sound != nil {
		for i, s := range m.sound.Samples(m.frame) {
			m.sum[i] += int32(s)
		}
		m.frame = (m.frame + 1) % m.sound.Len()
	}
	for i, s := range m.sum {
		m.block[i] = int16(min(max(s, math.MinInt16), math.MaxInt16))
	}
}

// keep closes the encoders that none of the ears needs.
func (m *mix) keep(to []*media.Sender) {
	m.outputs.keep(func(p media.Packing) bool {
		return slices.ContainsFunc(to, func(s *media.Sender) bool { return mixPacking(s) == p })
	})
}
