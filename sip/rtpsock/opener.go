package rtpsock

import (
	"encoding/binary"
	"errors"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v2"
	"github.com/pion/transport/v2/replaydetector"

	"seatbridge/sip/sdp"
)

const (
	// maxStreams is how many SSRCs one key may bring in a call: an authenticated peer must not grow without bound.
	maxStreams = 1024
	// maxTrials is how many unproved SSRCs a trial context sees before it is thrown away.
	maxTrials = 256
)

var errKey = errors.New("rtpsock: SRTP key does not fit its suite")

// opener undoes the SRTP of one key. Two things are its own, the rest is pion's: pion keeps state for every SSRC that
// it is shown, good tag or not, so an SSRC is first tried in a context that can be thrown away; and after a gap of
// half the sequence space (11 minutes of a lost route) pion guesses the wrong rollover counter for good, as RFC 3711
// has it, so the next one is tried too.
// It belongs to one goroutine, or to what is guarded by one lock.
type opener struct {
	srtp    *sdp.SRTP
	context *srtp.Context // of the SSRCs that showed a good tag
	streams int
	trial   *srtp.Context
	trials  int
	scratch [maxPacket]byte

	last checked // by the replay windows

	ssrc  uint32 // of the last good packet
	index uint64 // the highest packet index of ssrc (RFC 3711 section 3.3.1)
}

func newOpener(s *sdp.SRTP) (*opener, error) {
	o := &opener{srtp: s}
	guard := func() replaydetector.ReplayDetector { return newWindow(&o.last) }
	var err error
	o.context, err = newContext(s.Suite, s.Receive,
		srtp.SRTPReplayDetectorFactory(guard), srtp.SRTCPReplayDetectorFactory(guard))
	return o, err
}

// newContext makes a context for one direction.
func newContext(suite sdp.Suite, key sdp.Key, options ...srtp.ContextOption) (*srtp.Context, error) {
	profile := srtp.ProtectionProfileAes128CmHmacSha1_80
	if suite == sdp.GCM {
		profile = srtp.ProtectionProfileAeadAes128Gcm
	}
	if len(key) != suite.KeyLen()+suite.SaltLen() { // pion would write the key into its error
		return nil, errKey
	}
	return srtp.CreateContext(key[:suite.KeyLen()], key[suite.KeyLen():], profile, options...)
}

// rtp decrypts packet into dst; h was parsed from it. why is the reason to drop it, or 0.
func (o *opener) rtp(dst, packet []byte, h *rtp.Header) (plain []byte, why reason) {
	_, known := o.context.ROC(h.SSRC)
	why = auth
	if known {
		o.last = checked{}
		plain, err := o.context.DecryptRTP(dst, packet, h)
		if err == nil {
			o.good(h)
			return plain, 0
		}
		if o.last.replayed {
			why = replay
		}
		if h.SSRC != o.ssrc {
			return nil, why
		}
	} else if o.streams >= maxStreams {
		return nil, auth
	}
	for _, roc := range o.guesses(known) {
		index := uint64(roc)<<16 | uint64(h.SequenceNumber)
		if known && index <= o.index || !o.try(packet, h, roc) {
			continue
		}
		o.context.SetROC(h.SSRC, roc)
		plain, err := o.context.DecryptRTP(dst, packet, h)
		if err != nil {
			return nil, replay
		}
		if !known {
			o.streams++
		}
		o.good(h)
		return plain, 0
	}
	return nil, why
}

// good takes a packet that was just decrypted.
func (o *opener) good(h *rtp.Header) {
	if h.SSRC != o.ssrc || o.last.index > o.index {
		o.ssrc, o.index = h.SSRC, o.last.index
	}
}

// guesses are the rollover counters that a packet may have: a new stream begins at 0, or 1 where its first packets
// were lost around the rollover; a known one goes on, or passed one rollover while it was not heard.
func (o *opener) guesses(known bool) [2]uint32 {
	if !known {
		return [2]uint32{0, 1}
	}
	roc := uint32(o.index >> 16)
	return [2]uint32{roc, roc + 1}
}

// try says whether a packet's tag is good under the given rollover counter.
func (o *opener) try(packet []byte, h *rtp.Header, roc uint32) bool {
	trial := o.tryout()
	if trial == nil {
		return false
	}
	trial.SetROC(h.SSRC, roc)
	_, err := trial.DecryptRTP(o.scratch[:0], packet, h)
	return err == nil
}

// tryout is a context without a memory worth keeping.
func (o *opener) tryout() *srtp.Context {
	if o.trials++; o.trial == nil || o.trials > maxTrials {
		o.trials = 0
		o.trial, _ = newContext(o.srtp.Suite, o.srtp.Receive) // the key was good for newOpener
	}
	return o.trial
}

// rtcp decrypts an RTCP packet; false where its tag is wrong or it was seen before.
func (o *opener) rtcp(packet []byte) ([]byte, bool) {
	if len(packet) < minControl {
		return nil, false
	}
	ssrc := binary.BigEndian.Uint32(packet[4:])
	if _, known := o.context.Index(ssrc); !known {
		if o.streams >= maxStreams {
			return nil, false
		}
		if _, err := o.tryout().DecryptRTCP(nil, packet, nil); err != nil {
			return nil, false
		}
		o.streams++
	}
	plain, err := o.context.DecryptRTCP(nil, packet, nil)
	return plain, err == nil
}

// window is the replay window of one stream (RFC 3711 section 3.3.2): 64 packets, as pion's but without an allocation
// for each, and it tells a replay from a wrong tag.
type window struct {
	latest uint64
	seen   uint64 // bit n: latest-n was seen
	accept func()
	last   *checked
}

// checked is a window's last check.
type checked struct {
	index    uint64
	replayed bool
}

func newWindow(last *checked) *window {
	w := &window{last: last}
	w.accept = w.take
	return w
}

// Check says that a packet index was not seen yet; what it returns marks it as seen.
func (w *window) Check(index uint64) (func(), bool) {
	replayed := false
	if index <= w.latest {
		age := w.latest - index
		replayed = age >= 64 || w.seen>>age&1 != 0
	}
	*w.last = checked{index, replayed}
	return w.accept, !replayed
}

func (w *window) take() {
	index := w.last.index
	if index > w.latest {
		w.seen <<= min(index-w.latest, 64)
		w.latest = index
	}
	w.seen |= 1 << (w.latest - index)
}
