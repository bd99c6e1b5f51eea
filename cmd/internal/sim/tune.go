package sim

import (
	"math"
	"time"

	"seatbridge/media"
)

// note is a pitch in Hz, 0 for a rest, and how long it sounds.
type note struct {
	hz     float64
	length time.Duration
}

// Tune makes a little melody of ours (8 kHz), so that a newcomer hears that sound arrives: a rising pentatonic phrase
// and its answer.
func Tune() *media.Clip {
	beat := 240 * time.Millisecond
	var pcm []int16
	for _, n := range []note{
		{392, beat}, {440, beat}, {523.25, beat}, {587.33, beat}, {659.25, 2 * beat}, {0, beat},
		{659.25, beat}, {523.25, beat}, {440, beat}, {392, beat}, {523.25, 3 * beat}, {0, 2 * beat},
	} {
		pcm = append(pcm, n.sound()...)
	}
	return media.NewClip(pcm)
}

// sound is a plucked string: three partials that fade, without a click at either end.
func (n note) sound() []int16 {
	const rate = 8000
	count := int(n.length * rate / time.Second)
	pcm := make([]int16, count)
	for i := range pcm {
		t := float64(i) / rate
		fade := math.Exp(-3*t) * min(1, t*200) * min(1, float64(count-i)/80)
		sum := math.Sin(2*math.Pi*n.hz*t) + 0.4*math.Sin(4*math.Pi*n.hz*t) + 0.2*math.Sin(6*math.Pi*n.hz*t)
		pcm[i] = int16(9000 * fade * sum)
	}
	return pcm
}
