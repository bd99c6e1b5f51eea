package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/pion/rtp"
	"golang.org/x/sync/errgroup"

	"seatbridge/codec"
	"seatbridge/rtc/rtctest"
)

const (
	modeCalls  = 5  // at once
	modeRounds = 20 // each, one after the other
	modeRest   = 200 * time.Millisecond
	modeTime   = 2 * time.Second // for a change to be heard, at most

	supervisorTone = 1500 // Hz; the agents say nothing
	toneHeard      = 0.01 // of full scale: -40 dB
)

// change is one change of mode, and how the one whom it concerns gets to know of it.
type change struct {
	name, mode string
	heardBy    func(s *stage, i int) *party
	is         func(t *toneDetector, ear int, payload []byte) bool
}

// changes are the round that is gone. An agent at a browser hears who whispers on its second ear, a customer hears who
// barges in by a mix.
var changes = []change{
	{"monitor to whisper, agent", "whisper", agentOf, func(_ *toneDetector, ear int, _ []byte) bool { return ear == 1 }},
	{"whisper to barge, customer", "barge", customerOf,
		func(t *toneDetector, _ int, payload []byte) bool { return t.heard(payload) }},
	{"barge to monitor, customer", "monitor", customerOf,
		func(t *toneDetector, _ int, payload []byte) bool { return !t.heard(payload) }},
}

func agentOf(s *stage, i int) *party    { return &s.agents[i].party }
func customerOf(s *stage, i int) *party { return &s.calls[i].party }

// toneDetector tells whether the supervisor's tone is in a packet of PCMU.
type toneDetector struct {
	decoder codec.Decoder
	pcm     [160]int16
}

func (t *toneDetector) heard(payload []byte) bool {
	n, err := t.decoder.Decode(t.pcm[:], payload)
	return err == nil && rtctest.Level(t.pcm[:n], 8000, supervisorTone) > toneHeard
}

// measureModes measures how long a change of mode takes until it is heard.
func measureModes(ctx context.Context, o options, _ *speech, out io.Writer) error {
	s, err := newStage(ctx, o, cast{calls: modeCalls, others: modeCalls})
	if err != nil {
		return err
	}
	defer s.close()
	silence, err := newTone(0)
	if err != nil {
		return err
	}
	stop, err := s.tone()
	if err != nil {
		return err
	}
	defer stop()
	took := make([][][]time.Duration, modeCalls) // by change
	late, err := s.talking(ctx, silence, func() error {
		g, ctx := errgroup.WithContext(ctx)
		for i := range took {
			g.Go(func() (err error) { took[i], err = s.changeModes(ctx, i); return err })
		}
		return g.Wait()
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nChange of mode: %d of each, %d calls at once, until the first packet that sounds like it; "+
		"own late p99 %.1f\n", modeCalls*modeRounds, modeCalls, late)
	table := grid{{"", "p50 ms", "p99 ms", "most ms"}}
	for c, what := range changes {
		var all []time.Duration
		for i := range took {
			all = append(all, took[i][c]...)
		}
		table.add(append([]string{what.name}, times(all)...)...)
	}
	return table.print(out)
}

// tone has the supervisors say their tone until stop is called. Their microphones stay off, for others' sound.
func (s *stage) tone() (stop func(), err error) {
	sound, err := newTone(supervisorTone)
	if err != nil {
		return nil, err
	}
	end := make(chan struct{})
	var done sync.WaitGroup
	done.Go(func() {
		pace(end, len(s.others), func(i int) { s.others[i].speak(sound) })
	})
	return func() {
		close(end)
		done.Wait()
	}, nil
}

// changeModes goes all rounds with the supervisor of call i, and tells how long each change took.
func (s *stage) changeModes(ctx context.Context, i int) ([][]time.Duration, error) {
	decoder, err := codec.NewDecoder(codec.PCMU, 8000)
	if err != nil {
		return nil, err
	}
	defer decoder.Close()
	supervisor, detector := s.others[i], &toneDetector{decoder: decoder}
	if err := supervisor.monitor(ctx, s.sessions[i]); err != nil {
		return nil, err
	}
	took := make([][]time.Duration, len(changes))
	for range modeRounds {
		for c, what := range changes {
			if err := sleep(ctx, modeRest+rand.N(interval)); err != nil { // at any time between two packets
				return nil, err
			}
			listener := what.heardBy(s, i)
			heard := listener.first(func(ear int, payload []byte) bool { return what.is(detector, ear, payload) })
			begun := time.Now()
			if err := supervisor.about(ctx, s.sessions[i], what.mode); err != nil {
				return nil, err
			}
			select {
			case at := <-heard:
				took[c] = append(took[c], at.Sub(begun))
			case <-time.After(modeTime):
				return nil, fmt.Errorf("%s was not heard", what.name)
			}
			listener.tell(nil)
		}
	}
	return took, nil
}

// first tells when the first packet comes for which is is true.
func (p *party) first(is func(ear int, payload []byte) bool) <-chan time.Time {
	came := make(chan time.Time, 1)
	p.tell(func(ear int, _ *rtp.Header, payload []byte, at time.Time) {
		if len(came) == 0 && is(ear, payload) {
			came <- at
		}
	})
	return came
}
