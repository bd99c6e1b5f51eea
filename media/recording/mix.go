package recording

import (
	"math"
	"slices"
	"time"

	"seatbridge/media"
)

const (
	// blockSize is how much is mixed at a time, in samples.
	blockSize = int(media.Tick * media.PCMRate / time.Second)
	// idle is after how long without a frame a stream is forgotten.
	idle = 2 * time.Second
	// maxStreams bounds what a far end can make us hold that begins its stream anew all the time.
	maxStreams = 16
)

// stream is one speaker's RTP stream on its way into a channel. A media.JitterBuffer fits it onto the recording's time,
// and follows the drift between the two clocks.
type stream struct {
	side    side
	id      uint64
	decoder *media.Decoder
	buffer  *media.JitterBuffer
	last    time.Time // when a frame came
}

// mix makes the blocks of both channels. It runs by the recording's time, which the frames and the writer's clock
// advance, so it may lag behind and catch up; it belongs to one goroutine.
type mix struct {
	streams []*stream
	at      time.Time // of the next block
	read    [blockSize]int16
	sums    [channels][blockSize]int32
	block   [channels][blockSize]int16
}

// hear takes a frame; it is false where it can't be decoded. The time that its packet was read is when its sound ended,
// so that packets of different lengths stay aligned.
func (m *mix) hear(side side, f *media.Frame) bool {
	s := m.stream(side, f)
	s.last = f.Arrived
	pcm := s.decoder.Decode(f)
	if pcm == nil {
		return false
	}
	pcm.Arrived = f.Arrived.Add(-time.Duration(len(pcm.Samples)) * time.Second / media.PCMRate)
	s.buffer.Write(pcm)
	return true
}

// stream finds the stream of a frame, or begins it.
func (m *mix) stream(side side, f *media.Frame) *stream {
	for _, s := range m.streams {
		if s.id == f.Stream && s.side == side {
			return s
		}
	}
	if len(m.streams) == maxStreams {
		m.streams[0].decoder.Close()
		m.streams = slices.Delete(m.streams, 0, 1)
	}
	s := &stream{side: side, id: f.Stream, decoder: media.NewDecoder(), buffer: media.NewJitterBuffer()}
	s.decoder.MendAll = true
	m.streams = append(m.streams, s)
	return s
}

// next mixes the next block of both channels: what is not there is silence.
func (m *mix) next() *[channels][blockSize]int16 {
	m.forget()
	m.sums = [channels][blockSize]int32{}
	for _, s := range m.streams {
		s.buffer.Read(m.read[:], m.at)
		sum := &m.sums[s.side]
		for i, x := range m.read {
			sum[i] += int32(x)
		}
	}
	for c := range m.sums {
		for i, x := range m.sums[c] {
			m.block[c][i] = int16(min(max(x, math.MinInt16), math.MaxInt16))
		}
	}
	m.at = m.at.Add(media.Tick)
	return &m.block
}

// forget lets go of streams that have ended.
func (m *mix) forget() {
	m.streams = slices.DeleteFunc(m.streams, func(s *stream) bool {
		over := m.at.Sub(s.last) > idle
		if over {
			s.decoder.Close()
		}
		return over
	})
}

func (m *mix) close() {
	for _, s := range m.streams {
		s.decoder.Close()
	}
	m.streams = nil
}
