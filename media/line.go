package media

import (
	"math/rand/v2"
	"time"

	"seatbridge/codec"
)

// Pauses on a line.
const (
	// slack is how late a packet may be until its timestamp tells of a pause.
	slack = 20 * time.Millisecond
	// longPause is after how long without a packet the same speaker is fitted onto the line anew. Without it, packets
	// that this listener was not given would be taken for lost, or after 32768 of them for old.
	longPause = time.Second
)

// line is an ear's sequence and timestamp: one line that what is heard is fitted onto. The sequence goes on by one a
// packet, and by what the speaker's network lost; packets that this listener was not given leave no gap. The timestamp
// goes on with the speaker's own, and with real time where what is heard changes after a pause. It steps in the
// clock of the codec sent, as each payload type has its own (browsers take a change of it in mid-stream).
type line struct {
	seq    uint16 // to be sent next
	ts     uint32 // of the last frame
	marker bool   // of the last frame
	step   uint32 // duration of the last frame, in clock
	clock  uint32 // Hz, of the last frame; 0 before the first
	last   time.Time
	stream uint64 // that the last frame came from
	inSeq  uint16 // its sequence number there
	offset uint32 // from the stream's timestamps to ours

	born      time.Time
	eventBase uint32 // timestamp at born, for digits in a clock of their own
}

func newLine(now time.Time) line {
	return line{seq: uint16(rand.Uint32()), ts: rand.Uint32(), born: now, eventBase: rand.Uint32()}
}

// place finds the place of a frame: sets ts and marker and moves seq on by what was lost. It is false for a frame that
// is older than the last of its stream.
func (l *line) place(f *Frame, now time.Time) bool {
	clock := f.Codec.ClockRate()
	step, _ := codec.FrameSamples(f.Codec, f.Payload) // 0 where it can't be told: the far end's decoder will
	ts := f.Timestamp + l.offset
	same := f.Stream == l.stream && l.clock != 0 && now.Sub(l.last) < longPause
	if same && int16(f.Seq-l.inSeq) <= 0 {
		return false
	}
	if same && int32(ts-l.ts) > 0 {
		talk := l.ts + l.step*uint32(1+f.Lost)
		l.marker = f.Marker || int32(ts-talk) > 0
		l.seq += uint16(f.Lost)
	} else {
		ts = l.at(now, clock)
		l.offset = ts - f.Timestamp
		l.marker = true
	}
	l.ts, l.step, l.clock, l.last = ts, uint32(step), clock, now
	l.stream, l.inSeq = f.Stream, f.Seq
	return true
}

// at is the timestamp of something that begins now: just after the last frame, or after a pause later by the time
// that really passed.
func (l *line) at(now time.Time, clock uint32) uint32 {
	if l.clock == 0 {
		return l.ts
	}
	passed := now.Sub(l.last)
	if passed <= time.Duration(l.step)*time.Second/time.Duration(l.clock)+slack {
		return l.ts + l.step
	}
	return l.ts + ticks(passed, clock)
}

// take takes the next sequence number.
func (l *line) take() uint16 {
	seq := l.seq
	l.seq++
	return seq
}

// digitAt is the timestamp of a digit that begins now: on the audio's line where they share a clock, else on a line
// of its own.
func (l *line) digitAt(now time.Time, clock uint32) uint32 {
	switch l.clock {
	case clock:
		return l.at(now, clock)
	case 0: // nothing was sent yet: the audio that follows goes on from here
		l.clock, l.step, l.last = clock, 0, now
		return l.ts
	}
	return l.eventBase + ticks(now.Sub(l.born), clock)
}

// ticks is a duration in a clock.
func ticks(d time.Duration, clock uint32) uint32 {
	return uint32(d * time.Duration(clock) / time.Second)
}
