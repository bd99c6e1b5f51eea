package bridge

import (
	"math"
	"testing"
	"time"

	"github.com/pion/rtp"

	"seatbridge/codec"
	"seatbridge/dtmf"
	"seatbridge/media"
)

const sixteen = "0123456789*#ABCD"

// play has a phone say a sound of its own, in packets of 20 ms, while others talk.
func (p *phone) play(pcm []int16, others ...*phone) {
	p.t.Helper()
	for ; len(pcm) >= 160; pcm = pcm[160:] {
		n, err := p.encoder.Encode(p.packet[:], pcm[:160])
		if err != nil {
			p.t.Fatal(err)
		}
		h := &rtp.Header{
			Version: 2, SSRC: 7, PayloadType: p.codec.PayloadType(), SequenceNumber: p.seq, Timestamp: p.ts,
		}
		p.skip()
		p.port.In.Push(h, p.packet[:n], time.Now())
		talk(20*time.Millisecond, others...)
	}
}

// speech is like a voice: harmonics of a gliding pitch, without a strong one where digits have theirs.
func speech(d time.Duration) []int16 {
	pcm := make([]int16, d*8000/time.Second)
	phase := 0.0
	for i := range pcm {
		phase += 2 * math.Pi * (130 + 30*math.Sin(float64(i)/1500)) / 8000
		for k := 1.0; k <= 20; k++ {
			pcm[i] += int16(2500 / k * math.Sin(k*phase))
		}
	}
	return pcm
}

// pressedTones are the tones of all digits, with a second of something around each.
func pressedTones(t *testing.T, length time.Duration, around []int16) []int16 {
	t.Helper()
	pcm := append([]int16(nil), around...)
	for e := range dtmf.Event(16) {
		tone, err := dtmf.NewTone(e, 8000, length)
		if err != nil {
			t.Fatal(err)
		}
		sound := make([]int16, length*8000/time.Second)
		tone.Generate(sound)
		pcm = append(append(pcm, sound...), around...)
	}
	return pcm
}

// detected is the digits that sound on an ear and are sent to it, in order, and how loud it all is (RMS).
func (l *listener) detected() (digits string, loud float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	d := dtmf.NewDetector(func(x dtmf.Detection) {
		if x.End {
			digits += string(x.Event.Digit())
		}
	})
	d.Push(l.pcm)
	d.Flush()
	for _, e := range l.events {
		if e.marker {
			digits += string(e.Event.Digit())
		}
	}
	for _, x := range l.pcm {
		loud += float64(x) * float64(x)
	}
	return digits, math.Sqrt(loud / float64(max(1, len(l.pcm))))
}

// TestSecretTones runs a detector over what all kinds of listeners hear of a customer who presses keys: each digit
// while nothing is secret, and none while it is.
func TestSecretTones(t *testing.T) {
	ms := time.Millisecond
	for _, ca := range []struct {
		name   string
		length time.Duration
		around []int16
	}{
		{"50 ms in silence", 50 * ms, make([]int16, 1600)},
		{"100 ms in silence", 100 * ms, make([]int16, 1600)},
		{"50 ms in speech", 50 * ms, speech(200 * ms)},
		{"100 ms in speech", 100 * ms, speech(200 * ms)},
	} {
		bubble(t, ca.name, func(t *testing.T) {
			customer := newPhone(t, "customer", 0, phoneOptions{codec: codec.PCMU})
			agent := newPhone(t, "agent", 2600, phoneOptions{codec: codec.PCMU})
			page := newPhone(t, "page", 0, phoneOptions{codec: codec.Opus, ears: 2})
			monitor := newPhone(t, "monitor", 0, phoneOptions{codec: codec.PCMA})
			ears := map[string]*listener{
				"the agent": agent.ears[0], "the page": page.ears[0], "the monitor": monitor.ears[0],
			}
			br := newBridge(t)
			for _, p := range []*phone{customer, agent, page, monitor} {
				br.Add(p.id, p.port)
			}
			// The monitor hears a mix in which the agent says nothing.
			table := func(secret bool) Table {
				return Table{
					"customer": {Speakers: []PartyID{"agent"}, Secret: secret}, "agent": {Speakers: []PartyID{"customer"}},
					"page":    {Speakers: []PartyID{"customer", "agent"}},
					"monitor": {Speakers: []PartyID{"customer", "agent"}},
				}
			}
			pcm := pressedTones(t, ca.length, ca.around)
			br.Apply(table(false))
			customer.play(pcm)
			for name, l := range ears {
				if digits, _ := l.detected(); digits != sixteen {
					t.Errorf("%s hears %q while nothing is secret", name, digits)
				}
			}
			br.Apply(table(true))
			customer.play(ca.around) // what was on its way before
			forget(agent, page, monitor)
			customer.play(pcm)
			for name, l := range ears {
				digits, loud := l.detected()
				if digits != "" {
					t.Errorf("%s hears %q", name, digits)
				}
				if speaks := ca.around[800] != 0; speaks != (loud > 1000) || !speaks && loud > 100 {
					t.Errorf("%s: loudness %.0f", name, loud)
				}
			}
			br.Apply(table(false))
			forget(agent, page, monitor)
			customer.play(pcm)
			for name, l := range ears {
				if digits, _ := l.detected(); digits != sixteen {
					t.Errorf("%s hears %q when nothing is secret any more", name, digits)
				}
			}
			br.Apply(Table{})
		})
	}
}

// TestSecretSpeech wants speech to come through as it is, only later, and nothing to be held up where the far end has
// telephone-event and no word was said of tones.
func TestSecretSpeech(t *testing.T) {
	for name, ca := range map[string]struct {
		events []media.EventFormat
		inband bool
		delay  time.Duration
	}{
		"no events":         {nil, false, dtmf.CensorDelay},
		"events":            {events8k(), false, 0},
		"events, or inband": {events8k(), true, dtmf.CensorDelay},
	} {
		bubble(t, name, func(t *testing.T) {
			customer := newPhone(t, "customer", 0, phoneOptions{codec: codec.PCMU, event: ca.events})
			customer.port.In.SetInband(ca.inband)
			agent := newPhone(t, "agent", 0, phoneOptions{codec: codec.PCMU})
			br := newBridge(t)
			br.Add("customer", customer.port)
			br.Add("agent", agent.port)
			br.Apply(Table{"customer": {Secret: true}, "agent": {Speakers: []PartyID{"customer"}}})
			said := speech(10 * time.Second)
			customer.play(said)
			heard, late := agent.ears[0].pcm, int(ca.delay*8000/time.Second)
			lost := 0
			for i, x := range said[:len(said)-late] {
				if off := int(x) - int(heard[i+late]); max(off, -off) > 400 { // more than G.711 makes of it
					lost++
				}
			}
			if len(heard) != len(said) || lost > len(said)/50 {
				t.Errorf("%d of %d samples have changed, %d heard", lost, len(said), len(heard))
			}
		})
	}
}

// TestTonesAsEvents wants a listener that takes telephone-events to get each digit that sounds once, as one of these
// and not also as a tone, and one that does not to hear it.
func TestTonesAsEvents(t *testing.T) {
	ms := time.Millisecond
	for _, length := range []time.Duration{60 * ms, 100 * ms, 400 * ms} {
		bubble(t, length.String(), func(t *testing.T) {
			from := newPhone(t, "from", 0, phoneOptions{codec: codec.PCMU})
			from.port.In.SetInband(true)
			takes := newPhone(t, "takes", 0, phoneOptions{codec: codec.PCMU, event: events8k()})
			page := newPhone(t, "page", 0, phoneOptions{codec: codec.Opus, event: events48k()})
			hears := newPhone(t, "hears", 0, phoneOptions{codec: codec.PCMA})
			br := newBridge(t)
			for _, p := range []*phone{from, takes, page, hears} {
				br.Add(p.id, p.port)
			}
			row := Row{Speakers: []PartyID{"from"}}
			br.Apply(Table{"takes": row, "page": row, "hears": row})
			from.play(pressedTones(t, length, make([]int16, 1600)))
			for _, p := range []*phone{takes, page} {
				ends := ""
				for i, e := range p.ears[0].events {
					if e.End && !p.ears[0].events[i-1].End {
						ends += string(e.Event.Digit())
					}
					if sounded := dtmf.Length(uint32(e.Duration), p.ears[0].formats.Event[0].Clock); e.End && (sounded-length).Abs() > 20*ms {
						t.Errorf("%s: %+v sounded %v, want %v", p.id, e, sounded, length)
					}
				}
				if digits, _ := p.ears[0].detected(); digits != sixteen || ends != sixteen || p.ears[0].gaps != 0 {
					t.Errorf("%s gets %q, ended %q, %d gaps", p.id, digits, ends, p.ears[0].gaps)
				}
			}
			if digits, _ := hears.ears[0].detected(); digits != sixteen || len(hears.ears[0].events) != 0 {
				t.Errorf("hears %q and %v", digits, hears.ears[0].events)
			}
		})
	}
}
