package rtc

import (
	"io"
	"time"

	"github.com/pion/transport/v2/packetio"
)

// maxStreams is how many RTP and RTCP streams pion may make for a connection. A browser needs two for its microphone
// and one for each ear. pion makes one for every SSRC that an RTCP packet speaks of, dozens a packet, and keeps them.
const maxStreams = 64

// maxBuffer is how much an RTP stream may hold that was not read yet, in bytes: a second of sound. What waits longer, on
// a machine that is too busy, is worth nothing any more.
const maxBuffer = 8 << 10

// newBuffer makes the buffer of one stream; pion calls it.
func (p *peer) newBuffer(kind packetio.BufferPacketType, ssrc uint32) io.ReadWriteCloser {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return noBuffer{}
	}
	if len(p.buffers) == maxStreams {
		p.stopLocked(endedAbuse)
		return noBuffer{}
	}
	var b io.ReadWriteCloser = reports{peer: p, ssrc: ssrc}
	if kind == packetio.RTPBufferPacket {
		packets := packetio.NewBuffer()
		packets.SetLimitSize(maxBuffer)
		b = packets
	}
	p.buffers = append(p.buffers, b)
	return b
}

// reports is the RTCP that concerns one SSRC, taken as pion hands it in. To read it from a buffer would take a
// goroutine for each stream, four for a login and 8 KiB each.
type reports struct {
	noBuffer
	peer *peer
	ssrc uint32
}

// Write takes an RTCP packet that was decrypted.
func (r reports) Write(b []byte) (int, error) {
	r.peer.reported(r.ssrc, b, time.Now())
	return len(b), nil
}

// noBuffer holds nothing.
type noBuffer struct{}

// Read has nothing to come.
func (noBuffer) Read([]byte) (int, error) { return 0, io.EOF }

// Write drops.
func (noBuffer) Write(b []byte) (int, error) { return len(b), nil }

// Close does nothing.
func (noBuffer) Close() error { return nil }
