package rtc

import (
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v3"

	"seatbridge/leg"
)

// readReports reads what the browser reports of one ear until the connection ends.
func readReports(s *webrtc.RTPSender, t *track) {
	readAll(s, func(b []byte) error {
		packets, err := rtcp.Unmarshal(b)
		if err != nil {
			return err
		}
		now := time.Now()
		for _, packet := range packets {
			switch r := packet.(type) {
			case *rtcp.ReceiverReport:
				t.report(r.Reports, now)
			case *rtcp.SenderReport:
				t.report(r.Reports, now)
			}
		}
		return nil
	})
}

// ignore reads the browser's sender reports only so that pion can refer to them in its receiver reports: the browser
// learns its round trip time from that.
func ignore([]byte) error { return nil }

// report keeps what a report says of this track.
func (t *track) report(blocks []rtcp.ReceptionReport, now time.Time) {
	for _, b := range blocks {
		if b.SSRC != t.ssrc() {
			continue
		}
		r := leg.Report{
			At:           now,
			FractionLost: float64(b.FractionLost) / 256,
			Lost:         int(int32(b.TotalLost<<8) >> 8), // 24 bits, signed
			Jitter:       time.Duration(b.Jitter) * time.Second / 48000,
			RTT:          roundTrip(b, now),
		}
		t.ear.mu.Lock()
		t.ear.report = r
		t.ear.mu.Unlock()
	}
}

// lastReport is the last report about the ear.
func (e *ear) lastReport() leg.Report {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.report
}

// roundTrip is the time that a packet takes to the browser and back (RFC 3550 section 6.4.1, LSR and DLSR).
func roundTrip(b rtcp.ReceptionReport, now time.Time) time.Duration {
	if b.LastSenderReport == 0 {
		return 0
	}
	d := int32(middleNTP(now) - b.LastSenderReport - b.Delay)
	return max(0, time.Duration(d)*time.Second/65536)
}

// middleNTP is the middle 32 bits of an NTP timestamp: units of 1/65536 s.
func middleNTP(t time.Time) uint32 {
	const epoch = 2208988800 // seconds from 1900 to 1970
	return uint32(t.Unix()+epoch)<<16 | uint32(uint64(t.Nanosecond())<<16/1e9)
}
