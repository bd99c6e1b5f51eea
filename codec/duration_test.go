package codec

import (
	"errors"
	"testing"
	"time"
)

const ms = time.Millisecond

// The frame lengths of the 32 configurations, copied from RFC 6716 table 2, in tenths of a millisecond.
var opusConfigs = [32]int{
	100, 200, 400, 600, 100, 200, 400, 600, 100, 200, 400, 600, // SILK: NB, MB, WB
	100, 200, 100, 200, // hybrid: SWB, FB
	25, 50, 100, 200, 25, 50, 100, 200, 25, 50, 100, 200, 25, 50, 100, 200, // CELT: NB, WB, SWB, FB
}

func TestOpusDuration(t *testing.T) {
	for config, tenths := range opusConfigs {
		frame := time.Duration(tenths) * ms / 10
		for stereo := range byte(2) {
			toc := byte(config)<<3 | stereo<<2
			checkDuration(t, []byte{toc, 1}, frame)
			checkDuration(t, []byte{toc | 1, 1}, 2*frame)
			checkDuration(t, []byte{toc | 2, 1}, 2*frame)
			for count := byte(0); count < 64; count++ {
				for _, flags := range []byte{0, 0x40, 0x80, 0xc0} {
					checkDuration(t, []byte{toc | 3, count | flags, 1}, time.Duration(count)*frame)
				}
			}
		}
	}
	checkDuration(t, nil, 0)
	checkDuration(t, []byte{3}, 0)
}

// checkDuration wants an error where want is no length of a packet.
func checkDuration(t *testing.T, payload []byte, want time.Duration) {
	t.Helper()
	d, err := OpusDuration(payload)
	if want == 0 || want > 120*ms {
		if !errors.Is(err, ErrPayload) || d != 0 {
			t.Errorf("%x: %v, %v, want an error", payload, d, err)
		}
		return
	}
	if err != nil || d != want {
		t.Errorf("%x: %v, %v, want %v", payload, d, err, want)
	}
}

// What the encoder makes is as long as what it was given.
func TestOpusDurationOfEncoder(t *testing.T) {
	e, _ := mustCodec(t, Opus, 48000, Options{})
	for _, samples := range []int{120, 240, 480, 960, 1920, 2880, 3840, 4800, 5760} {
		payload := encode(t, e, speech(2, 48000, samples), samples)[0]
		if n, err := FrameSamples(Opus, payload); n != samples || err != nil {
			t.Errorf("%d samples: %d, %v", samples, n, err)
		}
	}
}

func TestPayloadDuration(t *testing.T) {
	for _, ca := range []struct {
		id      ID
		payload []byte
		length  time.Duration
		ticks   int
		err     error
	}{
		{PCMU, make([]byte, 160), 20 * ms, 160, nil},
		{PCMA, make([]byte, 240), 30 * ms, 240, nil},
		{PCMU, make([]byte, 1), 125 * time.Microsecond, 1, nil},
		{PCMU, nil, 0, 0, ErrPayload},
		{Opus, []byte{0x08}, 20 * ms, 960, nil},
		{Opus, []byte{0x80}, 2500 * time.Microsecond, 120, nil},
		{Opus, nil, 0, 0, ErrPayload},
		{None, []byte{1}, 0, 0, ErrNoCodec},
	} {
		if d, err := PayloadDuration(ca.id, ca.payload); d != ca.length || !errors.Is(err, ca.err) {
			t.Errorf("%v, %d bytes: %v, %v, want %v", ca.id, len(ca.payload), d, err, ca.length)
		}
		if n, err := FrameSamples(ca.id, ca.payload); n != ca.ticks || !errors.Is(err, ca.err) {
			t.Errorf("%v, %d bytes: %d ticks, %v, want %d", ca.id, len(ca.payload), n, err, ca.ticks)
		}
	}
}
