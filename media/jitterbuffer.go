package media

import (
	"sync"
	"sync/atomic"
	"time"
)

// Limits of a JitterBuffer.
const (
	minDelay = 20 * time.Millisecond
	maxDelay = 240 * time.Millisecond
	// spare is added to the longest delay seen: how far the reader may be ahead before it is moved, and its lateness.
	spare = 25 * time.Millisecond
	// memory is for how long a delay that was seen counts, at least; at most twice as long.
	memory = 2500 * time.Millisecond

	block      = int(Tick * PCMRate / time.Second) // samples read at once
	ringSize   = 8192                              // samples: about a second
	quietLevel = 200                               // mean amplitude of what counts as quiet: -44 dB
	maxLateRun = 10                                // packets that all come too late: the time line is a new one

	// How far off the reader is, in samples, when it is moved by a block: where it is quiet, and anywhere. It is moved
	// back sooner, as being ahead loses packets, and being behind only delays.
	offQuiet  = block * 3 / 4 // more than half, else a move would call for the opposite one
	offAhead  = block
	offBehind = 3 * block
	offLost   = 12 * block // behind, when it is moved at once by all of it
)

// JitterBuffer holds the PCM of one speaker for a mixer, which reads it by its own clock. It delays by the longest
// delay of the last seconds, 20 to 240 ms, and so follows the network and the drift between the two clocks; what the
// reader has to be moved by is left out or repeated where it is quiet.
type JitterBuffer struct {
	mu      sync.Mutex
	ring    [ringSize]int16 // by position modulo its size
	started bool
	placed  bool // read is set
	stream  uint64
	read    uint32    // position that is due
	end     uint32    // position after the last sample
	epoch   time.Time // delays are counted from
	delays  [2]delays // of the running spell, and of the one before
	turn    time.Time // when the running one ends
	lateRun int

	late atomic.Uint64 // packets
	slip atomic.Uint64
}

// delays are the least and the greatest delay of the packets of a spell.
type delays struct {
	lo, hi time.Duration
	any    bool
}

func (d *delays) add(t time.Duration) {
	if !d.any {
		*d = delays{t, t, true}
	}
	d.lo, d.hi = min(d.lo, t), max(d.hi, t)
}

// NewJitterBuffer makes an empty one.
func NewJitterBuffer() *JitterBuffer { return &JitterBuffer{} }

// Write takes the PCM of the next packet.
func (j *JitterBuffer) Write(p *PCM) {
	j.mu.Lock()
	defer j.mu.Unlock()
	after := p.Pos + uint32(len(p.Samples))
	if !j.started || p.Stream != j.stream || j.lateRun >= maxLateRun || j.tooFar(after) {
		j.start(p)
	}
	j.learn(p)
	samples, pos := p.Samples, p.Pos
	if cut := int(int32(j.read - pos)); j.placed && cut > 0 { // its time has passed, wholly or in part
		j.late.Add(1)
		if cut >= len(samples) {
			j.lateRun++
			return
		}
		samples, pos = samples[cut:], j.read
	}
	j.lateRun = 0
	j.pause(pos)
	for i, s := range samples {
		j.ring[(pos+uint32(i))%ringSize] = s
	}
	j.end = pos + uint32(len(samples))
}

// pause is silence up to pos, where nothing was sent.
func (j *JitterBuffer) pause(pos uint32) {
	if int32(pos-j.end) >= ringSize {
		j.ring = [ringSize]int16{}
		j.end = pos
	}
	for ; int32(pos-j.end) > 0; j.end++ {
		j.ring[j.end%ringSize] = 0
	}
}

// tooFar says that a packet's end does not fit into the ring. A pause is no reason: the reader goes on in it.
func (j *JitterBuffer) tooFar(after uint32) bool {
	if !j.placed {
		return int32(after-j.end) > ringSize/2
	}
	return int32(after-j.read) > ringSize-int32(block)
}

// start begins with a new time line.
func (j *JitterBuffer) start(p *PCM) {
	j.ring = [ringSize]int16{}
	j.started, j.placed, j.stream, j.end = true, false, p.Stream, p.Pos
	j.epoch, j.delays, j.turn, j.lateRun = p.Arrived.Add(-length(p.Pos)), [2]delays{}, p.Arrived.Add(memory), 0
}

// learn takes a packet's delay into account.
func (j *JitterBuffer) learn(p *PCM) {
	if p.Arrived.After(j.turn) {
		j.delays[1], j.delays[0] = j.delays[0], delays{}
		j.turn = p.Arrived.Add(memory)
	}
	j.delays[0].add(p.Arrived.Sub(j.epoch) - length(p.Pos))
}

// due is the position that ought to be read at a time.
func (j *JitterBuffer) due(now time.Time) uint32 {
	d := j.delays[0]
	if before := j.delays[1]; before.any {
		d.add(before.lo)
		d.add(before.hi)
	}
	delay := min(max(d.hi+spare, d.lo+minDelay), d.lo+maxDelay)
	return ticks(now.Sub(j.epoch)-delay, PCMRate)
}

// Read fills dst, which has the samples of one Tick, with what is due now; what is not there is silence.
func (j *JitterBuffer) Read(dst []int16, now time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.started {
		clear(dst)
		return
	}
	due := j.due(now)
	if !j.placed {
		j.read, j.placed = due, true
	}
	off := int(int32(due - j.read))
	if off > offLost {
		j.read, off = due, 0
	}
	have := int(int32(j.end - j.read))
	switch {
	case have <= 0 || have < block && off < 0:
		// A pause: the reader can be moved unheard, but never back over what was read.
		clear(dst)
		j.read += uint32(max(off+block, 0))
		return
	case off >= offQuiet && have >= 2*block && (off >= offBehind || j.quiet(j.read)):
		j.cross(dst, j.read, j.read+uint32(block))
		j.read += 2 * uint32(block)
		j.slip.Add(1)
		return
	case off <= -offQuiet && (off <= -offAhead || j.quiet(j.read)):
		j.cross(dst, j.read, j.read-uint32(block))
		j.slip.Add(1)
		return
	}
	for i := range dst {
		dst[i] = 0
		if i < have {
			dst[i] = j.ring[(j.read+uint32(i))%ringSize]
		}
	}
	j.read += uint32(len(dst))
}

// quiet says that there is nothing to be heard in the block at pos.
func (j *JitterBuffer) quiet(pos uint32) bool {
	sum := 0
	for i := range uint32(block) {
		s := int(j.ring[(pos+i)%ringSize])
		sum += max(s, -s)
	}
	return sum < quietLevel*block
}

// cross fills dst with a cross-fade from the block at one position to that at another.
func (j *JitterBuffer) cross(dst []int16, from, to uint32) {
	for i := range dst {
		a, b := int(j.ring[(from+uint32(i))%ringSize]), int(j.ring[(to+uint32(i))%ringSize])
		dst[i] = int16((a*(len(dst)-i) + b*i) / len(dst))
	}
}

// Stats is a snapshot: packets that came too late, and blocks left out or repeated.
func (j *JitterBuffer) Stats() (late, slips uint64) { return j.late.Load(), j.slip.Load() }

// length is how long so many samples last.
func length(samples uint32) time.Duration {
	return time.Duration(samples) * time.Second / PCMRate
}
