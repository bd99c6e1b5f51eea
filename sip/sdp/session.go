// Package sdp owns the offer/answer exchange (RFC 3264) of one SIP leg: one audio stream, plain or SDES-SRTP.
package sdp

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"net/netip"
	"time"

	pion "github.com/pion/sdp/v3"

	"seatbridge/codec"
	"seatbridge/media"
)

// What can be wrong with a description. All but ErrBadSDP (400) are due a 488 (RFC 3261 section 21.4.26). After an
// error the Session is as it was before.
var (
	ErrBadSDP  = errors.New("sdp: malformed description")
	ErrNoAudio = errors.New("sdp: no usable audio stream")
	ErrNoCodec = errors.New("sdp: no codec in common")
	ErrSRTP    = errors.New("sdp: no agreement on SRTP")
	ErrNoOffer = errors.New("sdp: an answer without an offer of ours")
)

// SRTPPolicy says which transports a leg may use.
type SRTPPolicy uint8

const (
	// SRTPOff offers and takes plain RTP only.
	SRTPOff SRTPPolicy = iota
	// SRTPOptional offers plain RTP and takes what is offered, SRTP first where both are. An offer of ours keeps SRTP
	// once the far end has asked for it. We do not offer both at once: phones answer two audio lines, or a=crypto
	// under RTP/AVP, in too many ways.
	SRTPOptional
	// SRTPRequired offers RTP/SAVP and refuses everything without keys.
	SRTPRequired
)

// Config says how a leg offers and answers.
type Config struct {
	// Address is the address that we advertise in c= and o=.
	Address netip.Addr
	// Port is the RTP port that we advertise; RTCP is on the next one.
	Port uint16
	// Codecs are what we take, in our order of preference; at least one.
	Codecs []codec.ID
	// Events offers and takes telephone-event (RFC 4733).
	Events bool
	// Ptime is the packet length that we ask for. It defaults to 20 ms.
	Ptime time.Duration
	// SRTP is the leg's policy. It defaults to SRTPOff.
	SRTP SRTPPolicy
	// Suites are the SRTP suites to offer and take, in order. They default to AES_CM_128_HMAC_SHA1_80, which every
	// phone has, then AEAD_AES_128_GCM.
	Suites []Suite
}

// Session is one leg's side of offer/answer: it keeps the o= line, the payload numbers, the keys and the media lines
// over all exchanges. It belongs to one goroutine.
type Session struct {
	c             Config
	id, version   uint64 // of the o= line
	want          Direction
	local, remote []byte

	// What the last exchange came to.
	lines   []pion.MediaName // every media line in order (RFC 3264 section 8: none may go); nil before the first
	audio   int              // which of them is ours
	proto   string           // its transport
	mux     bool
	codec   codec.ID
	srtp    *SRTP
	address netip.AddrPort // the far end's, never an unspecified one

	numbers numbers
	keys    map[Suite]Key // of ours, for offers
	offered *localStream  // our offer that may still be answered
}

// New makes a Session that has negotiated nothing yet and wants SendRecv.
func New(c Config) *Session {
	if c.Ptime == 0 {
		c.Ptime = 20 * time.Millisecond
	}
	c.Address = c.Address.Unmap()
	if c.Suites == nil {
		c.Suites = []Suite{AES80, GCM}
	}
	return &Session{
		c:       c,
		id:      1 + uint64(rand.Uint32N(1<<31-1)), // some peers read it into a signed 32-bit number
		keys:    map[Suite]Key{},
		numbers: numbers{},
	}
}

// SetDirection says what the next offer or answer asks for, as seen from us.
func (s *Session) SetDirection(d Direction) { s.want = d }

// Withdraw forgets our last offer, because it was refused (491, 488). What was negotiated before holds.
func (s *Session) Withdraw() { s.offered = nil }

// Local is our last description, offer or answer; nil before the first.
func (s *Session) Local() []byte { return s.local }

// Remote is the far end's last description that was taken; nil before the first.
func (s *Session) Remote() []byte { return s.remote }

// settle makes st, which the far end described in raw, the state of the session.
func (s *Session) settle(st *stream, raw []byte, want Direction, receive, send media.Formats, srtp *SRTP) Negotiated {
	s.remote = bytes.Clone(raw)
	s.proto, s.mux, s.codec = st.proto, st.mux, send.Audio[0].Codec
	s.spend(srtp)
	changed := !st.rtp.Addr().IsUnspecified() && st.rtp != s.address
	if changed {
		s.address = st.rtp
	}
	control := st.rtcp
	if st.mux {
		control = st.rtp
	}
	theirs := st.wants()
	send.Ptime, receive.Ptime = st.packet(), s.c.Ptime
	return Negotiated{
		Remote:         st.rtp,
		RemoteRTCP:     control,
		RTCPMux:        st.mux,
		AddressChanged: changed,
		Receive:        receive,
		Send:           send,
		Direction:      agree(want, theirs),
		Held:           want.Sends() && !theirs.Receives(),
		SRTP:           srtp,
		Ptime:          st.ptime,
		MaxPtime:       st.limit,
	}
}

// spend takes the keys into use and drops our key that went out of it: it must never protect a second stream.
func (s *Session) spend(srtp *SRTP) {
	if old := s.srtp; old != nil && (srtp == nil || !bytes.Equal(old.Send, srtp.Send)) {
		delete(s.keys, old.Suite)
	}
	if srtp != nil {
		s.keys[srtp.Suite] = srtp.Send
	}
	s.srtp = srtp
}
