package media

import (
	"math/rand/v2"
	"slices"
	"time"

	"seatbridge/codec"
	"seatbridge/dtmf"
)

// toneFrame is the samples of one packet of a tone: 20 ms at 8 kHz.
const toneFrame = 160

// PlayTones is Play for a far end that takes no telephone-event: the digits are sent as sound (ITU-T Q.23) in the G.711
// codec of the ear. sent is false for any other codec, which would not carry them faithfully.
func (s *Sender) PlayTones(digits []dtmf.Event, length, gap time.Duration, done func(sent bool)) {
	s.enqueue(sequence{slices.Clone(digits), length, gap, s.playTone, done})
}

// playTone sends the sound of one digit and waits for the gap after it.
func (s *Sender) playTone(d dtmf.Event, length, gap time.Duration) bool {
	id := s.Codec()
	if id != codec.PCMU && id != codec.PCMA {
		return false
	}
	encoder, err := codec.NewEncoder(id, 8000, codec.Options{})
	if err != nil {
		return false
	}
	defer encoder.Close()
	tone, err := dtmf.NewTone(d, 8000, length)
	if err != nil {
		return false
	}
	tick := time.NewTicker(eventInterval)
	defer tick.Stop()
	var pcm [toneFrame]int16
	var payload [toneFrame]byte
	f := Frame{Stream: rand.Uint64(), Codec: id, Payload: payload[:]}
	for sounding := time.Duration(0); sounding < length; sounding += eventInterval {
		clear(pcm[tone.Generate(pcm[:]):])
		if _, err := encoder.Encode(payload[:], pcm[:]); err != nil || !s.sendTone(&f) || !s.wait(tick) {
			return false
		}
		f.Seq++
		f.Timestamp += toneFrame
	}
	return s.releaseTone() && s.rest(gap)
}

// sendTone sends a frame of our own past the audio that is held back meanwhile.
func (s *Sender) sendTone(f *Frame) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	pt, accepted := s.formats.Load().audio(f.Codec)
	if s.closed || !accepted {
		return false
	}
	s.digit = true
	if s.line.place(f, now) {
		s.header.PayloadType, s.header.Marker, s.header.Timestamp = pt, s.line.marker, s.line.ts
		s.write(f.Payload, now)
	}
	return true
}

// releaseTone lets the audio through again.
func (s *Sender) releaseTone() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.digit = false
	return !s.closed
}
