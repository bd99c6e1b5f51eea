package dtmf

import (
	"math"
	"time"
)

// What the Detector takes for a digit: the limits of ITU-T Q.24, and minShare against speech ("talk-off"). A separate
// test of second harmonics changed nothing in half an hour of speech, since minShare leaves no room for strong ones,
// and lost digits: twice 697 Hz is too near to 1336 and 1477 Hz.
const (
	detectRate = 8000   // Hz
	window     = 160    // samples, 20 ms: a resolution of 68 Hz as shaped, where the tones are 73 Hz apart or more
	hop        = 80     // 10 ms from one window to the next
	onWindows  = 3      // alike in a row begin a digit: 40 ms of tone always fill so many to three quarters
	offWindows = 3      // without it in a row end it: dropouts up to 12 ms are bridged, 40 ms are a gap
	minEnergy  = 0.0025 // of a shaped window: -41 dBFS (a full-scale sine being 0) in both tones together
	minShare   = 0.7    // of the window's energy is in the two tones
	minPeak    = 4.0    // 6 dB: a tone is so much stronger than the others of its group
	maxForward = 6.31   // 8 dB: the low tone may be so much stronger than the high one
	maxReverse = 2.51   // 4 dB: and the high one than the low one
)

// noDigit stands for a window without a digit.
const noDigit = Event(0xff)

// Detection tells that a digit began or ended in the sound.
type Detection struct {
	Event  Event
	End    bool
	Length time.Duration // how long it sounded, to 10 ms; 0 while it has not ended
}

// Detector finds the digits in 8 kHz PCM with Goertzel's filter. It finds what lasts 40 ms with gaps of 40 ms. A digit
// under other sound (a dial tone, speech) is not found. It belongs to one goroutine and does not allocate.
type Detector struct {
	emit      func(Detection)
	low, high [4]float64      // Goertzel's coefficient of each tone
	shape     [window]float64 // Hamming's, so that a strong tone does not leak into the other group
	gain      float64         // from the power of a tone, as power gives it, to its energy in a shaped window
	pcm       [window]int16
	filled    int // of pcm
	shaped    [window]float64
	last      Event // what the newest windows hold,
	run       int   // and how many of them alike
	current   Event // the digit that has begun and not ended
	age       int   // of current, in windows
	length    int   // age at which it was last heard
}

// NewDetector makes a Detector that tells emit what it finds, from within Push and Flush.
func NewDetector(emit func(Detection)) *Detector {
	d := &Detector{emit: emit, last: noDigit, current: noDigit}
	for i := range 4 {
		d.low[i] = 2 * math.Cos(2*math.Pi*lowGroup[i]/detectRate)
		d.high[i] = 2 * math.Cos(2*math.Pi*highGroup[i]/detectRate)
	}
	sum, squares := 0.0, 0.0
	for i := range d.shape {
		w := 0.54 - 0.46*math.Cos(2*math.Pi*(float64(i)+0.5)/window)
		d.shape[i] = w
		sum += w
		squares += w * w
	}
	d.gain = 2 * squares / (sum * sum) // a sine of amplitude A has power (A*sum/2)^2 and energy A^2/2*squares
	return d
}

// Push takes the next samples, any number of them.
func (d *Detector) Push(pcm []int16) {
	for len(pcm) > 0 {
		n := copy(d.pcm[d.filled:], pcm)
		pcm = pcm[n:]
		if d.filled += n; d.filled < window {
			return
		}
		d.step(d.heard())
		d.filled = copy(d.pcm[:], d.pcm[hop:])
	}
}

// Flush ends a digit that is still sounding, for when no more sound will come, and forgets the sound so far.
func (d *Detector) Flush() {
	d.end()
	d.filled, d.last, d.run = 0, noDigit, 0
}

// step takes what the newest window holds.
func (d *Detector) step(heard Event) {
	if heard != d.last {
		d.last, d.run = heard, 0
	}
	d.run++
	d.age++
	switch {
	case heard == d.current:
		d.length = d.age
	case heard != noDigit && d.run >= onWindows:
		d.end()
		d.current, d.age, d.length = heard, d.run, d.run
		d.emit(Detection{Event: heard})
	case d.age-d.length >= offWindows:
		d.end()
	}
}

func (d *Detector) end() {
	if d.current == noDigit {
		return
	}
	digit := d.current
	d.current = noDigit
	d.emit(Detection{Event: digit, End: true, Length: time.Duration(d.length) * hop * time.Second / detectRate})
}

// heard is the digit in the window, or noDigit.
func (d *Detector) heard() Event {
	energy := 0.0
	for i, s := range d.pcm {
		d.shaped[i] = float64(s) / 32768 * d.shape[i]
		energy += d.shaped[i] * d.shaped[i]
	}
	if energy < minEnergy {
		return noDigit
	}
	row, low := d.strongest(&d.low)
	column, high := d.strongest(&d.high)
	if (low+high)*d.gain < minShare*energy || low > high*maxForward || high > low*maxReverse {
		return noDigit
	}
	e, _ := Parse(keypad[4*row+column])
	return e
}

// strongest is the strongest tone of a group and its power, 0 where another one comes near it.
func (d *Detector) strongest(group *[4]float64) (best int, power float64) {
	second := 0.0
	for i, k := range group {
		p := d.power(k)
		if p > power {
			best, power, second = i, p, power
		} else if p > second {
			second = p
		}
	}
	if power < minPeak*second {
		return best, 0
	}
	return best, power
}

// power is the squared magnitude of the shaped window at a frequency, by Goertzel's algorithm.
func (d *Detector) power(k float64) float64 {
	var s1, s2 float64
	for _, s := range d.shaped {
		s1, s2 = s+k*s1-s2, s1
	}
	return s1*s1 + s2*s2 - k*s1*s2
}
