package rtpsock

import (
	"net/netip"
	"testing"

	"github.com/pion/rtp"

	"seatbridge/media"
	"seatbridge/sip/sdp"
)

// counter is a Sink that counts.
type counter int

func (c *counter) Frame(*media.Frame) { *c++ }
func (c *counter) Event(*media.Event) {}

// signal is a Sink that tells of each frame and keeps nothing.
type signal chan struct{}

func (s signal) Frame(*media.Frame) { s <- struct{}{} }
func (s signal) Event(*media.Event) {}

// path is a call through real sockets, ready for one packet after the other.
type path struct {
	s     *Socket
	p     *phone
	heard signal
	plain []byte
	sent  [maxPacket]byte
	buf   [maxPacket]byte

	header        rtp.Header
	inSeq, outSeq uint16 // a gap would make the Receiver wait
}

func newPath(t testing.TB, suite sdp.Suite) *path {
	s, _ := newTestSocket(t, Config{}, nil)
	p := newPhone(t, loopback, s.LocalAddr())
	n := negotiated(p.addr())
	if suite != "" {
		n.SRTP = newKeys(suite)
		p.secure(n.SRTP)
	}
	configure(t, s, n, netip.Addr{})
	pa := &path{s: s, p: p, heard: make(signal)}
	s.Port().In.SetSink(pa.heard)
	seal := p.seal
	p.seal = nil
	pa.plain = p.packet(string(make([]byte, 160)))
	p.seal = seal
	return pa
}

// in sends one packet to the socket and waits until it was heard; sealing is the test's own cost.
func (pa *path) in(t testing.TB) {
	pa.inSeq++
	pa.plain[2], pa.plain[3] = byte(pa.inSeq>>8), byte(pa.inSeq)
	b := pa.plain
	if pa.p.seal != nil {
		var err error
		if b, err = pa.p.seal.EncryptRTP(pa.sent[:0], pa.plain, &pa.header); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := pa.p.conn.WriteToUDPAddrPort(b, pa.p.to); err != nil {
		t.Fatal(err)
	}
	<-pa.heard
}

// out sends one packet from the socket and takes it from the wire.
func (pa *path) out(t testing.TB) {
	pa.outSeq++
	h := headerOf(pa.s)
	h.SequenceNumber = pa.outSeq
	if _, err := pa.s.out.WriteRTP(&h, pa.plain[12:]); err != nil {
		t.Fatal(err)
	}
	if _, _, err := pa.p.conn.ReadFromUDPAddrPort(pa.buf[:]); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkIn(b *testing.B)  { benchmark(b, (*path).in) }
func BenchmarkOut(b *testing.B) { benchmark(b, (*path).out) }

func benchmark(b *testing.B, packet func(*path, testing.TB)) {
	for _, suite := range append([]sdp.Suite{""}, suites...) {
		b.Run("suite="+string(suite), func(b *testing.B) {
			pa := newPath(b, suite)
			b.ReportAllocs()
			for b.Loop() {
				packet(pa, b)
			}
		})
	}
}
