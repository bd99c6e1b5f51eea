package media

import (
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"seatbridge/codec"
)

// sine is a tone of amplitude 8000.
func sine(hertz float64, rate, n int) []int16 {
	pcm := make([]int16, n)
	for i := range pcm {
		pcm[i] = int16(8000 * math.Sin(2*math.Pi*hertz*float64(i)/float64(rate)))
	}
	return pcm
}

// amplitude of a tone in PCM at 8 kHz.
func amplitude(pcm []int16, hertz float64) float64 {
	var re, im float64
	for i, x := range pcm {
		w := 1 - math.Cos(2*math.Pi*float64(i)/float64(len(pcm)))
		re += w * float64(x) * math.Cos(2*math.Pi*hertz*float64(i)/8000)
		im += w * float64(x) * math.Sin(2*math.Pi*hertz*float64(i)/8000)
	}
	return 2 / float64(len(pcm)) * math.Hypot(re, im)
}

// decoded is all audio on a wire.
func decoded(t *testing.T, sent []sentPacket, c codec.ID) []int16 {
	t.Helper()
	d, err := codec.NewDecoder(c, 8000)
	if err != nil {
		t.Fatal(err)
	}
	var all []int16
	for _, p := range sent {
		var pcm [960]int16
		n, err := d.Decode(pcm[:], p.payload)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, pcm[:n]...)
	}
	return all
}

func TestClockPlaysToAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clip := NewClip(sine(500, 8000, 8000)) // a whole number of periods: no seam
		c := NewClock()
		defer c.Close()
		var senders []*Sender
		var wires []*wire
		codecs := []codec.ID{codec.PCMU, codec.PCMA, codec.Opus}
		for _, id := range codecs {
			w := &wire{}
			s := NewSender(SenderConfig{Writer: w})
			s.SetFormats(Formats{Audio: []AudioFormat{{id.PayloadType(), id}}})
			senders, wires = append(senders, s), append(wires, w)
		}
		mute := NewSender(SenderConfig{Writer: &wire{}}) // nothing negotiated
		c.Play(clip, mute)
		var plays []*Playback
		for _, s := range senders {
			plays = append(plays, c.Play(clip, s))
		}
		if n := c.Stats().Playing; n != 4 {
			t.Errorf("%d playing", n)
		}
		time.Sleep(3*time.Second + 10*time.Millisecond)
		for _, p := range plays {
			p.Stop()
			p.Stop()
		}
		time.Sleep(time.Second)
		for i, w := range wires {
			if n := len(w.sent); n != 150 {
				t.Errorf("%v: %d packets in 3 s", codecs[i], n)
			}
			for n, p := range w.sent[1:] {
				if step := p.Timestamp - w.sent[n].Timestamp; step != codecs[i].ClockRate()/50 {
					t.Fatalf("%v: timestamp step %d", codecs[i], step)
				}
			}
			if a := amplitude(decoded(t, w.sent, codecs[i])[8000:], 500); a < 7000 {
				t.Errorf("%v: heard at %.0f", codecs[i], a)
			}
		}
		if n := c.Stats().Playing; n != 1 {
			t.Errorf("%d playing, want 1", n)
		}
	})
}

func TestClipIsEncodedOnce(t *testing.T) {
	clip := NewClip(sine(500, 8000, 1000)) // not whole frames
	if clip.Len() != 7 {
		t.Errorf("%d frames", clip.Len())
	}
	for _, id := range []codec.ID{codec.PCMU, codec.Opus} {
		for i := range clip.Len() {
			p := clip.payload(id, i)
			if len(p) == 0 || &p[0] != &clip.payload(id, i)[0] {
				t.Errorf("%v: frame %d of %d bytes", id, i, len(p))
			}
		}
	}
	if clip.payload(codec.None, 0) != nil {
		t.Error("frames of no codec")
	}
	if NewClip(nil).Len() != 1 {
		t.Error("empty clip")
	}
}

func TestRingback(t *testing.T) {
	clip := Ringback()
	if clip.Len() != 250 {
		t.Fatalf("%d frames, want 5 s", clip.Len())
	}
	for i := range clip.Len() {
		loud := amplitude(clip.Samples(i), 425) > 1000
		if want := i < 50; loud != want {
			t.Errorf("frame %d: heard %v", i, loud)
		}
	}
}

func TestPacerMakesUpForLateTicks(t *testing.T) {
	epoch := time.Now()
	ticks := 0
	p := newPacer(func() { ticks++ }, epoch)
	for _, ca := range []struct {
		at           time.Duration // in ms
		ticks        int
		late, resets uint64
	}{
		{19, 0, 0, 0}, {20, 1, 0, 0}, {41, 2, 0, 0}, {100, 5, 2, 0},
		{500, 8, 4, 1}, // three, then it begins anew
		{519, 8, 4, 1}, {520, 9, 4, 1},
	} {
		p.catchUp(epoch.Add(ca.at * time.Millisecond))
		if ticks != ca.ticks || p.late.Load() != ca.late || p.resets.Load() != ca.resets {
			t.Errorf("at %d ms: %d ticks, late %d, resets %d; want %+v", ca.at, ticks, p.late.Load(), p.resets.Load(), ca)
		}
	}
}

// wavFile makes a file with the given PCM on every channel.
func wavFile(pcm []int16, channels, rate int) []byte {
	le := binary.LittleEndian
	f := []byte("RIFF....WAVEfmt ")
	f = le.AppendUint32(f, 16)
	f = le.AppendUint16(f, 1)
	f = le.AppendUint16(f, uint16(channels))
	f = le.AppendUint32(f, uint32(rate))
	f = le.AppendUint32(f, uint32(rate*channels*2))
	f = le.AppendUint16(f, uint16(channels*2))
	f = le.AppendUint16(f, 16)
	f = append(f, "LIST\x03\x00\x00\x00abc\x00data"...) // a chunk of odd length
	f = le.AppendUint32(f, uint32(len(pcm)*channels*2))
	for _, s := range pcm {
		for range channels {
			f = le.AppendUint16(f, uint16(s))
		}
	}
	return f
}

func TestLoadWAV(t *testing.T) {
	for _, rate := range []int{8000, 16000, 48000} {
		for _, channels := range []int{1, 2} {
			clip, err := LoadWAV(wavFile(sine(1000, rate, rate), channels, rate))
			if err != nil {
				t.Fatal(err)
			}
			if clip.Len() != 50 {
				t.Errorf("%d Hz, %d channels: %d frames for a second", rate, channels, clip.Len())
			}
			if a := amplitude(clip.pcm[400:7600], 1000); a < 7800 || a > 8200 {
				t.Errorf("%d Hz, %d channels: amplitude %.0f, want 8000", rate, channels, a)
			}
		}
	}
	for hertz, want := range map[float64][2]float64{300: {7600, 8400}, 3300: {7200, 8400}, 4700: {0, 80}, 7000: {0, 80}} {
		clip, err := LoadWAV(wavFile(sine(hertz, 16000, 16000), 1, 16000))
		if err != nil {
			t.Fatal(err)
		}
		heard := hertz
		if heard > 4000 {
			heard = 8000 - heard // where it would be folded to
		}
		if a := amplitude(clip.pcm[400:7600], heard); a < want[0] || a > want[1] {
			t.Errorf("%.0f Hz comes out at %.0f, want %v", hertz, a, want)
		}
	}
}

func TestLoadWAVNamesTheFault(t *testing.T) {
	good := wavFile(make([]int16, 100), 1, 8000)
	change := func(at int, b ...byte) []byte {
		f := append([]byte(nil), good...)
		copy(f[at:], b)
		return f
	}
	for _, ca := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "not a RIFF"},
		{"MP3", []byte("ID3\x04 and so on and on"), "not a RIFF"},
		{"A-law", change(20, 6), "format 6"},
		{"8 bits", change(34, 8), "8 bits"},
		{"44.1 kHz", change(24, 0x44, 0xac), "44100 Hz"},
		{"three channels", change(22, 3), "3 channels"},
		{"no sound", good[:44], "no sound"},
		{"no format", append(good[:12:12], good[36:]...), "no fmt"},
		{"short format", append(good[:16:16], 2, 0, 0, 0, 1, 0), "fmt chunk of 2"},
	} {
		t.Run(ca.name, func(t *testing.T) {
			_, err := LoadWAV(ca.file)
			if !errors.Is(err, ErrWAV) || !strings.Contains(err.Error(), ca.want) {
				t.Errorf("%v, want %q", err, ca.want)
			}
		})
	}
}

func FuzzLoadWAV(f *testing.F) {
	f.Add(wavFile(sine(1000, 8000, 100), 1, 8000))
	f.Add(wavFile(sine(1000, 48000, 100), 2, 48000))
	f.Fuzz(func(t *testing.T, file []byte) {
		clip, err := LoadWAV(file)
		if err != nil && !errors.Is(err, ErrWAV) {
			t.Errorf("%v", err)
		}
		if err == nil && clip.Len() == 0 {
			t.Error("no frames")
		}
	})
}
