package codec

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func TestOpusRoundTrip(t *testing.T) {
	for _, rate := range []int{8000, 12000, 16000, 24000, 48000} {
		t.Run(fmt.Sprint(rate), func(t *testing.T) {
			e, d := mustCodec(t, Opus, rate, Options{})
			frame := rate / 50
			in := tone(440, rate, 50*frame)
			out := make([]int16, 0, len(in))
			for _, payload := range encode(t, e, in, frame) {
				pcm := make([]int16, 6*frame) // 120 ms
				n, err := d.Decode(pcm, payload)
				if n != frame || err != nil {
					t.Fatalf("%d samples, %v", n, err)
				}
				out = append(out, pcm[:n]...)
			}
			delay, snr := bestMatch(in[10*frame:40*frame], out[10*frame:], frame)
			if snr < 15 {
				t.Errorf("signal to noise %.1f dB at a delay of %d samples", snr, delay)
			}
		})
	}
}

// bestMatch is the delay of out, below limit samples, at which it is most like in, and how like, in dB.
func bestMatch(in, out []int16, limit int) (delay int, snr float64) {
	least := math.Inf(1)
	for lag := range limit {
		if d := difference(in, out[lag:lag+len(in)]); d < least {
			delay, least = lag, d
		}
	}
	return delay, 10 * math.Log10(power(in)/least)
}

// mender fills dst, which was lost just before next: Decoder.Recover is one.
type mender func(d Decoder, dst []int16, next []byte) (int, error)

// wrongness is how far off the frames before every tenth payload are, when lost and mended, as a share of their power.
func wrongness(t *testing.T, payloads [][]byte, rate int, mend mender) float64 {
	t.Helper()
	_, whole := mustCodec(t, Opus, rate, Options{})
	_, gappy := mustCodec(t, Opus, rate, Options{})
	want, got := make([]int16, rate/50), make([]int16, rate/50)
	var wrong, all float64
	for i, payload := range payloads {
		if _, err := whole.Decode(want, payload); err != nil {
			t.Fatal(err)
		}
		if i%10 != 9 || i+1 == len(payloads) {
			if _, err := gappy.Decode(got, payload); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if n, err := mend(gappy, got, payloads[i+1]); n != len(got) || err != nil {
			t.Fatalf("mended %d samples, %v", n, err)
		}
		wrong += difference(want, got)
		all += power(want)
	}
	return wrong / all
}

func TestOpusFECRecovers(t *testing.T) {
	for _, rate := range []int{8000, 16000} {
		t.Run(fmt.Sprint(rate), func(t *testing.T) {
			conceal := func(d Decoder, dst []int16, _ []byte) (int, error) { return d.Conceal(dst) }
			with, _ := mustCodec(t, Opus, rate, Options{Opus: OpusOptions{FEC: true, LossPercent: 20}})
			without, _ := mustCodec(t, Opus, rate, Options{})
			pcm := speech(4, rate, 4*rate)
			payloads := encode(t, with, pcm, rate/50)
			recovered, concealed := wrongness(t, payloads, rate, Decoder.Recover), wrongness(t, payloads, rate, conceal)
			if recovered > concealed/2 {
				t.Errorf("recovered frames are wrong by %.3f of their power, concealed ones by %.3f", recovered, concealed)
			}
			bare := encode(t, without, pcm, rate/50)
			if r, c := wrongness(t, bare, rate, Decoder.Recover), wrongness(t, bare, rate, conceal); r != c {
				t.Errorf("without FEC, Recover is wrong by %.3f and Conceal by %.3f", r, c)
			}
		})
	}
}

// Recover falls back to concealment where the next packet is no packet.
func TestOpusRecoverWithoutNext(t *testing.T) {
	for _, next := range [][]byte{nil, {}, {3}, {3, 0}, {0xff, 0xff, 0xff}} {
		_, d := mustCodec(t, Opus, 8000, Options{})
		if n, err := d.Recover(make([]int16, 160), next); n != 160 || err != nil {
			t.Errorf("%x: %d, %v", next, n, err)
		}
	}
}

func TestOpusConcealFades(t *testing.T) {
	e, d := mustCodec(t, Opus, 8000, Options{})
	out := make([]int16, 160)
	for _, payload := range encode(t, e, speech(5, 8000, 25*160), 160) {
		if _, err := d.Decode(out, payload); err != nil {
			t.Fatal(err)
		}
	}
	loud := power(out)
	for range 25 {
		if n, err := d.Conceal(out); n != 160 || err != nil {
			t.Fatal(n, err)
		}
	}
	if power(out) > loud/100 {
		t.Errorf("after half a second the power is %.0f of %.0f", power(out), loud)
	}
}

func TestOpusTuner(t *testing.T) {
	e, _ := mustCodec(t, Opus, 16000, Options{})
	tuner := e.(Tuner)
	size := func(bitrate int) (bytes int) {
		if err := tuner.SetBitrate(bitrate); err != nil {
			t.Fatal(err)
		}
		for _, payload := range encode(t, e, speech(6, 16000, 16000), 320) {
			bytes += len(payload)
		}
		return bytes
	}
	if low, high := size(12000), size(40000); high < 2*low {
		t.Errorf("a second has %d bytes at 12 kbit/s and %d at 40", low, high)
	}
	for name, err := range map[string]error{
		"bitrate 5999":   tuner.SetBitrate(5999),
		"bitrate 510001": tuner.SetBitrate(510001),
		"loss -1":        tuner.SetFEC(true, -1),
		"loss 101":       tuner.SetFEC(true, 101),
	} {
		if err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if err := errors.Join(tuner.SetFEC(true, 0), tuner.SetFEC(true, 100), tuner.SetFEC(false, 0)); err != nil {
		t.Error(err)
	}
}

// Turning FEC on and off in a running encoder changes what Recover can do.
func TestOpusTunerFEC(t *testing.T) {
	e, _ := mustCodec(t, Opus, 8000, Options{})
	pcm := speech(7, 8000, 4*8000)
	wrong := func(on bool) float64 {
		if err := e.(Tuner).SetFEC(on, 20); err != nil {
			t.Fatal(err)
		}
		return wrongness(t, encode(t, e, pcm, 160), 8000, Decoder.Recover)
	}
	if off, on, again := wrong(false), wrong(true), wrong(false); on > off/2 || again < 2*on {
		t.Errorf("wrong by %.3f with FEC off, %.3f on, %.3f off again", off, on, again)
	}
}

func TestOpusOptions(t *testing.T) {
	for _, ca := range []struct {
		o  OpusOptions
		ok bool
	}{
		{OpusOptions{Complexity: -1}, true},
		{OpusOptions{Complexity: 10, Bitrate: 510000, FEC: true, LossPercent: 100}, true},
		{OpusOptions{Complexity: -2}, false},
		{OpusOptions{Complexity: 11}, false},
		{OpusOptions{Bitrate: -1}, false},
		{OpusOptions{Bitrate: 600000}, false},
		{OpusOptions{LossPercent: 101}, false},
	} {
		e, err := NewEncoder(Opus, 8000, Options{Opus: ca.o})
		if (err == nil) != ca.ok || (e == nil) == ca.ok {
			t.Errorf("%+v: encoder %v, %v", ca.o, e != nil, err)
		}
	}
}

func TestOpusClosed(t *testing.T) {
	e, d := mustCodec(t, Opus, 8000, Options{})
	pcm, payload := make([]int16, 160), make([]byte, 100)
	e.Close()
	e.Close()
	d.Close()
	d.Close()
	for name, err := range map[string]error{
		"Encode":     second(e.Encode(payload, pcm)),
		"SetFEC":     e.(Tuner).SetFEC(true, 5),
		"SetBitrate": e.(Tuner).SetBitrate(12000),
		"Decode":     second(d.Decode(pcm, []byte{8, 1, 2})),
		"Recover":    second(d.Recover(pcm, []byte{8, 1, 2})),
		"Conceal":    second(d.Conceal(pcm)),
	} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%s after Close: %v", name, err)
		}
	}
}

func TestOpusBadPayloads(t *testing.T) {
	_, d := mustCodec(t, Opus, 48000, Options{})
	out := make([]int16, 5760)
	for name, payload := range map[string][]byte{
		"code 3 alone":            {0xff},
		"no frames":               {0xff, 0},
		"over 120 ms":             {0x1b, 3, 0, 0},
		"two halves of odd sum":   {0x09, 1, 2, 3},
		"frame of 1276 bytes":     make([]byte, 1277),
		"far too long":            make([]byte, 65535),
		"length beyond the end":   {0x0a, 100, 1},
		"padding beyond the end":  {0x0b, 0x41, 200, 1},
		"CBR frames do not fit":   {0x0b, 2, 1, 2, 3},
		"VBR frames do not fit":   {0x0b, 0x82, 9, 2, 3},
		"padding length is open":  {0x0b, 0x41},
		"endless padding lengths": {0x0b, 0x41, 255, 255, 255},
	} {
		if n, err := d.Decode(out, payload); !errors.Is(err, ErrPayload) || n != 0 {
			t.Errorf("%s: %d, %v", name, n, err)
		}
	}
	if _, err := d.Conceal(out[:961]); !errors.Is(err, ErrFrame) {
		t.Errorf("a gap of 961 samples: %v", err)
	}
	if _, err := d.Recover(out[:1], []byte{8, 1, 2}); !errors.Is(err, ErrFrame) {
		t.Errorf("a gap of 1 sample: %v", err)
	}
}

// A decoder lives through anything, and still decodes what is good.
func TestOpusGarbage(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	e, d := mustCodec(t, Opus, 8000, Options{})
	good := encode(t, e, speech(8, 8000, 50*160), 160)
	out, decoded := make([]int16, 960), 0
	for i := range 20000 {
		payload := append([]byte(nil), good[i%len(good)]...)
		for range r.IntN(4) {
			payload[r.IntN(len(payload))] = byte(r.Uint32())
		}
		if n, err := d.Decode(out, payload[:r.IntN(len(payload)+1)]); err == nil && n > 0 {
			decoded++
		}
	}
	if n, err := d.Decode(out, good[0]); n != 160 || err != nil || decoded == 0 {
		t.Errorf("a good packet: %d, %v; %d before", n, err, decoded)
	}
}

func FuzzOpusDecode(f *testing.F) {
	e, err := NewEncoder(Opus, 48000, Options{Opus: OpusOptions{FEC: true}})
	if err != nil {
		f.Fatal(err)
	}
	for _, samples := range []int{120, 480, 960, 2880, 5760} {
		f.Add(encode(f, e, speech(9, 48000, samples), samples)[0], uint8(1))
	}
	f.Add([]byte{}, uint8(0))
	f.Add([]byte{0xff, 0xff, 0xff}, uint8(2))
	f.Fuzz(func(t *testing.T, payload []byte, steps uint8) {
		d, err := NewDecoder(Opus, 8000)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		out := make([]int16, 960)
		length, bad := OpusDuration(payload)
		n, err := d.Decode(out, payload)
		if bad != nil && err == nil || err == nil && n != int(length.Milliseconds()*8)+int(length%ms*8/ms) {
			t.Fatalf("%d samples, %v; the TOC says %v, %v", n, err, length, bad)
		}
		gap := out[:min(len(out), 20*int(steps))]
		if n, err := d.Recover(gap, payload); err == nil && n != len(gap) {
			t.Fatalf("recovered %d of %d samples", n, len(gap))
		}
		if n, err := d.Conceal(out); n != len(out) || err != nil {
			t.Fatalf("concealed %d samples, %v", n, err)
		}
	})
}
