package dtmf

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/zaf/g711"
)

// detect gives what a Detector finds in pcm, pushed in frames of so many samples.
func detect(pcm []int16, frame int) (found []Detection) {
	d := NewDetector(func(x Detection) { found = append(found, x) })
	for len(pcm) > 0 {
		n := min(frame, len(pcm))
		d.Push(pcm[:n])
		pcm = pcm[n:]
	}
	return found
}

// checkDigits wants the digits in order, each begun and ended once, each within 20 ms of length.
func checkDigits(t *testing.T, found []Detection, digits string, length time.Duration) {
	t.Helper()
	if len(found) != 2*len(digits) {
		t.Fatalf("found %v, want digits %s", found, digits)
	}
	for i := range len(digits) {
		begin, end := found[2*i], found[2*i+1]
		if begin.End || !end.End || begin.Event != end.Event || begin.Event.Digit() != digits[i] || begin.Length != 0 {
			t.Fatalf("found %v, want digits %s", found, digits)
		}
		if d := end.Length - length; d < -20*ms || d > 20*ms {
			t.Errorf("%c lasts %v, want %v", digits[i], end.Length, length)
		}
	}
}

// dial is the sound of all digits at a level in dBFS (a full-scale sine is 0), with silence around each.
func dial(t testing.TB, digits string, on, off time.Duration, level float64) []int16 {
	t.Helper()
	gap := samples(off, detectRate)
	pcm := make([]int16, gap)
	gain := math.Pow(10, (level-(-5.87-fullScale))/20) // both tones together are at -5.87 dBm0
	for i := range len(digits) {
		e, _ := Parse(digits[i])
		tone := make([]int16, samples(on, detectRate))
		mustTone(t, e, detectRate, on).Generate(tone)
		for j, s := range tone {
			tone[j] = int16(max(-32768, min(32767, float64(s)*gain)))
		}
		pcm = append(append(pcm, tone...), make([]int16, gap)...)
	}
	return pcm
}

// twoTones is 200 ms of two sines of levels in dBFS, with silence around.
func twoTones(low, lowLevel, high, highLevel float64) []int16 {
	pcm := make([]int16, 3200)
	for i := 800; i < 2400; i++ {
		at := 2 * math.Pi * float64(i) / detectRate
		pcm[i] = int16(32767 * (math.Pow(10, lowLevel/20)*math.Sin(at*low) + math.Pow(10, highLevel/20)*math.Sin(at*high)))
	}
	return pcm
}

func TestDetectLevels(t *testing.T) {
	for level := -3.0; level >= -30; level -= 3 {
		for _, frame := range []int{80, 160, 333, 100000} {
			found := detect(dial(t, alphabet, 100*ms, 60*ms, level), frame)
			t.Run(fmt.Sprintf("%v dBFS, frames of %d", level, frame), func(t *testing.T) {
				checkDigits(t, found, alphabet, 100*ms)
			})
		}
	}
}

func TestDetectCompanded(t *testing.T) {
	for _, law := range []struct {
		name string
		pass func(int16) int16
	}{
		{"mu-law", func(s int16) int16 { return g711.DecodeUlawFrame(g711.EncodeUlawFrame(s)) }},
		{"A-law", func(s int16) int16 { return g711.DecodeAlawFrame(g711.EncodeAlawFrame(s)) }},
	} {
		for _, level := range []float64{-3, -12, -30} {
			t.Run(fmt.Sprintf("%s at %v dBFS", law.name, level), func(t *testing.T) {
				pcm := dial(t, alphabet, 80*ms, 60*ms, level)
				for i, s := range pcm {
					pcm[i] = law.pass(s)
				}
				checkDigits(t, detect(pcm, 160), alphabet, 80*ms)
			})
		}
	}
}

func TestDetectInNoise(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	pcm := dial(t, alphabet, 100*ms, 60*ms, -12)
	sigma := 32767 * math.Pow(10, -27.0/20) / math.Sqrt2 // 15 dB below the digits
	for i, s := range pcm {
		pcm[i] = int16(float64(s) + sigma*r.NormFloat64())
	}
	checkDigits(t, detect(pcm, 160), alphabet, 100*ms)
}

// The shortest digits and gaps are found wherever they fall in the windows.
func TestDetectShortest(t *testing.T) {
	for offset := range hop {
		pcm := append(make([]int16, offset), dial(t, "1100DD"+alphabet, 40*ms, 40*ms, -12)...)
		checkDigits(t, detect(pcm, 160), "1100DD"+alphabet, 40*ms)
	}
}

func TestDetectTooShort(t *testing.T) {
	for offset := range hop {
		pcm := append(make([]int16, offset), dial(t, alphabet, 24*ms, 60*ms, -12)...)
		if found := detect(pcm, 160); len(found) != 0 {
			t.Fatalf("24 ms at offset %d: %v", offset, found)
		}
	}
}

// A dropout of 10 ms does not make two digits of one (ITU-T Q.24).
func TestDetectDropout(t *testing.T) {
	for offset := range hop {
		pcm := append(make([]int16, offset), dial(t, "5", 120*ms, 100*ms, -12)...)
		clear(pcm[offset+800+440 : offset+800+520])
		checkDigits(t, detect(pcm, 160), "5", 120*ms)
	}
}

// One digit straight after another ends the first.
func TestDetectNoGap(t *testing.T) {
	checkDigits(t, detect(dial(t, "1590", 80*ms, 0, -12), 160)[:6], "159", 80*ms)
}

func TestDetectTwistAndFrequency(t *testing.T) {
	for _, ca := range []struct {
		name                           string
		low, lowLevel, high, highLevel float64
		found                          bool
	}{
		{"forward twist of 7 dB", 770, -10, 1336, -17, true},
		{"forward twist of 9 dB", 770, -10, 1336, -19, false},
		{"reverse twist of 3 dB", 770, -13, 1336, -10, true},
		{"reverse twist of 5 dB", 770, -15, 1336, -10, false},
		{"both 1.5 % high", 770 * 1.015, -10, 1336 * 1.015, -10, true},
		{"both 1.5 % low", 770 * .985, -10, 1336 * .985, -10, true},
		{"both 3.5 % high", 770 * 1.035, -10, 1336 * 1.035, -10, false},
		{"both 3.5 % low", 770 * .965, -10, 1336 * .965, -10, false},
		{"low tone alone", 770, -10, 1336, -90, false},
		{"high tone alone", 770, -90, 1336, -10, false},
		{"dial tone", 350, -10, 440, -10, false},
		{"two of one group", 697, -10, 941, -10, false},
		{"too quiet", 770, -48, 1336, -48, false},
	} {
		t.Run(ca.name, func(t *testing.T) {
			found := detect(twoTones(ca.low, ca.lowLevel, ca.high, ca.highLevel), 160)
			if !ca.found {
				checkDigits(t, found, "", 0)
				return
			}
			checkDigits(t, found, "5", 200*ms)
		})
	}
}

// Three tones are no digit, though two of them are and have most of the energy.
func TestDetectThirdTone(t *testing.T) {
	pcm := twoTones(770, -12, 1336, -12)
	for i, s := range twoTones(852, -16, 1336, -90) {
		pcm[i] += s
	}
	checkDigits(t, detect(pcm, 160), "", 0)
}

// voice synthesises speech: pulses of a moving pitch, or noise, through three resonances that jump from sound to sound.
func voice(r *rand.Rand, seconds int) []int16 {
	pcm := make([]int16, 0, seconds*detectRate)
	for len(pcm) < cap(pcm) {
		pitch, glide := 70+230*r.Float64(), 1+(r.Float64()-0.5)*2e-4
		voiced, n := r.IntN(5) > 0, min(400+r.IntN(2400), cap(pcm)-len(pcm))
		formants := []float64{250 + 700*r.Float64(), 800 + 1400*r.Float64(), 2000 + 1500*r.Float64()}
		var y1, y2 [3]float64
		phase, source := 0.0, 0.0
		for range n {
			x := 0.3 * r.NormFloat64()
			if voiced {
				pitch *= glide
				x = 0.02 * r.NormFloat64()
				if phase += pitch / detectRate; phase >= 1 {
					phase--
					x += 8
				}
			}
			source = 0.45*source + x // falls less towards the treble than a real voice, to be harder
			sum := 0.0
			for i, hz := range formants {
				const radius = 0.975 // a bandwidth of 64 Hz
				y := source + 2*radius*math.Cos(2*math.Pi*hz/detectRate)*y1[i] - radius*radius*y2[i]
				y1[i], y2[i] = y, y1[i]
				sum += y / float64(i+1)
			}
			pcm = append(pcm, int16(max(-32768, min(32767, 150*sum))))
		}
	}
	return pcm
}

func TestDetectNoDigitInSpeech(t *testing.T) {
	for seed := range uint64(4) {
		pcm := voice(rand.New(rand.NewPCG(seed, 7)), 60)
		if found := detect(pcm, 160); len(found) != 0 {
			t.Errorf("seed %d: %v in 60 s of voice peaking at %d", seed, found, peak(pcm))
		}
	}
}

func TestDetectNoDigitInNoise(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	pcm := make([]int16, 60*detectRate)
	for i := range pcm {
		pcm[i] = int16(4000 * r.NormFloat64())
	}
	checkDigits(t, detect(pcm, 160), "", 0)
}

func TestDetectFlush(t *testing.T) {
	var found []Detection
	d := NewDetector(func(x Detection) { found = append(found, x) })
	pcm := dial(t, "7", 100*ms, 0, -12)
	d.Push(pcm)
	if len(found) != 1 {
		t.Fatalf("found %v while the digit sounds", found)
	}
	d.Flush()
	d.Flush()
	checkDigits(t, found, "7", 100*ms)
	d.Push(append(pcm, make([]int16, 800)...))
	checkDigits(t, found, "77", 100*ms)
}

func TestDetectAllocs(t *testing.T) {
	count := 0
	d := NewDetector(func(Detection) { count++ })
	pcm := dial(t, "1", 100*ms, 60*ms, -12)
	if n := testing.AllocsPerRun(20, func() { d.Push(pcm) }); n != 0 || count == 0 {
		t.Errorf("%v allocations, %d detections", n, count)
	}
}

func BenchmarkDetect(b *testing.B) {
	for _, ca := range []struct {
		name string
		pcm  []int16
	}{
		{"digit", dial(b, "1", 500*ms, 0, -12)[:160]},
		{"voice", voice(rand.New(rand.NewPCG(1, 7)), 1)[:160]},
		{"silence", make([]int16, 160)},
	} {
		b.Run(ca.name, func(b *testing.B) {
			d := NewDetector(func(Detection) {})
			for b.Loop() {
				d.Push(ca.pcm)
			}
		})
	}
}
