package media

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrOgg says that a file is no Ogg Opus sound that can be played.
var ErrOgg = errors.New("media: Ogg Opus file can't be used")

// oggPacket is one packet of a logical stream.
type oggPacket struct {
	data []byte
	// granule is that of the page, where the packet is the last to end on it (RFC 3533 section 6), and -1 elsewhere.
	granule int64
	end     bool // the last page of the stream
}

// oggPage is one page. Its first packet may go on from the page before, and its last one in the page after.
type oggPage struct {
	continued, first, end bool
	granule               int64
	serial, number        uint32
	segments              []byte // lengths; one of less than 255 ends a packet
	body                  []byte
}

// oggPackets are the packets of the first logical stream in a file whose first packet begins with magic. Streams that
// are multiplexed with it, or chained behind it, are left out. The error wraps ErrOgg.
func oggPackets(file []byte, magic string) ([]oggPacket, error) {
	var s oggStream
	table := oggTable()
	for rest := file; len(rest) > 0 && !s.end; {
		page, size, err := readOggPage(rest, table)
		if err != nil {
			return nil, fmt.Errorf("%w at byte %d", err, len(file)-len(rest))
		}
		rest = rest[size:]
		if page.first && !s.begun && len(page.body) >= len(magic) && string(page.body[:len(magic)]) == magic {
			s.begun, s.serial, s.number = true, page.serial, page.number
		}
		if !s.begun || page.serial != s.serial {
			continue
		}
		if err := s.add(page); err != nil {
			return nil, err
		}
	}
	return s.packets, nil
}

// oggStream puts the packets of one logical stream together.
type oggStream struct {
	begun, end bool
	serial     uint32
	number     uint32 // of the page that is due
	packets    []oggPacket
	open       []byte // packet that goes on in the next page
	going      bool   // there is one
}

// add takes the next page.
func (s *oggStream) add(p oggPage) error {
	if p.number != s.number || p.continued != s.going {
		return fmt.Errorf("%w: page %d is missing or out of place", ErrOgg, s.number)
	}
	s.number++
	last := -1
	for _, n := range p.segments {
		s.open, p.body = append(s.open, p.body[:n]...), p.body[n:]
		if s.going = n == 255; s.going {
			continue
		}
		last = len(s.packets)
		s.packets = append(s.packets, oggPacket{data: s.open, granule: -1, end: p.end})
		s.open = nil
	}
	if last >= 0 {
		s.packets[last].granule = p.granule
	}
	s.end = p.end
	return nil
}

// readOggPage reads the page that a file begins with, and says how long it is in bytes.
func readOggPage(b []byte, table *[256]uint32) (p oggPage, size int, err error) {
	const header = 27 // bytes before the segment table
	if len(b) < header || string(b[:4]) != "OggS" || b[4] != 0 {
		return p, 0, fmt.Errorf("%w: no page of Ogg version 0", ErrOgg)
	}
	size = header + int(b[26])
	if len(b) < size {
		return p, 0, fmt.Errorf("%w: cut off", ErrOgg)
	}
	p.segments = b[header:size]
	body := size
	for _, n := range p.segments {
		size += int(n)
	}
	if len(b) < size {
		return p, 0, fmt.Errorf("%w: cut off", ErrOgg)
	}
	p.body = b[body:size]
	le := binary.LittleEndian
	if oggChecksum(b[:size], table) != le.Uint32(b[22:]) {
		return p, 0, fmt.Errorf("%w: wrong checksum", ErrOgg)
	}
	p.continued, p.first, p.end = b[5]&1 != 0, b[5]&2 != 0, b[5]&4 != 0
	p.granule, p.serial, p.number = int64(le.Uint64(b[6:])), le.Uint32(b[14:]), le.Uint32(b[18:])
	return p, size, nil
}

// oggTable is that of the checksum: polynomial 0x04c11db7, the highest bit first. hash/crc32 has the lowest first.
func oggTable() *[256]uint32 {
	var table [256]uint32
	for i := range table {
		c := uint32(i) << 24
		for range 8 {
			c = c<<1 ^ 0x04c11db7*(c>>31)
		}
		table[i] = c
	}
	return &table
}

// oggChecksum is that of a page, whose own field for it counts as zero.
func oggChecksum(page []byte, table *[256]uint32) uint32 {
	var c uint32
	for i, b := range page {
		if i >= 22 && i < 26 {
			b = 0
		}
		c = c<<8 ^ table[byte(c>>24)^b]
	}
	return c
}
