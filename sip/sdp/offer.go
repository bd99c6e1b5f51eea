package sdp

import (
	"fmt"
	"slices"
	"strconv"

	"seatbridge/codec"
	"seatbridge/media"
)

// Offer makes our offer. It is the last description again, with the same o= version, where nothing changed (RFC 3264
// section 8).
func (s *Session) Offer() []byte {
	// The direction is what we want, not what a hold left of it: a held side that offered less could never be taken
	// back (RFC 6337 section 5.3).
	o := localStream{proto: s.proto, formats: s.offerFormats(), direction: s.want, mux: s.mux}
	if s.srtp != nil || s.c.SRTP == SRTPRequired {
		o.crypto = s.offerKeys()
	}
	if o.proto == "" {
		o.proto = "RTP/AVP"
		if o.crypto != nil {
			o.proto = "RTP/SAVP"
		}
	}
	s.offered = &o
	return s.describe(o)
}

// offerFormats are all our formats, the codec in use first, so that a refresh changes nothing.
func (s *Session) offerFormats() media.Formats {
	var f media.Formats
	order := slices.Clone(s.c.Codecs)
	if i := slices.Index(order, s.codec); i > 0 {
		order = slices.Insert(slices.Delete(order, i, i+1), 0, s.codec)
	}
	for _, id := range order {
		pt := s.numbers.take(format{codec: id}, id.PayloadType())
		f.Audio = append(f.Audio, media.AudioFormat{PT: pt, Codec: id})
	}
	if !s.c.Events {
		return f
	}
	for _, a := range f.Audio {
		clock := a.Codec.ClockRate()
		if slices.ContainsFunc(f.Event, func(e media.EventFormat) bool { return e.Clock == clock }) {
			continue
		}
		pt := s.numbers.take(format{event: clock}, eventType(clock))
		f.Event = append(f.Event, media.EventFormat{PT: pt, Clock: clock})
	}
	return f
}

// offerKeys has one line a suite. A key is fresh in its first offer and stays while it is not out of use (RFC 4568
// section 7.1.4).
func (s *Session) offerKeys() []cryptoLine {
	var crypto []cryptoLine
	for i, suite := range s.c.Suites {
		if s.keys[suite] == nil {
			s.keys[suite] = suite.newKey()
		}
		crypto = append(crypto, cryptoLine{tag: strconv.Itoa(i + 1), suite: suite, key: s.keys[suite]})
	}
	return crypto
}

// Accept takes an answer to our last offer. It may be called again when a later response carries another answer to
// the same offer; the last one holds. Errors: ErrNoOffer, ErrBadSDP, ErrNoAudio, ErrNoCodec, ErrSRTP.
func (s *Session) Accept(answer []byte) (Negotiated, error) {
	if s.offered == nil {
		return Negotiated{}, ErrNoOffer
	}
	d, err := parse(answer)
	if err != nil {
		return Negotiated{}, err
	}
	if s.audio >= len(d.MediaDescriptions) {
		return Negotiated{}, fmt.Errorf("%w: the answer has no line for it", ErrNoAudio)
	}
	st, err := readStream(d, s.audio)
	if err != nil {
		return Negotiated{}, err
	}
	if st == nil {
		return Negotiated{}, fmt.Errorf("%w: refused in the answer", ErrNoAudio)
	}
	st.mux = st.mux && s.offered.mux
	srtp, err := s.acceptKeys(st)
	if err != nil {
		return Negotiated{}, err
	}
	receive, send := acceptFormats(s.offered.formats, st)
	if len(send.Audio) == 0 {
		return Negotiated{}, ErrNoCodec
	}
	if s.lines == nil {
		s.lines = mediaNames(d)[:1]
	}
	return s.settle(st, answer, s.offered.direction, receive, send, srtp), nil
}

// acceptKeys pairs the answer's key with ours. The suite is enough to tell our lines apart; some phones answer with
// tag 1 whatever they took.
func (s *Session) acceptKeys(st *stream) (*SRTP, error) {
	for _, theirs := range st.crypto {
		for _, ours := range s.offered.crypto {
			if ours.suite == theirs.suite {
				return &SRTP{Suite: ours.suite, Send: ours.key, Receive: theirs.key}, nil
			}
		}
	}
	if st.secure() || s.offered.secure() || s.c.SRTP == SRTPRequired {
		return nil, fmt.Errorf("%w: the answer has no key of a suite that we offered", ErrSRTP)
	}
	return nil, nil
}

// acceptFormats splits an answer's formats into what we will be sent, by our numbers, and what we are to send, by
// theirs. Where a phone answers with another number than we offered, it may also send with it (RFC 3264 section 5.1
// says otherwise), so we take both unless the number means something else to us.
func acceptFormats(ours media.Formats, st *stream) (receive, send media.Formats) {
	var used [128]bool
	for _, f := range ours.Audio {
		used[f.PT] = true
	}
	for _, f := range ours.Event {
		used[f.PT] = true
	}
	for _, theirs := range st.audio {
		for _, f := range ours.Audio {
			if f.Codec == theirs.Codec {
				receive.Audio, send.Audio = append(receive.Audio, f), append(send.Audio, theirs)
			}
		}
	}
	for _, theirs := range st.event {
		for _, f := range ours.Event {
			if f.Clock == theirs.Clock {
				receive.Event, send.Event = append(receive.Event, f), append(send.Event, theirs)
			}
		}
	}
	for _, f := range send.Audio {
		if !used[f.PT] {
			receive.Audio = append(receive.Audio, f)
		}
	}
	for _, f := range send.Event {
		if !used[f.PT] {
			receive.Event = append(receive.Event, f)
		}
	}
	if len(send.Audio) > 0 {
		matchingFirst(send.Event, send.Audio[0].Codec)
	}
	return receive, send
}

// matchingFirst puts the telephone-event of the codec's clock first: digits then stay on the audio's timeline (RFC
// 4733 section 2.1).
func matchingFirst(events []media.EventFormat, id codec.ID) {
	slices.SortStableFunc(events, func(a, b media.EventFormat) int {
		return mismatch(a, id) - mismatch(b, id)
	})
}

func mismatch(e media.EventFormat, id codec.ID) int {
	if e.Clock == id.ClockRate() {
		return 0
	}
	return 1
}
