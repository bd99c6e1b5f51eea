package media

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"

	"seatbridge/codec"
	"seatbridge/dtmf"
)

// DefaultReorder is how long a packet after a gap waits for the missing ones where nothing else is said.
const DefaultReorder = 20 * time.Millisecond

// maxG711 is the longest G.711 payload taken, in bytes: 120 ms, what a decoder's buffer holds.
const maxG711 = 960

// maxStep is how far timestamps may run away from the arrival times from one packet to the next before they count as
// begun anew.
const maxStep = 2 * time.Second

// Receiver puts one leg's arriving RTP in order and hands it to a Sink: duplicates dropped, a reordered packet waited
// for only while a gap shows, digits told apart from audio, loss counted.
type Receiver struct {
	reorder time.Duration
	digits  func(dtmf.Event, time.Duration)
	tones   func(dtmf.Event, time.Duration)
	tonal   atomic.Bool // see Tonal

	// Of the reader's goroutine.
	types    *typeTable
	sink     Sink
	inband   *inband // nil: tones are sound like any other
	order    order
	digit    digit
	frame    Frame // lent to the Sink
	event    Event // lent to the Sink
	ssrc     uint32
	oldSSRC  uint32 // the one before
	switched time.Time
	stream   uint64
	codec    codec.ID
	lastTS   uint32    // of the last audio packet handed on
	lastAt   time.Time // when that arrived
	lost     int       // packets missing before the next audio packet
	jitter   jitter
	work     ReceiveStats
	received uint32 // packets of this SSRC, RFC 3550 appendix A.3

	mu        sync.Mutex
	newTypes  *typeTable
	newSink   Sink
	newInband *inband
	eventless bool // no telephone-event is agreed on
	stats     ReceiveStats
	report    report
}

// ReceiverConfig says how a Receiver works.
type ReceiverConfig struct {
	// Reorder is how long a packet after a gap waits for the missing ones. It defaults to DefaultReorder.
	Reorder time.Duration
	// Digit is told each telephone-event digit once, when it has ended, and how long it lasted, on the reader's
	// goroutine, whether or not there is a Sink. It must not block; nil means that nobody wants to know.
	Digit func(e dtmf.Event, length time.Duration)
	// Tone is told each digit that was heard in the sound, in the same way; see SetInband.
	Tone func(e dtmf.Event, length time.Duration)
}

// NewReceiver makes a Receiver that discards everything until SetFormats and SetSink were called.
func NewReceiver(c ReceiverConfig) *Receiver {
	if c.Reorder <= 0 {
		c.Reorder = DefaultReorder
	}
	return &Receiver{reorder: c.Reorder, digits: c.Digit, tones: c.Tone, newTypes: newTypeTable(Formats{})}
}

// SetFormats says which payload types are what from the next packet on; others are counted and dropped.
func (r *Receiver) SetFormats(f Formats) {
	t := newTypeTable(f)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.newTypes, r.eventless = t, len(f.Event) == 0
	r.tonal.Store(r.eventless || r.newInband != nil)
}

// SetInband says whether the far end sends digits as tones (ITU-T Q.23), from the next packet on. They are listened for
// in its G.711 sound, until it sends the first telephone-event, and handed to the Sink as telephone-events; their sound
// goes on until it is known what they are, for some 40 ms.
func (r *Receiver) SetInband(on bool) {
	var b *inband
	if on {
		b = newInband(r)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if on != (r.newInband != nil) {
		r.newInband = b
	}
	r.tonal.Store(r.eventless || on)
}

// Tonal says that the sound may have digits in it: SetInband said so, or the far end has no other way in its RTP.
func (r *Receiver) Tonal() bool { return r.tonal.Load() }

// SetSink says who hears the party from the next packet on; nil drops and counts. A Push under way may still hand its
// packet to the Sink before.
func (r *Receiver) SetSink(s Sink) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.newSink = s
}

// Push takes one packet that arrived at the given time; the payload is without padding. Only the leg's reader
// goroutine calls it. The packet may be reused by the caller once it returns.
func (r *Receiver) Push(h *rtp.Header, payload []byte, arrived time.Time) {
	r.mu.Lock()
	r.types, r.sink, r.inband = r.newTypes, r.newSink, r.newInband
	r.mu.Unlock()

	r.work.Packets++
	r.work.Bytes += uint64(len(payload))
	p := packet{
		meaning: r.types[h.PayloadType&0x7f],
		ts:      h.Timestamp, marker: h.Marker, arrived: arrived, payload: payload,
	}
	r.validate(&p)
	if r.admit(&p, h.SSRC, h.SequenceNumber) {
		r.place(&p)
	}
	r.giveUp(arrived)
	r.publish()
}

// validate takes the meaning from a packet that can't be what its payload type says, so that only its place in the
// sequence counts.
func (r *Receiver) validate(p *packet) {
	bad := false
	switch p.kind {
	case unknown:
		r.work.UnknownType++
	case comfort:
		r.work.ComfortNoise++
	case event:
		bad = len(p.payload) < eventSize || !dtmf.Event(p.payload[0]).Valid()
	case audio:
		bad = len(p.payload) == 0 || p.codec != codec.Opus && len(p.payload) > maxG711
	}
	if bad {
		r.work.Malformed++
		p.meaning = meaning{}
	}
}

// admit tells by SSRC and sequence number whether a packet has a place in the stream, and begins a new one where
// it is due.
func (r *Receiver) admit(p *packet, ssrc uint32, seq uint16) bool {
	if !r.order.started || ssrc != r.ssrc {
		switch {
		case p.kind == event && r.order.started:
			r.telephoneEvent(p, ssrc) // digits may have an SSRC of their own; that starts no stream
			return false
		case p.kind != audio && p.kind != event:
			return false
		case ssrc == r.oldSSRC && r.order.started && p.arrived.Sub(r.switched) < r.reorder:
			r.work.Late++
			return false
		}
		r.begin(ssrc, seq, p.arrived)
	}
	ext, v := r.order.judge(seq)
	if v == restart && p.kind != audio && p.kind != event {
		v = jump // nothing that is to be heard has begun anew
	}
	switch v {
	case restart:
		r.begin(ssrc, seq, p.arrived)
		ext, _ = r.order.judge(seq)
	case duplicate:
		r.work.Duplicate++
		return false
	case late:
		r.work.Late++
		r.received++
		return false
	case jump:
		r.work.Jumps++
		return false
	}
	p.seq = ext
	return true
}

// begin starts a new stream: another SSRC, or the same one with its numbers begun anew.
func (r *Receiver) begin(ssrc uint32, seq uint16, now time.Time) {
	r.flush()
	if r.order.started && ssrc != r.ssrc {
		r.oldSSRC, r.switched = r.ssrc, now
	}
	r.ssrc, r.received, r.lost = ssrc, 0, 0
	r.order.start(seq)
	r.jitter = jitter{}
	r.newStream()
}

// newStream makes frames from now on a stream of their own. Streams are told apart across all legs, so the id is
// random.
func (r *Receiver) newStream() {
	r.stream, r.codec = rand.Uint64(), codec.None
	r.work.Streams++
}

// place hands a packet on if it is due, and otherwise holds it.
func (r *Receiver) place(p *packet) {
	r.received++
	if p.kind != unknown {
		r.work.Last = p.arrived
	}
	if p.kind == audio {
		r.jitter.arrived(p.ts, p.clock, p.arrived)
	}
	if int32(p.seq-r.order.highest) > 0 {
		r.order.highest = p.seq
	} else if p.seq != r.order.highest {
		r.work.Reordered++
	}
	if p.seq-r.order.next >= window { // too far for the missing ones to come in time
		r.flush()
		r.skip(p.seq)
	}
	if p.seq != r.order.next {
		r.order.hold(p)
		return
	}
	r.deliver(p)
	r.release()
}

// release hands on held packets as far as they follow without a gap.
func (r *Receiver) release() {
	for p := r.order.take(); p != nil; p = r.order.take() {
		r.deliver(p)
	}
}

// giveUp stops waiting for what is missing once the oldest held packet has waited long enough.
func (r *Receiver) giveUp(now time.Time) {
	for r.order.count > 0 && now.Sub(r.order.waiting()) >= r.reorder {
		r.skipGap()
	}
}

// flush hands on all that is held.
func (r *Receiver) flush() {
	for r.order.count > 0 {
		r.skipGap()
	}
}

// skipGap counts what is missing before the first held packet as lost, and hands on what follows it.
func (r *Receiver) skipGap() {
	for !r.order.full[r.order.next%window] {
		r.skip(r.order.next + 1)
	}
	r.release()
}

// skip counts everything before seq that was due as lost.
func (r *Receiver) skip(seq uint32) {
	for r.order.next != seq {
		r.order.advance(false)
		r.work.Lost++
		r.lost++
	}
}

// deliver hands on the packet that is due.
func (r *Receiver) deliver(p *packet) {
	r.order.advance(true)
	switch p.kind {
	case event:
		r.telephoneEvent(p, r.ssrc)
	case audio:
		r.audio(p)
	}
}

// audio hands an audio packet on as a Frame.
func (r *Receiver) audio(p *packet) {
	if r.digit.audio(p) {
		r.endDigit(p.arrived)
	}
	if p.codec != r.codec || r.timeJumped(p) {
		if r.codec != codec.None {
			r.newStream()
		}
		r.codec = p.codec
	}
	r.lastTS, r.lastAt = p.ts, p.arrived
	lost := r.lost
	r.lost = 0
	r.frame = Frame{
		Stream: r.stream, Codec: p.codec, Seq: uint16(p.seq), Timestamp: p.ts, Marker: p.marker,
		Lost: lost, Arrived: p.arrived, Payload: p.payload,
	}
	if r.inband != nil && r.work.Digits == 0 { // who sends telephone-events may send their tones beside them
		r.inband.frame(&r.frame)
	}
	if r.sink == nil {
		r.work.Unheard++
		return
	}
	r.sink.Frame(&r.frame)
}

// timeJumped says that a packet's timestamp does not go on from the one before: it went back, or away from the time
// that really passed, as where a far end changes its source without changing its SSRC.
func (r *Receiver) timeJumped(p *packet) bool {
	step := int32(p.ts - r.lastTS)
	if step <= 0 {
		return true
	}
	off := time.Duration(step)*time.Second/time.Duration(p.clock) - p.arrived.Sub(r.lastAt)
	return off.Abs() > maxStep
}

// telephoneEvent hands a telephone-event packet on as an Event, unless it tells nothing new.
func (r *Receiver) telephoneEvent(p *packet, ssrc uint32) {
	var e dtmf.Payload
	if e.Unmarshal(p.payload) != nil {
		return // validate has counted it
	}
	if r.digit.another(e, p, ssrc) {
		r.endDigit(p.arrived)
	}
	if told := r.digit.update(e, p, ssrc); told.first {
		r.work.Digits++
	} else if !told.news {
		return
	}
	r.tell(p.arrived)
}

// endDigit tells the end of a digit whose end packets never came.
func (r *Receiver) endDigit(arrived time.Time) {
	r.digit.finish()
	r.tell(arrived)
}

// tell hands the state of the digit on.
func (r *Receiver) tell(arrived time.Time) {
	if d := &r.digit; d.End && r.digits != nil && d.Clock > 0 {
		r.digits(d.Event.Event, time.Duration(d.Duration)*time.Second/time.Duration(d.Clock))
	}
	if r.sink == nil {
		return
	}
	r.event = r.digit.Event
	r.event.Stream, r.event.Arrived = r.stream, arrived
	r.sink.Event(&r.event)
}

// publish makes the counters visible to other goroutines.
func (r *Receiver) publish() {
	r.work.SSRC = r.ssrc
	if r.order.started {
		r.work.HighestSeq = r.order.highest - firstCycle
	}
	r.work.Cycles = uint16(r.work.HighestSeq >> 16)
	r.work.Jitter = r.jitter.mean
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stats = r.work
	r.report.base, r.report.received, r.report.clock = r.order.base-firstCycle, r.received, r.jitter.clock
}

// Stats is a snapshot of what was received so far.
func (r *Receiver) Stats() ReceiveStats {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stats
}
