package peers

import (
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// add mixes sounds.
func add(sounds ...Sound) Sound {
	out := Sound{sounds[0].Rate, make([]int16, len(sounds[0].Samples))}
	for _, s := range sounds {
		for i := range out.Samples {
			out.Samples[i] += s.Samples[i]
		}
	}
	return out
}

func gain(s Sound, g float64) Sound {
	out := Sound{s.Rate, make([]int16, len(s.Samples))}
	for i, v := range s.Samples {
		out.Samples[i] = int16(math.Round(g * float64(v)))
	}
	return out
}

func noise(d time.Duration, peak int) Sound {
	out, r := Sine(0, d), rand.New(rand.NewPCG(1, 2))
	for i := range out.Samples {
		out.Samples[i] = int16(r.IntN(2*peak) - peak)
	}
	return out
}

func TestAnalyse(t *testing.T) {
	const d = 500 * time.Millisecond
	for _, ca := range []struct {
		name  string
		sound Sound
		tones []float64
		just  bool // nothing else
	}{
		{"nothing at all", Sound{}, nil, true},
		{"silence", Sine(0, d), nil, true},
		{"dither", noise(d, 10), nil, true},
		{"noise", noise(d, 8000), nil, false},
		{"three voices", add(Sine(580, d), Sine(1050, d), Sine(2250, d)), []float64{580, 1050, 2250}, true},
		{"a voice 14 dB below another", add(Sine(580, d), gain(Sine(660, d), 0.2)), []float64{580, 660}, true},
		{"a voice 24 dB below another", add(Sine(580, d), gain(Sine(660, d), 0.06)), []float64{580}, true},
		{"a voice in noise as strong", add(Sine(580, d), noise(d, 10000)), []float64{580}, false},
		{"a tone that nobody sends", Sine(500, d), nil, false},
		{"too short to say", Sine(580, 50*time.Millisecond), nil, true},
	} {
		t.Run(ca.name, func(t *testing.T) {
			h := Analyse(ca.sound)
			if !slices.Equal(h.Tones, ca.tones) || h.Just(ca.tones...) != ca.just {
				t.Errorf("%v, alone: %v; want %v, %v", h, h.Just(ca.tones...), ca.tones, ca.just)
			}
		})
	}
}

// TestEachToneAlone wants every tone to be told from every other, also with its harmonics, as a bad codec adds them.
func TestEachToneAlone(t *testing.T) {
	for _, hz := range Tones() {
		s := add(Sine(hz, time.Second), gain(Sine(2*hz, time.Second), 0.2), gain(Sine(3*hz, time.Second), 0.2))
		if 3*hz >= rate/2 {
			s = Sine(hz, time.Second)
		}
		if h := Analyse(s); !h.Just(hz) {
			t.Errorf("%g Hz: %v", hz, h)
		}
	}
	if h := Analyse(Sine(425, time.Second), 425); !h.Just(425) {
		t.Errorf("an additional tone: %v", h)
	}
}

func TestEver(t *testing.T) {
	s := Sine(580, time.Second)
	s.Samples = append(s.Samples, Sine(0, time.Second).Samples...)
	s.Samples = append(s.Samples, Sine(2030, time.Second).Samples...)
	if got := Ever(s); !slices.Equal(got, []float64{580, 2030}) {
		t.Errorf("ever heard %v", got)
	}
	if got := Ever(Sound{}); got != nil {
		t.Errorf("nothing has %v", got)
	}
}

func TestWAV(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.wav")
	want := Sine(580, 100*time.Millisecond)
	if err := WriteWAV(path, want); err != nil {
		t.Fatal(err)
	}
	got, err := ReadWAV(path)
	if err != nil || got.Rate != want.Rate || !slices.Equal(got.Samples, want.Samples) {
		t.Fatalf("read %d samples at %d Hz, %v", len(got.Samples), got.Rate, err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	grown := append(slices.Clone(whole), 1, 0, 2, 0, 3) // it grows, and half a sample is under way
	if s, err := decodeWAV(grown); err != nil || len(s.Samples) != len(want.Samples)+2 {
		t.Errorf("a growing file: %d samples, %v", len(s.Samples), err)
	}
	stereo := slices.Clone(whole)
	stereo[22] = 2
	if s, err := decodeWAV(stereo); err != nil || len(s.Samples) != len(want.Samples)/2 {
		t.Errorf("stereo: %d samples, %v", len(s.Samples), err)
	}
	for n := range 44 {
		if _, err := decodeWAV(whole[:n]); !errors.Is(err, ErrWAV) {
			t.Errorf("the first %d bytes: %v", n, err)
		}
	}
}
