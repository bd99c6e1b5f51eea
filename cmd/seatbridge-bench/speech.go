package main

import (
	"bytes"
	"fmt"
	"math"
	"os/exec"

	"seatbridge/codec"
)

// speech is what the callers say, encoded once: the generator must not cost more than what it measures.
type speech struct {
	pcmu [][]byte // 20 ms payloads
	opus [][]byte // 20 ms payloads, wideband as Chromium sends it when it is told 24 kbit/s
}

const text = "Good morning, this is the help desk. I have your order here in front of me. " +
	"It left our house on Monday, so it should be with you by Thursday noon at the latest. " +
	"May I read the address to you, to be on the safe side? Please tell me if anything is wrong."

func newSpeech() (*speech, error) {
	s := &speech{}
	var err error
	if s.pcmu, err = spoken(codec.PCMU, 8000, 160); err != nil {
		return nil, err
	}
	s.opus, err = spoken(codec.Opus, 16000, 320)
	return s, err
}

// spoken has the text spoken at the rate, in Hz, and encodes it in frames of so many samples.
func spoken(id codec.ID, rate, frame int) ([][]byte, error) {
	wav, err := exec.Command("espeak-ng", "-s", "150", "--stdout", text).Output()
	if err != nil {
		return nil, fmt.Errorf("espeak-ng: %w", err)
	}
	sox := exec.Command("sox", "-t", "wav", "-", "-r", fmt.Sprint(rate), "-c", "1", "-b", "16", "-e", "signed",
		"-t", "raw", "-")
	sox.Stdin = bytes.NewReader(wav)
	raw, err := sox.Output()
	if err != nil {
		return nil, fmt.Errorf("sox: %w", err)
	}
	pcm := make([]int16, len(raw)/2)
	for i := range pcm {
		pcm[i] = int16(uint16(raw[2*i]) | uint16(raw[2*i+1])<<8)
	}
	payloads, err := encoded(id, rate, frame, pcm)
	if err == nil && len(payloads) < 100 {
		err = fmt.Errorf("only %d frames of speech", len(payloads))
	}
	return payloads, err
}

// newTone is a tone of a frequency, a multiple of 50 Hz so that it goes on without a step; 0 is silence.
func newTone(hz float64) (*speech, error) {
	s := &speech{}
	var err error
	if s.pcmu, err = encoded(codec.PCMU, 8000, 160, sine(hz, 8000)); err != nil {
		return nil, err
	}
	s.opus, err = encoded(codec.Opus, 16000, 320, sine(hz, 16000))
	return s, err
}

// sine is a second of a tone at a rate in Hz.
func sine(hz float64, rate int) []int16 {
	pcm := make([]int16, rate)
	for i := range pcm {
		pcm[i] = int16(10000 * math.Sin(2*math.Pi*hz*float64(i)/float64(rate)))
	}
	return pcm
}

// encoded encodes PCM in frames of so many samples.
func encoded(id codec.ID, rate, frame int, pcm []int16) ([][]byte, error) {
	encoder, err := codec.NewEncoder(id, rate, codec.Options{})
	if err != nil {
		return nil, err
	}
	defer encoder.Close()
	var payloads [][]byte
	out := make([]byte, 1500)
	for ; len(pcm) >= frame; pcm = pcm[frame:] {
		n, err := encoder.Encode(out, pcm[:frame])
		if err != nil {
			return nil, err
		}
		payloads = append(payloads, bytes.Clone(out[:n]))
	}
	return payloads, nil
}
