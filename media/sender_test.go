package media

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"

	"seatbridge/codec"
	"seatbridge/dtmf"
)

// wire is a Writer that keeps what was sent, and when.
type wire struct {
	mu   sync.Mutex
	fail error
	sent []sentPacket
}

type sentPacket struct {
	rtp.Header
	payload []byte
	at      time.Time
}

func (w *wire) WriteRTP(h *rtp.Header, payload []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fail != nil {
		return 0, w.fail
	}
	w.sent = append(w.sent, sentPacket{*h, append([]byte(nil), payload...), time.Now()})
	return len(payload), nil
}

func newTestSender(t *testing.T) (*Sender, *wire) {
	w := &wire{}
	s := NewSender(SenderConfig{Writer: w})
	s.SetFormats(phoneFormats())
	t.Cleanup(s.Close)
	return s, w
}

// opusSilence is 20 ms of Opus: SILK narrowband.
var opusSilence = []byte{0x08, 0, 0}

// frame makes a frame of 20 ms.
func frame(stream uint64, c codec.ID, seq uint16, ts uint32) *Frame {
	f := &Frame{Stream: stream, Codec: c, Seq: seq, Timestamp: ts, Payload: make([]byte, 160)}
	if c == codec.Opus {
		f.Payload = opusSilence
	}
	return f
}

func TestSenderKeepsOneLine(t *testing.T) {
	const u, o = codec.PCMU, codec.Opus
	ms := time.Millisecond
	type step struct {
		after  time.Duration // since the frame before
		f      *Frame
		lost   int
		mark   bool   // the speaker's marker
		seq    uint16 // how far it is to go on; 0: the frame is to be dropped
		ts     uint32
		marked bool
	}
	for _, ca := range []struct {
		name  string
		steps []step // the first frame is frame(1, u, 65535, 1000)
	}{
		{"goes on", []step{{after: 20 * ms, f: frame(1, u, 0, 1160), seq: 1, ts: 160}}},
		{"speaker's loss is a gap", []step{{after: 80 * ms, f: frame(1, u, 3, 1640), lost: 3, seq: 4, ts: 640}}},
		{"speaker's pause", []step{{after: 420 * ms, f: frame(1, u, 0, 4360), seq: 1, ts: 3360, marked: true}}},
		{"speaker's marker", []step{{after: 20 * ms, f: frame(1, u, 0, 1160), mark: true, seq: 1, ts: 160, marked: true}}},
		{"not given some packets", []step{{after: 120 * ms, f: frame(1, u, 5, 1960), seq: 1, ts: 960, marked: true}}},
		{"not given packets for minutes", []step{{after: 1000 * time.Second, f: frame(1, u, 50000&0xffff, 8001000), seq: 1,
			ts: 8000000, marked: true}}},
		{"older", []step{{after: 20 * ms, f: frame(1, u, 0, 1160), seq: 1, ts: 160},
			{after: 20 * ms, f: frame(1, u, 65535, 1000)}, {after: 0, f: frame(1, u, 0, 1160)},
			{after: 0, f: frame(1, u, 1, 1320), seq: 1, ts: 160}}},
		{"another speaker at once", []step{{after: 20 * ms, f: frame(2, u, 777, 99), lost: 5, seq: 1, ts: 160, marked: true},
			{after: 20 * ms, f: frame(2, u, 778, 259), seq: 1, ts: 160}}},
		{"another speaker after a pause", []step{{after: 3 * time.Second, f: frame(2, u, 777, 99), seq: 1, ts: 24000,
			marked: true}}},
		{"a reordered packet from before the switch", []step{{after: 20 * ms, f: frame(2, u, 777, 160), seq: 1, ts: 160,
			marked: true}, {after: 0, f: frame(2, u, 776, 0)}}},
		{"to and fro", []step{{after: 20 * ms, f: frame(2, u, 5, 0), seq: 1, ts: 160, marked: true},
			{after: 20 * ms, f: frame(1, u, 1, 1320), seq: 1, ts: 160, marked: true}}},
		{"timestamps begun anew", []step{{after: 20 * ms, f: frame(1, u, 0, 500), seq: 1, ts: 160, marked: true}}},
		{"Opus and back", []step{{after: 20 * ms, f: frame(2, o, 9, 7), seq: 1, ts: 160, marked: true},
			{after: 20 * ms, f: frame(2, o, 10, 967), seq: 1, ts: 960},
			{after: 20 * ms, f: frame(3, u, 9, 7), seq: 1, ts: 960, marked: true},
			{after: 20 * ms, f: frame(3, u, 10, 167), seq: 1, ts: 160}}},
		{"Opus after a pause steps in its own clock", []step{{after: time.Second, f: frame(2, o, 9, 7), seq: 1, ts: 48000,
			marked: true}}},
	} {
		t.Run(ca.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, w := newTestSender(t)
				s.Send(frame(1, u, 65535, 1000))
				for i, step := range ca.steps {
					time.Sleep(step.after)
					before := w.sent[len(w.sent)-1]
					count := len(w.sent)
					step.f.Lost, step.f.Marker = step.lost, step.mark
					s.Send(step.f)
					if step.seq == 0 {
						if len(w.sent) != count {
							t.Fatalf("step %d: sent", i)
						}
						continue
					}
					if len(w.sent) != count+1 {
						t.Fatalf("step %d: %d packets sent", i, len(w.sent)-count)
					}
					now := w.sent[count]
					seq, ts := now.SequenceNumber-before.SequenceNumber, now.Timestamp-before.Timestamp
					if seq != step.seq || ts != step.ts || now.Marker != step.marked {
						t.Errorf("step %d: seq +%d, ts +%d, marker %v; want %+v", i, seq, ts, now.Marker, step)
					}
					if now.SSRC != before.SSRC {
						t.Errorf("step %d: SSRC changed", i)
					}
				}
			})
		})
	}
}

func TestSenderDropsAndCounts(t *testing.T) {
	w := &wire{}
	var added []time.Duration
	s := NewSender(SenderConfig{Writer: w, SSRC: 42, Added: func(d time.Duration) { added = append(added, d) }})
	if s.Codec() != codec.None || s.Accepts(codec.PCMU) || s.TakesEvents() || s.Ptime() != 20*time.Millisecond {
		t.Error("formats before SetFormats")
	}
	s.Send(frame(1, codec.PCMU, 1, 0)) // dropped: no formats
	s.SetFormats(Formats{Audio: []AudioFormat{{96, codec.Opus}}, Ptime: 30 * time.Millisecond})
	if s.Codec() != codec.Opus || s.Accepts(codec.PCMU) || s.Ptime() != 30*time.Millisecond {
		t.Error("formats not taken")
	}
	s.Send(frame(1, codec.PCMU, 1, 0)) // dropped: not accepted
	f := frame(2, codec.Opus, 1, 0)
	f.Arrived = time.Now().Add(-3 * time.Millisecond)
	s.Send(f)
	if s.SendEvent(&Event{Clock: 8000}) {
		t.Error("sent an event that was not negotiated")
	}
	w.fail = errors.New("no route")
	s.Send(frame(2, codec.Opus, 2, 960)) // dropped: write failed
	w.fail = nil
	s.Close()
	s.Close()
	s.Send(frame(2, codec.Opus, 3, 1920)) // dropped: closed
	if len(w.sent) != 1 || w.sent[0].PayloadType != 96 || w.sent[0].SSRC != 42 || !w.sent[0].Marker {
		t.Errorf("sent %+v", w.sent)
	}
	st := s.Stats()
	if st.Packets != 1 || st.Bytes != 3 || st.Dropped != 4 || st.SSRC != 42 || st.Timestamp != w.sent[0].Timestamp {
		t.Errorf("stats %+v", st)
	}
	if len(added) != 1 || added[0] < 3*time.Millisecond {
		t.Errorf("added %v", added)
	}
}

// playedDigit is one digit as it came over the wire.
type playedDigit struct {
	event    dtmf.Event
	duration uint16
	packets  int
}

func TestSenderPlaysDigits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ms := time.Millisecond
		s, w := newTestSender(t)
		stop := make(chan struct{})
		var audio sync.WaitGroup
		audio.Go(func() { // somebody speaks throughout
			for n := uint16(0); ; n++ {
				select {
				case <-stop:
					return
				case <-time.After(20 * ms):
					s.Send(frame(1, codec.PCMU, n, 160*uint32(n)))
				}
			}
		})
		time.Sleep(205 * ms)
		begun := time.Now()
		done := make(chan bool, 2)
		s.Play([]dtmf.Event{1, 2, 2}, 100*ms, 60*ms, func(sent bool) { done <- sent })
		s.Play([]dtmf.Event{11}, 15*ms, 0, func(sent bool) { done <- sent }) // shorter than a packet
		for range 2 {
			if !<-done {
				t.Error("not sent")
			}
		}
		if took := time.Since(begun); took != 3*160*ms+3*20*ms {
			t.Errorf("took %v", took)
		}
		time.Sleep(200 * ms)
		close(stop)
		audio.Wait()
		want := []playedDigit{{1, 800, 7}, {2, 800, 7}, {2, 800, 7}, {11, 120, 3}}
		checkPlayed(t, w.sent, want)
	})
}

// checkPlayed asserts the digits on a wire, and that the audio around them is in one line with them.
func checkPlayed(t *testing.T, sent []sentPacket, want []playedDigit) {
	t.Helper()
	var got []playedDigit
	var last *sentPacket
	var audioTS uint32
	var digitTS uint32
	open := false
	for i := range sent {
		p := &sent[i]
		if last != nil && p.SequenceNumber != last.SequenceNumber+1 {
			t.Errorf("packet %d: sequence went on by %d", i, p.SequenceNumber-last.SequenceNumber)
		}
		last = p
		if p.PayloadType != 101 {
			if open {
				t.Errorf("packet %d: audio within a digit", i)
			}
			if i > 0 && int32(p.Timestamp-audioTS) < 160 {
				t.Errorf("packet %d: audio timestamp went on by %d", i, int32(p.Timestamp-audioTS))
			}
			audioTS = p.Timestamp
			continue
		}
		var e dtmf.Payload
		if err := e.Unmarshal(p.payload); err != nil {
			t.Fatal(err)
		}
		if p.Marker {
			if off := int32(p.Timestamp - audioTS); off < 0 || off > 800*4 {
				t.Errorf("packet %d: digit begins %d after the audio", i, off)
			}
			got, digitTS, open = append(got, playedDigit{event: e.Event}), p.Timestamp, true
		}
		d := &got[len(got)-1]
		if p.Timestamp != digitTS || e.Duration < d.duration {
			t.Errorf("packet %d: %+v", i, e)
		}
		d.duration = e.Duration
		d.packets++
		open = !e.End || i+1 < len(sent) && sent[i+1].PayloadType == 101 && sent[i+1].Timestamp == digitTS
	}
	if len(got) != len(want) {
		t.Fatalf("digits %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("digit %d: %+v, want %+v", i, got[i], want[i])
		}
	}
}

func TestSenderPlayIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		done := make(chan bool, 1)
		tell := func(sent bool) { done <- sent }
		s := NewSender(SenderConfig{Writer: &wire{}})
		s.SetFormats(Formats{Audio: []AudioFormat{{0, codec.PCMU}}})
		s.Play([]dtmf.Event{1}, time.Second, time.Second, tell)
		if <-done {
			t.Error("sent without telephone-event")
		}
		s.SetFormats(phoneFormats())
		s.Play([]dtmf.Event{1}, time.Second, time.Second, tell)
		time.Sleep(300 * time.Millisecond)
		s.Close()
		if <-done {
			t.Error("sent, though closed in the middle")
		}
		s.Play([]dtmf.Event{1}, time.Second, time.Second, tell)
		if <-done {
			t.Error("sent, though closed before")
		}
	})
}

// A relayed digit whose speaker was taken away is ended before anything else is heard.
func TestSenderEndsAbandonedDigit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, w := newTestSender(t)
		s.Send(frame(1, codec.PCMU, 1, 160))
		e := &Event{Stream: 1, Timestamp: 320, Clock: 8000, Event: 4, Duration: 160, First: true}
		s.SendEvent(e)
		time.Sleep(20 * time.Millisecond)
		s.Send(frame(2, codec.PCMU, 1, 160)) // held back
		time.Sleep(200 * time.Millisecond)
		s.Send(frame(2, codec.PCMU, 2, 320))
		e.Duration = 2000
		s.SendEvent(e) // of the digit that was given up
		if len(w.sent) != 6 {
			t.Fatalf("%d packets", len(w.sent))
		}
		for i, p := range w.sent {
			event, end := p.PayloadType == 101, i >= 2 && i <= 4
			marked := i == 0 || i == 1 || i == 5
			if event != (i >= 1 && i <= 4) || event && p.payload[1]&0x80 != 0 != end || p.Marker != marked {
				t.Errorf("packet %d: %+v", i, p)
			}
		}
		if ts := w.sent[1].Timestamp - w.sent[0].Timestamp; ts != 160 {
			t.Errorf("digit at +%d, want in its place beside the audio, +160", ts)
		}
	})
}
