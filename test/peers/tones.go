package peers

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// rate is the sampling rate in Hz of the sound that phones are given to play.
const rate = 8000

// amplitude is the peak of every tone that the parties send: a quarter of full scale.
const amplitude = 8192

// audible is the peak from which a tone counts as heard, 18 dB below what was sent.
const audible = amplitude / 8

// Tones are the frequencies in Hz that parties may send. None lies near a harmonic (2 to 5) of another, near 2a-b of
// any two, near a DTMF frequency or near the usual call progress tones, so that distortion is never taken for a party.
func Tones() []float64 {
	return []float64{580, 660, 890, 1050, 1270, 1390, 1590, 1690, 1840, 2030, 2170, 2250}
}

// Sound is mono PCM.
type Sound struct {
	Rate    int // Hz
	Samples []int16
}

// Duration is how long the sound takes.
func (s Sound) Duration() time.Duration {
	if s.Rate == 0 {
		return 0
	}
	return time.Duration(len(s.Samples)) * time.Second / time.Duration(s.Rate)
}

// After is what follows the first n samples; it is empty where there are fewer.
func (s Sound) After(n int) Sound {
	return Sound{s.Rate, s.Samples[min(n, len(s.Samples)):]}
}

// Sine makes a tone of the frequency hz and the length d at 8 kHz, as loud as every party's tone.
func Sine(hz float64, d time.Duration) Sound {
	s := Sound{rate, make([]int16, int(d.Seconds()*rate))}
	for i := range s.Samples {
		s.Samples[i] = int16(math.Round(amplitude * math.Sin(2*math.Pi*hz*float64(i)/rate)))
	}
	return s
}

// Heard is what a stretch of sound consists of.
type Heard struct {
	// Tones are the candidate frequencies that are audible, in Hz, rising.
	Tones []float64
	// Rest is the part of the power, 0 to 1, that is none of these tones; 0 for silence.
	Rest float64
	// RMS is the level of it all; full scale is 32768.
	RMS float64
}

// String writes it for a failed test.
func (h Heard) String() string {
	if h.RMS < silent {
		return "silence"
	}
	names := make([]string, len(h.Tones))
	for i, hz := range h.Tones {
		names[i] = fmt.Sprintf("%g Hz", hz)
	}
	if len(names) == 0 {
		names = []string{"no known tone"}
	}
	return fmt.Sprintf("%s (rms %.0f, %.0f %% of it something else)", strings.Join(names, " + "), h.RMS, 100*h.Rest)
}

// silent is the RMS below which nothing is heard: about -56 dB of full scale, well above what codecs and dither make.
const silent = 50

// blockLength is the stretch that is looked at in one piece. Powers are averaged over blocks, so that a lost or
// stretched packet does not make a steady tone cancel itself.
const blockLength = 100 * time.Millisecond

// Analyse finds Tones and the additional candidate frequencies in a stretch of sound by Goertzel's algorithm under a
// Hann window. Anything shorter than one block of 100 ms is silence.
func Analyse(s Sound, additional ...float64) Heard {
	candidates := slices.Concat(Tones(), additional)
	slices.Sort(candidates)
	candidates = slices.Compact(candidates)
	n := s.Rate * int(blockLength/time.Millisecond) / 1000
	if n == 0 || len(s.Samples) < n {
		return Heard{}
	}
	window, weight := hann(n)
	block := make([]float64, n)
	powers := make([]float64, len(candidates))
	total, blocks := 0.0, 0.0
	for at := 0; at+n <= len(s.Samples); at += n {
		for i, v := range s.Samples[at : at+n] {
			block[i] = float64(v) * window[i]
			total += block[i] * block[i] / weight
		}
		for i, hz := range candidates {
			powers[i] += goertzel(block, hz/float64(s.Rate)) / weight
		}
		blocks++
	}
	h := Heard{RMS: math.Sqrt(total / blocks)}
	explained := 0.0
	for i, hz := range candidates {
		if p := powers[i] / blocks; math.Sqrt(2*p) >= audible {
			h.Tones = append(h.Tones, hz)
			explained += p
		}
	}
	if h.RMS >= silent {
		h.Rest = max(0, 1-explained*blocks/total)
	}
	return h
}

// hann makes the window and the sum of its squares, which is the weight of its samples in power.
func hann(n int) (window []float64, weight float64) {
	window = make([]float64, n)
	for i := range window {
		window[i] = 0.5 - 0.5*math.Cos(2*math.Pi*(float64(i)+0.5)/float64(n))
		weight += window[i] * window[i]
	}
	return window, weight
}

// goertzel is the energy that a tone of the given frequency (in cycles per sample) has in a block under a Hann window.
func goertzel(block []float64, frequency float64) float64 {
	c := 2 * math.Cos(2*math.Pi*frequency)
	a, b := 0.0, 0.0
	for _, v := range block {
		a, b = v+c*a-b, a
	}
	magnitude := a*a + b*b - c*a*b // |sum|^2 = (amplitude * n/4)^2, for a Hann window's mean is 1/2
	n := float64(len(block))
	peak := magnitude * 16 / (n * n)
	return peak / 2 * n * 3 / 8 // power of a sine, times the window's weight (3/8 n)
}
