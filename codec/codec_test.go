package codec

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

func TestLookup(t *testing.T) {
	for _, ca := range []struct {
		name  string
		clock uint32
		want  ID
		ok    bool
	}{
		{"PCMU", 8000, PCMU, true},
		{"pcma", 8000, PCMA, true},
		{"OPUS", 48000, Opus, true},
		{"opus", 8000, None, false},
		{"PCMU", 16000, None, false},
		{"none", 8000, None, false},
		{"", 8000, None, false},
	} {
		if id, ok := Lookup(ca.name, ca.clock); id != ca.want || ok != ca.ok {
			t.Errorf("%s/%d: %v, %v", ca.name, ca.clock, id, ok)
		}
	}
	for pt, want := range map[uint8]ID{0: PCMU, 8: PCMA, 111: None, 9: None} {
		if id, ok := LookupStatic(pt); id != want || ok != (want != None) {
			t.Errorf("payload type %d: %v, %v", pt, id, ok)
		}
	}
	if id, err := Parse("Opus"); id != Opus || err != nil {
		t.Errorf("Opus: %v, %v", id, err)
	}
	if _, err := Parse("g729"); err == nil {
		t.Error("g729 is known")
	}
}

func TestNewErrors(t *testing.T) {
	for _, ca := range []struct {
		id   ID
		rate int
		want error
	}{
		{PCMU, 8000, nil}, {PCMA, 8000, nil}, {PCMU, 16000, ErrRate}, {PCMA, 48000, ErrRate},
		{Opus, 8000, nil}, {Opus, 12000, nil}, {Opus, 16000, nil}, {Opus, 24000, nil}, {Opus, 48000, nil},
		{Opus, 44100, ErrRate}, {Opus, 0, ErrRate}, {Opus, -8000, ErrRate},
		{None, 8000, ErrNoCodec}, {numIDs, 8000, ErrNoCodec},
	} {
		if _, err := NewEncoder(ca.id, ca.rate, Options{}); !errors.Is(err, ca.want) {
			t.Errorf("encoder %v at %d Hz: %v, want %v", ca.id, ca.rate, err, ca.want)
		}
		if _, err := NewDecoder(ca.id, ca.rate); !errors.Is(err, ca.want) {
			t.Errorf("decoder %v at %d Hz: %v, want %v", ca.id, ca.rate, err, ca.want)
		}
	}
}

// lines are all codecs at the rates that calls use.
var lines = []struct {
	name string
	id   ID
	rate int
}{
	{"PCMU", PCMU, 8000},
	{"PCMA", PCMA, 8000},
	{"opus-8k", Opus, 8000},
	{"opus-16k", Opus, 16000},
	{"opus-48k", Opus, 48000},
}

func TestFrameErrors(t *testing.T) {
	for _, ca := range lines {
		t.Run(ca.name, func(t *testing.T) {
			e, d := mustCodec(t, ca.id, ca.rate, Options{})
			frame, payload := make([]int16, ca.rate/50), make([]byte, 1500)
			n, err := e.Encode(payload, frame)
			if err != nil {
				t.Fatal(err)
			}
			payload = payload[:n]
			for name, got := range map[string]error{
				"encode nothing":      second(e.Encode(make([]byte, 100), nil)),
				"encode into nothing": second(e.Encode(nil, frame)),
				"decode into nothing": second(d.Decode(nil, payload)),
				"decode into less":    second(d.Decode(frame[1:], payload)),
			} {
				if !errors.Is(got, ErrFrame) {
					t.Errorf("%s: %v", name, got)
				}
			}
			if _, err := d.Decode(frame, nil); !errors.Is(err, ErrPayload) {
				t.Errorf("decode nothing: %v", err)
			}
			if n, err := d.Decode(frame, payload); n != len(frame) || err != nil {
				t.Errorf("decode after errors: %d, %v", n, err)
			}
		})
	}
}

func TestNoAllocs(t *testing.T) {
	for _, ca := range lines {
		t.Run(ca.name, func(t *testing.T) {
			e, d := mustCodec(t, ca.id, ca.rate, Options{Opus: OpusOptions{FEC: true}})
			pcm, out := speech(1, ca.rate, ca.rate/50), make([]int16, ca.rate/50)
			payload := make([]byte, 1500)
			n, err := e.Encode(payload, pcm)
			if err != nil {
				t.Fatal(err)
			}
			next := append([]byte(nil), payload[:n]...)
			for name, call := range map[string]func() (int, error){
				"Encode":          func() (int, error) { return e.Encode(payload, pcm) },
				"Decode":          func() (int, error) { return d.Decode(out, next) },
				"Recover":         func() (int, error) { return d.Recover(out, next) },
				"Conceal":         func() (int, error) { return d.Conceal(out) },
				"PayloadDuration": func() (int, error) { _, err := PayloadDuration(ca.id, next); return 0, err },
			} {
				allocs := testing.AllocsPerRun(50, func() {
					if _, err := call(); err != nil {
						t.Error(err)
					}
				})
				if allocs != 0 {
					t.Errorf("%s allocates %v times", name, allocs)
				}
			}
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	for _, ca := range lines {
		b.Run(ca.name, func(b *testing.B) {
			e, _ := mustCodec(b, ca.id, ca.rate, Options{})
			frame := ca.rate / 50
			pcm, payload := speech(1, ca.rate, 100*frame), make([]byte, 1500)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				at := i % 100 * frame
				if _, err := e.Encode(payload, pcm[at:at+frame]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, ca := range lines {
		b.Run(ca.name, func(b *testing.B) {
			e, d := mustCodec(b, ca.id, ca.rate, Options{})
			payloads := encode(b, e, speech(1, ca.rate, 2*ca.rate), ca.rate/50)
			out := make([]int16, ca.rate/50)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, err := d.Decode(out, payloads[i%len(payloads)]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func mustCodec(t testing.TB, id ID, rate int, o Options) (Encoder, Decoder) {
	t.Helper()
	e, err := NewEncoder(id, rate, o)
	if err != nil {
		t.Fatal(err)
	}
	d, err := NewDecoder(id, rate)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	t.Cleanup(d.Close)
	return e, d
}

// encode is the payloads of pcm in frames of so many samples; a part of a frame at the end is left out.
func encode(t testing.TB, e Encoder, pcm []int16, frame int) (payloads [][]byte) {
	t.Helper()
	buffer := make([]byte, 1500)
	for ; len(pcm) >= frame; pcm = pcm[frame:] {
		n, err := e.Encode(buffer, pcm[:frame])
		if err != nil {
			t.Fatal(err)
		}
		payloads = append(payloads, append([]byte(nil), buffer[:n]...))
	}
	return payloads
}

// speech is n samples of voiced sound: harmonics of a moving pitch under a moving formant, in syllables.
func speech(seed uint64, rate, n int) []int16 {
	r := rand.New(rand.NewPCG(seed, 1))
	pcm := make([]int16, n)
	phase, drift := 0.0, 2*math.Pi*r.Float64()
	for i := range pcm {
		at := float64(i) / float64(rate)
		phase += 2 * math.Pi * (130 + 40*math.Sin(3*at+drift)) / float64(rate)
		formant := 900 + 500*math.Sin(7*at+drift)
		sum := 0.0
		for h := 1.0; h <= 20; h++ {
			far := (130*h - formant) / 300
			sum += math.Sin(h*phase) * (0.1 + math.Exp(-far*far)) / math.Sqrt(h)
		}
		pcm[i] = int16(4000 * sum * (0.6 + 0.4*math.Sin(25*at)))
	}
	return pcm
}

func tone(hz float64, rate, n int) []int16 {
	pcm := make([]int16, n)
	for i := range pcm {
		pcm[i] = int16(8000 * math.Sin(2*math.Pi*hz*float64(i)/float64(rate)))
	}
	return pcm
}

func power(pcm []int16) float64 {
	sum := 0.0
	for _, s := range pcm {
		sum += float64(s) * float64(s)
	}
	return sum / float64(max(len(pcm), 1))
}

// difference is the power of a-b.
func difference(a, b []int16) float64 {
	sum := 0.0
	for i := range a {
		d := float64(a[i]) - float64(b[i])
		sum += d * d
	}
	return sum / float64(max(len(a), 1))
}

func second(_ int, err error) error { return err }
