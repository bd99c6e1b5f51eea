package media

import (
	"time"

	"github.com/pion/rtcp"
)

// report is what a Receiver's reception reports are made from (RFC 3550 appendix A.3).
type report struct {
	base     uint32 // extended sequence number of the SSRC's first packet
	received uint32
	clock    uint32 // Hz

	ssrc          uint32 // that the values below belong to
	priorExpected uint32
	priorReceived uint32
	lastSR        uint32 // middle of the NTP time of the last sender report
	lastSRArrived time.Time
}

// Report is the reception report block about what arrived until now; the fraction lost is that since the call before.
// It is false while nothing has arrived. One goroutine calls it.
func (r *Receiver) Report(now time.Time) (rtcp.ReceptionReport, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stats.Streams == 0 {
		return rtcp.ReceptionReport{}, false
	}
	p := &r.report
	if p.ssrc != r.stats.SSRC || r.stats.HighestSeq-p.base+1 < p.priorExpected { // begun anew
		*p = report{base: p.base, received: p.received, clock: p.clock, ssrc: r.stats.SSRC,
			lastSR: p.lastSR, lastSRArrived: p.lastSRArrived}
	}
	expected := r.stats.HighestSeq - p.base + 1
	b := rtcp.ReceptionReport{
		SSRC:               r.stats.SSRC,
		FractionLost:       fraction(expected-p.priorExpected, p.received-p.priorReceived),
		TotalLost:          totalLost(expected, p.received),
		LastSequenceNumber: r.stats.HighestSeq,
		Jitter:             ticks(r.stats.Jitter, p.clock),
		LastSenderReport:   p.lastSR,
	}
	if p.lastSR != 0 {
		b.Delay = uint32(now.Sub(p.lastSRArrived) * 65536 / time.Second)
	}
	p.priorExpected, p.priorReceived = expected, p.received
	return b, true
}

// SenderReported takes the far end's sender report, so that the next Report lets it work out the round trip.
func (r *Receiver) SenderReported(sr *rtcp.SenderReport, arrived time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report.lastSR, r.report.lastSRArrived = middle(sr.NTPTime), arrived
}

// fraction is the share of lost packets in 1/256.
func fraction(expected, received uint32) uint8 {
	if expected == 0 || received >= expected {
		return 0
	}
	return uint8(min(uint64(expected-received)*256/uint64(expected), 255))
}

// totalLost is the cumulative number of packets lost in the 24 bits that a report has for it. Duplicates are not
// counted as received, so it is never negative.
func totalLost(expected, received uint32) uint32 {
	if received >= expected {
		return 0
	}
	return min(expected-received, 0x7fffff)
}

// Report is the sender report (RFC 3550 section 6.4.1) of now; the caller adds the reception reports. It is false
// while nothing was sent.
func (s *Sender) Report(now time.Time) (*rtcp.SenderReport, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stats.Packets == 0 {
		return nil, false
	}
	l := &s.line
	return &rtcp.SenderReport{
		SSRC:        s.header.SSRC,
		NTPTime:     NTP(now),
		RTPTime:     l.ts + ticks(now.Sub(l.last), l.clock),
		PacketCount: uint32(s.stats.Packets),
		OctetCount:  uint32(s.stats.Bytes),
	}, true
}

// Reports is what is to be sent to the far end now: a sender report where anything was sent, else a receiver report,
// with the reception report in it. ssrc is ours.
func Reports(s *Sender, r *Receiver, ssrc uint32, now time.Time) rtcp.Packet {
	var blocks []rtcp.ReceptionReport
	if b, ok := r.Report(now); ok {
		blocks = append(blocks, b)
	}
	if sr, ok := s.Report(now); ok {
		sr.SSRC, sr.Reports = ssrc, blocks
		return sr
	}
	return &rtcp.ReceiverReport{SSRC: ssrc, Reports: blocks}
}

// Quality is how the far end receives us, as it reports.
type Quality struct {
	Lost      float64       // share of our packets lost since its report before, 0 to 1
	TotalLost uint32        // packets
	Jitter    time.Duration // of our packets where they arrive
	RoundTrip time.Duration // 0 where it can't be told
}

// ReadReport reads a reception report about a stream of ours that has the given clock in Hz (RFC 3550 section 6.4.1).
func ReadReport(b rtcp.ReceptionReport, clock uint32, arrived time.Time) Quality {
	q := Quality{Lost: float64(b.FractionLost) / 256, TotalLost: b.TotalLost}
	if b.TotalLost >= 1<<23 { // negative, by duplicates
		q.TotalLost = 0
	}
	if clock != 0 {
		q.Jitter = time.Duration(uint64(b.Jitter) * uint64(time.Second) / uint64(clock))
	}
	if b.LastSenderReport != 0 {
		// Negative where the far end counts its delay roughly; an hour and more is nonsense.
		trip := int32(middle(NTP(arrived)) - b.LastSenderReport - b.Delay)
		q.RoundTrip = max(time.Duration(trip)*time.Second/65536, 0)
	}
	return q
}

// ntpEpoch is the seconds from 1900, where NTP begins, to 1970.
const ntpEpoch = 2208988800

// NTP is a time in the form that RTCP carries: seconds since 1900 in 32.32 bits (RFC 3550 section 4).
func NTP(t time.Time) uint64 {
	seconds := uint64(t.Unix() + ntpEpoch)
	return seconds<<32 | uint64(t.Nanosecond())<<32/uint64(time.Second)
}

// middle is the 32 bits of an NTP time that reports refer to.
func middle(ntp uint64) uint32 { return uint32(ntp >> 16) }
