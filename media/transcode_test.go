package media

import (
	"slices"
	"testing"
	"time"

	"seatbridge/codec"
)

// coded makes n frames of 20 ms of a tone.
func coded(t testing.TB, c codec.ID, n int) []Frame {
	t.Helper()
	e, err := codec.NewEncoder(c, 8000, codec.Options{Opus: codec.OpusOptions{FEC: true, LossPercent: 20}})
	if err != nil {
		t.Fatal(err)
	}
	pcm := sine(500, 8000, n*block)
	var frames []Frame
	for i := range n {
		buf := make([]byte, maxEncoded)
		size, err := e.Encode(buf, pcm[i*block:][:block])
		if err != nil {
			t.Fatal(err)
		}
		frames = append(frames, Frame{
			Stream: 1, Codec: c, Seq: uint16(i), Timestamp: uint32(i) * c.ClockRate() / 50, Payload: buf[:size],
		})
	}
	return frames
}

func TestDecoderMendsOpus(t *testing.T) {
	for _, ca := range []struct {
		name  string
		codec codec.ID
		all   bool // MendAll
		gap   int  // frames lost
		lost  int  // samples that stay lost
	}{
		{"one of Opus", codec.Opus, false, 1, 0},
		{"three of Opus", codec.Opus, false, 3, 0},
		{"four of Opus", codec.Opus, false, 4, 640},
		{"one of PCMU", codec.PCMU, false, 1, 160},
		{"one of PCMU for a mix", codec.PCMU, true, 1, 0},
		{"four of PCMU for a mix", codec.PCMU, true, 4, 640},
	} {
		t.Run(ca.name, func(t *testing.T) {
			d := NewDecoder()
			defer d.Close()
			d.MendAll = ca.all
			frames := coded(t, ca.codec, 100)
			end := uint32(0)
			for i := 0; i < 100; i++ {
				f := &frames[i]
				if i == 50 {
					i += ca.gap
					f = &frames[i]
					f.Lost = ca.gap
				}
				p := d.Decode(f)
				if f.Lost > 0 {
					if p.Lost != ca.lost || int(p.Pos-end) != ca.lost {
						t.Errorf("lost %d, position moved by %d; want %d", p.Lost, p.Pos-end, ca.lost)
					}
					// How well it is mended is the codec's affair, and a tone is hard for one made for speech.
					if ca.lost == 0 && slices.Max(p.Samples[:block]) < 1000 {
						t.Error("mended with silence")
					}
				}
				end = p.Pos + uint32(len(p.Samples))
			}
			if end != 100*uint32(block) {
				t.Errorf("ended at %d", end)
			}
			if got, want := int(d.concealed.Load()), ca.gap-ca.lost/block; got != want {
				t.Errorf("%d concealed, want %d", got, want)
			}
		})
	}
}

func TestDecoderSurvivesBadPayloads(t *testing.T) {
	d := NewDecoder()
	defer d.Close()
	frames := coded(t, codec.Opus, 4)
	d.Decode(&frames[0])
	frames[1].Payload = []byte{0xff, 0xff, 0xff} // 63 frames
	p := d.Decode(&frames[1])
	if len(p.Samples) != block || d.errors.Load() != 1 || d.concealed.Load() != 1 {
		t.Errorf("%d samples, %d errors", len(p.Samples), d.errors.Load())
	}
	if p = d.Decode(&frames[2]); p.Pos != 2*uint32(block) || len(p.Samples) != block {
		t.Errorf("the frame after it: %d samples at %d", len(p.Samples), p.Pos)
	}
	if d.Decode(&Frame{Codec: codec.ID(99)}) != nil {
		t.Error("PCM of an unknown codec")
	}
}

// A pause that the speaker made is no loss.
func TestDecoderKeepsPauses(t *testing.T) {
	d := NewDecoder()
	defer d.Close()
	frames := coded(t, codec.Opus, 100)
	d.Decode(&frames[0])
	frames[60].Lost = 1 // one packet lost within it
	p := d.Decode(&frames[60])
	if p.Pos != 60*uint32(block) || p.Lost != block {
		t.Errorf("at %d, lost %d", p.Pos, p.Lost)
	}
}

// Timestamps that wrap in the middle of a call leave no trace, whatever the ratio of the clocks.
func TestTranscodingAcrossTheWrap(t *testing.T) {
	for _, from := range []codec.ID{codec.PCMU, codec.Opus} {
		d, w := NewDecoder(), &wire{}
		s := NewSender(SenderConfig{Writer: w})
		s.SetFormats(phoneFormats())
		e := NewEncoder(PackingFor(codec.Opus, 0), codec.Options{})
		for _, f := range coded(t, from, 100) {
			f.Timestamp -= 50 * from.ClockRate() / 50
			e.Encode(d.Decode(&f), []*Sender{s})
		}
		if len(w.sent) != 100 {
			t.Errorf("%d packets", len(w.sent))
		}
		for i, p := range w.sent[1:] {
			if p.Timestamp-w.sent[i].Timestamp != 960 || p.SequenceNumber-w.sent[i].SequenceNumber != 1 {
				t.Errorf("packet %d: timestamp +%d", i+1, p.Timestamp-w.sent[i].Timestamp)
			}
		}
		d.Close()
		e.Close()
	}
}

func TestEncoderGaps(t *testing.T) {
	type sent struct {
		seq    uint16
		ts     uint32
		marker bool
	}
	pcm := func(pos uint32, n, lost int) *PCM {
		return &PCM{Stream: 1, Pos: pos, Lost: lost, Samples: sine(500, 8000, n)}
	}
	for _, ca := range []struct {
		name string
		in   []*PCM
		want []sent // since the first packet
	}{
		{"30 ms to 20 ms", []*PCM{pcm(0, 240, 0), pcm(240, 240, 0)}, []sent{{0, 0, true}, {1, 160, false}, {2, 320, false}}},
		{"10 ms to 20 ms", []*PCM{pcm(0, 80, 0), pcm(80, 80, 0), pcm(160, 80, 0)}, []sent{{0, 0, true}}},
		{"loss", []*PCM{pcm(0, 160, 0), pcm(480, 160, 320)}, []sent{{0, 0, true}, {3, 480, false}}},
		{"pause", []*PCM{pcm(0, 160, 0), pcm(4800, 160, 0)}, []sent{{0, 0, true}, {1, 4800, true}}},
		{"loss in the middle of a packet", []*PCM{pcm(0, 240, 0), pcm(480, 240, 240)},
			[]sent{{0, 0, true}, {1, 160, false}, {3, 480, false}}},
		{"short loss in the middle of a packet", []*PCM{pcm(0, 80, 0), pcm(120, 40, 40)}, []sent{{0, 0, true}}},
		{"another stream", []*PCM{pcm(0, 240, 0), {Stream: 2, Pos: 7, Samples: sine(500, 8000, 160)}},
			[]sent{{0, 0, true}, {1, 160, true}}},
	} {
		t.Run(ca.name, func(t *testing.T) {
			w := &wire{}
			s := NewSender(SenderConfig{Writer: w})
			s.SetFormats(phoneFormats())
			e := NewEncoder(PackingFor(codec.PCMU, 20*time.Millisecond), codec.Options{})
			for _, p := range ca.in {
				e.Encode(p, []*Sender{s})
			}
			var got []sent
			for _, p := range w.sent {
				if len(p.payload) != block {
					t.Errorf("%d bytes", len(p.payload))
				}
				got = append(got, sent{p.SequenceNumber - w.sent[0].SequenceNumber, p.Timestamp - w.sent[0].Timestamp, p.Marker})
			}
			if len(got) != len(ca.want) {
				t.Fatalf("%v, want %v", got, ca.want)
			}
			for i := range got {
				if got[i] != ca.want[i] {
					t.Errorf("%v, want %v", got, ca.want)
				}
			}
		})
	}
}

// Packing G.711 anew goes through PCM and changes nothing.
func TestRepackingKeepsEveryByte(t *testing.T) {
	for _, c := range []codec.ID{codec.PCMU, codec.PCMA} {
		all := make([]byte, 256)
		for i := range all {
			all[i] = byte(i)
		}
		w := &wire{}
		s := NewSender(SenderConfig{Writer: w})
		s.SetFormats(phoneFormats())
		d, e := NewDecoder(), NewEncoder(PackingFor(c, 10*time.Millisecond), codec.Options{})
		for i := range 5 { // 5 times 256 are 16 packets of 80
			f := Frame{Stream: 1, Codec: c, Seq: uint16(i), Timestamp: uint32(256 * i), Payload: all}
			e.Encode(d.Decode(&f), []*Sender{s})
		}
		var got []byte
		for _, p := range w.sent {
			got = append(got, p.payload...)
		}
		if len(got) != 1280 {
			t.Fatalf("%v: %d bytes", c, len(got))
		}
		for i, b := range got {
			// mu-law has two zeros; the negative one comes out as the positive one.
			if want := byte(i); b != want && !(c == codec.PCMU && want == 0x7f && b == 0xff) {
				t.Errorf("%v: byte %#x became %#x", c, want, b)
			}
		}
	}
}

func TestPacking(t *testing.T) {
	ms := time.Millisecond
	for _, ca := range []struct {
		codec codec.ID
		asked time.Duration
		want  time.Duration
	}{
		{codec.PCMU, 20 * ms, 20 * ms}, {codec.PCMU, 0, 10 * ms}, {codec.PCMU, 35 * ms, 30 * ms},
		{codec.PCMA, time.Second, 60 * ms}, {codec.Opus, 60 * ms, 20 * ms},
	} {
		if got := PackingFor(ca.codec, ca.asked); got != (Packing{ca.codec, ca.want}) {
			t.Errorf("%v, %v: %v", ca.codec, ca.asked, got)
		}
	}
	p := PackingFor(codec.PCMU, 20*ms)
	if !p.Fits(frame(1, codec.PCMU, 0, 0)) || p.Fits(frame(1, codec.PCMA, 0, 0)) ||
		p.Fits(&Frame{Codec: codec.PCMU, Payload: make([]byte, 80)}) ||
		!PackingFor(codec.Opus, 0).Fits(&Frame{Codec: codec.Opus, Payload: []byte{1}}) {
		t.Error("Fits")
	}
}

func TestEncoderOfRefusedOptionsCounts(t *testing.T) {
	e := NewEncoder(PackingFor(codec.Opus, 0), codec.Options{Opus: codec.OpusOptions{Complexity: 99}})
	defer e.Close()
	e.Encode(&PCM{Stream: 1, Samples: make([]int16, block)}, nil)
	if e.errors.Load() != 1 {
		t.Error("not counted")
	}
}
