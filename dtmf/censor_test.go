package dtmf

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// spoken is a tone in the middle of speech, with nothing between them, and where the tone begins.
func spoken(t *testing.T, e Event, length time.Duration, level float64, offset int) (pcm []int16, begin int) {
	t.Helper()
	speech := voice(rand.New(rand.NewPCG(uint64(e), uint64(offset))), 1)
	tone := dial(t, string(e.Digit()), length, 0, level)
	begin = 2000 + offset
	return append(append(append(pcm, speech[:begin]...), tone...), speech[4000:6000]...), begin
}

// Nothing of a tone gets through, wherever it falls in the windows and however quiet it is.
func TestCensor(t *testing.T) {
	for _, length := range []time.Duration{50 * ms, 100 * ms} {
		for _, level := range []float64{-3, -15, -30} {
			t.Run(fmt.Sprintf("%v at %v dBFS", length, level), func(t *testing.T) {
				for e := range Event(16) {
					for offset := 0; offset < censorHop; offset += 13 {
						pcm, begin := spoken(t, e, length, level, offset)
						NewCensor().Pass(pcm)
						for i, x := range pcm[begin+censorDelay:][:samples(length, detectRate)] {
							if x != 0 {
								t.Fatalf("%c at %d: sound %d samples into the tone", e.Digit(), offset, i)
							}
						}
						if found := detect(pcm, 160); len(found) != 0 {
							t.Fatalf("%c at %d: found %v", e.Digit(), offset, found)
						}
					}
				}
			})
		}
	}
}

// Speech goes through, later, and next to none of it is taken for a digit.
func TestCensorSpeech(t *testing.T) {
	const n = 30 * detectRate
	in := voice(rand.New(rand.NewPCG(5, 7)), n/detectRate)
	out := append([]int16(nil), in...)
	c := NewCensor()
	for rest := out; len(rest) > 0; rest = rest[min(333, len(rest)):] {
		c.Pass(rest[:min(333, len(rest))])
	}
	all, lost := 0.0, 0.0
	for i, x := range in[:n-censorDelay] {
		all += float64(x) * float64(x)
		switch out[i+censorDelay] {
		case x:
		case 0:
			lost += float64(x) * float64(x)
		default:
			t.Fatalf("sample %d has changed", i)
		}
	}
	if lost > 0.03*all {
		t.Errorf("%.1f %% of the speech is silenced", 100*lost/all)
	}
}

func TestCensorAllocs(t *testing.T) {
	c, pcm := NewCensor(), dial(t, "1", 100*ms, 60*ms, -12)
	if n := testing.AllocsPerRun(20, func() { c.Pass(pcm) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
