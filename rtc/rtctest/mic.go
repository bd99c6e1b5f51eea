package rtctest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v3"

	"seatbridge/codec"
	"seatbridge/dtmf"
)

// Payload types as Chromium numbers them.
const (
	opusPT  = 111
	eventPT = 126 // telephone-event/8000
)

const (
	frame     = 20 * time.Millisecond
	frameSize = sampleRate / 50 // samples
	loudness  = 0.35            // amplitude of the tone, of full scale
)

// ErrNotConnected says that there is no connection to send on.
var ErrNotConnected = errors.New("rtctest: not connected")

// mic is the Browser's microphone: pion's TrackLocal with payload types of our own.
type mic struct {
	stop chan struct{}
	wg   sync.WaitGroup // the goroutine that speaks

	mu       sync.Mutex
	closed   bool
	speaking bool    // the goroutine runs
	hz       float64 // of the tone, 0 for none
	digit    bool    // a digit is being sent: no tone
	writer   webrtc.TrackLocalWriter
	ssrc     uint32
	header   rtp.Header // lent to pion
	seq      uint16
	ts       uint32
}

func newMic() *mic { return &mic{stop: make(chan struct{})} }

func (m *mic) close() {
	m.mu.Lock()
	if !m.closed {
		m.closed = true
		close(m.stop)
	}
	m.mu.Unlock()
	m.wg.Wait()
}

// Speak sends a tone of the given frequency in Hz as Opus from now on, until the next Speak; 0 stops the microphone's
// packets altogether, as replaceTrack(null) does.
func (b *Browser) Speak(hz float64) error {
	m := b.mic
	m.mu.Lock()
	defer m.mu.Unlock()
	m.hz = hz
	if m.speaking || m.closed {
		return nil
	}
	enc, err := codec.NewEncoder(codec.Opus, sampleRate, codec.Options{})
	if err != nil {
		return fmt.Errorf("rtctest: %w", err)
	}
	m.speaking = true
	m.wg.Go(func() { m.speak(enc) })
	return nil
}

// speak sends the tone, one frame each 20 ms.
func (m *mic) speak(enc codec.Encoder) {
	defer enc.Close()
	pcm, payload := make([]int16, frameSize), make([]byte, 1275)
	phase := 0.0
	tick := time.NewTicker(frame)
	defer tick.Stop()
	for next := time.Now(); ; next = next.Add(frame) {
		for time.Now().Before(next) {
			select {
			case <-tick.C:
			case <-m.stop:
				return
			}
		}
		m.mu.Lock()
		hz, quiet := m.hz, m.hz == 0 || m.digit
		m.mu.Unlock()
		for i := range pcm {
			pcm[i] = int16(loudness * 32767 * math.Sin(phase))
			phase = math.Mod(phase+2*math.Pi*hz/sampleRate, 2*math.Pi)
		}
		n, err := enc.Encode(payload, pcm)
		if err != nil || quiet {
			m.skip(frameSize)
			continue
		}
		_ = m.send(payload[:n], frameSize) // not connected yet
	}
}

// Send sends one packet of Opus with the given payload and length (raw mode): sequence and timestamp go on from the
// last packet. The caller sets the pace, and does not call Speak.
func (b *Browser) Send(payload []byte, length time.Duration) error {
	return b.mic.send(payload, uint32(length*sampleRate/time.Second))
}

func (m *mic) send(payload []byte, samples uint32) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.writer == nil {
		return ErrNotConnected
	}
	m.header = rtp.Header{Version: 2, PayloadType: opusPT, SSRC: m.ssrc, SequenceNumber: m.seq, Timestamp: m.ts}
	m.seq++
	m.ts += samples
	_, err := m.writer.WriteRTP(&m.header, payload)
	return err
}

// skip lets time pass without a packet.
func (m *mic) skip(samples uint32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ts += samples
}

// SendRTP sends one packet as it is, but with the microphone's SSRC and next sequence number where these are 0.
func (b *Browser) SendRTP(h rtp.Header, payload []byte) error {
	m := b.mic
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.writer == nil {
		return ErrNotConnected
	}
	if h.SSRC == 0 {
		h.SSRC = m.ssrc
	}
	if h.SequenceNumber == 0 {
		h.SequenceNumber = m.seq
		m.seq++
	}
	_, err := m.writer.WriteRTP(&h, payload)
	return err
}

// SendRTCP sends RTCP packets as they are.
func (b *Browser) SendRTCP(packets ...rtcp.Packet) error { return b.pc.WriteRTCP(packets) }

// SendDigit presses a digit for the given length as RFC 4733 wants it, by telephone-event with PT 126 and an 8000 Hz
// clock in the sequence of the Opus packets, which stop meanwhile. It returns when the last packet was sent. (Chromium
// 156 sends no more than the three end packets.)
func (b *Browser) SendDigit(e dtmf.Event, length time.Duration) error {
	m := b.mic
	m.hold(true)
	defer m.hold(false)
	tick := time.NewTicker(frame)
	defer tick.Stop()
	m.mu.Lock()
	start := m.ts / 6
	m.mu.Unlock()
	for sounded := frame; ; sounded += frame {
		sounded = min(sounded, length)
		last := sounded == length
		packets := 1
		if last {
			packets = 3 // RFC 4733 section 2.5.1.4
		}
		for range packets {
			if err := m.sendEvent(e, start, sounded, sounded == frame, last); err != nil {
				return err
			}
		}
		if last {
			return nil
		}
		select {
		case <-tick.C:
		case <-m.stop:
			return ErrNotConnected
		}
	}
}

func (m *mic) hold(on bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.digit = on
}

func (m *mic) sendEvent(e dtmf.Event, ts uint32, sounded time.Duration, first, last bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.writer == nil {
		return ErrNotConnected
	}
	payload := []byte{byte(e), 10, 0, 0}
	if last {
		payload[1] |= 0x80
	}
	binary.BigEndian.PutUint16(payload[2:], uint16(sounded*8000/time.Second))
	m.header = rtp.Header{
		Version: 2, PayloadType: eventPT, SSRC: m.ssrc, SequenceNumber: m.seq, Timestamp: ts, Marker: first,
	}
	m.seq++
	_, err := m.writer.WriteRTP(&m.header, payload)
	return err
}

// Bind is called by pion when the microphone was negotiated.
func (m *mic) Bind(c webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	for _, p := range c.CodecParameters() {
		if strings.EqualFold(p.MimeType, webrtc.MimeTypeOpus) {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.writer, m.ssrc = c.WriteStream(), uint32(c.SSRC())
			return p, nil
		}
	}
	return webrtc.RTPCodecParameters{}, webrtc.ErrUnsupportedCodec
}

// Unbind is called by pion when the connection closes.
func (m *mic) Unbind(webrtc.TrackLocalContext) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.writer = nil
	return nil
}

// ID names the track in the SDP.
func (m *mic) ID() string { return "mic" }

// RID is empty: no simulcast.
func (m *mic) RID() string { return "" }

// StreamID names the track's stream in the SDP.
func (m *mic) StreamID() string { return "mic" }

// Kind is audio.
func (m *mic) Kind() webrtc.RTPCodecType { return webrtc.RTPCodecTypeAudio }
