package media

import (
	"seatbridge/codec"
	"seatbridge/dtmf"
)

// Tones as they are told to the Sink.
const (
	toneClock  = PCMRate // of their telephone-events, Hz
	toneVolume = 10      // -10 dBm0
	// toneLoss is the longest gap in the sound that a tone outlasts.
	toneLoss = 40 * PCMRate / 1000
)

// inband finds the digits in the sound of a far end that sends them so (ITU-T Q.23), in G.711: tones do not survive a
// speech codec. To the Sink they are telephone-events, so that who takes such hears each digit once: the Sender holds
// the sound back while it passes one on. It belongs to the Receiver's reader.
type inband struct {
	r        *Receiver
	detector *dtmf.Detector
	decoders [2]codec.Decoder // PCMU, PCMA
	stream   uint64
	next     uint32 // timestamp that is due
	event    Event  // the digit that sounds
	sounds   bool
	pcm      [maxG711]int16
}

func newInband(r *Receiver) *inband {
	b := &inband{r: r}
	b.detector = dtmf.NewDetector(b.detected)
	for i, id := range []codec.ID{codec.PCMU, codec.PCMA} {
		b.decoders[i], _ = codec.NewDecoder(id, PCMRate) // G.711 can always be had, and has nothing to close
	}
	return b
}

// frame listens to a frame, before the Sink has it.
func (b *inband) frame(f *Frame) {
	var d codec.Decoder
	switch f.Codec {
	case codec.PCMU:
		d = b.decoders[0]
	case codec.PCMA:
		d = b.decoders[1]
	default:
		b.detector.Flush()
		return
	}
	if f.Stream != b.stream || f.Timestamp-b.next > toneLoss {
		b.detector.Flush()
	}
	b.event.Arrived = f.Arrived
	n, err := d.Decode(b.pcm[:], f.Payload)
	if err != nil {
		n = 0
	}
	b.stream, b.next = f.Stream, f.Timestamp+uint32(n)
	told := b.sounds
	b.detector.Push(b.pcm[:n])
	if told && b.sounds {
		b.event.First = false
		b.tell()
	}
}

// detected takes what the detector says of the sound at hand.
func (b *inband) detected(d dtmf.Detection) {
	if !d.End {
		b.r.work.Tones++
		b.sounds = true
		b.event = Event{
			Stream: b.stream, Timestamp: b.next, Clock: toneClock, Event: d.Event, Volume: toneVolume,
			First: true, Arrived: b.event.Arrived,
		}
		b.tell()
		return
	}
	b.sounds = false
	b.event.First, b.event.End = false, true
	b.tell()
	if b.r.tones != nil {
		b.r.tones(d.Event, d.Length)
	}
}

// tell hands the state of the digit on.
func (b *inband) tell() {
	b.event.Duration = dtmf.Ticks(b.detector.Length(), toneClock)
	if b.r.sink != nil {
		b.r.sink.Event(&b.event)
	}
}
