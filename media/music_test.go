package media

import (
	"math"
	"testing"
	"time"
)

// TestMusic checks that the default music is soft, steady, never silent for long, and goes round without a click.
func TestMusic(t *testing.T) {
	m := Music()
	if length := time.Duration(m.Len()) * 20 * time.Millisecond; length < 20*time.Second || length > 30*time.Second {
		t.Errorf("%v long", length)
	}
	quiet, peak, before := 0, 0, int(m.Samples(m.Len() - 1)[clipFrame-1])
	for i := range m.Len() {
		sum := 0.0
		for _, s := range m.Samples(i) {
			if step := int(s) - before; step > 6000 || step < -6000 {
				t.Fatalf("a click of %d in frame %d", step, i)
			}
			before = int(s)
			peak = max(peak, int(s), -int(s))
			sum += float64(s) * float64(s)
		}
		if level := 20 * math.Log10(math.Sqrt(sum/clipFrame)/math.MaxInt16); level < -45 {
			if quiet++; quiet > 25 {
				t.Fatalf("half a second of silence before frame %d", i)
			}
		} else {
			quiet = 0
		}
	}
	if peak < 3000 || peak > 14000 {
		t.Errorf("peak %d", peak)
	}
}
