package media

import (
	"slices"
	"testing"
	"time"

	"github.com/pion/rtp"

	"seatbridge/codec"
	"seatbridge/dtmf"
)

// toned is a Receiver that listens for tones, and what it tells.
type toned struct {
	*Receiver
	heard
	told []dtmf.Detection
	seq  uint16
	ts   uint32
}

func newToned(c codec.ID, on bool) *toned {
	d := &toned{ts: 1<<32 - 4000}
	d.Receiver = NewReceiver(ReceiverConfig{Tone: func(e dtmf.Event, length time.Duration) {
		d.told = append(d.told, dtmf.Detection{Event: e, Length: length})
	}})
	d.SetFormats(Formats{Audio: []AudioFormat{{c.PayloadType(), c}}, Event: []EventFormat{{101, 8000}}})
	d.SetInband(on)
	d.SetSink(&d.heard)
	return d
}

// say sends sound in packets of a codec, 20 ms each; lose says which are lost.
func (d *toned) say(t *testing.T, c codec.ID, pcm []int16, lose ...int) {
	t.Helper()
	e, err := codec.NewEncoder(c, PCMRate, codec.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	var payload [maxEncoded]byte
	for i := 0; len(pcm) >= clipFrame; i, pcm = i+1, pcm[clipFrame:] {
		n, err := e.Encode(payload[:], pcm[:clipFrame])
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(lose, i) {
			h := &rtp.Header{PayloadType: c.PayloadType(), SSRC: 7, SequenceNumber: d.seq, Timestamp: d.ts}
			d.Push(h, payload[:n], time.Unix(0, 0).Add(time.Duration(d.seq)*20*time.Millisecond))
		}
		d.seq++
		d.ts += c.ClockRate() / 50
	}
}

// pressed is the sound of digits, each of a length, with silence around each.
func pressed(t *testing.T, digits string, length time.Duration) []int16 {
	t.Helper()
	pcm := make([]int16, 800)
	for _, c := range []byte(digits) {
		e, _ := dtmf.Parse(c)
		tone, err := dtmf.NewTone(e, PCMRate, length)
		if err != nil {
			t.Fatal(err)
		}
		sound := make([]int16, int(length.Seconds()*PCMRate))
		tone.Generate(sound)
		pcm = append(append(pcm, sound...), make([]int16, 800)...)
	}
	return pcm
}

const sixteen = "0123456789*#ABCD"

func TestInband(t *testing.T) {
	for _, c := range []codec.ID{codec.PCMU, codec.PCMA} {
		for _, length := range []time.Duration{50, 100, 400} {
			length *= time.Millisecond
			d := newToned(c, true)
			d.say(t, c, pressed(t, sixteen, length))
			if len(d.told) != 16 || d.Stats().Tones != 16 {
				t.Fatalf("%v of %v: told %v", c, length, d.told)
			}
			for i, x := range d.told {
				if off := x.Length - length; int(x.Event) != i || off.Abs() > 20*time.Millisecond {
					t.Errorf("%v of %v: told %v", c, length, x)
				}
			}
			checkToneEvents(t, d.events, length)
			if len(d.frames) != int(d.seq) {
				t.Errorf("%d frames of %d", len(d.frames), d.seq)
			}
		}
	}
}

// checkToneEvents wants the events of all sixteen digits as those of telephone-event packets are.
func checkToneEvents(t *testing.T, events []Event, length time.Duration) {
	t.Helper()
	digit, last := -1, Event{End: true}
	for _, e := range events {
		if e.First {
			if digit++; !last.End || int(e.Event) != digit {
				t.Fatalf("%+v after %+v", e, last)
			}
		} else if e.Timestamp != last.Timestamp || e.Event != last.Event || e.Duration < last.Duration || last.End {
			t.Fatalf("%+v after %+v", e, last)
		}
		if off := dtmf.Length(e.Duration, e.Clock) - length; e.End && off.Abs() > 20*time.Millisecond {
			t.Errorf("%+v, want %v", e, length)
		}
		last = e
	}
	if digit != 15 || !last.End {
		t.Errorf("the last of %d digits: %+v", digit+1, last)
	}
}

// Tones are sound like any other where nobody said so, in Opus, and beside telephone-events.
func TestInbandOnlyWhereSaid(t *testing.T) {
	off := newToned(codec.PCMU, false)
	off.say(t, codec.PCMU, pressed(t, "12", 100*time.Millisecond))
	opus := newToned(codec.Opus, true)
	opus.say(t, codec.Opus, pressed(t, "12", 100*time.Millisecond))
	beside := newToned(codec.PCMU, true)
	beside.say(t, codec.PCMU, make([]int16, 1600))
	e := dtmf.Payload{Event: 5, End: true, Duration: 800}.Marshal()
	beside.Push(&rtp.Header{PayloadType: 101, SSRC: 7, SequenceNumber: beside.seq, Timestamp: beside.ts}, e[:], time.Unix(1, 0))
	beside.seq++
	beside.events = nil
	beside.say(t, codec.PCMU, pressed(t, "12", 100*time.Millisecond))
	for name, d := range map[string]*toned{"off": off, "opus": opus, "beside events": beside} {
		if len(d.told)+len(d.events) > 0 || len(d.frames) == 0 {
			t.Errorf("%s: told %v, events %v, %d frames", name, d.told, d.events, len(d.frames))
		}
	}
}

// A lost packet does not make two digits of one, and a long gap ends what sounded before it.
func TestInbandLoss(t *testing.T) {
	for lost := range 10 {
		d := newToned(codec.PCMU, true)
		d.say(t, codec.PCMU, pressed(t, "5", 160*time.Millisecond), 5+lost)
		if len(d.told) != 1 || d.told[0].Event != 5 {
			t.Errorf("packet %d lost: told %v", lost, d.told)
		}
	}
	d := newToned(codec.PCMU, true)
	d.say(t, codec.PCMU, pressed(t, "5", 100*time.Millisecond)[:800+640])
	d.ts += PCMRate
	d.say(t, codec.PCMU, make([]int16, 320))
	if len(d.told) != 1 || len(d.events) == 0 || !d.events[len(d.events)-1].End {
		t.Errorf("told %v, events %v", d.told, d.events)
	}
}

func TestTonal(t *testing.T) {
	r := NewReceiver(ReceiverConfig{})
	audio := []AudioFormat{{0, codec.PCMU}}
	for _, ca := range []struct{ inband, events, want bool }{
		{false, true, false}, {true, true, true}, {false, false, true}, {true, false, true}, {false, true, false},
	} {
		f := Formats{Audio: audio}
		if ca.events {
			f.Event = []EventFormat{{101, 8000}}
		}
		r.SetFormats(f)
		r.SetInband(ca.inband)
		if r.Tonal() != ca.want {
			t.Errorf("%+v: %v", ca, !ca.want)
		}
	}
}

func TestInbandAllocs(t *testing.T) {
	r := NewReceiver(ReceiverConfig{Tone: func(dtmf.Event, time.Duration) {}})
	r.SetFormats(Formats{Audio: []AudioFormat{{0, codec.PCMU}}})
	r.SetInband(true)
	r.SetSink(discard{})
	pcm := pressed(t, "5", 100*time.Millisecond)
	e, err := codec.NewEncoder(codec.PCMU, PCMRate, codec.Options{})
	if err != nil {
		t.Fatal(err)
	}
	payload := make([]byte, len(pcm))
	if _, err := e.Encode(payload, pcm); err != nil {
		t.Fatal(err)
	}
	h, now := &rtp.Header{SSRC: 7}, time.Unix(0, 0)
	n := testing.AllocsPerRun(10, func() {
		for at := 0; at < len(payload); at += clipFrame {
			h.SequenceNumber, h.Timestamp, now = h.SequenceNumber+1, h.Timestamp+clipFrame, now.Add(20*time.Millisecond)
			r.Push(h, payload[at:at+clipFrame], now)
		}
	})
	if n != 0 || r.Stats().Tones == 0 {
		t.Errorf("%v allocations, %d digits", n, r.Stats().Tones)
	}
}

// discard is a Sink that keeps nothing.
type discard struct{}

func (discard) Frame(*Frame) {}
func (discard) Event(*Event) {}
