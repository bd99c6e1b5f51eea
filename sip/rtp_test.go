package sip

import (
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/prometheus/client_golang/prometheus"

	"seatbridge/leg"
	"seatbridge/media"
)

// hear takes what a leg's party sends.
type hear struct {
	t      *testing.T
	frames chan media.Frame
}

func (h *hear) Frame(f *media.Frame) {
	select {
	case h.frames <- *f:
	default:
	}
}

func (h *hear) Event(*media.Event) {}

// hears listens to a leg.
func hears(t *testing.T, l leg.Leg) *hear {
	h := &hear{t: t, frames: make(chan media.Frame, 1000)}
	l.Port().In.SetSink(h)
	t.Cleanup(func() { l.Port().In.SetSink(nil) })
	return h
}

// something waits for sound.
func (h *hear) something() {
	h.t.Helper()
	select {
	case <-h.frames:
	case <-time.After(patience):
		h.t.Fatal("no sound came")
	}
}

// rtpAddress is where a description wants RTP.
func rtpAddress(sdp string) *net.UDPAddr {
	port, _ := strconv.Atoi(between(sdp, "m=audio ", " "))
	return &net.UDPAddr{IP: net.ParseIP(between(sdp, "c=IN IP4 ", "\r\n")), Port: port}
}

// talk sends a stream of n packets of sound to where the description says.
func (p *peer) talk(sdp string, pt uint8, n int) {
	p.t.Helper()
	p.say(sdp, pt, make([]byte, 160*n))
}

// say sends G.711 in packets of 20 ms to the address in sdp.
func (p *peer) say(sdp string, pt uint8, sound []byte) {
	p.t.Helper()
	to, ssrc := rtpAddress(sdp), rand.Uint32()
	for i := range len(sound) / 160 {
		packet := rtp.Packet{
			Header: rtp.Header{
				Version: 2, PayloadType: pt, SSRC: ssrc, SequenceNumber: uint16(i), Timestamp: 160 * uint32(i),
			},
			Payload: sound[160*i:][:160],
		}
		raw, err := packet.Marshal()
		if err != nil {
			p.t.Fatal(err)
		}
		if _, err := p.rtp.WriteToUDP(raw, to); err != nil {
			p.t.Fatal(err)
		}
	}
}

// heard is the next packet of sound or digits that comes.
func (p *peer) heard() *rtp.Packet {
	p.t.Helper()
	packet, err := p.listen(patience)
	if err != nil {
		p.t.Fatalf("%s: no RTP came: %v", p.name, err)
	}
	return packet
}

func (p *peer) listen(wait time.Duration) (*rtp.Packet, error) {
	buf := make([]byte, 2000)
	_ = p.rtp.SetReadDeadline(time.Now().Add(wait))
	n, _, err := p.rtp.ReadFrom(buf)
	if err != nil {
		return nil, err
	}
	packet := &rtp.Packet{}
	return packet, packet.Unmarshal(buf[:n])
}

// hears has the gateway send sound to a leg's party until this peer hears it.
func (p *peer) hears(l leg.Leg) *rtp.Packet {
	p.t.Helper()
	ear := l.Port().Ears[0]
	for begun := time.Now(); time.Since(begun) < patience; {
		ear.Send(&media.Frame{Codec: ear.Codec(), Payload: make([]byte, 160), Arrived: time.Now(), Stream: rand.Uint64()})
		if packet, err := p.listen(20 * time.Millisecond); err == nil {
			return packet
		}
	}
	p.t.Fatalf("%s: no RTP came", p.name)
	return nil
}

// What the far end says of what it was sent is told.
func TestReport(t *testing.T) {
	g := newGateway(t)
	p := g.phone("1001")
	l, w := g.dial(to("1001"))
	invite := p.find("INVITE")
	p.reply(invite, "200 OK", "t", p.sdp("0"))
	want[leg.Answered](w)
	control := rtpAddress(invite.body())
	control.Port++
	report, err := (&rtcp.ReceiverReport{SSRC: 1, Reports: []rtcp.ReceptionReport{{
		SSRC: l.Info().Send.SSRC, TotalLost: 7,
	}}}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.rtp.WriteToUDP(report, control); err != nil {
		t.Fatal(err)
	}
	for begun := time.Now(); l.Info().Report.Lost != 7; runtime.Gosched() {
		if time.Since(begun) > patience {
			t.Fatalf("%+v", l.Info())
		}
	}
}

func TestPool(t *testing.T) {
	four, six := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("::1")
	g := newGateway(t, func(c *Config) {
		c.RTP.Addresses = []netip.Addr{four, six}
		c.RTP.Advertise = netip.MustParseAddr("192.0.2.9")
	})
	for _, ca := range []struct{ peer, advertised string }{
		{"198.51.100.1", "192.0.2.9"}, {"::ffff:198.51.100.1", "192.0.2.9"}, {"2001:db8::1", "::1"},
	} {
		if _, got := g.pool(netip.MustParseAddr(ca.peer)); got != netip.MustParseAddr(ca.advertised) {
			t.Errorf("%s: %s", ca.peer, got)
		}
	}
	for _, addresses := range [][]netip.Addr{nil, {netip.IPv4Unspecified()}, {four, netip.IPv6Unspecified()}} {
		c := g.c
		c.RTP.Addresses = addresses
		c.RTP.Advertise, c.Registry = netip.Addr{}, prometheus.NewRegistry()
		if err := (&Endpoint{c: c, log: g.log}).openPools(); !errors.Is(err, ErrConfig) {
			t.Errorf("%v: %v", addresses, err)
		}
	}
}
