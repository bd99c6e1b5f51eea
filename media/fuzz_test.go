package media

import (
	"testing"
	"time"

	"github.com/pion/rtp"

	"seatbridge/codec"
)

// promises is a Sink that holds a Receiver to what it promises.
type promises struct {
	t       *testing.T
	stream  uint64
	seq     uint16
	running bool // a digit
	decoder *Decoder
}

func (p *promises) Frame(f *Frame) {
	if f.Stream == p.stream && int(int16(f.Seq-p.seq)) <= f.Lost {
		p.t.Errorf("frame %d after %d, lost %d", f.Seq, p.seq, f.Lost)
	}
	if pcm := p.decoder.Decode(f); pcm == nil || len(pcm.Samples) == 0 {
		p.t.Errorf("no PCM of %+v", f)
	}
	if len(f.Payload) == 0 || f.Lost < 0 || f.Codec == codec.None {
		p.t.Errorf("frame %+v", f)
	}
	p.stream, p.seq = f.Stream, f.Seq
}

func (p *promises) Event(e *Event) {
	if e.First == p.running || !e.Event.Valid() || e.Clock == 0 {
		p.t.Errorf("event %+v, running %v", e, p.running)
	}
	p.running = !e.End
}

// FuzzReceiver feeds packets that the fuzzer makes up: four bytes each for type, sequence, timestamp and payload.
func FuzzReceiver(f *testing.F) {
	f.Add([]byte{0, 1, 1, 160, 0, 2, 2, 160, 0, 4, 4, 160, 0, 3, 3, 160, 0, 4, 4, 160})
	f.Add([]byte{0, 1, 1, 160, 101, 2, 2, 4, 101, 3, 2, 4, 101, 4, 2, 132, 0, 5, 9, 160})
	f.Add([]byte{111, 1, 1, 9, 13, 2, 2, 1, 96, 3, 3, 5, 228, 200, 9, 0})
	f.Fuzz(func(t *testing.T, script []byte) {
		r := NewReceiver(ReceiverConfig{})
		r.SetFormats(phoneFormats())
		d := NewDecoder()
		defer d.Close()
		r.SetSink(&promises{t: t, decoder: d})
		now := time.Now()
		for ; len(script) >= 4; script = script[4:] {
			h := &rtp.Header{
				PayloadType: script[0] & 0x7f, Marker: script[0] > 0x7f, SSRC: uint32(script[1] >> 6),
				SequenceNumber: uint16(script[1]&0x3f) * 21, Timestamp: uint32(script[2]) * 160,
			}
			payload := make([]byte, script[3])
			copy(payload, script)
			r.Push(h, payload, now)
			now = now.Add(time.Duration(script[2]&7) * 10 * time.Millisecond)
		}
		if s := r.Stats(); s.Lost > 1<<16*s.Packets {
			t.Errorf("%+v", s)
		}
	})
}
