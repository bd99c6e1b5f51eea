package peers

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/pion/rtp"
)

// Dialled is how an RTPPhone sends digits. The zero value is 100 ms a digit, 100 ms between two, by the book.
type Dialled struct {
	Length, Gap time.Duration
	NoMarker    bool // without the marker bit on the first packet
	NoEnd       bool // without the three packets with the end bit
}

// alphabet has the digits at the places of their event codes (RFC 4733 section 3.2).
const alphabet = "0123456789*#ABCD"

// errNoEvents says that the far end did not agree to telephone-event.
var errNoEvents = errors.New("the far end takes no telephone-event")

// job is what the sending goroutine is asked to do beside its tone.
type job struct {
	event  int  // a place in digits
	tone   bool // it is sent as sound
	how    Dialled
	length time.Duration // of compressed sound; 0 for a digit
	speed  float64
	done   chan error
}

// Digits sends digits as telephone-events (RFC 4733), 100 ms each.
func (p *RTPPhone) Digits(digits string) { p.t.Helper(); p.DialDigits(digits, Dialled{}) }

// DialDigits sends digits as told.
func (p *RTPPhone) DialDigits(digits string, how Dialled) {
	p.t.Helper()
	for _, d := range []byte(digits) {
		event := strings.IndexByte(alphabet, d)
		if event < 0 {
			p.t.Fatalf("%q is no digit", d)
		}
		if err := p.media.do(job{event: event, how: how}); err != nil {
			p.t.Fatalf("%s sends %q: %v", p, d, err)
		}
	}
}

// DialTones sends digits as the sound of their two tones (ITU-T Q.23), in place of the phone's own, for a whole number
// of packets each.
func (p *RTPPhone) DialTones(digits string, how Dialled) {
	p.t.Helper()
	for _, d := range []byte(digits) {
		event := strings.IndexByte(alphabet, d)
		if event < 0 {
			p.t.Fatalf("%q is no digit", d)
		}
		if err := p.media.do(job{event: event, tone: true, how: how}); err != nil {
			p.t.Fatalf("%s sends %q: %v", p, d, err)
		}
	}
}

// SendFast sends the tone of a stretch of time at so many times the speed of the clock, with the timestamps that it
// would have, and returns when that is done.
func (p *RTPPhone) SendFast(length time.Duration, speed float64) {
	p.t.Helper()
	if err := p.media.do(job{length: length, speed: speed}); err != nil {
		p.t.Fatalf("%s sends fast: %v", p, err)
	}
}

// StopSending has the phone send no more sound, though the call goes on, until StartSending.
func (p *RTPPhone) StopSending() { p.media.pause() }

// StartSending has the phone send its tone again.
func (p *RTPPhone) StartSending() { p.media.play() }

// do hands a job to the sending goroutine and waits for its end.
func (m *media) do(j job) error {
	j.done = make(chan error, 1)
	select {
	case m.jobs <- j:
	case <-time.After(patience):
		return fmt.Errorf("the phone is busy")
	}
	select {
	case err := <-j.done:
		return err
	case <-time.After(3 * patience):
		return fmt.Errorf("not done in time")
	}
}

// sending is what belongs to the sending goroutine.
type sending struct {
	m       *media
	header  rtp.Header
	samples uint64    // of sound, sent so far
	next    time.Time // when the next packet is due
	first   bool      // of a talkspurt
}

// run is the sending goroutine: a packet each ptime while the phone plays, and jobs between them.
func (m *media) run() {
	s := &sending{m: m, first: true, next: time.Now(), header: rtp.Header{
		Version: 2, SSRC: rand.Uint32(), SequenceNumber: uint16(rand.Uint32()), Timestamp: rand.Uint32(),
	}}
	for {
		select {
		case j := <-m.jobs:
			j.done <- s.work(j)
		case <-time.After(time.Until(s.next)):
			s.due(s.ptime())
			s.audio()
		case <-m.stop:
			return
		}
	}
}

func (s *sending) ptime() time.Duration { return time.Duration(s.m.ptime) * time.Millisecond }

// due sets the time of the next packet. Who is far behind, on a busy machine, does not catch up in a burst.
func (s *sending) due(after time.Duration) {
	if s.next = s.next.Add(after); time.Since(s.next) > 100*time.Millisecond {
		s.next = time.Now()
	}
}

// sleep waits for the time of the next packet; it is false when the phone ends.
func (s *sending) sleep() bool {
	select {
	case <-time.After(time.Until(s.next)):
		return true
	case <-s.m.stop:
		return false
	}
}

// audio sends the next packet of the tone if the far end is to hear it.
func (s *sending) audio() {
	m := s.m
	m.mu.Lock()
	if !m.playing || m.encoder == nil || m.direction == "sendonly" || m.direction == "inactive" {
		s.advance()
		s.first = true
		m.mu.Unlock()
		return
	}
	pcm := make([]int16, rate/1000*m.ptime)
	for i := range pcm {
		pcm[i] = m.sample(s.samples + uint64(i))
	}
	payload := make([]byte, 1500)
	n, err := m.encoder.Encode(payload, pcm)
	h := s.header
	h.PayloadType, h.Marker = m.pt, s.first
	s.advance()
	m.mu.Unlock()
	if err != nil {
		m.problem("encoding: %v", err)
		return
	}
	s.first = false
	s.packet(h, payload[:n])
}

// advance moves timestamp and tone on by one packet; the media's mu is held.
func (s *sending) advance() {
	s.samples += uint64(rate / 1000 * s.m.ptime)
	clock := uint32(rate)
	if s.m.encoder != nil {
		clock = s.m.codec.ClockRate()
	}
	s.header.Timestamp += clock / 1000 * uint32(s.m.ptime)
}

// packet sends one packet with the next sequence number.
func (s *sending) packet(h rtp.Header, payload []byte) {
	h.SequenceNumber = s.header.SequenceNumber
	s.header.SequenceNumber++
	b, err := (&rtp.Packet{Header: h, Payload: payload}).Marshal()
	if err != nil {
		s.m.problem("marshalling: %v", err)
		return
	}
	s.m.there.pass(b)
}

// work does a job.
func (s *sending) work(j job) error {
	if j.length > 0 {
		for n := j.length / s.ptime(); n > 0; n-- {
			if !s.sleep() {
				return nil
			}
			s.due(time.Duration(float64(s.ptime()) / j.speed))
			s.audio()
		}
		return nil
	}
	if j.tone {
		return s.tones(j)
	}
	return s.digit(j)
}

// tones sends one digit as sound.
func (s *sending) tones(j job) error {
	s.m.press(tonesOf(j.event))
	err := s.rest(cmp.Or(j.how.Length, 100*time.Millisecond))
	s.m.press([2]float64{})
	if err != nil {
		return err
	}
	return s.rest(cmp.Or(j.how.Gap, 100*time.Millisecond))
}

// tonesOf are the row and the column of a key (ITU-T Q.23), Hz.
func tonesOf(event int) [2]float64 {
	key := strings.IndexByte("123A456B789C*0#D", alphabet[event])
	return [2]float64{
		[]float64{697, 770, 852, 941}[key/4], []float64{1209, 1336, 1477, 1633}[key%4],
	}
}

// digit sends one digit in place of sound (RFC 4733 section 2.5): one timestamp, a growing duration, three ends.
func (s *sending) digit(j job) error {
	m := s.m
	m.mu.Lock()
	pt, h := m.eventOut, s.header
	m.mu.Unlock()
	if pt == 0 {
		return errNoEvents
	}
	length, gap := j.how.Length, j.how.Gap
	if length == 0 {
		length = 100 * time.Millisecond
	}
	if gap == 0 {
		gap = 100 * time.Millisecond
	}
	h.PayloadType = pt
	for sent := time.Duration(0); sent < length; {
		if !s.sleep() {
			return nil
		}
		s.due(s.ptime())
		h.Marker = sent == 0 && !j.how.NoMarker
		sent = min(sent+s.ptime(), length)
		s.packet(h, eventPayload(j.event, false, sent))
		s.silent()
	}
	h.Marker = false
	for n := 0; n < 3 && !j.how.NoEnd; n++ {
		s.packet(h, eventPayload(j.event, true, length))
	}
	s.first = true
	return s.rest(gap)
}

// silent lets time pass without sound.
func (s *sending) silent() {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	s.advance()
}

// rest sends sound for a time.
func (s *sending) rest(gap time.Duration) error {
	for n := gap / s.ptime(); n > 0 && s.sleep(); n-- {
		s.due(s.ptime())
		s.audio()
	}
	return nil
}

// eventPayload is the four bytes of RFC 4733 section 2.3, at 8000 Hz.
func eventPayload(event int, end bool, length time.Duration) []byte {
	volume := byte(10)
	if end {
		volume |= 0x80
	}
	return binary.BigEndian.AppendUint16([]byte{byte(event), volume}, uint16(length.Milliseconds()*rate/1000))
}

// isEvent says whether a payload type is telephone-event as the phone has agreed; mu is held.
func (m *media) isEvent(pt uint8) bool { return slices.Contains(m.eventIn, pt) }
