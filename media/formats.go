package media

import (
	"time"

	"seatbridge/codec"
)

// kind is what a payload type means.
type kind uint8

const (
	unknown kind = iota // not negotiated
	audio
	event   // telephone-event, RFC 4733
	comfort // comfort noise, RFC 3389: tolerated, not passed on
)

// comfortPT is the static payload type of comfort noise (RFC 3551 table 4).
const comfortPT = 13

// meaning is one line of a payload type table.
type meaning struct {
	kind  kind
	codec codec.ID
	clock uint32 // Hz
}

// typeTable tells each of the 128 payload types apart. It is immutable.
type typeTable [128]meaning

func newTypeTable(f Formats) *typeTable {
	t := &typeTable{comfortPT: {kind: comfort, clock: 8000}}
	for _, a := range f.Audio {
		t[a.PT&0x7f] = meaning{kind: audio, codec: a.Codec, clock: a.Codec.ClockRate()}
	}
	for _, e := range f.Event {
		t[e.PT&0x7f] = meaning{kind: event, clock: e.clock()}
	}
	return t
}

// defaultPtime is what RFC 3551 section 4.2 gives for the audio codecs in use.
const defaultPtime = 20 * time.Millisecond

// clone copies f so that its owner may change its slices.
func (f Formats) clone() *Formats {
	f.Audio = append([]AudioFormat(nil), f.Audio...)
	f.Event = append([]EventFormat(nil), f.Event...)
	for i := range f.Event {
		f.Event[i].Clock = f.Event[i].clock()
	}
	if f.Ptime <= 0 {
		f.Ptime = defaultPtime
	}
	return &f
}

// audio finds the payload type of a codec.
func (f *Formats) audio(c codec.ID) (pt uint8, ok bool) {
	for _, a := range f.Audio {
		if a.Codec == c {
			return a.PT, true
		}
	}
	return 0, false
}

// event finds the telephone-event to be used beside audio of the given clock: one of the same clock first
// (RFC 4733 section 2.1), else the first.
func (f *Formats) event(clock uint32) (EventFormat, bool) {
	if len(f.Event) == 0 {
		return EventFormat{}, false
	}
	for _, e := range f.Event {
		if e.Clock == clock {
			return e, true
		}
	}
	return f.Event[0], true
}

// clock is the event's clock rate in Hz; 0 stands for the usual 8000.
func (e EventFormat) clock() uint32 {
	if e.Clock == 0 {
		return 8000
	}
	return e.Clock
}
