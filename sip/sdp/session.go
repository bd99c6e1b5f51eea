// Package sdp owns the offer/answer exchange (RFC 3264) of one SIP leg: one audio stream, plain or SDES-SRTP.
package sdp

import (
	"errors"
	"net/netip"
	"time"

	"seatbridge/codec"
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
	c Config
}

// New makes a Session that has negotiated nothing yet and wants SendRecv.
func New(c Config) *Session { return &Session{c: c} }

// SetDirection says what the next offer or answer asks for, as seen from us.
func (s *Session) SetDirection(d Direction) {}

// Offer makes our offer. It is the last description again, with the same o= version, where nothing changed (RFC 3264
// section 8).
func (s *Session) Offer() []byte { return nil }

// Accept takes an answer to our last offer. It may be called again when a later response carries another answer to
// the same offer; the last one holds. Errors: ErrNoOffer, ErrBadSDP, ErrNoAudio, ErrNoCodec, ErrSRTP.
func (s *Session) Accept(answer []byte) (Negotiated, error) { return Negotiated{}, nil }

// Answer takes the far end's offer and makes the answer to it, with one codec: prefer if it is offered (saves
// transcoding), else the first of our order that is. Errors: ErrBadSDP, ErrNoAudio, ErrNoCodec, ErrSRTP.
func (s *Session) Answer(offer []byte, prefer codec.ID) (answer []byte, n Negotiated, err error) {
	return nil, Negotiated{}, nil
}

// Withdraw forgets our last offer, because it was refused (491, 488). What was negotiated before holds.
func (s *Session) Withdraw() {}

// Local is our last description, offer or answer; nil before the first.
func (s *Session) Local() []byte { return nil }

// Remote is the far end's last description that was taken; nil before the first.
func (s *Session) Remote() []byte { return nil }

// OfferedCodecs lists the codecs of an offer's audio streams in its order, ours or not in a given Config. Errors:
// ErrBadSDP, ErrNoAudio, ErrNoCodec.
func OfferedCodecs(offer []byte) ([]codec.ID, error) { return nil, nil }
