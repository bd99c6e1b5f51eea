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

// reported takes what a browser reports of one SSRC: one of ours on an ear, or the one that it sends.
func (p *peer) reported(ssrc uint32, compound []byte, now time.Time) {
	packets, err := rtcp.Unmarshal(compound)
	if err != nil {
		return // pion has read it before
	}
	for _, packet := range packets {
		switch report := packet.(type) {
		case *rtcp.ReceiverReport:
			p.heard(ssrc, report.Reports, now)
		case *rtcp.SenderReport:
			p.heard(ssrc, report.Reports, now)
			if report.SSRC == ssrc {
				p.login.in.SenderReported(report, now)
			}
		}
	}
}

// heard takes what a browser says of how it hears an ear.
func (p *peer) heard(ssrc uint32, blocks []rtcp.ReceptionReport, now time.Time) {
	for _, t := range p.tracks {
		for _, b := range blocks {
			if b.SSRC == ssrc && t.ssrc() == ssrc {
				t.ear.setReport(b, now)
			}
		}
	}
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
