package bridge

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"

	"seatbridge/codec"
)

// suppress lets a phone be quiet for d, as one that suppresses silence is: it sends a packet that says so at once and
// then at each interval, or never again where that is 0. Its timestamps go on, its sequence by what it sends.
func (p *phone) suppress(d, every time.Duration, pt uint8, payload ...byte) {
	for now := time.Duration(0); now < d; now += p.ptime {
		if now == 0 || every > 0 && now%every == 0 {
			h := rtp.Header{Version: 2, SSRC: 7, PayloadType: pt, SequenceNumber: p.seq, Timestamp: p.ts}
			p.port.In.Push(&h, payload, time.Now())
		} else {
			p.seq--
		}
		p.skip()
		time.Sleep(p.ptime)
	}
}

// TestSilenceSuppression has a speaker pause as RFC 3389 and as Opus DTX do it. Whoever hears it gets one sequence
// without a gap, timestamps that go on by the time that really passed, and a marker where the talk goes on; who can't
// understand the packets of the pause is not given them.
func TestSilenceSuppression(t *testing.T) {
	const pause = 3 * time.Second
	dtx := func(p *phone) []byte { return []byte{p.packet[0] &^ 3} } // a TOC byte and no frame
	noise := func(*phone) []byte { return []byte{70} }               // -70 dBov
	for _, ca := range []struct {
		name    string
		codec   codec.ID
		every   time.Duration
		pt      uint8
		payload func(p *phone) []byte
		comfort int // packets of comfort noise that are counted
	}{
		{"comfort noise once", codec.PCMU, 0, 13, noise, 1},
		{"comfort noise each 100 ms", codec.PCMA, 100 * time.Millisecond, 13, noise, 30},
		{"Opus DTX", codec.Opus, 400 * time.Millisecond, 111, dtx, 0},
		{"nothing but silence", codec.Opus, 0, 111, dtx, 0},
	} {
		bubble(t, ca.name, func(t *testing.T) {
			br := newBridge(t)
			speaker := newPhone(t, "speaker", 600, phoneOptions{codec: ca.codec})
			other := newPhone(t, "other", 1000, phoneOptions{codec: codec.PCMU})
			relayed := newPhone(t, "relayed", 1400, phoneOptions{codec: ca.codec})
			coded := map[codec.ID]codec.ID{codec.Opus: codec.PCMU, codec.PCMU: codec.Opus, codec.PCMA: codec.Opus}[ca.codec]
			transcoded := newPhone(t, "transcoded", 1800, phoneOptions{codec: coded})
			mixed := newPhone(t, "mixed", 2200, phoneOptions{codec: codec.PCMA})
			all := []*phone{speaker, other, relayed, transcoded, mixed}
			for _, p := range all {
				br.Add(p.id, p.port)
			}
			row := Row{Speakers: []PartyID{"speaker"}}
			br.Apply(Table{"relayed": row, "transcoded": row, "mixed": {Speakers: []PartyID{"speaker", "other"}}})
			talk(time.Second, speaker, other)
			before := map[*phone]uint32{relayed: relayed.ears[0].audioTS, transcoded: transcoded.ears[0].audioTS}
			forget(all...)
			synctest.Wait()

			stop := make(chan struct{})
			go func() {
				defer close(stop)
				talk(pause, other)
			}()
			speaker.suppress(pause, ca.every, ca.pt, ca.payload(speaker)...)
			<-stop
			for _, p := range []*phone{relayed, transcoded} {
				if h := p.ears[0].heard(); h > time.Duration(int(pause/(400*time.Millisecond))+1)*20*time.Millisecond {
					t.Errorf("%s: %v of sound in a pause", p.id, h)
				}
			}
			hearing(t, mixed.ears[0], time.Second, all, other)
			talk(time.Second, speaker, other)
			hearing(t, mixed.ears[0], 800*time.Millisecond, all, speaker, other)
			for p, ts := range before {
				l := p.ears[0]
				hearing(t, l, 900*time.Millisecond, all, speaker)
				clock := p.codec.ClockRate()
				if off := int32(l.audioTS - ts - 4*clock); off > int32(clock/50) || off < -int32(clock/50) {
					t.Errorf("%s: timestamps are off by %d after the pause", p.id, off)
				}
				if l.gaps != 0 || l.markers == 0 {
					t.Errorf("%s: %d gaps, %d markers", p.id, l.gaps, l.markers)
				}
			}
			if l := mixed.ears[0]; l.gaps != 0 || l.markers != 0 {
				t.Errorf("the mix: %d gaps, %d markers", l.gaps, l.markers)
			}
			in := speaker.port.In.Stats()
			if in.Lost+in.UnknownType+in.Malformed+in.Jumps > 0 || in.Streams != 1 || int(in.ComfortNoise) != ca.comfort {
				t.Errorf("counted %+v", in)
			}
			for _, in := range br.routes.Load().inputs {
				if late, slips := in.Stats(); late > 0 || slips > 1 {
					t.Errorf("%d packets late, %d slips in the mix", late, slips)
				}
			}
		})
	}
}

// A stream that begins with comfort noise begins with its first sound.
func TestComfortNoiseFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		br := newBridge(t)
		a, b := newPhone(t, "a", 600, phoneOptions{codec: codec.PCMU}), newPhone(t, "b", 1000, phoneOptions{codec: codec.PCMU})
		br.Add("a", a.port)
		br.Add("b", b.port)
		br.Apply(each(a, b))
		a.suppress(time.Second, 200*time.Millisecond, 13, 70)
		talk(time.Second, a)
		hearing(t, b.ears[0], 900*time.Millisecond, []*phone{a, b}, a)
		if in := a.port.In.Stats(); in.Lost != 0 || in.Streams != 1 || in.ComfortNoise != 5 || b.ears[0].gaps != 0 {
			t.Errorf("counted %+v, %d gaps", in, b.ears[0].gaps)
		}
	})
}
