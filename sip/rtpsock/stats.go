package rtpsock

import (
	"net/netip"

	"seatbridge/leg"
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
	// Report is the far end's last.
	Report leg.Report
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

// reason says why a packet was dropped; 0 is none.
type reason uint8

const (
	wrongSource reason = iota + 1
	learning
	short
	auth
	replay
	unknownType
	badRTCP
	reasons // how many, with none
)

// String is the reason's label in metrics.
func (r reason) String() string {
	return [...]string{"", "wrong_source", "learning", "short", "auth", "replay", "unknown_type", "bad_rtcp"}[r]
}

// Stats is a snapshot.
func (s *Socket) Stats() Stats {
	st := Stats{Local: s.LocalAddr()}
	s.in.mu.Lock()
	d := s.in.dropped
	st.Learned, st.Secure = s.in.latch.learned(), s.in.opener != nil
	s.in.mu.Unlock()
	st.Dropped = Dropped{
		WrongSource: d[wrongSource], Learning: d[learning], Short: d[short], Auth: d[auth], Replay: d[replay],
		UnknownType: d[unknownType], BadRTCP: d[badRTCP],
	}
	s.out.mu.Lock()
	st.Remote, st.NotSent, st.SendErrors = s.out.to, s.out.notSent, s.out.errors
	s.out.mu.Unlock()
	s.control.mu.Lock()
	st.RTCPReceived, st.RTCPSent, st.Report = s.control.received, s.control.sent, s.control.report
	s.control.mu.Unlock()
	return st
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
	NoPackets   SilenceCause = leg.LostNoPackets
	WrongSource SilenceCause = leg.LostWrongSource
	AuthFailed  SilenceCause = leg.LostSRTP
	NotRTP      SilenceCause = leg.LostNotRTP
	UnknownType SilenceCause = leg.LostUnknownType
	Held        SilenceCause = leg.LostHeld // nothing came, as it need not while the far end holds us
)
