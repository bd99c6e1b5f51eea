package rtpsock

import (
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"seatbridge/sip/sdp"
)

// FuzzRTP gives a call anything to read from the phone's address, and then the phone's next packet.
func FuzzRTP(f *testing.F) {
	good, err := (&rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: 1, SSRC: 9}, Payload: []byte("x")}).Marshal()
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range [][]byte{
		nil, {0x80}, good, append([]byte{0xbf, 0x80}, good[2:]...), append([]byte{0xa0}, good[1:]...),
		append([]byte{0x90}, append(good[1:], 0xbe, 0xde, 0xff, 0xff, 1)...),
		append([]byte{0x80, 200}, good[2:]...), {0x81, 201, 0, 1, 0, 0, 0, 1},
		{22, 254, 253, 0, 0}, {0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42},
	} {
		f.Add(seed, false, false)
		f.Add(seed, true, false)
		f.Add(seed, true, true)
	}
	type call struct {
		s *Socket
		p *phone
	}
	calls := map[[2]bool]call{}
	for _, secure := range []bool{false, true} {
		for _, mux := range []bool{false, true} {
			s, _ := newTestSocket(f, Config{RTCPInterval: time.Hour}, nil)
			p := newPhone(f, loopback, s.LocalAddr())
			n := negotiated(p.addr())
			n.RTCPMux = mux
			if secure {
				n.SRTP = newKeys(sdp.AES80)
				p.secure(n.SRTP)
			}
			configure(f, s, n, netip.Addr{})
			s.Port().In.SetSink(discard{})
			calls[[2]bool{secure, mux}] = call{s, p}
		}
	}
	f.Fuzz(func(t *testing.T, b []byte, secure, mux bool) {
		ca := calls[[2]bool{secure, mux}]
		ca.p.t = t
		ca.s.arrive(b, ca.p.addr(), time.Now())
		payload, ok, _ := ca.s.in.admit(ca.p.packet("good"), ca.p.addr(), time.Now())
		if !ok || string(payload) != "good" {
			t.Fatalf("the phone's packet came to %q, %v", payload, ok)
		}
	})
}

// FuzzRTCP gives the reports' reader anything.
func FuzzRTCP(f *testing.F) {
	s, _ := newTestSocket(f, Config{RTCPInterval: time.Hour}, nil)
	p := newPhone(f, loopback, s.LocalAddr())
	configure(f, s, negotiated(p.addr()), netip.Addr{})
	for _, packets := range [][]rtcp.Packet{
		{&rtcp.SenderReport{SSRC: 1, NTPTime: 1 << 63, Reports: []rtcp.ReceptionReport{
			{SSRC: s.control.ssrc, LastSenderReport: 1, TotalLost: 1<<24 - 1},
		}}},
		{&rtcp.ReceiverReport{SSRC: 1}, &rtcp.SourceDescription{Chunks: []rtcp.SourceDescriptionChunk{{Source: 1}}}},
		{&rtcp.Goodbye{Sources: []uint32{1}, Reason: "x"}}, {&rtcp.PictureLossIndication{}}, {&rtcp.TransportLayerNack{}},
	} {
		b, err := rtcp.Marshal(packets)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, false)
		f.Add(b, true)
	}
	f.Add([]byte{0x80, 200}, false)
	o, err := newOpener(newKeys(sdp.GCM))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte, secure bool) {
		s.control.mu.Lock()
		s.control.opener = nil
		if secure {
			s.control.opener = o
		}
		s.control.mu.Unlock()
		if good := s.control.arrive(b, time.Now()); good && (secure || len(b) < minControl) {
			t.Fatal("taken")
		}
		r := s.Stats().Report
		if r.RTT < 0 || r.Lost < 0 || r.FractionLost < 0 || r.FractionLost > 1 {
			t.Fatalf("%+v", r)
		}
		if _, err := s.control.compose(true, time.Now()); err != nil {
			t.Fatal(err)
		}
	})
}
