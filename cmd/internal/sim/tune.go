package sim

import (
	"time"

	"seatbridge/media"
)

// Tune makes a little melody of ours, so that a newcomer hears that sound arrives: a rising pentatonic phrase and its
// answer.
func Tune() *media.Clip {
	const beat = 240 * time.Millisecond
	var notes []media.Note
	at := time.Duration(0)
	for _, n := range []struct {
		hz    float64
		beats time.Duration
	}{
		{392, 1}, {440, 1}, {523.25, 1}, {587.33, 1}, {659.25, 2}, {0, 1},
		{659.25, 1}, {523.25, 1}, {440, 1}, {392, 1}, {523.25, 3}, {0, 2},
	} {
		if n.hz > 0 {
			notes = append(notes, media.Note{Hz: n.hz, At: at, Length: n.beats * beat, Level: 0.7, Fade: 3})
		}
		at += n.beats * beat
	}
	return media.Melody(at, notes)
}
