package peers

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/pion/rtp"

	"seatbridge/codec"
)

// receive keeps a packet and decodes it, in the order of arrival.
func (m *media) receive(b []byte) {
	var p rtp.Packet
	if err := p.Unmarshal(b); err != nil {
		m.problem("a packet that is no RTP came in: %v", err)
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.packets = append(m.packets, Packet{
		time.Now(), p.SequenceNumber, p.Timestamp, p.SSRC, p.PayloadType, p.Marker, p.Payload,
	})
	if m.isEvent(p.PayloadType) {
		return
	}
	id, known := m.decoding[p.PayloadType]
	if !known {
		return // Reception counts it
	}
	if err := m.decode(id, p.Payload); err != nil {
		m.issues = append(m.issues, fmt.Sprintf("decoding %s: %v", id, err))
	}
}

// decode appends a payload's sound; mu is held.
func (m *media) decode(id codec.ID, payload []byte) error {
	d := m.decoders[id]
	if d == nil {
		var err error
		if d, err = codec.NewDecoder(id, rate); err != nil {
			return err
		}
		m.decoders[id] = d
	}
	var pcm [rate * 120 / 1000]int16
	n, err := d.Decode(pcm[:], payload)
	m.sound = append(m.sound, pcm[:n]...)
	return err
}

// Sound is all sound that came, in the order of arrival, as if no packet were missing.
func (p *RTPPhone) Sound() Sound {
	p.media.mu.Lock()
	defer p.media.mu.Unlock()
	return Sound{rate, p.media.sound[:len(p.media.sound):len(p.media.sound)]}
}

// Packets are all RTP packets that came, in the order of arrival.
func (p *RTPPhone) Packets() []Packet {
	p.media.mu.Lock()
	defer p.media.mu.Unlock()
	return p.media.packets[:len(p.media.packets):len(p.media.packets)]
}

// Reports is how many RTCP packets came.
func (p *RTPPhone) Reports() int {
	p.media.mu.Lock()
	defer p.media.mu.Unlock()
	return p.media.reports
}

// Reception says how packets came.
type Reception struct {
	Packets    int
	SSRCs      int           // how many streams
	Missing    int           // sequence numbers that never came, between the first and the last of each stream
	Duplicates int           // that came again
	Reordered  int           // that came after a later one
	Unknown    int           // of a payload type that was not agreed
	Jumps      int           // of sound that did not begin where the packet before it, by sequence number, had ended
	LongestGap time.Duration // between two arrivals
}

// Reception looks at the packets from number `from` (by arrival) on.
func (p *RTPPhone) Reception(from int) Reception {
	all := p.Packets()
	all = all[min(from, len(all)):]
	p.media.mu.Lock()
	defer p.media.mu.Unlock()
	r := Reception{Packets: len(all)}
	streams := map[uint32]*stream{}
	for i, packet := range all {
		if i > 0 {
			r.LongestGap = max(r.LongestGap, packet.At.Sub(all[i-1].At))
		}
		s := streams[packet.SSRC]
		if s == nil {
			s = &stream{seen: map[int64]bool{}, last: int64(packet.Seq)}
			streams[packet.SSRC] = s
		}
		_, sound := p.media.decoding[packet.PT]
		if !sound && !p.media.isEvent(packet.PT) {
			r.Unknown++
		}
		s.add(&r, packet, sound, p.media)
	}
	r.SSRCs = len(streams)
	for _, s := range streams {
		r.Missing += s.missing()
	}
	return r
}

// stream follows one SSRC with sequence numbers that do not wrap.
type stream struct {
	seen    map[int64]bool
	last    int64  // highest so far
	ends    uint32 // timestamp after the latest sound
	inOrder bool   // the latest packet was sound, so ends is known
}

func (s *stream) add(r *Reception, p Packet, sound bool, m *media) {
	n := s.last + int64(int16(p.Seq-uint16(s.last)))
	switch {
	case s.seen[n]:
		r.Duplicates++
		return
	case len(s.seen) > 0 && n < s.last:
		r.Reordered++
		s.seen[n] = true
		s.inOrder = false
		return
	}
	if s.inOrder && n == s.last+1 && sound && p.Timestamp != s.ends && !p.Marker {
		r.Jumps++
	}
	s.seen[n], s.last, s.inOrder = true, n, sound
	if sound {
		s.ends = p.Timestamp + soundLength(m.decoding[p.PT], p.Payload)
	}
}

// missing counts the holes.
func (s *stream) missing() int {
	low := s.last
	for n := range s.seen {
		low = min(low, n)
	}
	return int(s.last-low) + 1 - len(s.seen)
}

// soundLength is how far the timestamp moves with a payload; for Opus, that is 20 ms here.
func soundLength(id codec.ID, payload []byte) uint32 {
	if id == codec.Opus {
		return id.ClockRate() / 50
	}
	return uint32(len(payload))
}

// DigitHeard is one digit that came as telephone-events.
type DigitHeard struct {
	Digit     byte
	Length    time.Duration // the longest duration that was told
	Timestamp uint32
	Packets   int // in all
	Marked    int // with the marker bit
	Ends      int // with the end bit
}

// DigitsHeard are the digits that came so far, told apart by their timestamps (RFC 4733 section 2.5.1.2).
func (p *RTPPhone) DigitsHeard() []DigitHeard {
	packets := p.Packets()
	p.media.mu.Lock()
	defer p.media.mu.Unlock()
	var all []DigitHeard
	at := map[[2]uint32]int{} // SSRC, timestamp
	for _, packet := range packets {
		if !p.media.isEvent(packet.PT) || len(packet.Payload) < 4 {
			continue
		}
		key := [2]uint32{packet.SSRC, packet.Timestamp}
		i, known := at[key]
		if !known {
			i = len(all)
			at[key] = i
			all = append(all, DigitHeard{Digit: digitOf(packet.Payload[0]), Timestamp: packet.Timestamp})
		}
		d := &all[i]
		samples := time.Duration(binary.BigEndian.Uint16(packet.Payload[2:]))
		d.Length = max(d.Length, samples*time.Second/rate)
		d.Packets++
		if packet.Marker {
			d.Marked++
		}
		if packet.Payload[1]&0x80 != 0 {
			d.Ends++
		}
	}
	return all
}

// digitOf is the digit of an event code, '?' for none.
func digitOf(event byte) byte {
	if int(event) < len(alphabet) {
		return alphabet[event]
	}
	return '?'
}

// WaitDigits waits until as many digits came, in all, as the test wants, the last of them with its end.
func (p *RTPPhone) WaitDigits(want string) []DigitHeard {
	p.t.Helper()
	var heard []DigitHeard
	for end := time.Now().Add(patience); time.Now().Before(end); pause(20 * time.Millisecond) {
		heard = p.DigitsHeard()
		if n := len(heard); n > len(want) || n == len(want) && (n == 0 || heard[n-1].Ends > 0) {
			break
		}
	}
	got := ""
	for _, d := range heard {
		got += string(d.Digit)
	}
	if got != want {
		p.t.Fatalf("%s: heard the digits %q, want %q", p, got, want)
	}
	return heard
}
