package main

import (
	"testing"
	"time"

	"github.com/pion/rtp"

	"seatbridge/codec"
)

// TestToneDetector: each packet of the tone is told from each of silence and of another tone.
func TestToneDetector(t *testing.T) {
	decoder, err := codec.NewDecoder(codec.PCMU, 8000)
	if err != nil {
		t.Fatal(err)
	}
	defer decoder.Close()
	d := toneDetector{decoder: decoder}
	for hz, want := range map[float64]bool{0: false, 500: false, supervisorTone: true} {
		s, err := newTone(hz)
		if err != nil || len(s.pcmu) != 50 || len(s.opus) != 50 {
			t.Fatalf("%d and %d frames: %v", len(s.pcmu), len(s.opus), err)
		}
		for i, payload := range s.pcmu {
			if d.heard(payload) != want {
				t.Errorf("packet %d of %v Hz", i, hz)
			}
		}
	}
	if d.heard(nil) {
		t.Error("heard in nothing")
	}
}

// TestFirst tells of the first packet that matters and of no later one.
func TestFirst(t *testing.T) {
	var p party
	came := p.first(func(ear int, payload []byte) bool { return ear == 1 && len(payload) == 3 })
	begun := time.Now()
	for _, ear := range []int{0, 1, 1} {
		p.takes(ear, &rtp.Header{}, nil)
		p.takes(ear, &rtp.Header{}, make([]byte, 3))
	}
	if at := <-came; at.Before(begun) {
		t.Errorf("at %v", at)
	}
	p.tell(nil)
	p.takes(1, &rtp.Header{}, make([]byte, 3))
	if len(came) != 0 {
		t.Error("told again")
	}
}
