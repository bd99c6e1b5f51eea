package media

import "time"

// Limits of what counts as one stream (RFC 3550 appendix A.1, with a smaller dropout so that a gap of half a minute
// becomes a new stream rather than a gap).
const (
	maxDropout  = 1000 // packets forward
	maxMisorder = 100  // packets back
)

// window is how many packets may be held while a gap shows.
const window = 8

// packet is one received packet, copied where it has to wait.
type packet struct {
	meaning
	seq     uint32 // extended: cycles in the high half
	ts      uint32
	marker  bool
	arrived time.Time
	payload []byte
}

// order tells by the sequence number what to do with a packet, and holds packets while a gap shows. Its zero value is
// before the first packet.
type order struct {
	started bool
	base    uint32 // extended sequence number of the first packet
	next    uint32 // extended sequence number that is due
	highest uint32
	badSeq  int // the number that would confirm a jump (RFC 3550 appendix A.1); -1 for none
	// seen has a bit for each of the packets before next, the latest lowest, set if it arrived.
	seen  [2]uint64
	held  [window]packet // by sequence number modulo window
	full  [window]bool
	count int
}

// verdict is what order makes of a packet's sequence number.
type verdict uint8

const (
	inOrder verdict = iota
	ahead           // a gap shows
	late
	duplicate
	jump    // too far away; perhaps a restart
	restart // a jump that the next packet confirmed
)

// firstCycle is what extended numbers begin with, so that a packet from just before the first has a number too.
const firstCycle = 1 << 16

// start begins anew with the given sequence number. Nothing may be held.
func (o *order) start(seq uint16) {
	first := firstCycle | uint32(seq)
	o.started, o.base, o.next, o.highest, o.badSeq = true, first, first, first, -1
	o.seen = [2]uint64{}
}

// judge extends seq by its cycles and says what is to be done with its packet.
func (o *order) judge(seq uint16) (uint32, verdict) {
	d := int(int16(seq - uint16(o.next)))
	ext := o.next + uint32(d)
	switch {
	case d == 0:
		return ext, inOrder
	case d > maxDropout || d < -maxMisorder:
		if int(seq) == o.badSeq {
			return ext, restart
		}
		o.badSeq = int(seq + 1)
		return ext, jump
	case d > 0:
		if i := ext % window; o.full[i] && o.held[i].seq == ext {
			return ext, duplicate
		}
		return ext, ahead
	}
	word, bit := o.bit(-d)
	if o.seen[word]&bit != 0 {
		return ext, duplicate
	}
	o.seen[word] |= bit
	return ext, late
}

// bit finds the mark of the packet that was due back packets before next.
func (o *order) bit(back int) (word int, bit uint64) {
	i := back - 1
	return i / 64, 1 << (i % 64)
}

// advance moves on by one packet, which arrived or was given up.
func (o *order) advance(arrived bool) {
	o.seen[1] = o.seen[1]<<1 | o.seen[0]>>63
	o.seen[0] <<= 1
	if arrived {
		o.seen[0] |= 1
	}
	o.next++
}

// hold copies a packet that is less than window ahead into its slot.
func (o *order) hold(p *packet) {
	slot := &o.held[p.seq%window]
	buf := append(slot.payload[:0], p.payload...)
	*slot = *p
	slot.payload = buf
	o.full[p.seq%window] = true
	o.count++
}

// take gives the held packet that is due, if it is there. It stays valid until the next hold.
func (o *order) take() *packet {
	i := o.next % window
	if o.count == 0 || !o.full[i] {
		return nil
	}
	o.full[i] = false
	o.count--
	return &o.held[i]
}

// waiting is when the packet arrived that has been held longest.
func (o *order) waiting() time.Time {
	var oldest time.Time
	for i := range o.held {
		if o.full[i] && (oldest.IsZero() || o.held[i].arrived.Before(oldest)) {
			oldest = o.held[i].arrived
		}
	}
	return oldest
}
