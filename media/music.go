package media

import (
	"math"
	"time"
)

// Note is one note of a melody.
type Note struct {
	Hz     float64 // pitch; 0 is a rest
	At     time.Duration
	Length time.Duration // until it has faded
	Level  float64       // 0 to 1; the notes that sound at once should not add up to more than 1
	Fade   float64       // how fast it fades: to 1/e in the first 1/Fade seconds
}

// Melody makes a Clip of notes, which may overlap, of the given length. Each is a plucked string: three partials that
// fade, without a click at either end.
func Melody(length time.Duration, notes []Note) *Clip {
	sum := make([]float64, int(length*PCMRate/time.Second))
	for _, n := range notes {
		n.add(sum)
	}
	pcm := make([]int16, len(sum))
	for i, v := range sum {
		pcm[i] = int16(max(min(v, 1), -1) * 0.5 * math.MaxInt16)
	}
	return NewClip(pcm)
}

// add plays the note into the sum; what is left at the end goes on at the beginning, as the Clip does.
func (n Note) add(sum []float64) {
	at, count := int(n.At*PCMRate/time.Second), int(n.Length*PCMRate/time.Second)
	for i := range count {
		t := float64(i) / PCMRate
		fade := n.Level * math.Exp(-n.Fade*t) * min(1, t*100) * min(1, float64(count-i)/160)
		w := 2 * math.Pi * n.Hz * t
		sum[(at+i)%len(sum)] += fade * (math.Sin(w) + 0.3*math.Sin(2*w) + 0.1*math.Sin(3*w)) / 1.4
	}
}

// Music is what a party on hold hears where nothing else is configured: a slow arpeggio of ours over four chords, with
// a note of melody on each, 25.6 seconds round and round.
func Music() *Clip {
	const beat = 400 * time.Millisecond
	chords := [][]float64{ // bass, then what is picked above it
		{130.81, 261.63, 329.63, 392.00, 523.25}, // C
		{110.00, 220.00, 261.63, 329.63, 440.00}, // A minor
		{87.31, 174.61, 261.63, 349.23, 440.00},  // F
		{98.00, 196.00, 293.66, 392.00, 493.88},  // G
	}
	melody := []float64{659.25, 523.25, 523.25, 587.33, 783.99, 659.25, 698.46, 587.33}
	var notes []Note
	for bar, top := range melody {
		chord := chords[bar%len(chords)]
		begin := time.Duration(bar) * 8 * beat
		notes = append(notes,
			Note{Hz: 2 * chord[0], At: begin, Length: 8 * beat, Level: 0.25, Fade: 0.8},
			Note{Hz: top, At: begin + 2*beat, Length: 6 * beat, Level: 0.2, Fade: 1},
		)
		for i, pick := range []int{1, 2, 3, 4, 3, 2, 3, 2} {
			notes = append(notes, Note{
				Hz: chord[pick], At: begin + time.Duration(i)*beat, Length: 3 * beat, Level: 0.13, Fade: 2,
			})
		}
	}
	return Melody(time.Duration(len(melody))*8*beat, notes)
}
