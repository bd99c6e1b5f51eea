package dtmf

import (
	"errors"
	"math"
	"testing"
	"time"
)

func TestFrequencies(t *testing.T) {
	for digit, want := range map[byte][2]float64{
		'1': {697, 1209}, '2': {697, 1336}, '3': {697, 1477}, 'A': {697, 1633},
		'4': {770, 1209}, '5': {770, 1336}, '6': {770, 1477}, 'B': {770, 1633},
		'7': {852, 1209}, '8': {852, 1336}, '9': {852, 1477}, 'C': {852, 1633},
		'*': {941, 1209}, '0': {941, 1336}, '#': {941, 1477}, 'D': {941, 1633},
	} {
		e, _ := Parse(digit)
		if low, high := e.Frequencies(); low != want[0] || high != want[1] {
			t.Errorf("%c: %v and %v Hz, want %v", digit, low, high, want)
		}
	}
	if low, high := Event(16).Frequencies(); low != 0 || high != 0 {
		t.Errorf("event 16: %v and %v Hz", low, high)
	}
}

func TestTone(t *testing.T) {
	for _, rate := range []int{8000, 16000, 48000} {
		for e := Event(0); e.Valid(); e++ {
			pcm := make([]int16, rate/2)
			if n := mustTone(t, e, rate, 500*ms).Generate(pcm); n != len(pcm) {
				t.Fatalf("%c at %d Hz: %d samples", e.Digit(), rate, n)
			}
			low, high := e.Frequencies()
			checkLevel(t, e, "low", toneLevel(pcm, low, rate), lowLevel)
			checkLevel(t, e, "high", toneLevel(pcm, high, rate), highLevel)
			if p := peak(pcm); p > 17000 {
				t.Errorf("%c at %d Hz peaks at %d", e.Digit(), rate, p)
			}
		}
	}
}

// A soft edge has no step: no sample of the first and last half millisecond is louder than an eighth of the peak.
func TestToneEdges(t *testing.T) {
	pcm := make([]int16, 1600)
	n := mustTone(t, 5, 8000, 100*ms).Generate(pcm)
	if n != 800 {
		t.Fatalf("100 ms are %d samples", n)
	}
	limit := peak(pcm) / 8
	if peak(pcm[:4]) > limit || peak(pcm[796:800]) > limit {
		t.Errorf("edges %v and %v, above %d", pcm[:4], pcm[796:800], limit)
	}
	if peak(pcm[800:]) != 0 {
		t.Error("no silence after the tone")
	}
}

// Frames of any length join to the same tone.
func TestToneInPieces(t *testing.T) {
	whole, pieces := make([]int16, 1000), make([]int16, 1000)
	mustTone(t, 3, 8000, 100*ms).Generate(whole)
	tone, total := mustTone(t, 3, 8000, 100*ms), 0
	for at, n := 0, 1; at < len(pieces); at, n = at+n, n+7 {
		total += tone.Generate(pieces[at:min(at+n, len(pieces))])
	}
	if total != 800 {
		t.Errorf("%d samples in pieces", total)
	}
	for i := range whole {
		if whole[i] != pieces[i] {
			t.Fatalf("sample %d: %d whole, %d in pieces", i, whole[i], pieces[i])
		}
	}
}

func TestToneStop(t *testing.T) {
	tone, pcm := mustTone(t, 9, 8000, 0), make([]int16, 8000)
	if n := tone.Generate(pcm); n != len(pcm) {
		t.Fatalf("endless tone ends after %d samples", n)
	}
	tone.Stop()
	if n := tone.Generate(pcm); n != 32 || peak(pcm[28:32]) > 4000 || peak(pcm[32:]) != 0 {
		t.Errorf("after Stop: %d samples, the last %v", n, pcm[28:33])
	}
	tone.Stop()
	if n := tone.Generate(pcm); n != 0 {
		t.Errorf("a second Stop gives %d samples", n)
	}
}

func TestToneErrors(t *testing.T) {
	if _, err := NewTone(16, 8000, 0); !errors.Is(err, ErrNotDigit) {
		t.Errorf("event 16: %v", err)
	}
	if _, err := NewTone(1, 0, 0); err == nil {
		t.Error("rate 0 is taken")
	}
	if _, err := NewTone(1, 8000, -1); err == nil {
		t.Error("a negative length is taken")
	}
	if n := mustTone(t, 1, 8000, 1).Generate(make([]int16, 800)); n != 64 {
		t.Errorf("the shortest tone has %d samples", n)
	}
}

func TestToneAllocs(t *testing.T) {
	tone, pcm := mustTone(t, 1, 8000, 0), make([]int16, 160)
	if n := testing.AllocsPerRun(100, func() { tone.Generate(pcm) }); n != 0 {
		t.Errorf("%v allocations a frame", n)
	}
}

func BenchmarkTone(b *testing.B) {
	tone, pcm := mustTone(b, 1, 8000, 0), make([]int16, 160)
	for b.Loop() {
		tone.Generate(pcm)
	}
}

func mustTone(t testing.TB, e Event, rate int, length time.Duration) *Tone {
	t.Helper()
	tone, err := NewTone(e, rate, length)
	if err != nil {
		t.Fatal(err)
	}
	return tone
}

// toneLevel is the level in dBm0 of one frequency, by a Fourier sum over all of pcm.
func toneLevel(pcm []int16, hz float64, rate int) float64 {
	var re, im float64
	for i, s := range pcm {
		sin, cos := math.Sincos(2 * math.Pi * hz * float64(i) / float64(rate))
		re += float64(s) * cos
		im += float64(s) * sin
	}
	return 20*math.Log10(2*math.Hypot(re, im)/float64(len(pcm))/32767) + fullScale
}

func checkLevel(t *testing.T, e Event, group string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 0.3 {
		t.Errorf("%c: %s tone at %.1f dBm0, want %.1f", e.Digit(), group, got, want)
	}
}

func peak(pcm []int16) int {
	p := 0
	for _, s := range pcm {
		p = max(p, int(s), -int(s))
	}
	return p
}
