package main

import (
	"slices"
	"sync"
	"time"

	"github.com/pion/rtp"
)

// stream counts what one side of a call receives.
type stream struct {
	mu       sync.Mutex
	first    uint16
	highest  uint32 // extended, less first
	received uint32
	began    time.Time
	late     []time.Duration // of each packet, by its place in the stream
}

// reset begins the measurement with the next packet.
func (s *stream) reset(packets int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.received, s.highest, s.late = 0, 0, make([]time.Duration, 0, packets)
}

// packet counts one.
func (s *stream) packet(h *rtp.Header) {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.late == nil {
		return
	}
	if s.received == 0 {
		s.first, s.began = h.SequenceNumber, now
	}
	s.received++
	place := uint32(h.SequenceNumber - s.first)
	s.highest = max(s.highest, place)
	if len(s.late) < cap(s.late) {
		s.late = append(s.late, now.Sub(s.began)-time.Duration(place)*20*time.Millisecond)
	}
}

// result is how many packets were to come, how many came, and how late each was against the one that was earliest.
func (s *stream) result() (expected, received uint32, late []time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.received == 0 {
		return 0, 0, nil
	}
	earliest := slices.Min(s.late)
	for i := range s.late {
		s.late[i] -= earliest
	}
	return s.highest + 1, s.received, s.late
}

// pace calls send for every participant each 20 ms, spread over the interval, until stop is closed. It returns how late
// it was itself at its worst percentile.
func pace(stop <-chan struct{}, n int, send func(i int)) []time.Duration {
	var late []time.Duration
	const interval = 20 * time.Millisecond
	start := time.Now()
	for round := 0; ; round++ {
		for i := range n {
			due := start.Add(time.Duration(round)*interval + interval*time.Duration(i)/time.Duration(n))
			wait := time.Until(due)
			if wait > 500*time.Microsecond { // what is due in less than that is sent with this one
				select {
				case <-stop:
					return late
				case <-time.After(wait):
				}
			}
			late = append(late, time.Since(due))
			send(i)
		}
		select {
		case <-stop:
			return late
		default:
		}
	}
}

// percentile p (0 to 1) of durations, which are sorted by it.
func percentile(d []time.Duration, p float64) time.Duration {
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	return d[min(len(d)-1, int(p*float64(len(d))))]
}
