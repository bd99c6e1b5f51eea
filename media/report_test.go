package media

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtcp"

	"seatbridge/codec"
)

func TestReceiverReport(t *testing.T) {
	r, _ := newTestReceiver()
	epoch := time.Now()
	if _, ok := r.Report(epoch); ok {
		t.Error("a report about nothing")
	}
	push := func(from, to int, lose ...int) {
		for n := from; n < to; n++ {
			lost := false
			for _, l := range lose {
				lost = lost || l == n
			}
			if !lost {
				in{n: n}.push(r, epoch)
			}
		}
	}
	push(0, 100)
	b, ok := r.Report(epoch)
	if !ok || b.SSRC != 7 || b.FractionLost != 0 || b.TotalLost != 0 || b.LastSequenceNumber != firstSeq+99 {
		t.Errorf("%+v", b)
	}
	push(100, 200, 110, 120, 130, 140, 150)
	r.SenderReported(&rtcp.SenderReport{NTPTime: 0x1111222233334444}, epoch)
	b, _ = r.Report(epoch.Add(250 * time.Millisecond))
	if b.FractionLost != 256*5/100 || b.TotalLost != 5 || b.LastSenderReport != 0x22223333 || b.Delay != 65536/4 {
		t.Errorf("%+v", b)
	}
	push(200, 300)
	if b, _ = r.Report(epoch); b.FractionLost != 0 || b.TotalLost != 5 {
		t.Errorf("%+v", b)
	}
	in{n: 9000, ssrc: 8}.push(r, epoch)
	if b, _ = r.Report(epoch); b.SSRC != 8 || b.TotalLost != 0 || b.FractionLost != 0 {
		t.Errorf("after another SSRC: %+v", b)
	}
}

func TestReports(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, w := newTestSender(t)
		r, _ := newTestReceiver()
		rr, ok := Reports(s, r, 42, time.Now()).(*rtcp.ReceiverReport)
		if !ok || rr.SSRC != 42 || len(rr.Reports) != 0 {
			t.Errorf("%+v", rr)
		}
		in{n: 0}.push(r, time.Now())
		s.Send(frame(1, codec.PCMU, 1, 0))
		s.Send(frame(1, codec.PCMU, 2, 160))
		time.Sleep(time.Second)
		sr, ok := Reports(s, r, 42, time.Now()).(*rtcp.SenderReport)
		if !ok {
			t.Fatal("no sender report")
		}
		if sr.SSRC != 42 || sr.PacketCount != 2 || sr.OctetCount != 320 || len(sr.Reports) != 1 || sr.Reports[0].SSRC != 7 ||
			sr.RTPTime != w.sent[1].Timestamp+8000 || sr.NTPTime != NTP(time.Now()) {
			t.Errorf("%+v", sr)
		}
	})
}

func TestReadReport(t *testing.T) {
	sent := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	b := rtcp.ReceptionReport{
		FractionLost: 64, TotalLost: 12, Jitter: 160, LastSenderReport: middle(NTP(sent)), Delay: 65536 / 2,
	}
	q := ReadReport(b, 8000, sent.Add(530*time.Millisecond))
	if q.Lost != 0.25 || q.TotalLost != 12 || q.Jitter != 20*time.Millisecond {
		t.Errorf("%+v", q)
	}
	if off := q.RoundTrip - 30*time.Millisecond; off.Abs() > 100*time.Microsecond {
		t.Errorf("round trip %v, want 30ms", q.RoundTrip)
	}
	if q := ReadReport(b, 8000, sent.Add(499*time.Millisecond)); q.RoundTrip != 0 {
		t.Errorf("negative round trip %v", q.RoundTrip)
	}
	b.LastSenderReport, b.TotalLost = 0, 0xffffff // -1: duplicates
	if q := ReadReport(b, 0, sent); q.RoundTrip != 0 || q.TotalLost != 0 || q.Jitter != 0 {
		t.Errorf("%+v", q)
	}
}

func TestNTP(t *testing.T) {
	// RFC 3550 has no vector; 1970 is 2208988800 s after 1900, and half a second is half of 2^32.
	if n := NTP(time.Unix(0, 5e8)); n != 2208988800<<32|1<<31 {
		t.Errorf("%x", n)
	}
}
