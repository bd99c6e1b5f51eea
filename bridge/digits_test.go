package bridge

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"

	"seatbridge/codec"
	"seatbridge/dtmf"
	"seatbridge/media"
)

// telephone-event under the payload types that browsers and phones use.
func events8k() []media.EventFormat  { return []media.EventFormat{{PT: 126, Clock: 8000}} }
func events48k() []media.EventFormat { return []media.EventFormat{{PT: 110, Clock: 48000}} }
func eventsBoth() []media.EventFormat {
	return []media.EventFormat{{PT: 126, Clock: 8000}, {PT: 110, Clock: 48000}}
}

// press sends one digit of 100 ms in the phone's first event format, in packets of 20 ms; lose says which of the eight
// packets (five, and three ends) are lost.
func (p *phone) press(e dtmf.Event, f media.EventFormat, marker bool, lose ...int) {
	ts, lost := p.ts, map[int]bool{}
	for _, i := range lose {
		lost[i] = true
	}
	for i := range 8 {
		payload := dtmf.Payload{
			Event: e, End: i >= 5, Volume: 10,
			Duration: uint16(min(i+1, 5)) * uint16(f.Clock/50),
		}.Marshal()
		h := &rtp.Header{
			Version: 2, SSRC: 7, PayloadType: f.PT, SequenceNumber: p.seq, Timestamp: ts, Marker: marker && i == 0,
		}
		p.skip()
		if !lost[i] {
			p.port.In.Push(h, payload[:], time.Now())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func TestDigitsAcrossClocks(t *testing.T) {
	for _, ca := range []struct {
		name     string
		from, to phoneOptions
		pt       uint8  // that they are to come under
		clock    uint32 // and in
		marker   bool
		lose     []int
		sounded  time.Duration // as told by the end
	}{
		{"8k to 8k", phoneOptions{codec: codec.PCMU, event: events8k()}, phoneOptions{codec: codec.PCMU, event: events8k()},
			126, 8000, true, nil, 100 * time.Millisecond},
		{"browser 8k beside Opus to a phone", phoneOptions{codec: codec.Opus, event: events8k()},
			phoneOptions{codec: codec.PCMA, event: events8k()}, 126, 8000, true, nil, 100 * time.Millisecond},
		{"8k to 48k", phoneOptions{codec: codec.PCMU, event: events8k()}, phoneOptions{codec: codec.Opus, event: events48k()},
			110, 48000, true, nil, 100 * time.Millisecond},
		{"48k to 8k", phoneOptions{codec: codec.Opus, event: events48k()}, phoneOptions{codec: codec.PCMU, event: events8k()},
			126, 8000, true, nil, 100 * time.Millisecond},
		{"the clock of the audio first", phoneOptions{codec: codec.PCMU, event: events8k()},
			phoneOptions{codec: codec.Opus, event: eventsBoth()}, 110, 48000, true, nil, 100 * time.Millisecond},
		{"without marker", phoneOptions{codec: codec.PCMU, event: events8k()},
			phoneOptions{codec: codec.PCMU, event: events8k()}, 126, 8000, false, nil, 100 * time.Millisecond},
		{"marked packet lost", phoneOptions{codec: codec.PCMU, event: events8k()},
			phoneOptions{codec: codec.PCMU, event: events8k()}, 126, 8000, true, []int{0}, 100 * time.Millisecond},
		{"two ends lost", phoneOptions{codec: codec.PCMU, event: events8k()},
			phoneOptions{codec: codec.PCMU, event: events8k()}, 126, 8000, true, []int{5, 6}, 100 * time.Millisecond},
		{"all ends lost", phoneOptions{codec: codec.PCMU, event: events8k()},
			phoneOptions{codec: codec.Opus, event: events8k()}, 126, 8000, true, []int{4, 5, 6, 7}, 80 * time.Millisecond},
		{"only an end comes", phoneOptions{codec: codec.PCMU, event: events8k()},
			phoneOptions{codec: codec.PCMU, event: events8k()}, 126, 8000, true, []int{0, 1, 2, 3, 4, 5, 6},
			100 * time.Millisecond},
	} {
		bubble(t, ca.name, func(t *testing.T) {
			from, to := newPhone(t, "from", 600, ca.from), newPhone(t, "to", 1000, ca.to)
			br := newBridge(t)
			br.Add("from", from.port)
			br.Add("to", to.port)
			br.Apply(each(from, to))
			talk(100*time.Millisecond, from)
			var want []dtmf.Event
			for e := range dtmf.Event(16) {
				from.press(e, ca.from.event[0], ca.marker, ca.lose...)
				talk(200*time.Millisecond, from)
				want = append(want, e, e) // and the same once more
				from.press(e, ca.from.event[0], ca.marker, ca.lose...)
				talk(200*time.Millisecond, from)
			}
			forgetAudio(to)
			talk(200*time.Millisecond, from)
			hearing(t, to.ears[0], 200*time.Millisecond, []*phone{from, to}, from)
			checkDigits(t, to.ears[0].events, want, ca.pt, ca.clock, ca.sounded)
		})
	}
}

func forgetAudio(p *phone) {
	p.ears[0].mu.Lock()
	defer p.ears[0].mu.Unlock()
	p.ears[0].pcm = nil
}

// checkDigits holds event packets to RFC 4733 section 2.5.1: a timestamp a digit, the marker on its first packet alone,
// durations that rise, and the end three times.
func checkDigits(t *testing.T, got []heardEvent, want []dtmf.Event, pt uint8, clock uint32, sounded time.Duration) {
	t.Helper()
	var digits [][]heardEvent
	for _, e := range got {
		if len(digits) == 0 || digits[len(digits)-1][0].ts != e.ts {
			digits = append(digits, nil)
		}
		last := len(digits) - 1
		digits[last] = append(digits[last], e)
	}
	if len(digits) != len(want) {
		t.Fatalf("%d digits, want %d", len(digits), len(want))
	}
	for i, d := range digits {
		ends, duration := 0, uint16(0)
		for n, e := range d {
			if e.Event != want[i] || e.pt != pt || e.marker != (n == 0) || e.Duration < duration {
				t.Errorf("digit %d, packet %d: %+v, want event %d", i, n, e, want[i])
			}
			duration = e.Duration
			if e.End {
				ends++
			} else if ends > 0 {
				t.Errorf("digit %d goes on after its end", i)
			}
		}
		if ends != 3 {
			t.Errorf("digit %d: %d end packets, want 3", i, ends)
		}
		if length := dtmf.Length(uint32(duration), clock); length != sounded {
			t.Errorf("digit %d: %v, want %v", i, length, sounded)
		}
		if i > 0 {
			// The timestamps tell how far apart the digits began, in their own clock.
			apart := dtmf.Length(d[0].ts-digits[i-1][0].ts, clock)
			if off := apart - 360*time.Millisecond; off.Abs() > 40*time.Millisecond {
				t.Errorf("digit %d began %v after the one before, want 360ms", i, apart)
			}
		}
	}
}

func TestDigitIsHeardByTheWholeRow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := newPhone(t, "from", 600, phoneOptions{codec: codec.PCMU, event: events8k()})
		a := newPhone(t, "a", 700, phoneOptions{codec: codec.PCMU, event: events8k()})
		b := newPhone(t, "b", 800, phoneOptions{codec: codec.Opus, event: events48k()})
		c := newPhone(t, "c", 900, phoneOptions{codec: codec.PCMU})
		d := newPhone(t, "d", 1000, phoneOptions{codec: codec.PCMU, event: events8k()})
		br := newBridge(t)
		for _, p := range []*phone{from, a, b, c, d} {
			br.Add(p.id, p.port)
		}
		row := Row{Speakers: []PartyID{"from"}}
		br.Apply(Table{"a": row, "b": row, "c": row})
		talk(100*time.Millisecond, from)
		from.press(5, events8k()[0], true)
		talk(100*time.Millisecond, from)
		checkDigits(t, a.ears[0].events, []dtmf.Event{5}, 126, 8000, 100*time.Millisecond)
		checkDigits(t, b.ears[0].events, []dtmf.Event{5}, 110, 48000, 100*time.Millisecond)
		if len(c.ears[0].events) != 0 || len(d.ears[0].events) != 0 {
			t.Error("a digit went where none should")
		}
	})
}

func TestTableChangeInTheMiddleOfADigit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := newPhone(t, "from", 600, phoneOptions{codec: codec.PCMU, event: events8k()})
		other := newPhone(t, "other", 800, phoneOptions{codec: codec.PCMU})
		a := newPhone(t, "a", 1000, phoneOptions{codec: codec.PCMU, event: events8k()})
		br := newBridge(t)
		for _, p := range []*phone{from, other, a} {
			br.Add(p.id, p.port)
		}
		br.Apply(Table{"a": {Speakers: []PartyID{"from"}}})
		talk(100*time.Millisecond, from)
		go func() {
			time.Sleep(50 * time.Millisecond)
			br.Apply(Table{"a": {Speakers: []PartyID{"other"}}})
		}()
		from.press(5, events8k()[0], true)
		talk(400*time.Millisecond, other)
		hearing(t, a.ears[0], 100*time.Millisecond, []*phone{from, other}, other)
		checkDigits(t, a.ears[0].events, []dtmf.Event{5}, 126, 8000, 60*time.Millisecond)
	})
}

func TestDigitReachesAMix(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := newPhone(t, "from", 600, phoneOptions{codec: codec.PCMU, event: events8k()})
		other := newPhone(t, "other", 800, phoneOptions{codec: codec.PCMU})
		a := newPhone(t, "a", 1000, phoneOptions{codec: codec.PCMA, event: events8k()})
		br := newBridge(t)
		for _, p := range []*phone{from, other, a} {
			br.Add(p.id, p.port)
		}
		br.Apply(Table{"a": {Speakers: []PartyID{"from", "other"}}})
		talk(200*time.Millisecond, from, other)
		from.press(5, events8k()[0], true)
		talk(time.Second, from, other) // the other one was silent, and is late now
		br.Apply(Table{})              // so that the mixer stops
		checkDigits(t, a.ears[0].events, []dtmf.Event{5}, 126, 8000, 100*time.Millisecond)
		if a.ears[0].gaps != 0 {
			t.Errorf("%d gaps", a.ears[0].gaps)
		}
		hearing(t, a.ears[0], 100*time.Millisecond, []*phone{from, other, a}, from, other)
	})
}
