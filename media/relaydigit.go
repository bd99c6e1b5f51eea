package media

import (
	"time"

	"seatbridge/dtmf"
)

// abandoned is after how long without a packet a relayed digit counts as ended, as when its speaker was taken out of
// the row in the middle of it.
const abandoned = 150 * time.Millisecond

// outDigit is a digit on its way to the far end.
type outDigit struct {
	event    dtmf.Event
	format   EventFormat
	ts       uint32
	volume   uint8
	duration uint32 // in format's clock
	begun    bool   // a packet was sent
	ends     int    // end packets sent
}

// relayedDigit is the digit that SendEvent passes on.
type relayedDigit struct {
	outDigit
	stream uint64
	inTS   uint32
	last   time.Time // of its last packet
}

// running says that the digit was begun and not ended.
func (d *relayedDigit) running() bool { return d.begun && d.ends == 0 }

// is says that e is a packet of the digit.
func (d *relayedDigit) is(e *Event) bool {
	return d.begun && d.stream == e.Stream && d.inTS == e.Timestamp && d.event == e.Event
}

// SendEvent passes one telephone-event packet on, its timestamp and duration scaled to the ear's clock. It is false
// where the far end takes no telephone-event. The first packet sent of a digit gets the marker, the end is sent three
// times (RFC 4733 section 2.5.1.4); it is dropped while the Sender plays a digit of its own.
func (s *Sender) SendEvent(e *Event) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	format, ok := s.formats.Load().event(s.audioClock())
	if !ok {
		return false
	}
	now := time.Now()
	if s.closed || s.digit {
		s.stats.Dropped++
		return true
	}
	d := &s.relay
	if !d.is(e) {
		s.endRelayed(now)
		*d = relayedDigit{stream: e.Stream, inTS: e.Timestamp}
		d.event, d.format, d.volume = e.Event, format, e.Volume
		d.ts = s.relayedAt(e, format.Clock, now)
	} else if d.ends > 0 {
		return true // ended as abandoned
	}
	d.last = now
	d.duration = max(d.duration, dtmf.Rescale(e.Duration, e.Clock, d.format.Clock))
	if !e.End {
		s.writeDigit(&d.outDigit, false, now)
		return true
	}
	s.endRelayed(now)
	return true
}

// relayedAt is the timestamp of a relayed digit: in its own place beside the audio of its stream where they share a
// clock, else that of now.
func (s *Sender) relayedAt(e *Event, clock uint32, now time.Time) uint32 {
	l := &s.line
	ts := e.Timestamp + l.offset
	if e.Stream == l.stream && e.Clock == l.clock && clock == l.clock && ts-l.ts < clock {
		return ts
	}
	return l.digitAt(now, clock)
}

// endRelayed sends the end of the relayed digit, if there is one that has not ended.
func (s *Sender) endRelayed(now time.Time) {
	d := &s.relay
	if there := d.format.Clock != 0; there && d.ends == 0 {
		for range eventEnds {
			s.writeDigit(&d.outDigit, true, now)
		}
	}
}

// digitOnLine says that audio has to wait for a digit.
func (s *Sender) digitOnLine(now time.Time) bool {
	if s.relay.running() && now.Sub(s.relay.last) > abandoned {
		s.endRelayed(now)
	}
	return s.digit || s.relay.running()
}

// writeDigit sends one packet of a digit, with the marker if it is its first.
func (s *Sender) writeDigit(d *outDigit, end bool, now time.Time) {
	e := dtmf.Payload{Event: d.event, End: end, Volume: d.volume, Duration: dtmf.Saturate(d.duration)}
	s.payload = e.Marshal()
	s.header.PayloadType, s.header.Marker, s.header.Timestamp = d.format.PT, !d.begun, d.ts
	d.begun = true
	if end {
		d.ends++
	}
	s.write(s.payload[:], now)
}

// audioClock is the clock of the audio in use.
func (s *Sender) audioClock() uint32 {
	if s.line.clock != 0 {
		return s.line.clock
	}
	return s.Codec().ClockRate()
}
