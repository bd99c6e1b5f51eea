package rtc

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v3"

	"seatbridge/codec"
	"seatbridge/leg"
	"seatbridge/media"
)

// errUnbound says that an ear has no connection at the moment.
var errUnbound = errors.New("rtc: no connection")

// ear is one m-line of a login on which its browser can be given sound. It outlives the connection, so that its
// Sender's sequence goes on when the page is loaded anew.
type ear struct {
	sender *media.Sender
	link   atomic.Pointer[link]

	mu     sync.Mutex
	report leg.Report // of the browser, about what we send
}

// link is an ear's way into the running connection.
type link struct {
	webrtc.TrackLocalWriter
	ssrc uint32
}

// WriteRTP sends a packet on the running connection, under its SSRC; sequence, timestamp and payload type are the
// Sender's.
func (e *ear) WriteRTP(h *rtp.Header, payload []byte) (int, error) {
	l := e.link.Load()
	if l == nil {
		return 0, errUnbound
	}
	h.SSRC = l.ssrc
	return l.TrackLocalWriter.WriteRTP(h, payload)
}

// ssrc is the SSRC on the running connection, 0 where there is none.
func (e *ear) ssrc() uint32 {
	if l := e.link.Load(); l != nil {
		return l.ssrc
	}
	return 0
}

// setFormats says what the browser takes on this ear. The first one carries the agent's conversation, which is always
// Opus; the others take G.711 too, so that a phone can be listened to without transcoding.
func (e *ear) setFormats(f media.Formats, main bool) {
	if main {
		f.Audio = slices.DeleteFunc(slices.Clone(f.Audio), func(a media.AudioFormat) bool { return a.Codec != codec.Opus })
	}
	e.sender.SetFormats(f)
}

// track is an ear in one PeerConnection: pion's TrackLocal, with payload types left to the Sender. pion's own
// TrackLocalStaticRTP overwrites them.
type track struct {
	ear  *ear
	name string
	link atomic.Pointer[link]

	reported uint32 // packets sent at the last report; of the peer's goroutine
}

// Bind is called by pion when the m-line was negotiated.
func (t *track) Bind(c webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	for _, p := range c.CodecParameters() {
		if strings.EqualFold(p.MimeType, webrtc.MimeTypeOpus) {
			l := &link{c.WriteStream(), uint32(c.SSRC())}
			t.link.Store(l)
			t.ear.link.Store(l)
			return p, nil
		}
	}
	return webrtc.RTPCodecParameters{}, webrtc.ErrUnsupportedCodec
}

// Unbind is called by pion when the connection closes; the ear may have another one by then.
func (t *track) Unbind(webrtc.TrackLocalContext) error {
	t.ear.link.CompareAndSwap(t.link.Load(), nil)
	return nil
}

// ssrc is the track's SSRC, 0 before it was negotiated.
func (t *track) ssrc() uint32 {
	if l := t.link.Load(); l != nil {
		return l.ssrc
	}
	return 0
}

// ID names the track in the SDP.
func (t *track) ID() string { return t.name }

// RID is empty: no simulcast.
func (t *track) RID() string { return "" }

// StreamID names the track's stream in the SDP.
func (t *track) StreamID() string { return t.name }

// Kind is audio.
func (t *track) Kind() webrtc.RTPCodecType { return webrtc.RTPCodecTypeAudio }
