package rtc

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"

	"seatbridge/codec"
	"seatbridge/media"
)

// finishAnswer takes pion's answer and gives the one for the browser, with our wishes for its Opus encoder, and what
// the answer agrees on. pion repeats the offer's fmtp, and an answer without our wishes undoes earlier ones.
func finishAnswer(text string, wishes Opus) (string, media.Formats, error) {
	var d sdp.SessionDescription
	if err := d.UnmarshalString(text); err != nil {
		return "", media.Formats{}, fmt.Errorf("rtc: own answer: %w", err)
	}
	if len(d.MediaDescriptions) == 0 {
		return "", media.Formats{}, fmt.Errorf("%w: nothing in it can be answered", ErrOffer)
	}
	for _, m := range d.MediaDescriptions {
		for _, f := range audioFormats(m).Audio {
			if f.Codec == codec.Opus {
				setFmtp(m, f.PT, wishes.fmtp())
			}
		}
	}
	out, err := d.Marshal()
	if err != nil {
		return "", media.Formats{}, fmt.Errorf("rtc: own answer: %w", err)
	}
	return string(out), audioFormats(d.MediaDescriptions[0]), nil // BUNDLE: a payload type means the same everywhere
}

// fmtp is the wishes in the words of RFC 7587 section 6.1.
func (o Opus) fmtp() string {
	return fmt.Sprintf("minptime=10;useinbandfec=1;maxplaybackrate=%d;maxaveragebitrate=%d;stereo=0",
		o.MaxPlaybackRate, o.MaxAverageBitrate)
}

// setFmtp replaces the format parameters of a payload type.
func setFmtp(m *sdp.MediaDescription, pt uint8, params string) {
	prefix := strconv.Itoa(int(pt)) + " "
	for i, a := range m.Attributes {
		if a.Key == "fmtp" && strings.HasPrefix(a.Value, prefix) {
			m.Attributes[i].Value = prefix + params
			return
		}
	}
	m.Attributes = append(m.Attributes, sdp.Attribute{Key: "fmtp", Value: prefix + params})
}

// audioFormats is what an m-line's payload types mean, as far as we know their codecs.
func audioFormats(m *sdp.MediaDescription) media.Formats {
	var f media.Formats
	for _, format := range m.MediaName.Formats {
		n, err := strconv.ParseUint(format, 10, 7)
		if err != nil {
			continue
		}
		pt := uint8(n)
		name, clock := rtpmap(m, format)
		if id, ok := codec.Lookup(name, clock); ok {
			f.Audio = append(f.Audio, media.AudioFormat{PT: pt, Codec: id})
		} else if id, ok := codec.LookupStatic(pt); ok && name == "" {
			f.Audio = append(f.Audio, media.AudioFormat{PT: pt, Codec: id})
		} else if strings.EqualFold(name, "telephone-event") {
			f.Event = append(f.Event, media.EventFormat{PT: pt, Clock: clock})
		}
	}
	return f
}

// rtpmap is the encoding name and clock rate of a payload type (RFC 8866 section 6.6).
func rtpmap(m *sdp.MediaDescription, format string) (name string, clock uint32) {
	for _, a := range m.Attributes {
		value, ok := strings.CutPrefix(a.Value, format+" ")
		if a.Key != "rtpmap" || !ok {
			continue
		}
		parts := strings.Split(value, "/")
		if len(parts) < 2 {
			return "", 0
		}
		n, err := strconv.ParseUint(parts[1], 10, 32)
		if err != nil {
			return "", 0
		}
		return parts[0], uint32(n)
	}
	return "", 0
}
