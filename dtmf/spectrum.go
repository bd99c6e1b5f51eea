package dtmf

import "math"

// limits are what a window must keep to be taken for a digit.
type limits struct {
	energy           float64 // of the shaped window, at least
	share            float64 // of that energy in the two tones, at least
	peak             float64 // how much stronger a tone is than the others of its group, at least
	forward, reverse float64 // how much stronger the low tone may be than the high one, and the other way round
}

// spectrum looks at windows of 8 kHz PCM with Goertzel's filter.
type spectrum struct {
	low, high [4]float64      // Goertzel's coefficient of each tone
	shape     [window]float64 // Hamming's, so that a strong tone does not leak into the other group
	gain      float64         // from the power of a tone, as power gives it, to its energy in a shaped window
	shaped    [window]float64
}

func newSpectrum() spectrum {
	var s spectrum
	for i := range 4 {
		s.low[i] = 2 * math.Cos(2*math.Pi*lowGroup[i]/detectRate)
		s.high[i] = 2 * math.Cos(2*math.Pi*highGroup[i]/detectRate)
	}
	sum, squares := 0.0, 0.0
	for i := range s.shape {
		w := 0.54 - 0.46*math.Cos(2*math.Pi*(float64(i)+0.5)/window)
		s.shape[i] = w
		sum += w
		squares += w * w
	}
	s.gain = 2 * squares / (sum * sum) // a sine of amplitude A has power (A*sum/2)^2 and energy A^2/2*squares
	return s
}

// digit is the digit in a window, or noDigit.
func (s *spectrum) digit(pcm *[window]int16, l limits) Event {
	energy := 0.0
	for i, x := range pcm {
		s.shaped[i] = float64(x) / 32768 * s.shape[i]
		energy += s.shaped[i] * s.shaped[i]
	}
	if energy < l.energy {
		return noDigit
	}
	row, low := s.strongest(&s.low, l.peak)
	column, high := s.strongest(&s.high, l.peak)
	if (low+high)*s.gain < l.share*energy || low > high*l.forward || high > low*l.reverse {
		return noDigit
	}
	e, _ := Parse(keypad[4*row+column])
	return e
}

// strongest is the strongest tone of a group and its power, 0 where another one comes near it.
func (s *spectrum) strongest(group *[4]float64, peak float64) (best int, power float64) {
	second := 0.0
	for i, k := range group {
		p := s.power(k)
		if p > power {
			best, power, second = i, p, power
		} else if p > second {
			second = p
		}
	}
	if power < peak*second {
		return best, 0
	}
	return best, power
}

// power is the squared magnitude of the shaped window at a frequency, by Goertzel's algorithm.
func (s *spectrum) power(k float64) float64 {
	var s1, s2 float64
	for _, x := range s.shaped {
		s1, s2 = x+k*s1-s2, s1
	}
	return s1*s1 + s2*s2 - k*s1*s2
}
