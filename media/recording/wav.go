package recording

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A recording is a RIFF WAVE file of G.711 (µ-law, format 7), 8000 Hz, the customer left and the agent right: a byte a
// sample and channel, 57.6 MB an hour.
const (
	formatMulaw = 7
	rate        = 8000
	channels    = 2
	headerSize  = 58
)

// header is the file's beginning, for so many bytes of sound: RIFF, fmt, fact and the data chunk's head.
func header(size uint32) []byte {
	b := make([]byte, 0, headerSize)
	le := binary.LittleEndian
	b = append(b, "RIFF"...)
	b = le.AppendUint32(b, size+headerSize-8)
	b = append(b, "WAVEfmt "...)
	b = le.AppendUint32(b, 18)
	b = le.AppendUint16(b, formatMulaw)
	b = le.AppendUint16(b, channels)
	b = le.AppendUint32(b, rate)
	b = le.AppendUint32(b, rate*channels)
	b = le.AppendUint16(b, channels)
	b = le.AppendUint16(b, 8) // bits a sample
	b = le.AppendUint16(b, 0) // no more of the format
	b = append(b, "fact"...)
	b = le.AppendUint32(b, 4)
	b = le.AppendUint32(b, size/channels)
	b = append(b, "data"...)
	return le.AppendUint32(b, size)
}

// errEmpty says that a file was cut short before there was any sound in it.
var errEmpty = errors.New("recording: no sound in it")

// finish makes a file that was written, wholly or in part, a recording: the header is made to fit, and the name.
func finish(part string) error {
	f, err := os.OpenFile(part, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	size := (info.Size() - headerSize) / channels * channels
	if size <= 0 {
		return errEmpty
	}
	if _, err := f.WriteAt(header(uint32(size)), 0); err != nil {
		return err
	}
	if err := f.Truncate(headerSize + size); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return os.Rename(part, strings.TrimSuffix(part, unfinish))
}

// recover finishes what a crash left; what has no sound in it is deleted.
func (r *Recorder) recover() error {
	parts, _ := filepath.Glob(filepath.Join(r.config.Dir, "*"+suffix+unfinish)) // the pattern is well formed
	for _, part := range parts {
		name := filepath.Base(part)
		switch err := finish(part); {
		case errors.Is(err, errEmpty):
			r.config.Log.Warn("a recording that was cut short at its beginning is deleted", "file", name)
			if err := os.Remove(part); err != nil {
				return fmt.Errorf("recording: %w", err)
			}
		case err != nil:
			return fmt.Errorf("recording: %s can't be finished: %w", name, err)
		default:
			r.config.Metrics.ended.WithLabelValues(resultRecovered).Inc()
			r.config.Log.Warn("a recording that was cut short is finished", "file", name)
		}
	}
	return nil
}
