package dtmf

import "time"

// CensorDelay is how much later sound comes out of a Censor. A tone is suspected within 25 ms of its beginning.
const CensorDelay = 40 * time.Millisecond

// How a Censor suspects. It is far easier to convince than a Detector, and by one window: what it takes for a digit in
// speech costs 60 ms of silence, what it misses tells a secret.
const (
	censorDelay = int(CensorDelay * detectRate / time.Second)
	censorHop   = 40     // 5 ms
	censorTail  = window // silenced after a suspicious window, for the end of the tone
)

// suspicion is wide of any line and any receiver: down to -60 dBFS, 10 dB of twist, as much else as tone.
var suspicion = limits{energy: 0.00003, share: 0.5, peak: 3, forward: 10, reverse: 10}

// Censor takes the tones of digits out of 8 kHz PCM, which it delays by CensorDelay so that not even the beginning of a
// tone gets through: from before the first suspicion until after the last there is silence. It belongs to one goroutine
// and does not allocate. The zero value is not ready, see NewCensor.
type Censor struct {
	look   spectrum
	pcm    [window]int16 // the newest sound
	filled int
	line   [censorDelay]int16 // what is on its way
	at     int                // in line
	quiet  int                // so many samples to come are silenced
}

// NewCensor makes a Censor on whose line there is silence.
func NewCensor() *Censor { return &Censor{look: newSpectrum()} }

// Pass puts what is due in the place of the next samples, any number of them.
func (c *Censor) Pass(pcm []int16) {
	for i, x := range pcm {
		c.pcm[c.filled] = x
		if c.filled++; c.filled == window {
			c.judge()
		}
		pcm[i] = c.line[c.at]
		if c.quiet > 0 {
			c.quiet--
			x = 0
		}
		c.line[c.at] = x
		c.at = (c.at + 1) % censorDelay
	}
}

// judge silences all that is on its way if the newest sound is suspicious.
func (c *Censor) judge() {
	if c.look.digit(&c.pcm, suspicion) != noDigit {
		clear(c.line[:])
		c.quiet = censorTail
	}
	c.filled = copy(c.pcm[:], c.pcm[censorHop:])
}
