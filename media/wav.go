package media

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// ErrWAV says that a file is no sound that can be played.
var ErrWAV = errors.New("media: WAV file can't be used")

// maxClip bounds a sound, in samples a channel: ten minutes.
const maxClip = 10 * 60

// LoadWAV makes a Clip of the bytes of a WAV file: PCM of 16 bits, mono or stereo, 8000, 16000 or 48000 Hz, up to ten
// minutes. The error wraps ErrWAV and says what is wrong with the file.
func LoadWAV(file []byte) (*Clip, error) {
	w, err := readWAV(file)
	if err != nil {
		return nil, err
	}
	return NewClip(decimate(w.mono(), w.rate/PCMRate)), nil
}

// wav is the sound in a WAV file.
type wav struct {
	channels, rate int
	data           []byte // 16 bits a sample, channels interleaved
}

// readWAV reads the chunks of a RIFF file.
func readWAV(file []byte) (w wav, err error) {
	if len(file) < 12 || string(file[:4]) != "RIFF" || string(file[8:12]) != "WAVE" {
		return w, fmt.Errorf("%w: not a RIFF WAVE file", ErrWAV)
	}
	for rest := file[12:]; len(rest) >= 8; {
		id, size := string(rest[:4]), int(binary.LittleEndian.Uint32(rest[4:]))
		rest = rest[8:]
		chunk := rest[:min(size, len(rest))] // a data chunk cut short is played as far as it goes
		switch id {
		case "fmt ":
			if err := w.format(chunk); err != nil {
				return w, err
			}
		case "data":
			w.data = chunk
		}
		rest = rest[min(size+size%2, len(rest)):] // chunks are padded to even lengths
	}
	return w, w.check()
}

// format reads the fmt chunk.
func (w *wav) format(b []byte) error {
	const pcm, extensible = 1, 0xfffe
	if len(b) < 16 {
		return fmt.Errorf("%w: fmt chunk of %d bytes", ErrWAV, len(b))
	}
	tag := binary.LittleEndian.Uint16(b)
	if tag == extensible && len(b) >= 26 {
		tag = binary.LittleEndian.Uint16(b[24:])
	}
	bits := binary.LittleEndian.Uint16(b[14:])
	w.channels, w.rate = int(binary.LittleEndian.Uint16(b[2:])), int(binary.LittleEndian.Uint32(b[4:]))
	switch {
	case tag != pcm || bits != 16:
		return fmt.Errorf("%w: format %d with %d bits, want PCM (1) with 16", ErrWAV, tag, bits)
	case w.channels != 1 && w.channels != 2:
		return fmt.Errorf("%w: %d channels, want 1 or 2", ErrWAV, w.channels)
	case w.rate != 8000 && w.rate != 16000 && w.rate != 48000:
		return fmt.Errorf("%w: %d Hz, want 8000, 16000 or 48000", ErrWAV, w.rate)
	}
	return nil
}

// check says whether all that is needed was there.
func (w *wav) check() error {
	switch {
	case w.rate == 0:
		return fmt.Errorf("%w: no fmt chunk", ErrWAV)
	case len(w.data) < 2*w.channels:
		return fmt.Errorf("%w: no sound in it", ErrWAV)
	case len(w.data)/(2*w.channels) > maxClip*w.rate:
		return fmt.Errorf("%w: longer than %d minutes", ErrWAV, maxClip/60)
	}
	return nil
}

// mono is the mean of the channels.
func (w *wav) mono() []int16 {
	size := 2 * w.channels
	pcm := make([]int16, len(w.data)/size)
	for i := range pcm {
		sum := 0
		for sample := range w.channels {
			sum += int(int16(binary.LittleEndian.Uint16(w.data[i*size+2*sample:])))
		}
		pcm[i] = int16(sum / w.channels)
	}
	return pcm
}

// decimate takes every factor-th sample, after a low-pass filter: a sinc of 32 zero crossings in a Hann window, which
// passes 3.4 kHz whole and lets nothing of more than 4.6 kHz through.
func decimate(pcm []int16, factor int) []int16 {
	if factor == 1 {
		return pcm
	}
	half := 16 * factor
	taps := make([]float64, 2*half+1)
	sum := 0.0
	for i := range taps {
		x := float64(i-half) / float64(factor)
		taps[i] = sinc(x*0.95) * (0.5 + 0.5*math.Cos(math.Pi*float64(i-half)/float64(half)))
		sum += taps[i]
	}
	out := make([]int16, (len(pcm)+factor-1)/factor)
	for i := range out {
		v := 0.0
		for t, tap := range taps {
			if at := i*factor + t - half; at >= 0 && at < len(pcm) {
				v += tap * float64(pcm[at])
			}
		}
		out[i] = int16(max(min(v/sum, math.MaxInt16), math.MinInt16))
	}
	return out
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}
