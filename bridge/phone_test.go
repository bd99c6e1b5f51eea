package bridge

import (
	"errors"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"

	"seatbridge/codec"
	"seatbridge/dtmf"
	"seatbridge/media"
)

// phone is a party of a test: it says a tone of its own and keeps what it hears on each ear.
type phone struct {
	t     *testing.T
	id    PartyID
	hertz float64
	codec codec.ID
	ptime time.Duration
	port  media.Port
	ears  []*listener

	encoder codec.Encoder
	phase   int
	seq     uint16
	ts      uint32
	packet  [1500]byte
	due     time.Duration // of the next packet
}

// phoneOptions is what a phone negotiated.
type phoneOptions struct {
	codec codec.ID      // that it speaks and would rather hear
	takes []codec.ID    // also
	ptime time.Duration // of what it says; 0 means 20 ms
	hears time.Duration // a=ptime that it asks for; 0 means 20 ms
	ears  int           // 0 means 1
	event []media.EventFormat
}

func newPhone(t *testing.T, id PartyID, hertz float64, o phoneOptions) *phone {
	if o.ptime == 0 {
		o.ptime = 20 * time.Millisecond
	}
	f := media.Formats{Ptime: o.hears, Event: o.event}
	for _, c := range append([]codec.ID{o.codec}, o.takes...) {
		f.Audio = append(f.Audio, media.AudioFormat{PT: c.PayloadType(), Codec: c})
	}
	p := &phone{t: t, id: id, hertz: hertz, codec: o.codec, ptime: o.ptime, seq: 65500, ts: math.MaxUint32 - 5000}
	var err error
	if p.encoder, err = codec.NewEncoder(o.codec, 8000, clean()); err != nil {
		t.Fatal(err)
	}
	p.port.In = media.NewReceiver(media.ReceiverConfig{})
	p.port.In.SetFormats(f)
	for range max(o.ears, 1) {
		l := newListener(t, f)
		s := media.NewSender(media.SenderConfig{Writer: l})
		s.SetFormats(f)
		p.ears, p.port.Ears = append(p.ears, l), append(p.port.Ears, s)
	}
	t.Cleanup(func() {
		for _, s := range p.port.Ears {
			s.Close()
		}
	})
	return p
}

// next makes the next packet; its payload is valid until the one after it is made.
func (p *phone) next() (*rtp.Header, []byte) {
	pcm := make([]int16, int(p.ptime*8000/time.Second))
	for i := range pcm {
		pcm[i] = int16(8000 * math.Sin(2*math.Pi*p.hertz*float64(p.phase+i)/8000))
	}
	n, err := p.encoder.Encode(p.packet[:], pcm)
	if err != nil {
		p.t.Fatal(err)
	}
	h := &rtp.Header{
		Version: 2, SSRC: 7, PayloadType: p.codec.PayloadType(), SequenceNumber: p.seq, Timestamp: p.ts,
	}
	p.skip()
	return h, p.packet[:n]
}

// skip lets the time of one packet pass.
func (p *phone) skip() {
	p.phase += int(p.ptime * 8000 / time.Second)
	p.seq++
	p.ts += uint32(p.ptime * time.Duration(p.codec.ClockRate()) / time.Second)
}

// say sends the next packet.
func (p *phone) say() {
	h, payload := p.next()
	p.port.In.Push(h, payload, time.Now())
}

// talk lets everybody speak for d; it sleeps, so the test is in a bubble.
func talk(d time.Duration, phones ...*phone) {
	step := 20 * time.Millisecond
	for i := range phones {
		phones[i].due = 0
		if phones[i].ptime%step != 0 {
			step = 10 * time.Millisecond
		}
	}
	for now := time.Duration(0); now < d; now += step {
		for _, p := range phones {
			if p.due <= now {
				p.due += p.ptime
				p.say()
			}
		}
		time.Sleep(step)
	}
}

// forget drops what everybody has heard so far.
func forget(phones ...*phone) {
	for _, p := range phones {
		for _, l := range p.ears {
			l.forget()
		}
	}
}

// listener is one ear's far end. It decodes what comes, and holds the stream to the rules that every far end relies
// on: one SSRC, sequence numbers that never go back, timestamps that go on, each codec in its own clock.
type listener struct {
	t       *testing.T
	formats media.Formats
	anyPace bool // the speakers run ahead of real time, so timestamps may jump forward

	mu       sync.Mutex
	decoders map[codec.ID]codec.Decoder
	pcm      []int16
	events   []heardEvent
	last     rtp.Header
	count    int
	audio    bool   // an audio packet came
	audioTS  uint32 // when the next is due
	audioPT  uint8
	gaps     int // packets missing
	payloads map[uint8]int
	markers  int // on audio
}

// heardEvent is one telephone-event packet as it came.
type heardEvent struct {
	dtmf.Payload
	ts     uint32
	marker bool
	pt     uint8
}

func newListener(t *testing.T, f media.Formats) *listener {
	return &listener{t: t, formats: f, decoders: map[codec.ID]codec.Decoder{}, payloads: map[uint8]int{}}
}

// WriteRTP takes a packet.
func (l *listener) WriteRTP(h *rtp.Header, payload []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.count > 0 {
		if h.SSRC != l.last.SSRC {
			l.t.Errorf("SSRC changed")
		}
		step := int16(h.SequenceNumber - l.last.SequenceNumber)
		if step <= 0 || step > 1000 {
			l.t.Errorf("sequence went from %d to %d", l.last.SequenceNumber, h.SequenceNumber)
		}
		l.gaps += int(step) - 1
	}
	l.last, l.count = *h, l.count+1
	l.payloads[h.PayloadType]++
	for _, e := range l.formats.Event {
		if e.PT == h.PayloadType {
			return len(payload), l.event(h, payload)
		}
	}
	for _, a := range l.formats.Audio {
		if a.PT == h.PayloadType {
			return len(payload), l.sound(h, a.Codec, payload)
		}
	}
	l.t.Errorf("payload type %d was never negotiated", h.PayloadType)
	return 0, errors.New("payload type")
}

func (l *listener) event(h *rtp.Header, payload []byte) error {
	e := heardEvent{ts: h.Timestamp, marker: h.Marker, pt: h.PayloadType}
	if err := e.Unmarshal(payload); err != nil {
		l.t.Error(err)
	}
	l.events = append(l.events, e)
	return nil
}

func (l *listener) sound(h *rtp.Header, c codec.ID, payload []byte) error {
	if h.Marker {
		l.markers++
	}
	late := int32(h.Timestamp - l.audioTS)
	switch {
	case !l.audio || l.audioPT != h.PayloadType: // another clock
	case late < 0:
		l.t.Errorf("timestamp went back by %d", -late)
	case late > 10*int32(c.ClockRate()) && !l.anyPace:
		l.t.Errorf("timestamp jumped by %d", late)
	}
	n, err := codec.FrameSamples(c, payload)
	if err != nil {
		l.t.Error(err)
	}
	l.audio, l.audioTS, l.audioPT = true, h.Timestamp+uint32(n), h.PayloadType
	if l.decoders[c] == nil {
		if l.decoders[c], err = codec.NewDecoder(c, 8000); err != nil {
			l.t.Error(err)
			return err
		}
	}
	pcm := make([]int16, 960)
	if n, err = l.decoders[c].Decode(pcm, payload); err != nil {
		l.t.Error(err)
	}
	l.pcm = append(l.pcm, pcm[:n]...)
	return nil
}

func (l *listener) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pcm, l.events, l.gaps, l.markers, l.payloads = nil, nil, 0, 0, map[uint8]int{}
}

// heard is how much was heard.
func (l *listener) heard() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Duration(len(l.pcm)) * time.Second / 8000
}

// level is the amplitude of a tone in what was heard last, up to the given length.
func (l *listener) level(hertz float64, last time.Duration) float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := min(int(last*8000/time.Second), len(l.pcm))
	if n == 0 {
		return 0
	}
	return amplitude(l.pcm[len(l.pcm)-n:], hertz)
}

// amplitude of a tone, by Goertzel's algorithm over a Hann window.
func amplitude(pcm []int16, hertz float64) float64 {
	n := float64(len(pcm))
	k := 2 * math.Cos(2*math.Pi*hertz/8000)
	var s1, s2 float64
	for i, x := range pcm {
		w := 1 - math.Cos(2*math.Pi*float64(i)/n)
		s1, s2 = float64(x)*w+k*s1-s2, s1
	}
	return 2 / n * math.Sqrt(max(s1*s1+s2*s2-k*s1*s2, 0))
}

// tone is how loud every phone speaks.
const tone = 8000

// audible and inaudible bound a tone that is to be heard and one that is not.
const (
	audible   = tone / 3
	inaudible = tone / 30
)

// hearing asserts that in what the listener heard last there are the tones of just these phones of all.
func hearing(t *testing.T, l *listener, last time.Duration, all []*phone, want ...*phone) {
	t.Helper()
	for _, p := range all {
		wanted := false
		for _, w := range want {
			wanted = wanted || w == p
		}
		switch level := l.level(p.hertz, last); {
		case wanted && level < audible:
			t.Errorf("%s is not heard: level %.0f", p.id, level)
		case !wanted && level > inaudible:
			t.Errorf("%s is heard: level %.0f", p.id, level)
		}
	}
}
