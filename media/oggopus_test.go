package media

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v3/pkg/media/oggwriter"

	"seatbridge/codec"
)

// oggWriter writes one logical stream. Packets are laced into pages of so many segments at most, so that they go on
// from page to page.
type oggWriter struct {
	file     bytes.Buffer
	serial   uint32
	number   uint32
	segments int
}

// page writes a page and gives its checksum.
func (w *oggWriter) page(flags byte, granule int64, segments, body []byte) {
	le := binary.LittleEndian
	p := append([]byte("OggS\x00"), flags)
	p = le.AppendUint64(p, uint64(granule))
	p = le.AppendUint32(p, w.serial)
	p = le.AppendUint32(p, w.number)
	p = append(le.AppendUint32(p, 0), byte(len(segments)))
	p = append(append(p, segments...), body...)
	le.PutUint32(p[22:], oggChecksum(p, oggTable()))
	w.file.Write(p)
	w.number++
}

// packets writes packets that all end at the given granule position; flags are those of the last page.
func (w *oggWriter) packets(flags byte, granule int64, packets ...[]byte) {
	var segments, body []byte
	for _, p := range packets {
		for n := len(p); ; n -= 255 {
			segments = append(segments, byte(min(n, 255)))
			if n < 255 {
				break
			}
		}
		body = append(body, p...)
	}
	most, continued := w.segments, byte(0)
	if most == 0 {
		most = 255
	}
	for len(segments) > most {
		n, at := 0, int64(-1)
		for _, s := range segments[:most] {
			n += int(s)
		}
		w.page(continued, at, segments[:most], body[:n])
		continued = 0
		if segments[most-1] == 255 {
			continued = 1
		}
		segments, body = segments[most:], body[n:]
	}
	w.page(flags|continued, granule, segments, body)
}

// opusHeader is an OpusHead.
func opusHeader(channels byte, skip uint16, gain int16, family byte) []byte {
	h := append([]byte("OpusHead\x01"), channels)
	h = binary.LittleEndian.AppendUint16(h, skip)
	h = binary.LittleEndian.AppendUint32(h, 48000)
	h = binary.LittleEndian.AppendUint16(h, uint16(gain))
	return append(h, family)
}

// opusOf is PCM at 8 kHz in packets of so many samples.
func opusOf(t testing.TB, pcm []int16, samples int) [][]byte {
	e, err := codec.NewEncoder(codec.Opus, 8000, codec.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var packets [][]byte
	for ; len(pcm) >= samples; pcm = pcm[samples:] {
		buf := make([]byte, 1500)
		n, err := e.Encode(buf, pcm[:samples])
		if err != nil {
			t.Fatal(err)
		}
		packets = append(packets, buf[:n])
	}
	return packets
}

// oggOpus is a file of one second and a bit of a tone of 1 kHz, of which one second is to be heard.
func oggOpus(t testing.TB, w oggWriter, head []byte, samples int) []byte {
	w.serial = 7
	w.packets(2, 0, head)
	w.packets(0, 0, append([]byte("OpusTags"), make([]byte, 700)...)) // more than one segment
	packets := opusOf(t, sine(1000, 8000, 9600), samples)
	half := len(packets) / 2
	skip := int64(binary.LittleEndian.Uint16(head[10:]))
	w.packets(0, int64(half*samples*6), packets[:half]...)
	w.packets(4, 48000+skip, packets[half:]...)
	return w.file.Bytes()
}

func TestLoadOpus(t *testing.T) {
	plain := opusHeader(1, 312, 0, 0)
	for _, ca := range []struct {
		name    string
		file    []byte
		level   float64
		seconds float64
	}{
		{"20 ms", oggOpus(t, oggWriter{}, plain, 160), 8000, 1},
		{"60 ms", oggOpus(t, oggWriter{}, plain, 480), 8000, 1},
		{"packets across pages", oggOpus(t, oggWriter{segments: 1}, plain, 480), 8000, 1},
		{"announced as stereo", oggOpus(t, oggWriter{}, opusHeader(2, 312, 0, 0), 160), 8000, 1},
		{"gain of -6 dB", oggOpus(t, oggWriter{}, opusHeader(1, 312, -6*256, 0), 160), 4010, 1},
		{"a long pre-skip", oggOpus(t, oggWriter{}, opusHeader(1, 4800, 0, 0), 160), 8000, 1},
		{"beside another stream", multiplexed(t, plain), 8000, 1},
		{"chained", append(oggOpus(t, oggWriter{}, plain, 160), oggOpus(t, oggWriter{}, plain, 160)...), 8000, 1},
		{"of another writer", oggByPion(t), 8000, 1.2 - 0.08},
	} {
		t.Run(ca.name, func(t *testing.T) {
			clip, err := Load(ca.file)
			if err != nil {
				t.Fatal(err)
			}
			if want := int(math.Round(ca.seconds * 50)); clip.Len() != want {
				t.Errorf("%d frames, want %d", clip.Len(), want)
			}
			for from := 800; from < 7200; from += 800 { // throughout
				if a := amplitude(clip.pcm[from:][:800], 1000); math.Abs(a-ca.level) > ca.level/8 {
					t.Errorf("amplitude %.0f from %d, want %.0f", a, from, ca.level)
				}
			}
			if a := amplitude(clip.pcm[800:7200], 600); a > 80 {
				t.Errorf("another tone of %.0f", a)
			}
		})
	}
}

// multiplexed is a file with pages of another stream between its own.
func multiplexed(t *testing.T, head []byte) []byte {
	file := oggOpus(t, oggWriter{}, head, 160)
	other := oggWriter{serial: 8}
	other.packets(2, 0, []byte("fishead\x00"))
	first := 27 + 1 + len(head)
	mixed := append(bytes.Clone(file[:first]), other.file.Bytes()...)
	other.file.Reset()
	other.packets(4, 0, []byte("end"))
	mixed = append(mixed, other.file.Bytes()...)
	return append(mixed, file[first:]...)
}

// oggByPion is a file that pion wrote.
func oggByPion(t *testing.T) []byte {
	var file bytes.Buffer
	w, err := oggwriter.NewWith(&file, 48000, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range opusOf(t, sine(1000, 8000, 9600), 160) {
		h := rtp.Header{Version: 2, SequenceNumber: uint16(i), Timestamp: uint32(i) * 960}
		if err := w.WriteRTP(&rtp.Packet{Header: h, Payload: p}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestLoadNamesTheFault(t *testing.T) {
	head := opusHeader(1, 312, 0, 0)
	good := oggOpus(t, oggWriter{}, head, 160)
	first := 27 + 1 + len(head)
	change := func(at int, b byte) []byte {
		f := bytes.Clone(good)
		f[at] ^= b
		return f
	}
	audio := func(packets ...[]byte) []byte {
		w := oggWriter{serial: 7}
		w.packets(2, 0, head)
		w.packets(0, 0, []byte("OpusTags"))
		w.packets(4, 1<<40, packets...)
		return w.file.Bytes()
	}
	silence := opusOf(t, make([]int16, 160), 160)[0]
	long := make([][]byte, 50*maxClip+1)
	for i := range long {
		long[i] = silence
	}
	for _, ca := range []struct {
		name string
		file []byte
		want string
		err  error
	}{
		{"empty", nil, "neither", ErrSound},
		{"MP3", []byte("ID3\x04 and so on and on"), "neither", ErrSound},
		{"WAV", []byte("RIFF and so on and on"), "WAVE", ErrWAV},
		{"Ogg with something else", bytes.Replace(good, []byte("OpusHead"), []byte("\x01vorbis "), 1), "checksum", ErrOgg},
		{"another Ogg version", change(4, 1), "version 0 at byte 0", ErrOgg},
		{"a flipped bit", change(len(good)-1, 1), "checksum", ErrOgg},
		{"cut off", good[:len(good)-1], "cut off", ErrOgg},
		{"cut off in a header", good[:first+20], "no page", ErrOgg},
		{"garbage behind a page", append(bytes.Clone(good[:first]), "garbage that is long enough to be a page"...), "no page",
			ErrOgg},
		{"no tags", good[:first], "OpusTags", ErrOgg},
		{"five channels", oggOpus(t, oggWriter{}, opusHeader(5, 312, 0, 1), 160), "5 channels of mapping family 1", ErrOgg},
		{"no channels", oggOpus(t, oggWriter{}, opusHeader(0, 312, 0, 0), 160), "0 channels", ErrOgg},
		{"another Opus", oggOpus(t, oggWriter{}, append([]byte("OpusHead\x10"), head[9:]...), 160), "version 16", ErrOgg},
		{"a short OpusHead", oggOpus(t, oggWriter{}, head[:18], 160), "18 bytes", ErrOgg},
		{"no sound", audio(), "no sound", ErrOgg},
		{"an empty packet", audio(silence, nil), "packet 1", ErrOgg},
		{"too long", audio(long...), "longer than 10 minutes", ErrOgg},
	} {
		t.Run(ca.name, func(t *testing.T) {
			_, err := Load(ca.file)
			if !errors.Is(err, ca.err) || !strings.Contains(err.Error(), ca.want) {
				t.Errorf("%v, want %q", err, ca.want)
			}
		})
	}
}

// A page that is missing would be a jump in the sound.
func TestLoadOpusWithoutAPage(t *testing.T) {
	w := oggWriter{serial: 7}
	w.packets(2, 0, opusHeader(1, 312, 0, 0))
	w.packets(0, 0, []byte("OpusTags"))
	w.number++
	w.packets(4, 960, opusOf(t, make([]int16, 160), 160)...)
	if _, err := LoadOpus(w.file.Bytes()); !errors.Is(err, ErrOgg) || !strings.Contains(err.Error(), "page 2 is missing") {
		t.Error(err)
	}
}

// FuzzLoadOpus puts the checksums right first, so that it gets past them.
func FuzzLoadOpus(f *testing.F) {
	for _, w := range []oggWriter{{}, {segments: 1}} {
		f.Add(oggOpus(f, w, opusHeader(1, 312, 0, 0), 480))
	}
	f.Add(oggOpus(f, oggWriter{}, opusHeader(2, 60000, 256, 0), 160))
	table := oggTable()
	f.Fuzz(func(t *testing.T, file []byte) {
		for rest := file; len(rest) >= 27; {
			_, size, err := readOggPage(rest, table)
			if size == 0 || size > len(rest) {
				break
			}
			if err != nil {
				binary.LittleEndian.PutUint32(rest[22:], oggChecksum(rest[:size], table))
			}
			rest = rest[size:]
		}
		clip, err := LoadOpus(file)
		if err != nil && !errors.Is(err, ErrOgg) {
			t.Errorf("%v", err)
		}
		if err == nil && clip.Len() == 0 {
			t.Error("no frames")
		}
	})
}
