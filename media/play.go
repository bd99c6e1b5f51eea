package media

import (
	"slices"
	"time"

	"seatbridge/dtmf"
)

// Timing of telephone-events (RFC 4733 section 2.5.1).
const (
	eventInterval = 20 * time.Millisecond
	eventEnds     = 3  // the end packet is sent that often
	eventVolume   = 10 // -10 dBm0
)

// sequence is one call of Play or PlayTones.
type sequence struct {
	digits      []dtmf.Event
	length, gap time.Duration
	send        func(d dtmf.Event, length, gap time.Duration) bool // sends one digit and waits for the gap after it
	done        func(sent bool)
}

// Play queues digits to be sent as telephone-events, each of the given length with the given gap after it; audio is
// held back while a digit plays. done is called once, from another goroutine, when the last one was sent, or with
// sent false when the Sender was closed or the far end takes no telephone-event. done must not call Close.
func (s *Sender) Play(digits []dtmf.Event, length, gap time.Duration, done func(sent bool)) {
	s.enqueue(sequence{slices.Clone(digits), length, gap, s.playDigit, done})
}

// enqueue has a sequence sent after those that wait already.
func (s *Sender) enqueue(q sequence) {
	if q.done == nil {
		q.done = func(bool) {}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		go q.done(false) // nothing of ours runs any more; it ends with the callback
		return
	}
	s.queue = append(s.queue, q)
	if !s.player {
		s.player = true
		s.playing.Go(s.play)
	}
}

// play plays the queue and ends with it.
func (s *Sender) play() {
	for {
		s.mu.Lock()
		if len(s.queue) == 0 {
			s.player = false
			s.mu.Unlock()
			return
		}
		q := s.queue[0]
		s.queue = s.queue[1:]
		s.mu.Unlock()
		sent := true
		for _, d := range q.digits {
			sent = sent && q.send(d, q.length, q.gap)
		}
		q.done(sent)
	}
}

// playDigit sends one digit and waits for the gap after it. The end packet is repeated into the gap.
func (s *Sender) playDigit(d dtmf.Event, length, gap time.Duration) bool {
	tick := time.NewTicker(eventInterval)
	defer tick.Stop()
	out := outDigit{event: d, volume: eventVolume}
	for sounding := eventInterval; ; sounding += eventInterval {
		if !s.sendDigit(&out, min(sounding, length), sounding >= length) {
			return false
		}
		if !s.wait(tick) {
			return false
		}
		if out.ends == eventEnds {
			break
		}
	}
	return s.rest(gap - (eventEnds-1)*eventInterval)
}

// wait waits for the next tick; it is false when the Sender was closed.
func (s *Sender) wait(tick *time.Ticker) bool {
	select {
	case <-tick.C:
		return true
	case <-s.stop:
		return false
	}
}

// rest waits for the rest of a gap; it is false when the Sender was closed.
func (s *Sender) rest(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-s.stop:
		return false
	}
}

// sendDigit sends one packet of a digit that has sounded for the given time; it is false when that can't be any more.
func (s *Sender) sendDigit(d *outDigit, sounded time.Duration, end bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if s.closed {
		return false
	}
	if !d.begun {
		f, ok := s.formats.Load().event(s.audioClock())
		if !ok {
			return false
		}
		s.endRelayed(now)
		d.format, d.ts = f, s.line.digitAt(now, f.Clock)
	}
	d.duration = dtmf.Ticks(sounded, d.format.Clock)
	s.writeDigit(d, end, now)
	s.digit = d.ends < eventEnds
	return true
}
