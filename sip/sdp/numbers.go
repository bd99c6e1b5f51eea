package sdp

import (
	"seatbridge/codec"
	"seatbridge/media"
)

// format is what a payload number means: a codec, or telephone-event at a clock.
type format struct {
	codec codec.ID
	event uint32
}

// numbers are the payload numbers of a session. One never changes its meaning while the session lasts (RFC 3264
// section 8.3.2), so our offers keep to what the far end's offers began.
type numbers map[format]uint8

// eventType is the payload number that we like best for telephone-event.
func eventType(clock uint32) uint8 {
	if clock == 8000 {
		return 101
	}
	return 110
}

// take is the number of a format for an offer of ours: the one it has, else the preferred one, else any free one.
func (n numbers) take(f format, preferred uint8) uint8 {
	if pt, ok := n[f]; ok {
		return pt
	}
	pt := preferred
	for next := uint8(96); n.used(pt) && next < 128; next++ {
		pt = next
	}
	n[f] = pt
	return pt
}

func (n numbers) used(pt uint8) bool {
	for _, other := range n {
		if other == pt {
			return true
		}
	}
	return false
}

// learn keeps the numbers of an offer of theirs that we took.
func (n numbers) learn(formats media.Formats) {
	for _, f := range formats.Audio {
		n.put(format{codec: f.Codec}, f.PT)
	}
	for _, f := range formats.Event {
		n.put(format{event: f.Clock}, f.PT)
	}
}

func (n numbers) put(f format, pt uint8) {
	for other, used := range n {
		if used == pt {
			delete(n, other)
		}
	}
	n[f] = pt
}
