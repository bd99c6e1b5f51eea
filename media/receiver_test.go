package media

import (
	"testing"
	"time"

	"github.com/pion/rtp"

	"seatbridge/codec"
	"seatbridge/dtmf"
)

// heard is a Sink that keeps what it is told.
type heard struct {
	frames []Frame
	events []Event
}

func (h *heard) Frame(f *Frame) {
	c := *f
	c.Payload = append([]byte(nil), f.Payload...)
	h.frames = append(h.frames, c)
}

func (h *heard) Event(e *Event) { h.events = append(h.events, *e) }

// phoneFormats is what a phone negotiates: PCMU, PCMA, Opus and telephone-event in both clocks.
func phoneFormats() Formats {
	return Formats{
		Audio: []AudioFormat{{0, codec.PCMU}, {8, codec.PCMA}, {111, codec.Opus}},
		Event: []EventFormat{{101, 8000}, {110, 48000}},
	}
}

func newTestReceiver() (*Receiver, *heard) {
	r, h := NewReceiver(ReceiverConfig{}), &heard{}
	r.SetFormats(phoneFormats())
	r.SetSink(h)
	return r, h
}

// in is one arriving packet: PCMU of 20 ms, its number n counted from 0 telling sequence and timestamp.
type in struct {
	n    int
	at   time.Duration // 0 means n times 20 ms
	ssrc uint32        // 0 means 7
}

const firstSeq = 65530 // so that each test wraps

func (i in) push(r *Receiver, epoch time.Time) {
	if i.at == 0 {
		i.at = time.Duration(i.n) * 20 * time.Millisecond
	}
	if i.ssrc == 0 {
		i.ssrc = 7
	}
	payload := make([]byte, 160)
	payload[0], payload[1] = byte(i.n), byte(i.n>>8)
	r.Push(&rtp.Header{
		Version: 2, SSRC: i.ssrc, SequenceNumber: uint16(firstSeq + i.n), Timestamp: uint32(160 * i.n),
	}, payload, epoch.Add(i.at))
}

// numbers are the packets that were heard, by what is in their payload.
func (h *heard) numbers() []int {
	var n []int
	for _, f := range h.frames {
		n = append(n, int(f.Payload[0])|int(f.Payload[1])<<8)
	}
	return n
}

// losses are the frames' Lost.
func (h *heard) losses() []int {
	var n []int
	for _, f := range h.frames {
		n = append(n, f.Lost)
	}
	return n
}

func TestReceiverPutsInOrder(t *testing.T) {
	ms := time.Millisecond
	for _, ca := range []struct {
		name   string
		in     []in
		heard  []int
		losses []int
		stats  ReceiveStats // the counters of interest
	}{
		{"in order", []in{{n: 0}, {n: 1}, {n: 2}}, []int{0, 1, 2}, []int{0, 0, 0}, ReceiveStats{}},
		{"swapped", []in{{n: 0}, {n: 2, at: 40 * ms}, {n: 1, at: 41 * ms}, {n: 3}},
			[]int{0, 1, 2, 3}, []int{0, 0, 0, 0}, ReceiveStats{Reordered: 1}},
		{"lost", []in{{n: 0}, {n: 2}, {n: 3}, {n: 4}},
			[]int{0, 2, 3, 4}, []int{0, 1, 0, 0}, ReceiveStats{Lost: 1}},
		{"lost twice", []in{{n: 0}, {n: 2}, {n: 4}, {n: 5}, {n: 6}},
			[]int{0, 2, 4, 5, 6}, []int{0, 1, 1, 0, 0}, ReceiveStats{Lost: 2}},
		{"waited too long", []in{{n: 0}, {n: 2}, {n: 3}, {n: 1, at: 65 * ms}, {n: 4}},
			[]int{0, 2, 3, 4}, []int{0, 1, 0, 0}, ReceiveStats{Lost: 1, Late: 1}},
		{"duplicates", []in{{n: 0}, {n: 0}, {n: 1}, {n: 0}, {n: 3}, {n: 3}, {n: 2, at: 62 * ms}, {n: 2, at: 63 * ms}},
			[]int{0, 1, 2, 3}, []int{0, 0, 0, 0}, ReceiveStats{Duplicate: 4, Reordered: 1}},
		{"late twice is a duplicate", []in{{n: 0}, {n: 2}, {n: 3}, {n: 4}, {n: 1, at: 85 * ms}, {n: 1, at: 86 * ms}},
			[]int{0, 2, 3, 4}, []int{0, 1, 0, 0}, ReceiveStats{Lost: 1, Late: 1, Duplicate: 1}},
		{"long gap", []in{{n: 0}, {n: 51}, {n: 52}}, []int{0, 51, 52}, []int{0, 50, 0}, ReceiveStats{Lost: 50}},
		{"gap behind a gap", []in{{n: 0}, {n: 2}, {n: 20, at: 41 * ms}, {n: 21, at: 42 * ms}},
			[]int{0, 2, 20, 21}, []int{0, 1, 17, 0}, ReceiveStats{Lost: 18}},
		{"stray far number", []in{{n: 0}, {n: 20000, at: 20 * ms}, {n: 1}, {n: 2}},
			[]int{0, 1, 2}, []int{0, 0, 0}, ReceiveStats{Jumps: 1}},
	} {
		t.Run(ca.name, func(t *testing.T) {
			r, h := newTestReceiver()
			epoch := time.Now()
			for _, p := range ca.in {
				p.push(r, epoch)
			}
			equal(t, "heard", h.numbers(), ca.heard)
			equal(t, "lost", h.losses(), ca.losses)
			s := r.Stats()
			got := ReceiveStats{
				Lost: s.Lost, Late: s.Late, Duplicate: s.Duplicate, Reordered: s.Reordered, Jumps: s.Jumps,
			}
			if got != ca.stats {
				t.Errorf("stats %+v, want %+v", got, ca.stats)
			}
			for _, f := range h.frames {
				if f.Stream != h.frames[0].Stream {
					t.Error("the stream changed")
				}
			}
		})
	}
}

func equal(t *testing.T, what string, got, want []int) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("%s: %v, want %v", what, got, want)
		}
	}
}

func TestReceiverBeginsStreams(t *testing.T) {
	ms := time.Millisecond
	for _, ca := range []struct {
		name  string
		in    []in
		heard []int
	}{
		{"another SSRC", []in{{n: 0}, {n: 1}, {n: 2000, at: 40 * ms, ssrc: 8}, {n: 2001, at: 60 * ms, ssrc: 8}},
			[]int{0, 1, 2000, 2001}},
		{"another SSRC, the old one's rest late",
			[]in{{n: 0}, {n: 2000, at: 40 * ms, ssrc: 8}, {n: 1, at: 41 * ms}, {n: 2001, at: 60 * ms, ssrc: 8}},
			[]int{0, 2000, 2001}},
		{"jump forward", []in{{n: 0}, {n: 1}, {n: 5000, at: 40 * ms}, {n: 5001, at: 60 * ms}, {n: 5002, at: 80 * ms}},
			[]int{0, 1, 5001, 5002}},
		{"jump back", []in{{n: 5000, at: ms}, {n: 5001, at: 20 * ms}, {n: 0, at: 40 * ms}, {n: 1, at: 60 * ms}},
			[]int{5000, 5001, 1}},
	} {
		t.Run(ca.name, func(t *testing.T) {
			r, h := newTestReceiver()
			epoch := time.Now()
			for _, p := range ca.in {
				p.push(r, epoch)
			}
			equal(t, "heard", h.numbers(), ca.heard)
			streams := 1
			for i, f := range h.frames[1:] {
				if f.Stream != h.frames[i].Stream {
					streams++
				}
				if f.Lost != 0 {
					t.Errorf("frame %d: lost %d", i+1, f.Lost)
				}
			}
			if streams != 2 || r.Stats().Streams != 2 {
				t.Errorf("%d streams, counted %d, want 2", streams, r.Stats().Streams)
			}
		})
	}
}

func TestReceiverIgnoresForeignNumbersOfUnknownTypes(t *testing.T) {
	r, h := newTestReceiver()
	epoch := time.Now()
	in{n: 0}.push(r, epoch)
	for i := range uint16(10) {
		r.Push(&rtp.Header{SSRC: 7, PayloadType: 96, SequenceNumber: 20000 + i}, []byte{1}, epoch)
		r.Push(&rtp.Header{SSRC: 8, PayloadType: 96, SequenceNumber: 20000 + i}, []byte{1}, epoch)
	}
	in{n: 1}.push(r, epoch)
	if s := r.Stats(); len(h.frames) != 2 || s.Streams != 1 || s.SSRC != 7 || s.Jumps != 10 || s.UnknownType != 20 {
		t.Errorf("%d frames, %+v", len(h.frames), s)
	}
}

func TestReceiverTimestampJumpBeginsStream(t *testing.T) {
	r, h := newTestReceiver()
	epoch := time.Now()
	ts := []uint32{0, 160, 320, 900_000, 900_160, 5, 165}
	for i, ts := range ts {
		r.Push(&rtp.Header{SSRC: 7, SequenceNumber: uint16(i), Timestamp: ts}, make([]byte, 160),
			epoch.Add(time.Duration(i)*20*time.Millisecond))
	}
	var changes []int
	for i := 1; i < len(h.frames); i++ {
		if h.frames[i].Stream != h.frames[i-1].Stream {
			changes = append(changes, i)
		}
	}
	equal(t, "changes", changes, []int{3, 5})
}

func TestReceiverCountsWhatItDrops(t *testing.T) {
	r, h := newTestReceiver()
	epoch := time.Now()
	push := func(pt uint8, seq uint16, payload []byte) {
		r.Push(&rtp.Header{SSRC: 7, PayloadType: pt, SequenceNumber: seq, Timestamp: 160 * uint32(seq)}, payload, epoch)
	}
	push(0, 1, make([]byte, 160))
	push(13, 2, []byte{60})
	push(96, 3, make([]byte, 160))
	push(0, 4, nil)
	push(0, 5, make([]byte, 1400))
	push(101, 6, []byte{1, 2, 3})
	push(101, 7, []byte{16, 0, 0, 160})
	push(0, 8, make([]byte, 160))
	if len(h.frames) != 2 || len(h.events) != 0 || h.frames[1].Lost != 0 {
		t.Errorf("heard %d frames, %d events", len(h.frames), len(h.events))
	}
	s := r.Stats()
	if s.ComfortNoise != 1 || s.UnknownType != 1 || s.Malformed != 4 || s.Packets != 8 || s.Lost != 0 {
		t.Errorf("stats %+v", s)
	}
	r.SetSink(nil)
	push(0, 9, make([]byte, 160))
	if n := r.Stats().Unheard; n != 1 {
		t.Errorf("%d unheard", n)
	}
}

func TestReceiverExtendsSequence(t *testing.T) {
	r, h := newTestReceiver()
	epoch := time.Now()
	for n := range 70_000 {
		in{n: n}.push(r, epoch)
		h.frames = h.frames[:0]
	}
	s := r.Stats()
	if want := uint32(firstSeq + 69_999); s.HighestSeq != want || s.Cycles != uint16(want>>16) || s.Lost != 0 {
		t.Errorf("highest %d, cycles %d, lost %d", s.HighestSeq, s.Cycles, s.Lost)
	}
}

func TestReceiverJitter(t *testing.T) {
	r, _ := newTestReceiver()
	epoch := time.Now()
	for n := range 1000 {
		late := time.Duration(n%2) * 8 * time.Millisecond
		in{n: n, at: time.Duration(n+1)*20*time.Millisecond + late}.push(r, epoch)
	}
	if j := r.Stats().Jitter; j < 7900*time.Microsecond || j > 8100*time.Microsecond {
		t.Errorf("jitter %v, want 8ms", j)
	}
}

// digitPacket is one telephone-event packet in the 8 kHz clock.
func digitPacket(r *Receiver, epoch time.Time, seq uint16, ts uint32, e dtmf.Event, duration uint16, end, marker bool) {
	p := dtmf.Payload{Event: e, End: end, Volume: 10, Duration: duration}.Marshal()
	r.Push(&rtp.Header{SSRC: 7, PayloadType: 101, SequenceNumber: seq, Timestamp: ts, Marker: marker}, p[:], epoch)
}

func TestReceiverTellsDigits(t *testing.T) {
	type packet struct {
		ts       uint32
		event    dtmf.Event
		duration uint16
		end      bool
		audio    bool
	}
	audio := func(ts ...uint32) (p []packet) {
		for _, ts := range ts {
			p = append(p, packet{ts: ts, audio: true})
		}
		return p
	}
	for _, ca := range []struct {
		name      string
		in        []packet
		first     []int // the digits begun
		end       []int // the digits ended
		durations []int // at their ends
	}{
		{"whole", []packet{{ts: 160, event: 5, duration: 160}, {ts: 160, event: 5, duration: 320},
			{ts: 160, event: 5, duration: 480, end: true}, {ts: 160, event: 5, duration: 480, end: true},
			{ts: 160, event: 5, duration: 480, end: true}}, []int{5}, []int{5}, []int{480}},
		{"only an end", []packet{{ts: 160, event: 5, duration: 480, end: true}}, []int{5}, []int{5}, []int{480}},
		{"ends lost, audio goes on", append([]packet{{ts: 160, event: 5, duration: 160}},
			audio(960, 1120, 1280, 1440, 1600)...), []int{5}, []int{5}, []int{160}},
		{"ends lost, another digit", []packet{{ts: 160, event: 5, duration: 160}, {ts: 1600, event: 6, duration: 160},
			{ts: 1600, event: 6, duration: 160, end: true}}, []int{5, 6}, []int{5, 6}, []int{160, 160}},
		{"same digit twice", []packet{{ts: 160, event: 5, duration: 160, end: true},
			{ts: 1600, event: 5, duration: 320, end: true}}, []int{5, 5}, []int{5, 5}, []int{160, 320}},
		{"audio beside it", []packet{{ts: 160, event: 5, duration: 160}, {ts: 160, audio: true},
			{ts: 160, event: 5, duration: 320}, {ts: 320, audio: true}, {ts: 480, audio: true},
			{ts: 160, event: 5, duration: 480, end: true}}, []int{5}, []int{5}, []int{480}},
		{"late end of the digit before", []packet{{ts: 160, event: 5, duration: 160},
			{ts: 1600, event: 6, duration: 160}, {ts: 160, event: 5, duration: 320, end: true},
			{ts: 1600, event: 6, duration: 320, end: true}}, []int{5, 6}, []int{5, 6}, []int{160, 320}},
		{"long, in two segments", []packet{{ts: 160, event: 5, duration: 0xff60}, {ts: 160, event: 5, duration: 0xffff},
			{ts: 160 + 0xffff, event: 5, duration: 160}, {ts: 160 + 0xffff, event: 5, duration: 320, end: true}},
			[]int{5}, []int{5}, []int{0xffff + 320}},
	} {
		t.Run(ca.name, func(t *testing.T) {
			r, h := newTestReceiver()
			epoch := time.Now()
			for i, p := range ca.in {
				if p.audio {
					r.Push(&rtp.Header{SSRC: 7, SequenceNumber: uint16(i), Timestamp: p.ts}, make([]byte, 160), epoch)
				} else {
					digitPacket(r, epoch, uint16(i), p.ts, p.event, p.duration, p.end, false)
				}
			}
			var first, end, durations []int
			for _, e := range h.events {
				if e.First {
					first = append(first, int(e.Event))
				}
				if e.End {
					end, durations = append(end, int(e.Event)), append(durations, int(e.Duration))
				}
			}
			equal(t, "begun", first, ca.first)
			equal(t, "ended", end, ca.end)
			equal(t, "durations", durations, ca.durations)
			if n := r.Stats().Digits; int(n) != len(ca.first) {
				t.Errorf("%d digits counted", n)
			}
		})
	}
}
