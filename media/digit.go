package media

import (
	"time"

	"seatbridge/dtmf"
)

// eventSize is the length in bytes of a telephone-event payload (RFC 4733 section 2.3).
const eventSize = 4

// maxEventDuration is the longest duration that one telephone-event packet can tell, in its clock.
const maxEventDuration = 0xffff

// quiet is for how long there must be audio and no telephone-event until a digit without end packets counts as ended.
// Some senders go on sending audio beside the events, so one audio packet is no proof.
const quiet = 60 * time.Millisecond

// digit follows the telephone-event packets of one digit after the other. Packets belong to a digit by their
// timestamp, never by the marker bit, which may be lost (RFC 4733 section 2.5.1).
type digit struct {
	Event
	known   bool // there was a digit
	ssrc    uint32
	segment uint32 // timestamp of the running segment (RFC 4733 section 2.5.1.3)
	base    uint32 // duration of the segments before it
	since   uint32 // timestamp of the first audio after the last event packet
	audible bool   // since is set
}

// told is what a packet brought.
type told struct{ first, news bool }

// another says that a packet belongs to another digit while this one has not ended.
func (d *digit) another(e dtmf.Payload, p *packet, ssrc uint32) bool {
	return d.known && !d.End && !d.same(e, p, ssrc) && !d.continues(e, p, ssrc) && !d.older(p, ssrc)
}

// same says that a packet belongs to the running segment.
func (d *digit) same(e dtmf.Payload, p *packet, ssrc uint32) bool {
	return d.known && ssrc == d.ssrc && p.ts == d.segment && e.Event == d.Event.Event
}

// continues says that a packet begins the next segment of a digit too long for one.
func (d *digit) continues(e dtmf.Payload, p *packet, ssrc uint32) bool {
	return d.known && !d.End && ssrc == d.ssrc && e.Event == d.Event.Event && p.ts != d.segment &&
		p.ts-d.segment <= maxEventDuration && d.Duration-d.base >= maxEventDuration-p.clock/10
}

// older says that a packet belongs to a digit before this one.
func (d *digit) older(p *packet, ssrc uint32) bool {
	back := d.segment - p.ts
	return d.known && ssrc == d.ssrc && back > 0 && back < 10*p.clock
}

// update takes a packet.
func (d *digit) update(e dtmf.Payload, p *packet, ssrc uint32) told {
	t := told{news: true}
	switch {
	case d.same(e, p, ssrc):
		if d.End {
			return told{}
		}
	case d.continues(e, p, ssrc):
		d.base += p.ts - d.segment
		d.segment = p.ts
	case d.older(p, ssrc):
		return told{}
	default:
		*d = digit{known: true, ssrc: ssrc, segment: p.ts}
		d.Event = Event{Timestamp: p.ts, Clock: p.clock, Event: e.Event}
		t.first = true
	}
	d.First, d.End, d.Volume, d.audible = t.first, e.End, e.Volume, false
	d.Duration = max(d.Duration, d.base+uint32(e.Duration))
	return t
}

// audio takes an audio packet and says whether it proves that the running digit has ended.
func (d *digit) audio(p *packet) bool {
	if !d.known || d.End {
		return false
	}
	if !d.audible {
		d.audible, d.since = true, p.ts
		return false
	}
	return time.Duration(int32(p.ts-d.since)) >= quiet*time.Duration(p.clock)/time.Second
}

// finish ends a digit whose end packets never came.
func (d *digit) finish() { d.First, d.End = false, true }
