package rtc

import (
	"time"

	"github.com/pion/rtcp"

	"seatbridge/leg"
	"seatbridge/media"
)

// reportEvery is the time between our RTCP reports.
const reportEvery = 2 * time.Second

// sendReports sends the reports of all that was sent since the ones before, and of what arrives. It does what pion's
// interceptors could do, which cost a quarter of a browser's packet path: they parse and map each packet again.
func (p *peer) sendReports(now time.Time) {
	var packets []rtcp.Packet
	for _, t := range p.tracks {
		sr, ok := t.ear.sender.Report(now)
		if !ok || sr.PacketCount == t.reported {
			continue
		}
		sr.SSRC, t.reported = t.ssrc(), sr.PacketCount
		packets = append(packets, sr)
	}
	if p.login.in.Stats().Packets > 0 {
		if block, ok := p.login.in.Report(now); ok {
			packets = append(packets, &rtcp.ReceiverReport{
				SSRC: p.tracks[0].ssrc(), Reports: []rtcp.ReceptionReport{block},
			})
		}
	}
	if len(packets) > 0 {
		_ = p.pc.WriteRTCP(packets) // lost is as good as not sent
	}
}

// readReports takes what a browser reports of one ear, until the connection ends.
func (t *track) readReports(r reader) {
	readReports(r, func(packet rtcp.Packet, now time.Time) {
		var blocks []rtcp.ReceptionReport
		switch report := packet.(type) {
		case *rtcp.ReceiverReport:
			blocks = report.Reports
		case *rtcp.SenderReport:
			blocks = report.Reports
		}
		for _, b := range blocks {
			if b.SSRC == t.ssrc() {
				t.ear.setReport(b, now)
			}
		}
	})
}

// readSenderReports takes what a browser reports of what it sends, until the connection ends.
func (p *peer) readSenderReports(r reader) {
	readReports(r, func(packet rtcp.Packet, now time.Time) {
		if sr, ok := packet.(*rtcp.SenderReport); ok {
			p.login.in.SenderReported(sr, now)
		}
	})
}

func readReports(r reader, take func(rtcp.Packet, time.Time)) {
	readAll(r, func(b []byte) error {
		packets, err := rtcp.Unmarshal(b)
		now := time.Now()
		for _, packet := range packets {
			take(packet, now)
		}
		return err
	})
}

func (e *ear) setReport(b rtcp.ReceptionReport, now time.Time) {
	q := media.ReadReport(b, 48000, now)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.report = leg.Report{At: now, FractionLost: q.Lost, Lost: int(q.TotalLost), Jitter: q.Jitter, RTT: q.RoundTrip}
}

// lastReport is the last report about the ear.
func (e *ear) lastReport() leg.Report {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.report
}
