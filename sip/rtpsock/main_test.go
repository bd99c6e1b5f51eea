package rtpsock

import (
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v2"
	"go.uber.org/goleak"

	"seatbridge/codec"
	"seatbridge/media"
	"seatbridge/sip/sdp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must come.
const patience = 10 * time.Second

var (
	loopback  = netip.MustParseAddr("127.0.0.1")
	loopback2 = netip.MustParseAddr("127.0.0.2")
	loopback3 = netip.MustParseAddr("127.0.0.3")
)

// clock is a time that only the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// newPool makes a pool on loopback whose ports the kernel picks and whose drains end with it. The clock may be nil.
func newPool(t testing.TB, c PoolConfig, ck *clock) *Pool {
	t.Helper()
	if !c.Address.IsValid() {
		c.Address = loopback
	}
	if c.SendOnlyTo == nil {
		c.SendOnlyTo = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	}
	c.Logger = slog.New(slog.DiscardHandler)
	p, err := NewPool(c)
	if err != nil {
		t.Fatal(err)
	}
	if ck != nil {
		p.now = ck.Now
	}
	t.Cleanup(p.Close)
	return p
}

// newTestSocket opens a socket that ends with the test, and what hears it.
func newTestSocket(t testing.TB, c Config, ck *clock) (*Socket, *sink) {
	t.Helper()
	return open(t, newPool(t, PoolConfig{}, ck), c)
}

func open(t testing.TB, p *Pool, c Config) (*Socket, *sink) {
	t.Helper()
	s, err := p.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	k := &sink{frames: make(chan heard, 4096)}
	s.Port().In.SetSink(k)
	return s, k
}

// heard is a frame, copied.
type heard struct {
	seq     uint16
	payload string
}

// sink keeps what it hears.
type sink struct{ frames chan heard }

func (k *sink) Frame(f *media.Frame) { k.frames <- heard{f.Seq, string(f.Payload)} }

func (k *sink) Event(*media.Event) {}

// next waits for a frame.
func (k *sink) next(t testing.TB) heard {
	t.Helper()
	select {
	case h := <-k.frames:
		return h
	case <-time.After(patience):
		t.Fatal("no frame came")
		return heard{}
	}
}

// expect waits for frames with the given payloads.
func (k *sink) expect(t testing.TB, payloads ...string) {
	t.Helper()
	for _, want := range payloads {
		if h := k.next(t); h.payload != want {
			t.Fatalf("heard %q, want %q", h.payload, want)
		}
	}
}

// phone is a far end: an RTP socket, the packets that it sends, perhaps under SRTP.
type phone struct {
	t    testing.TB
	conn *net.UDPConn
	to   netip.AddrPort
	ssrc uint32
	seq  uint16
	pt   uint8
	mark bool // its packets have the marker
	seal *srtp.Context
	open *srtp.Context
}

func newPhone(t testing.TB, addr netip.Addr, to netip.AddrPort) *phone {
	t.Helper()
	conn, err := listenUDP(netip.AddrPortFrom(addr, 0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &phone{t: t, conn: conn, to: to, ssrc: 0xabcd, seq: 100}
}

func (p *phone) addr() netip.AddrPort { return pair{rtp: p.conn}.addr() }

// packet is the phone's next packet.
func (p *phone) packet(payload string) []byte {
	p.t.Helper()
	p.seq++
	h := rtp.Header{
		Version: 2, PayloadType: p.pt, Marker: p.mark, SequenceNumber: p.seq, Timestamp: uint32(p.seq) * 160, SSRC: p.ssrc,
	}
	b, err := (&rtp.Packet{Header: h, Payload: []byte(payload)}).Marshal()
	if err != nil {
		p.t.Fatal(err)
	}
	if p.seal != nil {
		if b, err = p.seal.EncryptRTP(nil, b, nil); err != nil {
			p.t.Fatal(err)
		}
	}
	return b
}

func (p *phone) say(payloads ...string) {
	p.t.Helper()
	for _, payload := range payloads {
		p.send(p.packet(payload))
	}
}

func (p *phone) send(b []byte) {
	p.t.Helper()
	if _, err := p.conn.WriteToUDPAddrPort(b, p.to); err != nil {
		p.t.Fatal(err)
	}
}

// hear waits for an RTP packet.
func (p *phone) hear() *rtp.Packet {
	p.t.Helper()
	b := p.read()
	if p.open != nil {
		plain, err := p.open.DecryptRTP(nil, b, nil)
		if err != nil {
			p.t.Fatalf("decrypt: %v", err)
		}
		b = plain
	}
	packet := &rtp.Packet{}
	if err := packet.Unmarshal(b); err != nil {
		p.t.Fatal(err)
	}
	return packet
}

func (p *phone) read() []byte {
	p.t.Helper()
	b := make([]byte, maxPacket)
	_ = p.conn.SetReadDeadline(time.Now().Add(patience))
	n, _, err := p.conn.ReadFromUDPAddrPort(b)
	if err != nil {
		p.t.Fatalf("nothing came: %v", err)
	}
	return b[:n]
}

// nothing fails if anything has come. Loopback delivers before the sender's call returns, so what is not there now
// was not sent.
func (p *phone) nothing() {
	p.t.Helper()
	_ = p.conn.SetReadDeadline(time.Now().Add(time.Millisecond))
	n, from, err := p.conn.ReadFromUDPAddrPort(make([]byte, maxPacket))
	if err == nil {
		p.t.Fatalf("%d bytes from %v", n, from)
	}
}

// negotiated is PCMU both ways with the given far end.
func negotiated(remote netip.AddrPort) sdp.Negotiated {
	f := media.Formats{Audio: []media.AudioFormat{{PT: 0, Codec: codec.PCMU}}}
	return sdp.Negotiated{
		Remote: remote, RemoteRTCP: netip.AddrPortFrom(remote.Addr(), remote.Port()+1), Send: f, Receive: f,
	}
}

func configure(t testing.TB, s *Socket, n sdp.Negotiated, signalling netip.Addr) {
	t.Helper()
	if err := s.Configure(n, signalling); err != nil {
		t.Fatal(err)
	}
}

// speak sends one frame of ours to the far end.
func speak(s *Socket, seq uint16, payload string) {
	s.Port().Ears[0].Send(&media.Frame{
		Stream: 1, Codec: codec.PCMU, Seq: seq, Timestamp: uint32(seq) * 160, Arrived: time.Now(), Payload: []byte(payload),
	})
}

// settle waits until the reader has taken everything that was sent to the RTP port before: it sends a packet of its
// own from a stranger's address and waits until that was counted.
func settle(t testing.TB, s *Socket) {
	t.Helper()
	before := s.Stats().Dropped.WrongSource
	stranger := newPhone(t, netip.MustParseAddr("127.0.0.99"), s.LocalAddr())
	stranger.say("marker")
	waitFor(t, func() bool { return s.Stats().Dropped.WrongSource > before })
}

// waitFor waits for what another goroutine is about to do and tells nobody.
func waitFor(t testing.TB, done func() bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatal("it did not happen")
		}
	}
}
