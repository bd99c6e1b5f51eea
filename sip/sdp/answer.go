package sdp

import (
	"bytes"
	"slices"

	pion "github.com/pion/sdp/v3"

	"seatbridge/codec"
	"seatbridge/media"
)

// Answer takes the far end's offer and makes the answer to it, with one codec: prefer if it is offered (saves
// transcoding), else the one in use, else the first of our order that is offered. Errors: ErrBadSDP, ErrNoAudio,
// ErrNoCodec, ErrSRTP.
func (s *Session) Answer(offer []byte, prefer codec.ID) (answer []byte, n Negotiated, err error) {
	d, err := parse(offer)
	if err != nil {
		return nil, Negotiated{}, err
	}
	st, err := s.choose(d)
	if err != nil {
		return nil, Negotiated{}, err
	}
	audio, _ := s.pick(st, prefer)
	formats := media.Formats{Audio: []media.AudioFormat{audio}, Event: s.answerEvents(st, audio.Codec)}
	s.numbers.learn(formats)
	srtp, crypto := s.answerKeys(st)
	s.lines, s.audio, s.offered = mediaNames(d), st.index, nil
	n = s.settle(st, offer, s.want, formats, formats, srtp)
	answer = s.describe(localStream{
		proto: st.proto, formats: formats, direction: n.Direction, mux: st.mux, crypto: crypto,
	})
	return answer, n, nil
}

// choose finds the audio line to take: SRTP before plain RTP where the policy leaves the choice (phones offer both at
// once), then the line that was in use, then the first. The error is that of the first audio line.
func (s *Session) choose(d *pion.SessionDescription) (*stream, error) {
	var best *stream
	var bestRank int
	failure := ErrNoAudio
	for i := range d.MediaDescriptions {
		st, err := readStream(d, i)
		if st == nil && err == nil {
			continue
		}
		rank := 0
		if err == nil {
			rank, err = s.rank(st)
		}
		if err != nil {
			if failure == ErrNoAudio {
				failure = err
			}
			continue
		}
		if s.lines != nil && i == s.audio {
			rank++
		}
		if best == nil || rank > bestRank {
			best, bestRank = st, rank
		}
	}
	if best == nil {
		return nil, failure
	}
	return best, nil
}

// rank says how welcome a stream is. Keys under plain RTP/AVP are the "optional SRTP" of several phones: taken up, it
// is SRTP in all but name.
func (s *Session) rank(st *stream) (int, error) {
	if _, ok := s.pick(st, codec.None); !ok {
		return 0, ErrNoCodec
	}
	if s.c.SRTP != SRTPOff && slices.ContainsFunc(st.crypto, s.takes) {
		return 4, nil
	}
	if st.secure() || s.c.SRTP == SRTPRequired {
		return 0, ErrSRTP
	}
	return 2, nil
}

// pick is the format to answer with.
func (s *Session) pick(st *stream, prefer codec.ID) (media.AudioFormat, bool) {
	for _, id := range append([]codec.ID{prefer, s.codec}, s.c.Codecs...) {
		if f, ok := st.find(id); ok && slices.Contains(s.c.Codecs, id) {
			return f, true
		}
	}
	return media.AudioFormat{}, false
}

// answerEvents is one telephone-event format: that of the codec's clock where it was offered, else what was.
func (s *Session) answerEvents(st *stream, id codec.ID) []media.EventFormat {
	if !s.c.Events || len(st.event) == 0 {
		return nil
	}
	events := slices.Clone(st.event)
	matchingFirst(events, id)
	return events[:1]
}

// answerKeys takes the first crypto line that we can (the offerer's order counts, RFC 4568 section 5.1.2). Our key is
// fresh with every new key of theirs: behind it may be another device, whose rollover counter starts at 0.
func (s *Session) answerKeys(st *stream) (*SRTP, []cryptoLine) {
	i := slices.IndexFunc(st.crypto, s.takes)
	if i < 0 || s.c.SRTP == SRTPOff {
		return nil, nil
	}
	theirs := st.crypto[i]
	srtp := &SRTP{Suite: theirs.suite, Receive: theirs.key}
	if old := s.srtp; old != nil && old.Suite == theirs.suite && bytes.Equal(old.Receive, theirs.key) {
		srtp.Send = old.Send
	} else {
		srtp.Send = theirs.suite.newKey()
	}
	return srtp, []cryptoLine{{tag: theirs.tag, suite: theirs.suite, key: srtp.Send}}
}

func (s *Session) takes(c cryptoLine) bool { return slices.Contains(s.c.Suites, c.suite) }

// OfferedCodecs lists the codecs of an offer's audio lines in its order. Errors: ErrBadSDP, ErrNoAudio, ErrNoCodec.
func OfferedCodecs(offer []byte) ([]codec.ID, error) {
	d, err := parse(offer)
	if err != nil {
		return nil, err
	}
	var ids []codec.ID
	failure := ErrNoAudio
	for i := range d.MediaDescriptions {
		st, err := readStream(d, i)
		if err != nil {
			failure = err
		}
		if st == nil {
			continue
		}
		failure = ErrNoCodec
		for _, f := range st.audio {
			if !slices.Contains(ids, f.Codec) {
				ids = append(ids, f.Codec)
			}
		}
	}
	if len(ids) == 0 {
		return nil, failure
	}
	return ids, nil
}
