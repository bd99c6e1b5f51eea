package rtpsock

import (
	"crypto/rand"
	"encoding/base64"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/srtp/v2"

	"seatbridge/leg"
	"seatbridge/media"
)

// minControl is the shortest RTCP packet: a header and an SSRC.
const minControl = 8

// control is the leg's RTCP: the reports that come and those that go.
type control struct {
	ssrc     uint32 // ours
	cname    string
	receiver *media.Receiver
	sender   *media.Sender

	mu             sync.Mutex
	opener         *opener       // nil: plain RTCP
	sealer         *srtp.Context // nil: plain RTCP
	clock          uint32        // Hz, of what we send
	report         leg.Report
	received, sent uint64
}

func newControl(ssrc uint32, port media.Port) *control {
	name := make([]byte, 12)
	_, _ = rand.Read(name) // a name for one call, and nobody's address (RFC 7022 section 4.2)
	return &control{
		ssrc: ssrc, cname: base64.StdEncoding.EncodeToString(name), receiver: port.In, sender: port.Ears[0], clock: 8000,
	}
}

// arrive takes one RTCP packet whose source is believed; it is false for a bad one. A BYE ends nothing: that is SIP's
// to say, and anyone on the path could send one.
func (c *control) arrive(packet []byte, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(packet) < minControl {
		return false
	}
	if c.opener != nil {
		plain, ok := c.opener.rtcp(packet)
		if !ok {
			return false
		}
		packet = plain
	}
	all, err := rtcp.Unmarshal(packet)
	if err != nil {
		return false
	}
	c.received++
	for _, p := range all {
		switch p := p.(type) {
		case *rtcp.SenderReport:
			c.receiver.SenderReported(p, now)
			c.read(p.Reports, now)
		case *rtcp.ReceiverReport:
			c.read(p.Reports, now)
		}
	}
	return true
}

// read keeps what a report says of our stream.
func (c *control) read(blocks []rtcp.ReceptionReport, now time.Time) {
	for _, b := range blocks {
		if b.SSRC != c.ssrc {
			continue
		}
		q := media.ReadReport(b, c.clock, now)
		c.report = leg.Report{At: now, FractionLost: q.Lost, Lost: int(q.TotalLost), Jitter: q.Jitter, RTT: q.RoundTrip}
	}
}

// compose writes the reports of now, with a BYE at the end of the call (RFC 3550 section 6.1), and counts them as
// sent.
func (c *control) compose(bye bool, now time.Time) ([]byte, error) {
	all := []rtcp.Packet{
		media.Reports(c.sender, c.receiver, c.ssrc, now),
		&rtcp.SourceDescription{Chunks: []rtcp.SourceDescriptionChunk{{
			Source: c.ssrc, Items: []rtcp.SourceDescriptionItem{{Type: rtcp.SDESCNAME, Text: c.cname}},
		}}},
	}
	if bye {
		all = append(all, &rtcp.Goodbye{Sources: []uint32{c.ssrc}})
	}
	packet, err := rtcp.Marshal(all)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent++
	if c.sealer != nil {
		return c.sealer.EncryptRTCP(nil, packet, nil)
	}
	return packet, nil
}

// runControl reads the RTCP port, sends the reports and watches for silence, until the socket is closed.
func (s *Socket) runControl() {
	defer s.done.Done()
	defer s.sendReport(true)
	var buf [maxPacket]byte
	report := time.Now().Add(spread(s.c.RTCPInterval / 2)) // the first one sooner (RFC 3550 section 6.2)
	watch := time.Now().Add(watchInterval)
	for {
		_ = s.pair.rtcp.SetReadDeadline(earlier(report, watch)) // fails only on a closed socket, and so does the read
		if s.stopped() {
			return
		}
		n, from, err := s.pair.rtcp.ReadFromUDPAddrPort(buf[:])
		if err == nil {
			s.arriveControl(buf[:n], unmap(from), s.now())
		} else if !isTimeout(err) && !s.pause() {
			return
		}
		now := time.Now()
		if !now.Before(report) {
			s.sendReport(false)
			report = now.Add(spread(s.c.RTCPInterval))
		}
		if !now.Before(watch) {
			s.checkSilence(s.now())
			watch = now.Add(watchInterval)
		}
	}
}

// arriveControl takes an RTCP packet from either port.
func (s *Socket) arriveControl(packet []byte, from netip.AddrPort, now time.Time) {
	s.in.mu.Lock()
	believed := s.in.latch.takesControl(from)
	s.in.mu.Unlock()
	good := believed && s.control.arrive(packet, now)
	s.in.mu.Lock()
	defer s.in.mu.Unlock()
	if !good {
		s.in.drop(badRTCP)
		return
	}
	s.in.latch.heardControl(from)
}

// sendReport sends the reports of now, where there is anybody to send them to.
func (s *Socket) sendReport(bye bool) {
	s.in.mu.Lock()
	conn, to := s.pair.rtcp, s.in.latch.controlTarget()
	if s.in.mux {
		conn, to = s.pair.rtp, s.in.latch.target()
	}
	s.in.mu.Unlock()
	if !to.IsValid() {
		return
	}
	packet, err := s.control.compose(bye, s.now())
	if err == nil {
		_, err = conn.WriteToUDPAddrPort(packet, to)
	}
	if err != nil {
		s.log.Debug("RTCP not sent", "error", err.Error())
	}
}
