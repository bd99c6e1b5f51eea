package media

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"seatbridge/codec"
)

// opusTicks is how many ticks of Opus's clock, 48 kHz, a sample of ours is.
const opusTicks = 48000 / PCMRate

// LoadOpus makes a Clip of the bytes of an Ogg Opus file (RFC 7845), mono or stereo, up to ten minutes. It is decoded
// here, once: what listeners get is made of the PCM, in packets of 20 ms whatever those of the file are. The error
// wraps ErrOgg and says what is wrong with the file.
func LoadOpus(file []byte) (*Clip, error) {
	packets, err := oggPackets(file, "OpusHead")
	if err != nil {
		return nil, err
	}
	if len(packets) < 2 || len(packets[1].data) < 8 || string(packets[1].data[:8]) != "OpusTags" {
		return nil, fmt.Errorf("%w: no OpusHead and OpusTags in it", ErrOgg)
	}
	head, err := readOpusHead(packets[0].data)
	if err != nil {
		return nil, err
	}
	pcm, err := decodeOpus(packets[2:])
	if err != nil {
		return nil, err
	}
	if len(pcm) <= head.skip {
		return nil, fmt.Errorf("%w: no sound in it", ErrOgg)
	}
	return NewClip(head.amplify(pcm[head.skip:])), nil
}

// opusHead is what the identification header says (RFC 7845 section 5.1).
type opusHead struct {
	skip int     // samples to be left out at the beginning
	gain float64 // factor
}

func readOpusHead(b []byte) (h opusHead, err error) {
	if len(b) < 19 {
		return h, fmt.Errorf("%w: OpusHead of %d bytes", ErrOgg, len(b))
	}
	version, channels, family := b[8], b[9], b[18]
	switch {
	case version > 15: // another major version
		return h, fmt.Errorf("%w: OpusHead version %d", ErrOgg, version)
	case family != 0 || channels != 1 && channels != 2:
		return h, fmt.Errorf("%w: %d channels of mapping family %d, want mono or stereo", ErrOgg, channels, family)
	}
	h.skip = int(binary.LittleEndian.Uint16(b[10:])) / opusTicks
	decibels := float64(int16(binary.LittleEndian.Uint16(b[16:]))) / 256
	h.gain = math.Pow(10, decibels/20)
	return h, nil
}

// amplify applies the output gain.
func (h opusHead) amplify(pcm []int16) []int16 {
	if h.gain == 1 {
		return pcm
	}
	for i, s := range pcm {
		pcm[i] = int16(max(min(h.gain*float64(s), math.MaxInt16), math.MinInt16))
	}
	return pcm
}

// decodeOpus is the sound of audio packets. Where the last page has more of it than its granule position says, the
// end is cut off (RFC 7845 section 4.4), so that the sound goes round without a pause.
func decodeOpus(packets []oggPacket) ([]int16, error) {
	decoder, err := codec.NewDecoder(codec.Opus, PCMRate)
	if err != nil {
		return nil, errors.Join(ErrOgg, err)
	}
	defer decoder.Close()
	var pcm []int16
	var granule int64 // of the page before
	begin := 0        // of the page's samples in pcm
	for i, p := range packets {
		var buf [maxPayload]int16
		n, err := decoder.Decode(buf[:], p.data)
		if err != nil {
			return nil, fmt.Errorf("%w: packet %d: %w", ErrOgg, i, err)
		}
		if pcm = append(pcm, buf[:n]...); len(pcm) > maxClip*PCMRate {
			return nil, fmt.Errorf("%w: longer than %d minutes", ErrOgg, maxClip/60)
		}
		if p.granule < 0 {
			continue
		}
		if kept := (p.granule - granule) / opusTicks; p.end && kept >= 0 && kept < int64(len(pcm)-begin) {
			pcm = pcm[:begin+int(kept)]
		}
		granule, begin = p.granule, len(pcm)
	}
	return pcm, nil
}
