package media

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// TestPacerBegins when it was told to, and goes on every Tick from then.
func TestPacerBegins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		var ticks []time.Duration
		p := NewPacer(15*time.Millisecond, func() { ticks = append(ticks, time.Since(begun)) })
		time.Sleep(60 * time.Millisecond)
		p.Close()
		const ms = time.Millisecond
		if !slices.Equal(ticks, []time.Duration{15 * ms, 35 * ms, 55 * ms}) {
			t.Errorf("ticks at %v", ticks)
		}
	})
}
