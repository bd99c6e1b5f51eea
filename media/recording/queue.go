package recording

import (
	"sync"

	"seatbridge/media"
)

// What a queue holds: some two seconds of two speakers.
const (
	queueFrames = 256
	queueBytes  = 32 << 10
	maxPayload  = 1500 // bytes; nothing that came in a packet is longer
)

// queue holds frames between the speakers' goroutines and the recording's. It is bounded and allocates nothing after it
// was made.
type queue struct {
	mu     sync.Mutex
	closed bool
	frames [queueFrames]queued
	first  int // of frames
	count  int
	bytes  [queueBytes]byte
	start  int // of the first frame's payload
	used   int
}

// queued is a frame whose payload lies in bytes.
type queued struct {
	frame media.Frame // without its Payload
	side  side
	size  int // of the payload
}

// put copies a frame into the queue; it is false where there is no room.
func (q *queue) put(side side, f *media.Frame) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	size := len(f.Payload)
	switch {
	case q.closed:
		return true // nobody wants it any more
	case q.count == queueFrames, size > min(maxPayload, queueBytes-q.used):
		return false
	}
	e := &q.frames[(q.first+q.count)%queueFrames]
	e.frame, e.side, e.size = *f, side, size
	e.frame.Payload = nil
	at := (q.start + q.used) % queueBytes
	n := copy(q.bytes[at:], f.Payload)
	copy(q.bytes[:], f.Payload[n:])
	q.used += size
	q.count++
	return true
}

// take takes the oldest frame out, with its payload in buffer; it is false where there is none.
func (q *queue) take(buffer *[maxPayload]byte) (f media.Frame, s side, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.count == 0 {
		return f, s, false
	}
	e := &q.frames[q.first]
	n := copy(buffer[:e.size], q.bytes[q.start:])
	copy(buffer[n:e.size], q.bytes[:])
	f, s = e.frame, e.side
	f.Payload = buffer[:e.size]
	q.first, q.count = (q.first+1)%queueFrames, q.count-1
	q.start, q.used = (q.start+e.size)%queueBytes, q.used-e.size
	return f, s, true
}

// close has the queue take nothing more.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
}
