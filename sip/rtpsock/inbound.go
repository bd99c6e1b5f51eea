package rtpsock

import (
	"net/netip"
	"sync"
	"time"

	"github.com/pion/rtp"

	"seatbridge/codec"
	"seatbridge/media"
	"seatbridge/sip/sdp"
)

// minPacket is an RTP header; maxPacket is more than fits into an Ethernet frame.
const (
	minPacket = 12
	maxPacket = 1536
)

// comfortNoise is the static type of RFC 3389, which many phones send unasked in their pauses: a sign of life.
const comfortNoise = 13

// inbound is what arrives on the RTP port, up to the Receiver.
type inbound struct {
	receiver *media.Receiver
	metrics  *Metrics

	// Of the reader's goroutine.
	header rtp.Header

	mu       sync.Mutex
	latch    latch
	types    [128]bool // payload types that were negotiated, or may come anyway
	mux      bool
	opener   *opener // nil: plain RTP
	plain    []byte  // room for what opener decrypts
	dropped  [reasons]uint64
	watch    watch
	opus     [128]bool // payload types of Opus
	receives bool      // the direction has us receive, and the far end does not hold us
	held     bool      // it does
}

// configure takes a negotiation; the caller holds mu.
func (in *inbound) configure(n sdp.Negotiated, signalling netip.Addr, now time.Time) {
	in.latch.expect(n.Remote, n.RemoteRTCP, signalling, now)
	in.types, in.opus = [128]bool{comfortNoise: true}, [128]bool{}
	for _, f := range n.Receive.Audio {
		in.types[f.PT&0x7f], in.opus[f.PT&0x7f] = true, f.Codec == codec.Opus
	}
	for _, f := range n.Receive.Event {
		in.types[f.PT&0x7f] = true
	}
	in.mux = n.RTCPMux
	receives := n.Direction.Receives() && !n.Held
	if receives != in.receives || n.Held != in.held {
		in.watch.from = now
	}
	in.receives, in.held = receives, n.Held
}

// arrive takes one RTP packet. locked is true when it made the latch lock.
func (in *inbound) arrive(packet []byte, from netip.AddrPort, now time.Time) (locked bool) {
	payload, ok, locked := in.admit(packet, from, now)
	if ok {
		in.receiver.Push(&in.header, payload, now)
	}
	return locked
}

// admit says whether a packet is believed, and parses it. The order is the rule: where from, then the SRTP tag, and
// only then is it counted for or against anything.
func (in *inbound) admit(packet []byte, from netip.AddrPort, now time.Time) (payload []byte, ok, locked bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	verdict := in.latch.judge(from, now)
	if verdict == stranger {
		in.drop(wrongSource)
		return nil, false, false
	}
	payload, why := in.open(packet)
	if why != 0 {
		in.drop(why)
		return nil, false, false
	}
	if !in.types[in.header.PayloadType] {
		in.drop(unknownType)
		// The Receiver wants even these, to see no gap where there is none.
		return payload, verdict == believed, false
	}
	if verdict == hopeful || verdict == unlocked {
		locked = in.latch.prove(from, in.header.SSRC, in.header.SequenceNumber, now)
		if verdict == hopeful && !locked {
			in.drop(learning)
			return nil, false, false
		}
	}
	in.latch.heard = now
	in.watch.take(&in.header, in.rests(payload), now)
	return payload, true, locked
}

// rests says that the packet at hand announces silence: comfort noise, or Opus without a frame in it, which is DTX
// (RFC 6716 section 3.1: a TOC byte alone; encoders make two bytes at most of it).
func (in *inbound) rests(payload []byte) bool {
	pt := in.header.PayloadType
	return pt == comfortNoise || in.opus[pt] && len(payload) <= 2
}

// open checks, decrypts and parses a packet into in.header; why is the reason to drop it, or 0.
func (in *inbound) open(packet []byte) (payload []byte, why reason) {
	if len(packet) < minPacket || len(packet) >= maxPacket || packet[0]>>6 != 2 {
		return nil, short
	}
	n, err := in.header.Unmarshal(packet)
	if err != nil {
		return nil, short
	}
	if in.opener != nil {
		if packet, why = in.opener.rtp(in.plain, packet, &in.header); why != 0 {
			return nil, why
		}
	}
	payload = packet[n:]
	if in.header.Padding {
		if len(payload) == 0 || payload[len(payload)-1] == 0 || int(payload[len(payload)-1]) > len(payload) {
			return nil, short
		}
		payload = payload[:len(payload)-int(payload[len(payload)-1])]
	}
	return payload, 0
}

// drop counts; the caller holds mu.
func (in *inbound) drop(why reason) {
	in.dropped[why]++
	in.metrics.drop(why)
}

// isControl tells RTCP on a shared port (RFC 5761 section 4); the caller is the reader.
func (in *inbound) isControl(packet []byte) bool {
	if len(packet) < 2 || packet[1] < 192 || packet[1] > 223 {
		return false
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.mux
}
