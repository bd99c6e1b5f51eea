package rtpsock

import (
	"net/netip"
	"time"

	"seatbridge/dtmf"
	"seatbridge/media"
	"seatbridge/sip/sdp"
)

// Config says how one leg's Socket works.
type Config struct {
	// Learn says whose packets are believed besides those from the negotiated address.
	Learn Learn
	// Networks are a trunk's media networks: with LearnNever, packets from there are believed, whatever the port.
	Networks []netip.Prefix
	// RTCPInterval is the mean time between reports (RFC 3550 section 6.2). It defaults to 5 s.
	RTCPInterval time.Duration
	// OnSilence is told when the far end's sound stops and when it is back, once each; it may be nil. It must not call
	// Close.
	OnSilence func(Silence)
	// Reorder and Digit are the receiver's, see media.ReceiverConfig.
	Reorder time.Duration
	Digit   func(e dtmf.Event, length time.Duration)
	// Added is the sender's, see media.SenderConfig.
	Added func(time.Duration)
}

// Learn is a rule for believing packets from an address that SDP did not name.
type Learn uint8

const (
	// LearnNever believes the negotiated address only: for trunks. Sending always goes to the negotiated address.
	LearnNever Learn = iota
	// LearnSameIP also believes another port of the negotiated IP address.
	LearnSameIP
	// LearnSignalling also believes the IP address that the phone's SIP comes from: nat=auto.
	LearnSignalling
)

// Socket is the RTP and RTCP sockets of one leg. Its methods may be called from any goroutine.
type Socket struct{}

// Port is the leg's media: one receiver, one ear. It is there from the start.
func (s *Socket) Port() media.Port { return media.Port{} }

// LocalAddr is the bound RTP address; RTCP is on the next port.
func (s *Socket) LocalAddr() netip.AddrPort { return netip.AddrPort{} }

// Configure puts a negotiation into effect: addresses, formats, direction, keys. signalling is the IP address that the
// far end's SIP comes from, for LearnSignalling; it may be the zero Addr. Call it for early media, for the answer and
// for every later exchange: it opens the learning window where the address changed or nothing was locked yet.
// It fails on keys that do not fit their suite, and after Close (ErrClosed).
func (s *Socket) Configure(n sdp.Negotiated, signalling netip.Addr) error { return nil }

// Watch reports to Config.OnSilence when no good packet came for the given time, counted from now at the earliest;
// 0 stops watching. While the negotiated direction has us not receive, nothing is reported.
func (s *Socket) Watch(after time.Duration) {}

// Stats is a snapshot.
func (s *Socket) Stats() Stats { return Stats{} }

// Close sends an RTCP BYE, stops reading, waits until the last packet was delivered, and leaves the ports to the
// pool's drain. It may be called twice, but not from a Sink or OnSilence.
func (s *Socket) Close() {}
