package dtmf

import "time"

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
	emit    func(Detection)
	look    spectrum
	pcm     [window]int16
	filled  int   // of pcm
	last    Event // what the newest windows hold,
	run     int   // and how many of them alike
	current Event // the digit that has begun and not ended
	age     int   // of current, in windows
	length  int   // age at which it was last heard
}

// NewDetector makes a Detector that tells emit what it finds, from within Push and Flush.
func NewDetector(emit func(Detection)) *Detector {
	return &Detector{emit: emit, look: newSpectrum(), last: noDigit, current: noDigit}
}

// Push takes the next samples, any number of them.
func (d *Detector) Push(pcm []int16) {
	for len(pcm) > 0 {
		n := copy(d.pcm[d.filled:], pcm)
		pcm = pcm[n:]
		if d.filled += n; d.filled < window {
			return
		}
		d.step(d.look.digit(&d.pcm, limits{minEnergy, minShare, minPeak, maxForward, maxReverse}))
		d.filled = copy(d.pcm[:], d.pcm[hop:])
	}
}

// Flush ends a digit that is still sounding, for when no more sound will come, and forgets the sound so far.
func (d *Detector) Flush() {
	d.end()
	d.filled, d.last, d.run = 0, noDigit, 0
}

// Length is how long the digit has sounded that began last, to 10 ms.
func (d *Detector) Length() time.Duration {
	return time.Duration(d.length) * hop * time.Second / detectRate
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
	d.emit(Detection{Event: digit, End: true, Length: d.Length()})
}
