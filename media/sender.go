package media

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"

	"seatbridge/codec"
)

// Sender feeds one ear of a listener. It owns SSRC, sequence and timestamp through every change of what is heard, so
// that the far end never sees a new stream, and its sequence never goes back: a step back would be a replay to SRTP
// (RFC 3711 section 3.3.2), and silence that no statistic shows.
type Sender struct {
	writer  Writer
	added   func(time.Duration)
	formats atomic.Pointer[Formats] // immutable
	stop    chan struct{}           // closed by Close
	playing sync.WaitGroup          // the goroutine that plays digits

	mu      sync.Mutex
	closed  bool
	line    line
	relay   relayedDigit
	queue   []sequence // digits to be played
	player  bool       // the goroutine runs
	digit   bool       // a digit of our own is on the line: audio is held back
	header  rtp.Header // lent to the Writer
	payload [eventSize]byte
	stats   SendStats
	latency latency
}

// SenderConfig says how a Sender works.
type SenderConfig struct {
	// Writer is called with a lock held; it must not call back into the Sender.
	Writer Writer
	SSRC   uint32 // 0 means random; a Writer that sets its own ignores it
	// Added is told the time from packet in to packet out, for each relayed or transcoded packet; it may be nil.
	Added func(time.Duration)
}

// NewSender makes a Sender that drops everything until SetFormats was called.
func NewSender(c SenderConfig) *Sender {
	if c.SSRC == 0 {
		c.SSRC = rand.Uint32()
	}
	s := &Sender{writer: c.Writer, added: c.Added, stop: make(chan struct{}), line: newLine(time.Now())}
	s.header = rtp.Header{Version: 2, SSRC: c.SSRC}
	s.stats.SSRC = c.SSRC
	s.formats.Store(&Formats{Ptime: defaultPtime})
	return s
}

// SetFormats says what the far end takes from now on.
func (s *Sender) SetFormats(f Formats) { s.formats.Store(f.clone()) }

// Codec is what the far end would rather be sent; None before SetFormats.
func (s *Sender) Codec() codec.ID {
	if f := s.formats.Load(); len(f.Audio) > 0 {
		return f.Audio[0].Codec
	}
	return codec.None
}

// Accepts says that the far end takes frames of c as they are.
func (s *Sender) Accepts(c codec.ID) bool {
	_, ok := s.formats.Load().audio(c)
	return ok
}

// Ptime is the packet length that the far end asked for.
func (s *Sender) Ptime() time.Duration { return s.formats.Load().Ptime }

// TakesEvents says that telephone-event was negotiated.
func (s *Sender) TakesEvents() bool { return len(s.formats.Load().Event) > 0 }

// Send sends a frame whose codec the far end Accepts, re-stamped onto this ear's own sequence and timestamp with the
// speaker's gaps kept. It is dropped while a digit plays.
func (s *Sender) Send(f *Frame) {
	added, ok := s.send(f)
	if ok && s.added != nil && !f.Arrived.IsZero() {
		s.added(added)
	}
}

// send is Send under the lock; it returns the time since the frame's packet arrived.
func (s *Sender) send(f *Frame) (time.Duration, bool) {
	pt, accepted := s.formats.Load().audio(f.Codec)
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if !accepted || s.closed || s.digitOnLine(now) || !s.line.place(f, now) {
		s.stats.Dropped++
		return 0, false
	}
	s.header.PayloadType, s.header.Marker = pt, s.line.marker
	s.header.Timestamp = s.line.ts
	if !s.write(f.Payload, now) {
		return 0, false
	}
	added := now.Sub(f.Arrived)
	if !f.Arrived.IsZero() {
		s.latency.observe(added)
	}
	return added, true
}

// write sends the header, all but its sequence number set, and takes the next number, whether or not the write
// succeeds.
func (s *Sender) write(payload []byte, now time.Time) bool {
	s.header.SequenceNumber = s.line.take()
	if _, err := s.writer.WriteRTP(&s.header, payload); err != nil {
		s.stats.Dropped++
		return false
	}
	s.stats.Packets++
	s.stats.Bytes += uint64(len(payload))
	s.stats.Timestamp, s.stats.Last = s.header.Timestamp, now
	return true
}

// Stats is a snapshot of what was sent so far.
func (s *Sender) Stats() SendStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}

// Close stops what the Sender plays, waits until that has ended, and drops everything from then on.
func (s *Sender) Close() {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.stop)
	}
	s.mu.Unlock()
	s.playing.Wait()
}
