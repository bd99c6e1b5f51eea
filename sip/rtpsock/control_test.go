package rtpsock

import (
	"encoding/base64"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtcp"

	"seatbridge/media"
	"seatbridge/sip/sdp"
)

// controlled is a phone with an RTCP port too.
type controlled struct {
	*phone
	rtcp *net.UDPConn
	far  netip.AddrPort // the socket's RTCP port
}

func newControlled(t testing.TB, s *Socket) *controlled {
	t.Helper()
	pr, err := newPool(t, PoolConfig{}, nil).bindAny()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pr.close)
	p := &phone{t: t, conn: pr.rtp, to: s.LocalAddr(), ssrc: 0xabcd, seq: 100}
	return &controlled{phone: p, rtcp: pr.rtcp, far: netip.AddrPortFrom(s.LocalAddr().Addr(), s.LocalAddr().Port()+1)}
}

// report waits for a compound packet.
func (c *controlled) report(conn *net.UDPConn) []rtcp.Packet {
	c.t.Helper()
	b := make([]byte, maxPacket)
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	n, _, err := conn.ReadFromUDPAddrPort(b)
	if err != nil {
		c.t.Fatalf("no report: %v", err)
	}
	b = b[:n]
	if c.open != nil {
		if b, err = c.open.DecryptRTCP(nil, b, nil); err != nil {
			c.t.Fatal(err)
		}
	}
	all, err := rtcp.Unmarshal(b)
	if err != nil {
		c.t.Fatal(err)
	}
	return all
}

func (c *controlled) send(conn *net.UDPConn, to netip.AddrPort, packets ...rtcp.Packet) []byte {
	c.t.Helper()
	b, err := rtcp.Marshal(packets)
	if err == nil && c.seal != nil {
		b, err = c.seal.EncryptRTCP(nil, b, nil)
	}
	if err == nil {
		_, err = conn.WriteToUDPAddrPort(b, to)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	return b
}

// TestReports sends and takes reports over a port of their own and over the RTP port, plain and under SRTP.
func TestReports(t *testing.T) {
	for _, mux := range []bool{false, true} {
		for _, suite := range append([]sdp.Suite{""}, suites...) {
			name := "own port"
			if mux {
				name = "RTP port"
			}
			t.Run(name+" "+string(suite), func(t *testing.T) { testReports(t, mux, suite) })
		}
	}
}

func testReports(t *testing.T, mux bool, suite sdp.Suite) {
	s, k := newTestSocket(t, Config{RTCPInterval: 20 * time.Millisecond}, nil)
	p := newControlled(t, s)
	n := negotiated(p.addr())
	conn, far := p.rtcp, p.far
	if n.RTCPMux = mux; mux {
		conn, far = p.conn, s.LocalAddr()
	}
	if suite != "" {
		n.SRTP = newKeys(suite)
		p.secure(n.SRTP)
	}
	configure(t, s, n, netip.Addr{})
	first := p.report(conn)
	rr, ok := first[0].(*rtcp.ReceiverReport)
	if !ok || len(rr.Reports) != 0 {
		t.Fatalf("a report before anything came or went: %v", first)
	}
	description, ok := first[1].(*rtcp.SourceDescription)
	if !ok || description.Chunks[0].Source != rr.SSRC {
		t.Fatalf("no description in %v", first)
	}
	cname := description.Chunks[0].Items[0]
	name, err := base64.StdEncoding.DecodeString(cname.Text)
	if cname.Type != rtcp.SDESCNAME || err != nil || len(name) != 12 {
		t.Errorf("%v", cname)
	}

	p.say("1", "2")
	k.expect(t, "1", "2")
	speak(s, 1, "x")
	if !mux {
		p.hear()
	}
	sr := p.senderReport(conn)
	if sr.SSRC != rr.SSRC || sr.PacketCount != 1 || sr.OctetCount != 1 || sr.Reports[0].SSRC != p.ssrc ||
		uint16(sr.Reports[0].LastSequenceNumber) != p.seq || sr.Reports[0].TotalLost != 0 {
		t.Errorf("%+v", sr)
	}

	block := rtcp.ReceptionReport{
		SSRC: sr.SSRC, FractionLost: 64, TotalLost: 5, Jitter: 80,
		LastSenderReport: uint32(media.NTP(time.Now().Add(-time.Second)) >> 16), Delay: 65536 * 9 / 10,
	}
	other := rtcp.ReceptionReport{SSRC: 12345, FractionLost: 255}
	raw := p.send(conn, far, &rtcp.SenderReport{
		SSRC: p.ssrc, NTPTime: 0x1122334455667788, Reports: []rtcp.ReceptionReport{block, other},
	})
	waitFor(t, func() bool { return s.Stats().RTCPReceived == 1 })
	r := s.Stats().Report
	if r.At.IsZero() || r.FractionLost != 0.25 || r.Lost != 5 || r.Jitter != 10*time.Millisecond ||
		r.RTT < 90*time.Millisecond || r.RTT > patience {
		t.Errorf("%+v", r)
	}
	waitFor(t, func() bool { return p.senderReport(conn).Reports[0].LastSenderReport == 0x33445566 })

	if suite != "" {
		if _, err := conn.WriteToUDPAddrPort(raw, far); err != nil { // a replay
			t.Fatal(err)
		}
		p.seal = nil
		p.send(conn, far, &rtcp.ReceiverReport{SSRC: p.ssrc}) // in clear
		p.send(conn, far, &rtcp.ReceiverReport{SSRC: 999})
		waitFor(t, func() bool { return s.Stats().Dropped.BadRTCP == 3 })
	}
	go s.Close()
	for {
		all := p.report(conn)
		if bye, ok := all[len(all)-1].(*rtcp.Goodbye); ok {
			if len(bye.Sources) != 1 || bye.Sources[0] != sr.SSRC {
				t.Errorf("%v", bye)
			}
			return
		}
	}
}

// senderReport waits for the next one, past RTP on the same port.
func (c *controlled) senderReport(conn *net.UDPConn) *rtcp.SenderReport {
	c.t.Helper()
	for {
		if conn == c.conn {
			b := make([]byte, maxPacket)
			_ = conn.SetReadDeadline(time.Now().Add(patience))
			n, _, err := conn.ReadFromUDPAddrPort(b)
			if err != nil {
				c.t.Fatalf("no report: %v", err)
			}
			if b[1] < 192 || b[1] > 223 {
				continue
			}
			if b = b[:n]; c.open != nil {
				if b, err = c.open.DecryptRTCP(nil, b, nil); err != nil {
					c.t.Fatal(err)
				}
			}
			all, err := rtcp.Unmarshal(b)
			if err != nil {
				c.t.Fatal(err)
			}
			if sr, ok := all[0].(*rtcp.SenderReport); ok {
				return sr
			}
			continue
		}
		if sr, ok := c.report(conn)[0].(*rtcp.SenderReport); ok {
			return sr
		}
	}
}

// TestReportsFollowTheSource sends reports behind a NAT only once there is a way back, and nobody else can take them
// over.
func TestReportsFollowTheSource(t *testing.T) {
	s, k := newTestSocket(t, Config{Learn: LearnSignalling, RTCPInterval: 10 * time.Millisecond}, nil)
	p, negotiatedTo := newControlled(t, s), newControlled(t, s)
	stranger := newPhone(t, loopback2, p.far)
	n := negotiated(netip.MustParseAddrPort("192.0.2.2:4000"))
	n.RemoteRTCP = pair{rtp: negotiatedTo.rtcp}.addr()
	configure(t, s, n, loopback)
	negotiatedTo.report(negotiatedTo.rtcp) // before the lock
	p.say("1", "2", "3", "4")
	k.expect(t, "4")
	report := &rtcp.ReceiverReport{SSRC: 1}
	b, err := report.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	stranger.send(b)
	waitFor(t, func() bool { return s.Stats().Dropped.BadRTCP == 1 })
	p.send(p.rtcp, p.far, report)
	p.report(p.rtcp)
	stranger.nothing()
	if st := s.Stats(); st.RTCPReceived != 1 || !st.Learned {
		t.Errorf("%+v", st)
	}
}

// TestNoReportsOnOldHold sends nothing at all to 0.0.0.0.
func TestNoReportsOnOldHold(t *testing.T) {
	s, _ := newTestSocket(t, Config{RTCPInterval: time.Hour}, nil)
	p := newControlled(t, s)
	n := negotiated(p.addr())
	configure(t, s, n, netip.Addr{})
	s.sendReport(false)
	p.report(p.rtcp)
	n.Remote = netip.AddrPortFrom(netip.IPv4Unspecified(), n.Remote.Port())
	n.Direction = sdp.RecvOnly
	configure(t, s, n, netip.Addr{})
	s.sendReport(false)
	if got := s.Stats().RTCPSent; got != 1 {
		t.Errorf("%d reports sent on hold", got-1)
	}
}
