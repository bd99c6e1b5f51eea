package rtpsock

import (
	"net/netip"
	"time"
)

// Stats counts what happened on one leg's sockets, in packets unless said otherwise. What was delivered is counted by
// the media.Receiver.
type Stats struct {
	// Local is the bound RTP address, Remote where we send (zero: nowhere), Learned that it is not the negotiated one.
	Local, Remote netip.AddrPort
	Learned       bool
	// Secure says that SRTP is in use.
	Secure bool

	Dropped Dropped
	// NotSent counts what the direction, the hold, a missing address or SendOnlyTo kept back; SendErrors what the
	// system refused.
	NotSent, SendErrors uint64

	RTCPReceived, RTCPSent uint64
	// RemoteLost and RemoteFraction are what the far end last reported as lost of our packets: the total, and the
	// share since its report before, 0 to 1.
	RemoteLost     int32
	RemoteFraction float64
	// RemoteJitter is the far end's jitter of our packets.
	RemoteJitter time.Duration
	// RTT is the round trip by the last report; 0 when unknown.
	RTT time.Duration
}

// Dropped counts arriving packets that were dropped, by reason.
type Dropped struct {
	WrongSource uint64 // from an address that is not believed
	Learning    uint64 // from a candidate that had not yet proved itself
	Short       uint64 // too short or too long, or no RTP version 2
	Auth        uint64 // SRTP tag wrong, or SRTP expected and RTP got
	Replay      uint64 // SRTP packet seen before
	UnknownType uint64 // payload type not negotiated; still passed to the media.Receiver, which counts and drops it
	BadRTCP     uint64 // malformed, not from the far end's address, or failed SRTCP
}

// Silence says that the far end's sound stopped, or that it is back.
type Silence struct {
	// Back is true when the sound is back; Cause is empty then.
	Back  bool
	Cause SilenceCause
}

// SilenceCause is the best-known reason for a silence.
type SilenceCause string

// The causes.
const (
	NoPackets   SilenceCause = "no packets"
	WrongSource SilenceCause = "wrong source"
	AuthFailed  SilenceCause = "SRTP authentication failed"
	NotRTP      SilenceCause = "not RTP"
	UnknownType SilenceCause = "payload type not negotiated"
)
