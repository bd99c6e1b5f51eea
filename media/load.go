package media

import "errors"

// ErrSound says that a file is of no kind that can be played.
var ErrSound = errors.New("media: neither a WAV nor an Ogg Opus file")

// Load makes a Clip of the bytes of a sound file, by what it begins with: see LoadWAV and LoadOpus. The error wraps
// ErrSound, ErrWAV or ErrOgg and says what is wrong with the file.
func Load(file []byte) (*Clip, error) {
	if len(file) < 4 {
		return nil, ErrSound
	}
	switch string(file[:4]) {
	case "RIFF":
		return LoadWAV(file)
	case "OggS":
		return LoadOpus(file)
	}
	return nil, ErrSound
}
