package rtctest

import (
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v3"

	"seatbridge/codec"
)

// sampleRate is that of everything heard, in Hz.
const sampleRate = 48000

// Heard is what an ear heard in a stretch of time.
type Heard struct {
	Packets int
	Lost    int        // packets missing between the first and the last
	SSRC    uint32     // of the last packet
	Seq     uint16     // of the last packet
	Codecs  []codec.ID // in the order in which they came
	pcm     []int16    // at sampleRate
}

// Level is the level of a frequency in Hz, as the amplitude of a sine: 1 is full scale.
func (h Heard) Level(hz float64) float64 {
	return Level(h.pcm, sampleRate, hz)
}

// Level is the level of a frequency in Hz in PCM of the given rate in Hz, as the amplitude of a sine: 1 is full scale.
func Level(pcm []int16, rate int, hz float64) float64 {
	var re, im float64
	for i, s := range pcm {
		sin, cos := math.Sincos(2 * math.Pi * hz * float64(i) / float64(rate))
		re, im = re+float64(s)*cos, im+float64(s)*sin
	}
	return 2 * math.Hypot(re, im) / float64(max(1, len(pcm))) / 32768
}

// Duration is how much was heard.
func (h Heard) Duration() time.Duration { return time.Duration(len(h.pcm)) * time.Second / sampleRate }

// ear decodes one m-line's packets. All of it is guarded by mu.
type ear struct {
	mu       sync.Mutex
	decoders map[codec.ID]codec.Decoder
	pcm      []int16 // room for one packet
	heard    *Heard  // nil while nobody hears
	want     int     // samples
	done     chan struct{}
}

func newEar() *ear {
	return &ear{decoders: map[codec.ID]codec.Decoder{}, pcm: make([]int16, sampleRate*120/1000)}
}

func (e *ear) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for id, d := range e.decoders {
		d.Close()
		delete(e.decoders, id)
	}
}

// Hear listens on an ear from now on until it has heard the given length of sound, and returns it. It fails with
// ErrTimeout, and what was heard until then, when that takes over a second longer than it should. One listener at
// a time.
func (b *Browser) Hear(number int, length time.Duration) (Heard, error) {
	e := b.ears[number]
	done := make(chan struct{})
	e.mu.Lock()
	e.heard, e.want, e.done = &Heard{}, int(length*sampleRate/time.Second), done
	heard := e.heard
	e.mu.Unlock()
	var err error
	select {
	case <-done:
	case <-time.After(length + time.Second):
		err = fmt.Errorf("%w: ear %d heard too little in %v", ErrTimeout, number, length+time.Second)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard = nil
	return *heard, err
}

// hear decodes a packet. It does so also while nobody listens: a decoder that starts in mid-stream is too quiet.
func (e *ear) hear(h *rtp.Header, payload []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	id, audio := codecs(h.PayloadType)
	if !audio {
		return
	}
	rate := sampleRate
	if id != codec.Opus {
		rate = 8000
	}
	if e.decoders[id] == nil {
		d, err := codec.NewDecoder(id, rate)
		if err != nil {
			return
		}
		e.decoders[id] = d
	}
	n, err := e.decoders[id].Decode(e.pcm, payload)
	if err != nil || e.heard == nil {
		return
	}
	if e.heard.Packets > 0 {
		e.heard.Lost += int(int16(h.SequenceNumber - e.heard.Seq - 1))
	}
	e.heard.Packets++
	e.heard.SSRC, e.heard.Seq = h.SSRC, h.SequenceNumber
	if c := e.heard.Codecs; len(c) == 0 || c[len(c)-1] != id {
		e.heard.Codecs = append(c, id)
	}
	for _, s := range e.pcm[:n] {
		for range sampleRate / rate {
			e.heard.pcm = append(e.heard.pcm, s)
		}
	}
	if len(e.heard.pcm) >= e.want {
		e.heard = nil
		close(e.done)
	}
}

// codecs is the codec under a payload type of newAPI.
func codecs(pt uint8) (codec.ID, bool) {
	if pt == opusPT {
		return codec.Opus, true
	}
	return codec.LookupStatic(pt)
}

// track reads what arrives on one ear; pion calls it with the ear's first packet, on a goroutine of its own.
func (b *Browser) track(t *webrtc.TrackRemote, r *webrtc.RTPReceiver) {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return
	}
	b.readers.Add(1)
	b.readers.Go(func() { drain(r) })
	b.mu.Unlock()
	defer b.readers.Done()
	number := -1
	for i, tr := range b.pc.GetTransceivers() {
		if tr.Receiver() == r {
			number = i
		}
	}
	if number < 0 || number >= len(b.ears) {
		return
	}
	buf := make([]byte, 1500)
	var h rtp.Header
	for {
		n, _, err := t.Read(buf)
		if n == 0 && err != nil {
			return
		}
		size, err := h.Unmarshal(buf[:n])
		if err != nil {
			continue
		}
		if b.received != nil {
			b.received(number, &h, buf[size:n])
		} else {
			b.ears[number].hear(&h, buf[size:n])
		}
	}
}

// drain reads the other side's RTCP, so that pion can refer to it in its own.
func drain(r *webrtc.RTPReceiver) {
	buf := make([]byte, 1500)
	for {
		if _, _, err := r.Read(buf); err != nil {
			return
		}
	}
}
