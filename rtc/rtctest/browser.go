// Package rtctest owns a fake browser made with pion, for the tests of whatever talks to browsers and for generating
// load.
package rtctest

import (
	"time"

	"github.com/pion/rtp"

	"seatbridge/dtmf"
)

// Config says how a Browser is made.
type Config struct {
	// Ears is the number of audio m-lines in the offer, of which the first is sendrecv and the others are recvonly. It
	// defaults to 1.
	Ears int
	// Received is told every RTP packet that arrives, with the ear that it arrived on, on that ear's goroutine; header
	// and payload are valid until it returns. Where it is set the Browser does not decode, and Hear hears nothing.
	Received func(ear int, h *rtp.Header, payload []byte)
}

// Browser is a fake browser: one PeerConnection on loopback with a microphone and ears. A test Closes it.
type Browser struct{}

// New makes a Browser.
func New(c Config) (*Browser, error) { return &Browser{}, nil }

// Offer makes the SDP of a new offer; with restart it asks for an ICE restart (RFC 8839 section 4.4.1.1.1).
func (b *Browser) Offer(restart bool) (string, error) { return "", nil }

// Answer takes the answer to the last offer.
func (b *Browser) Answer(sdp string) error { return nil }

// Connect makes an offer, has it answered by signal, and waits until the connection works.
func (b *Browser) Connect(signal func(offer string) (answer string, err error)) error { return nil }

// Restart does an ICE restart in the same way, and waits until the connection works again.
func (b *Browser) Restart(signal func(offer string) (answer string, err error)) error { return nil }

// Speak sends a tone of the given frequency in Hz as Opus from now on, until the next Speak; 0 stops the microphone's
// packets altogether, as replaceTrack(null) does.
func (b *Browser) Speak(hz float64) {}

// Send sends one packet of Opus with the given payload and length (raw mode): sequence and timestamp go on from the
// last packet. The caller sets the pace, and does not call Speak.
func (b *Browser) Send(payload []byte, length time.Duration) error { return nil }

// SendRTP sends one packet as it is, except for the SSRC.
func (b *Browser) SendRTP(h *rtp.Header, payload []byte) error { return nil }

// SendDigit presses a digit for the given length as Chromium does: telephone-event with PT 126 and an 8000 Hz clock
// beside Opus. It returns when the last packet was sent.
func (b *Browser) SendDigit(e dtmf.Event, length time.Duration) error { return nil }

// Heard is what an ear heard in a stretch of time.
type Heard struct {
	Packets int
	Samples int // at 48 kHz
	pcm     []int16
}

// Level is the level of a frequency in Hz, as the amplitude of a sine: 1 is full scale.
func (h Heard) Level(hz float64) float64 { return 0 }

// Hear listens on an ear until it has heard the given length of sound, and returns it. It fails when that takes more
// than a second longer than it should.
func (b *Browser) Hear(ear int, length time.Duration) (Heard, error) { return Heard{}, nil }

// Mids are the mids of the ears, in the order of the m-lines.
func (b *Browser) Mids() []string { return nil }

// Close closes the connection and waits until nothing of the Browser runs any more.
func (b *Browser) Close() error { return nil }
