package codec

import (
	"math"
	"testing"
)

// ulaw and alaw are the formulas of ITU-T G.711 tables 2 and 1, in 16-bit units.
func ulaw(code byte) int {
	c := ^code
	magnitude := (int(c&15)<<3+132)<<(c>>4&7) - 132
	if c&0x80 != 0 {
		return -magnitude
	}
	return magnitude
}

func alaw(code byte) int {
	c := code ^ 0x55
	magnitude := int(c&15)<<4 + 8
	if segment := c >> 4 & 7; segment > 0 {
		magnitude = (magnitude + 256) << (segment - 1)
	}
	if c&0x80 == 0 {
		return -magnitude
	}
	return magnitude
}

var laws = []struct {
	name  string
	id    ID
	value func(byte) int
}{{"mu-law", PCMU, ulaw}, {"A-law", PCMA, alaw}}

func TestG711Golden(t *testing.T) {
	for _, ca := range []struct {
		id   ID
		code byte
		pcm  int16
	}{
		{PCMU, 0xff, 0}, {PCMU, 0x80, 32124}, {PCMU, 0x00, -32124}, {PCMU, 0xfe, 8}, {PCMU, 0x7e, -8},
		{PCMA, 0xd5, 8}, {PCMA, 0x55, -8}, {PCMA, 0xaa, 32256}, {PCMA, 0x2a, -32256}, {PCMA, 0xd4, 24},
	} {
		e, d := mustCodec(t, ca.id, 8000, Options{})
		pcm, code := []int16{0}, []byte{0}
		if _, err := d.Decode(pcm, []byte{ca.code}); err != nil || pcm[0] != ca.pcm {
			t.Errorf("%v %#x: %d, %v, want %d", ca.id, ca.code, pcm[0], err, ca.pcm)
		}
		if _, err := e.Encode(code, []int16{ca.pcm}); err != nil || code[0] != ca.code {
			t.Errorf("%v %d: %#x, %v, want %#x", ca.id, ca.pcm, code[0], err, ca.code)
		}
	}
}

// All 256 codes, there and back.
func TestG711Codes(t *testing.T) {
	for _, law := range laws {
		t.Run(law.name, func(t *testing.T) {
			e, d := mustCodec(t, law.id, 8000, Options{})
			codes, pcm, back := make([]byte, 256), make([]int16, 256), make([]byte, 256)
			for i := range codes {
				codes[i] = byte(i)
			}
			if n, err := d.Decode(pcm, codes); n != 256 || err != nil {
				t.Fatal(n, err)
			}
			if n, err := e.Encode(back, pcm); n != 256 || err != nil {
				t.Fatal(n, err)
			}
			for i, code := range codes {
				if int(pcm[i]) != law.value(code) {
					t.Errorf("%#x decodes to %d, want %d", code, pcm[i], law.value(code))
				}
				if law.id == PCMU && code == 0x7f { // minus zero
					code = 0xff
				}
				if back[i] != code {
					t.Errorf("%d encodes to %#x, want %#x", pcm[i], back[i], code)
				}
			}
		})
	}
}

// ulawFrom and alawFrom are the least magnitudes, in 14 and 12 bits, of the intervals 0 to 127 of tables 2 and 1.
func ulawFrom(interval int) int { return (16+interval&15)<<(interval>>4+1) - 33 }

func alawFrom(interval int) int {
	if interval < 16 {
		return interval
	}
	return (16 + interval&15) << (interval>>4 - 1)
}

// All 65536 samples become the code of the interval that they are in.
func TestG711Samples(t *testing.T) {
	expect := func(id ID, s int) byte {
		magnitude, sign := max(s, ^s), byte(0)
		if s < 0 {
			sign = 0x80
		}
		interval := 127
		if id == PCMU {
			for ulawFrom(interval) > magnitude>>2 {
				interval--
			}
			return ^(sign | byte(interval))
		}
		for alawFrom(interval) > magnitude>>4 {
			interval--
		}
		return (byte(interval) | sign ^ 0x80) ^ 0x55
	}
	for _, law := range laws {
		e, _ := mustCodec(t, law.id, 8000, Options{})
		code := []byte{0}
		for s := math.MinInt16; s <= math.MaxInt16; s++ {
			if _, err := e.Encode(code, []int16{int16(s)}); err != nil {
				t.Fatal(err)
			}
			if want := expect(law.id, s); code[0] != want {
				t.Fatalf("%s: %d becomes %#x, want %#x", law.name, s, code[0], want)
			}
		}
	}
}

func FuzzG711(f *testing.F) {
	f.Add([]byte{}, uint16(160), uint8(0))
	f.Add([]byte{0, 0x7f, 0x80, 0xff}, uint16(4), uint8(5))
	f.Add(make([]byte, 160), uint16(80), uint8(255))
	f.Fuzz(func(t *testing.T, payload []byte, room uint16, lost uint8) {
		for _, law := range laws {
			d := newG711Decoder(law.id)
			dst := make([]int16, room)
			for range lost%8 + 1 {
				if n, err := d.Recover(dst, payload); n != len(dst) || err != nil {
					t.Fatalf("concealed %d of %d, %v", n, len(dst), err)
				}
				n, err := d.Decode(dst, payload)
				if (err == nil) != (len(payload) > 0 && len(payload) <= len(dst)) || err == nil && n != len(payload) {
					t.Fatalf("%d bytes into %d samples: %d, %v", len(payload), len(dst), n, err)
				}
			}
		}
	})
}
