package peers

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// Ear is whoever's hearing a test can ask about.
type Ear interface {
	fmt.Stringer
	// Sound is all that was heard so far. It grows while somebody is heard; some ears stop while nobody is.
	Sound() Sound
}

// glance is how much of the clock one look at an ear takes.
const glance = 500 * time.Millisecond

// steady is how many looks in a row must be right.
const steady = 3

// noisy is the part of the power from which a sound that is no known tone counts as heard.
const noisy = 0.35

// WantHears waits until the ear hears each wanted tone (Hz) and nothing else for 1.5 s in a row; without tones, until
// it hears nothing. It fails the test if that does not happen.
func WantHears(t testing.TB, who Ear, want ...float64) {
	t.Helper()
	if err := hears(who, time.Now().Add(patience), want); err != nil {
		t.Fatal(err)
	}
}

// WantSilence is WantHears without a tone.
func WantSilence(t testing.TB, who Ear) {
	t.Helper()
	WantHears(t, who)
}

// WantAllHear is WantHears for several ears at once, each with the tones it should hear.
func WantAllHear(t testing.TB, want map[Ear][]float64) {
	t.Helper()
	deadline, errs := time.Now().Add(patience), make(chan error, len(want))
	for who, tones := range want {
		go func() { errs <- hears(who, deadline, tones) }()
	}
	for range want {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if t.Failed() {
		t.FailNow()
	}
}

func hears(who Ear, deadline time.Time, want []float64) error {
	want = slices.Sorted(slices.Values(want))
	var last []Heard
	right := 0
	for right < steady && time.Now().Before(deadline) {
		h := Listen(who, glance, want...)
		last = append(last, h)
		if h.Just(want...) {
			right++
		} else {
			right = 0
		}
	}
	if right == steady {
		return nil
	}
	return fmt.Errorf("%s should hear just %v Hz; the last of %d looks heard %v", who, want, len(last),
		last[max(0, len(last)-steady):])
}

// Just says that exactly these tones (rising) are heard, and nothing else.
func (h Heard) Just(tones ...float64) bool {
	if len(tones) == 0 {
		return h.RMS < silent
	}
	return slices.Equal(h.Tones, tones) && h.Rest < noisy
}

// Listen analyses what the ear hears in the next d. What was heard counts only if it makes up at least half of that
// time: a trickle of packets is silence.
func Listen(who Ear, d time.Duration, additional ...float64) Heard {
	before := len(who.Sound().Samples)
	pause(d)
	s := who.Sound().After(before)
	if s.Duration() < d/2 {
		return Heard{}
	}
	return Analyse(s, additional...)
}

// Ever is which tones were heard at any time, each for half a second at least, in Hz, rising.
func Ever(s Sound) []float64 {
	var all []float64
	n := s.Rate / 2
	for at := 0; n > 0 && at+n <= len(s.Samples); at += n / 2 {
		all = append(all, Analyse(Sound{s.Rate, s.Samples[at : at+n]}).Tones...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// pause lets the clock of the other processes run: listening takes time.
func pause(d time.Duration) {
	<-time.After(d)
}
