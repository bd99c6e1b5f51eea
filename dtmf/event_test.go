package dtmf

import (
	"errors"
	"math"
	"testing"
	"time"
)

// payloads are golden: RFC 4733 figure 1, written out by hand.
var payloads = []struct {
	name    string
	payload Payload
	wire    [4]byte
}{
	{"digit 1, starting", Payload{Event: 1, Volume: 10, Duration: 160}, [4]byte{1, 10, 0, 160}},
	{"digit 5, ended", Payload{Event: 5, End: true, Volume: 7, Duration: 800}, [4]byte{5, 0x87, 3, 32}},
	{"star", Payload{Event: 10, Volume: 63, Duration: 0xffff}, [4]byte{10, 63, 255, 255}},
	{"D, ended, loudest", Payload{Event: 15, End: true}, [4]byte{15, 0x80, 0, 0}},
}

func TestPayload(t *testing.T) {
	for _, ca := range payloads {
		t.Run(ca.name, func(t *testing.T) {
			if got := ca.payload.Marshal(); got != ca.wire {
				t.Errorf("marshalled %v, want %v", got, ca.wire)
			}
			var p Payload
			if err := p.Unmarshal(ca.wire[:]); err != nil || p != ca.payload {
				t.Errorf("unmarshalled %+v, %v, want %+v", p, err, ca.payload)
			}
		})
	}
}

func TestPayloadEdges(t *testing.T) {
	var p Payload
	if err := p.Unmarshal([]byte{3, 0x40 | 9, 0, 80, 99}); err != nil || p.End || p.Volume != 9 || p.Duration != 80 {
		t.Errorf("reserved bit or trailing bytes count: %+v, %v", p, err)
	}
	if got := (Payload{Volume: 64}).Marshal(); got[1] != 63 {
		t.Errorf("volume 64 becomes %#x", got[1])
	}
	before := p
	if err := p.Unmarshal([]byte{3, 0, 0}); !errors.Is(err, ErrPayload) {
		t.Errorf("three bytes: %v", err)
	}
	if err := p.Unmarshal([]byte{16, 0, 0, 0}); !errors.Is(err, ErrNotDigit) {
		t.Errorf("flash-hook: %v", err)
	}
	if p != before {
		t.Errorf("a bad payload changed %+v", p)
	}
}

func TestRescale(t *testing.T) {
	for _, ca := range []struct{ ticks, from, to, want uint32 }{
		{800, 8000, 48000, 4800},
		{4800, 48000, 8000, 800},
		{160, 8000, 8000, 160},
		{961, 48000, 8000, 160},
		{963, 48000, 8000, 161},
		{0xffff, 8000, 48000, 393210},
		{math.MaxUint32, 8000, 48000, math.MaxUint32},
		{800, 0, 8000, 0},
		{800, 8000, 0, 0},
	} {
		if got := Rescale(ca.ticks, ca.from, ca.to); got != ca.want {
			t.Errorf("%d ticks of %d Hz at %d Hz: %d, want %d", ca.ticks, ca.from, ca.to, got, ca.want)
		}
	}
	for ticks, want := range map[uint32]uint16{0: 0, 800: 800, 0xffff: 0xffff, 0x10000: 0xffff, 393210: 0xffff} {
		if got := Saturate(ticks); got != want {
			t.Errorf("%d saturates to %d, want %d", ticks, got, want)
		}
	}
}

func TestTicksAndLength(t *testing.T) {
	for _, ca := range []struct {
		length time.Duration
		clock  uint32
		ticks  uint32
	}{
		{100 * time.Millisecond, 8000, 800},
		{100 * time.Millisecond, 48000, 4800},
		{60 * time.Millisecond, 16000, 960},
		{0, 8000, 0},
	} {
		if got := Ticks(ca.length, ca.clock); got != ca.ticks {
			t.Errorf("%v at %d Hz: %d ticks, want %d", ca.length, ca.clock, got, ca.ticks)
		}
		if got := Length(ca.ticks, ca.clock); got != ca.length {
			t.Errorf("%d ticks at %d Hz: %v, want %v", ca.ticks, ca.clock, got, ca.length)
		}
	}
	if got := Ticks(-time.Second, 8000); got != 0 {
		t.Errorf("a negative length has %d ticks", got)
	}
	if got := Ticks(math.MaxInt64, 48000); got != math.MaxUint32 {
		t.Errorf("292 years have %d ticks", got)
	}
	if got := Length(5, 0); got != 0 {
		t.Errorf("ticks of no clock last %v", got)
	}
	if got := Length(math.MaxUint32, 8000); got != 536870911875*time.Microsecond {
		t.Errorf("the longest at 8 kHz lasts %v", got)
	}
}

func FuzzPayload(f *testing.F) {
	for _, ca := range payloads {
		f.Add(ca.wire[:])
	}
	f.Add([]byte{})
	f.Add([]byte{255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, b []byte) {
		var p, again Payload
		if p.Unmarshal(b) != nil {
			return
		}
		wire := p.Marshal()
		if err := again.Unmarshal(wire[:]); err != nil || again != p || !p.Event.Valid() {
			t.Errorf("%v: %+v becomes %+v, %v", b, p, again, err)
		}
	})
}
