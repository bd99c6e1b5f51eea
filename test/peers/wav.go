package peers

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
)

// ErrWAV says that a file is no WAV of 16-bit PCM.
var ErrWAV = errors.New("peers: no WAV of 16-bit PCM")

// WriteWAV writes mono 16-bit PCM.
func WriteWAV(path string, s Sound) error {
	size := uint32(2 * len(s.Samples))
	b := append([]byte("RIFF"), make([]byte, 4, 44+size)...)
	binary.LittleEndian.PutUint32(b[4:], 36+size)
	b = append(b, "WAVEfmt "...)
	le := binary.LittleEndian
	b = le.AppendUint32(b, 16)
	b = le.AppendUint16(b, 1) // PCM
	b = le.AppendUint16(b, 1) // mono
	b = le.AppendUint32(b, uint32(s.Rate))
	b = le.AppendUint32(b, uint32(2*s.Rate))
	b = le.AppendUint16(b, 2)
	b = le.AppendUint16(b, 16)
	b = append(b, "data"...)
	b = le.AppendUint32(b, size)
	for _, v := range s.Samples {
		b = le.AppendUint16(b, uint16(v))
	}
	return os.WriteFile(path, b, 0o644)
}

// ReadWAV reads 16-bit PCM of any number of channels, averaged into one. The file may still grow: the lengths in its
// header are not believed, and sound is what stands behind the header of the data chunk.
func ReadWAV(path string) (Sound, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return Sound{}, err
	}
	s, err := decodeWAV(b)
	if err != nil {
		return Sound{}, fmt.Errorf("%w: %s", err, path)
	}
	return s, nil
}

func decodeWAV(b []byte) (Sound, error) {
	if len(b) < 12 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WAVE" {
		return Sound{}, ErrWAV
	}
	channels, hz := 0, 0
	for b = b[12:]; len(b) >= 8; {
		id, size := string(b[:4]), int(binary.LittleEndian.Uint32(b[4:]))
		b = b[8:]
		if id == "data" {
			return mono(b, channels, hz)
		}
		if id == "fmt " && len(b) >= 16 {
			channels, hz = int(binary.LittleEndian.Uint16(b[2:])), int(binary.LittleEndian.Uint32(b[4:]))
			if binary.LittleEndian.Uint16(b[14:]) != 16 {
				return Sound{}, ErrWAV
			}
		}
		if size < 0 || size > len(b) {
			break
		}
		b = b[size:]
	}
	return Sound{}, ErrWAV
}

func mono(b []byte, channels, hz int) (Sound, error) {
	if channels < 1 || hz < 1 {
		return Sound{}, ErrWAV
	}
	s := Sound{Rate: hz, Samples: make([]int16, len(b)/2/channels)}
	for i := range s.Samples {
		sum := 0
		for c := range channels {
			sum += int(int16(binary.LittleEndian.Uint16(b[2*(i*channels+c):])))
		}
		s.Samples[i] = int16(sum / channels)
	}
	return s, nil
}
