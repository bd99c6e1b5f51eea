package codec

import "testing"

const frame8k = 160 // samples of 20 ms at 8 kHz

// listen decodes the payloads of pcm with the frames named in lost concealed.
func listen(t *testing.T, pcm []int16, lost ...int) []int16 {
	t.Helper()
	e, d := mustCodec(t, PCMU, 8000, Options{})
	out := make([]int16, len(pcm))
	for i, payload := range encode(t, e, pcm, frame8k) {
		frame, missing := out[i*frame8k:(i+1)*frame8k], false
		for _, l := range lost {
			missing = missing || l == i
		}
		var err error
		if missing {
			_, err = d.Conceal(frame)
		} else {
			_, err = d.Decode(frame, payload)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// A lost frame of a steady tone is hardly missed: level as before, and the wave goes on with no step at either edge.
func TestConcealTone(t *testing.T) {
	for _, hz := range []float64{100, 150, 200, 310, 440, 1000} {
		pcm := tone(hz, 8000, 10*frame8k)
		whole, mended := listen(t, pcm), listen(t, pcm, 5)
		gap, after := mended[5*frame8k:6*frame8k], mended[6*frame8k:7*frame8k]
		if p := power(gap) / power(whole[:5*frame8k]); p < 0.6 || p > 1.2 {
			t.Errorf("%v Hz: concealed at %.2f of the power", hz, p)
		}
		if d := difference(gap, whole[5*frame8k:6*frame8k]) / power(gap); d > 0.35 {
			t.Errorf("%v Hz: the gap differs by %.2f of its power", hz, d)
		}
		if step, usual := largestStep(mended), largestStep(whole); step > usual*3/2+400 {
			t.Errorf("%v Hz: a step of %d, usually %d", hz, step, usual)
		}
		if d := difference(after[plcOverlap:], whole[6*frame8k+plcOverlap:7*frame8k]); d != 0 {
			t.Errorf("%v Hz: still different 4 ms after the gap", hz)
		}
	}
}

// Concealment beats silence on speech.
func TestConcealSpeech(t *testing.T) {
	pcm := speech(3, 8000, 200*frame8k)
	var lost []int
	for i := 7; i < 200; i += 10 {
		lost = append(lost, i)
	}
	whole, mended := listen(t, pcm), listen(t, pcm, lost...)
	var wrong, silent float64
	for _, i := range lost {
		frame := whole[i*frame8k : (i+1)*frame8k]
		wrong += difference(frame, mended[i*frame8k:(i+1)*frame8k])
		silent += power(frame)
	}
	if wrong > 0.8*silent {
		t.Errorf("concealed frames are wrong by %.2f of their power", wrong/silent)
	}
}

// A long gap fades, each 10 ms quieter than before, and is silent after 60 ms.
func TestConcealFades(t *testing.T) {
	out := listen(t, tone(200, 8000, 12*frame8k), 5, 6, 7, 8, 9)
	before := power(out[4*frame8k : 5*frame8k])
	for i := range 10 {
		at := 5*frame8k + i*80
		now := power(out[at : at+80])
		switch {
		case i >= 6 && now != 0:
			t.Errorf("power %v after %d ms", now, 10*i)
		case i > 0 && now >= before && before > 0:
			t.Errorf("power rises from %v to %v after %d ms", before, now, 10*i)
		}
		before = now
	}
	if power(out[10*frame8k:11*frame8k]) == 0 {
		t.Error("silent after the gap")
	}
}

// Before anything was heard there is nothing to repeat.
func TestConcealNothing(t *testing.T) {
	_, d := mustCodec(t, PCMA, 8000, Options{})
	out := tone(200, 8000, 3*frame8k)
	if n, err := d.Recover(out, nil); n != len(out) || err != nil || power(out) != 0 {
		t.Errorf("%d samples of power %v, %v", n, power(out), err)
	}
	if n, err := d.Conceal(nil); n != 0 || err != nil {
		t.Errorf("an empty gap: %d, %v", n, err)
	}
}

func largestStep(pcm []int16) int {
	step := 0
	for i := 1; i < len(pcm); i++ {
		d := int(pcm[i]) - int(pcm[i-1])
		step = max(step, d, -d)
	}
	return step
}

func BenchmarkConceal(b *testing.B) {
	d := newG711Decoder(PCMU)
	d.plc.good(speech(1, 8000, frame8k*2))
	out := make([]int16, frame8k)
	b.ReportAllocs()
	for b.Loop() {
		d.plc.lost = 0 // the first frame of a gap is the dear one
		if _, err := d.Conceal(out); err != nil {
			b.Fatal(err)
		}
	}
}
