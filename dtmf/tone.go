package dtmf

import (
	"fmt"
	"math"
	"time"
)

const (
	lowLevel  = -10.0 // dBm0 of the low group's tone
	highLevel = -8.0  // of the high group's, which lines weaken more; both together peak at half of full scale
	fullScale = 3.14  // dBm0 of the loudest sine that fits 16 bits (ITU-T G.711 table 5)
	rampTime  = 4 * time.Millisecond
)

// lowGroup and highGroup are the frequencies in Hz of a key's row and column (ITU-T Q.23).
var (
	lowGroup  = [4]float64{697, 770, 852, 941}
	highGroup = [4]float64{1209, 1336, 1477, 1633}
)

// keypad has the digits by row and column.
const keypad = "123A" + "456B" + "789C" + "*0#D"

// Frequencies are the two of a digit in Hz (ITU-T Q.23), or zeros where e is not Valid.
func (e Event) Frequencies() (low, high float64) {
	for i := range len(keypad) {
		if e.Valid() && keypad[i] == e.Digit() {
			return lowGroup[i/4], highGroup[i%4]
		}
	}
	return 0, 0
}

// Tone makes the sound of one digit, with soft edges against clicks. It belongs to one goroutine.
type Tone struct {
	low, high oscillator
	ramp      int // samples of each edge
	made      int // samples so far
	end       int // samples in all
}

// NewTone makes the tone of e at rate Hz PCM (8000 or more) with a length of 2 ramps (8 ms) or more; length 0 means
// until Stop.
func NewTone(e Event, rate int, length time.Duration) (*Tone, error) {
	low, high := e.Frequencies()
	if low == 0 {
		return nil, fmt.Errorf("%w: event %d", ErrNotDigit, e)
	}
	if rate < 8000 || length < 0 {
		return nil, fmt.Errorf("dtmf: no tone of %v at %d Hz", length, rate)
	}
	t := &Tone{
		low:  newOscillator(low, rate, lowLevel),
		high: newOscillator(high, rate, highLevel),
		ramp: samples(rampTime, rate),
		end:  math.MaxInt,
	}
	if length > 0 {
		t.end = max(samples(length, rate), 2*t.ramp)
	}
	return t, nil
}

// Generate fills dst with the next part of the tone, and with silence once it is over. It returns how many samples
// the tone took: fewer than len(dst) means that it is over. It does not allocate.
func (t *Tone) Generate(dst []int16) int {
	n := min(len(dst), t.end-t.made)
	for i := range n {
		edge := min(t.made+1, t.end-t.made, t.ramp)
		t.made++
		dst[i] = int16(math.Round((t.low.next() + t.high.next()) * float64(edge) / float64(t.ramp)))
	}
	clear(dst[n:])
	return n
}

// Stop lets the tone fade out from the next sample on.
func (t *Tone) Stop() { t.end = min(t.end, t.made+t.ramp) }

// oscillator makes a sine by the recurrence sin(n*w) = 2*cos(w)*sin((n-1)*w) - sin((n-2)*w).
type oscillator struct{ k, y1, y2 float64 }

func newOscillator(hz float64, rate int, dBm0 float64) oscillator {
	w := 2 * math.Pi * hz / float64(rate)
	amplitude := 32767 * math.Pow(10, (dBm0-fullScale)/20)
	return oscillator{k: 2 * math.Cos(w), y1: -amplitude * math.Sin(w), y2: -amplitude * math.Sin(2*w)}
}

func (o *oscillator) next() float64 {
	o.y1, o.y2 = o.k*o.y1-o.y2, o.y1
	return o.y1
}

// samples is a length in samples at a rate in Hz.
func samples(length time.Duration, rate int) int {
	return int(length.Seconds() * float64(rate))
}
