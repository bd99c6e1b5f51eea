package rtc

import (
	"io"

	"github.com/pion/transport/v2/packetio"
)

// maxStreams is how many RTP and RTCP streams pion may make for a connection. A browser needs two for its microphone
// and one for each ear. pion makes one for every SSRC that an RTCP packet speaks of, dozens a packet, and keeps them.
const maxStreams = 64

// maxBuffer is how much a stream may hold that was not read yet, in bytes: over a second of sound.
const maxBuffer = 32 << 10

// newBuffer makes the buffer of one stream; pion calls it.
func (p *peer) newBuffer(packetio.BufferPacketType, uint32) io.ReadWriteCloser {
	if p.streams.Add(1) > maxStreams {
		p.close(endedAbuse)
		return noBuffer{}
	}
	b := packetio.NewBuffer()
	b.SetLimitSize(maxBuffer)
	return b
}

// noBuffer holds nothing.
type noBuffer struct{}

// Read has nothing to come.
func (noBuffer) Read([]byte) (int, error) { return 0, io.EOF }

// Write drops.
func (noBuffer) Write(b []byte) (int, error) { return len(b), nil }

// Close does nothing.
func (noBuffer) Close() error { return nil }
