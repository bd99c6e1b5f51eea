package sdp

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	pion "github.com/pion/sdp/v3"

	"seatbridge/codec"
)

func seeds(f *testing.F) {
	for _, offer := range []string{
		yealinkOffer, polycomOffer, ciscoOffer, grandstreamOffer, snomOffer, softphoneOffer,
		holdOffer("sendonly", false, false, "last"), holdOffer("", true, true, "session"),
		simple("c=IN IP4 198.51.100.9\r\n", "m=audio 65535/2 RTP/SAVP 0\r\n"+
			"a=crypto:1 AEAD_AES_128_GCM inline:"+key28+"\r\na=rtcp:0\r\na=ptime:-1"),
	} {
		f.Add([]byte(offer))
	}
}

// FuzzAnswer answers anything; what is answered must be readable by pion and acceptable to a peer, and the same again.
func FuzzAnswer(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, offer []byte) {
		for _, policy := range []SRTPPolicy{SRTPOff, SRTPOptional, SRTPRequired} {
			c := testConfig()
			c.SRTP = policy
			s := New(c)
			answer, n, err := s.Answer(offer, codec.PCMU)
			if err != nil {
				continue
			}
			if !n.Remote.IsValid() || n.Remote.Port() == 0 || len(n.Send.Audio) != 1 {
				t.Fatalf("%+v", n)
			}
			theirs, _ := parse(offer)
			ours, err := parse(answer)
			if err != nil || len(ours.MediaDescriptions) != len(theirs.MediaDescriptions) {
				t.Fatalf("%v: %q", err, answer)
			}
			again, _, err := s.Answer(offer, codec.PCMU)
			if err != nil || !bytes.Equal(again, answer) {
				t.Fatalf("%v: the same offer got another answer:\n%s\n%s", err, answer, again)
			}
			if _, _, err := New(c).Answer(s.Offer(), codec.None); err != nil {
				t.Fatalf("%v: our own offer after it: %q", err, s.Local())
			}
		}
	})
}

// FuzzAccept takes anything as an answer.
func FuzzAccept(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, answer []byte) {
		for _, policy := range []SRTPPolicy{SRTPOff, SRTPRequired} {
			c := testConfig()
			c.SRTP = policy
			s := New(c)
			s.Offer()
			n, err := s.Accept(answer)
			if err != nil {
				continue
			}
			if !n.Remote.IsValid() || len(n.Send.Audio) == 0 || len(n.Receive.Audio) < len(n.Send.Audio) ||
				(n.SRTP != nil) != (policy == SRTPRequired) {
				t.Fatalf("%+v", n)
			}
		}
	})
}

// FuzzParse compares our reader with pion's wherever pion's takes the description.
func FuzzParse(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		raw = append([]byte("v=0\r\n"), bytes.TrimPrefix(raw, []byte("v=0\r\n"))...)
		var want pion.SessionDescription
		if want.Unmarshal(raw) != nil || len(want.MediaDescriptions) == 0 || len(want.MediaDescriptions) > maxMedia ||
			len(raw) > maxSize || strings.ContainsAny(string(raw), "\t\v\f\x00") || !isASCII(raw) ||
			bytes.Count(raw, []byte("\r")) != bytes.Count(raw, []byte("\r\n")) { // a CR alone ends a line for us
			return
		}
		got, err := parse(raw)
		if err != nil {
			// pion takes a media line without formats or transport; we want the transport.
			for _, m := range want.MediaDescriptions {
				if len(m.MediaName.Protos) == 0 || m.MediaName.Protos[0] == "" {
					return
				}
			}
			t.Fatalf("%v: %q", err, raw)
		}
		for i, m := range want.MediaDescriptions {
			ours := got.MediaDescriptions[i]
			if m.MediaName.Media != ours.MediaName.Media || m.MediaName.Port.Value != ours.MediaName.Port.Value ||
				strings.Join(m.MediaName.Protos, "/") != ours.MediaName.Protos[0] ||
				len(m.Attributes) != len(ours.Attributes) {
				t.Fatalf("line %d: pion %+v, ours %+v", i, m, ours)
			}
			if len(m.MediaName.Formats) != 0 && !reflect.DeepEqual(m.MediaName.Formats, ours.MediaName.Formats) {
				t.Fatalf("line %d: formats %q and %q", i, m.MediaName.Formats, ours.MediaName.Formats)
			}
		}
	})
}

func isASCII(raw []byte) bool {
	for _, b := range raw {
		if b >= 0x80 {
			return false
		}
	}
	return true
}
