package sdp

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	pion "github.com/pion/sdp/v3"

	"seatbridge/codec"
	"seatbridge/media"
)

// localStream is our audio line, to be written.
type localStream struct {
	proto     string
	formats   media.Formats
	direction Direction
	mux       bool
	crypto    []cryptoLine
}

// secure says that the transport promises SRTP.
func (l *localStream) secure() bool { return strings.HasPrefix(l.proto, "RTP/SAVP") }

// describe writes our description and keeps it. The o= version rises by one where anything else changed.
func (s *Session) describe(l localStream) []byte {
	text := s.marshal(l)
	if !bytes.Equal(text, s.local) {
		s.version++
		s.local = s.marshal(l)
	}
	return bytes.Clone(s.local)
}

func (s *Session) marshal(l localStream) []byte {
	kind := "IP4"
	if s.c.Address.Is6() {
		kind = "IP6"
	}
	address := s.c.Address.String()
	d := pion.SessionDescription{
		Origin: pion.Origin{
			Username: "-", SessionID: s.id, SessionVersion: s.version,
			NetworkType: "IN", AddressType: kind, UnicastAddress: address,
		},
		SessionName: "-",
		ConnectionInformation: &pion.ConnectionInformation{
			NetworkType: "IN", AddressType: kind, Address: &pion.Address{Address: address},
		},
		TimeDescriptions: []pion.TimeDescription{{}},
	}
	lines := s.lines
	if lines == nil {
		lines = make([]pion.MediaName, 1)
	}
	for i, name := range lines {
		m := &pion.MediaDescription{MediaName: name}
		if i == s.audio {
			m = s.audioLine(l)
		}
		d.MediaDescriptions = append(d.MediaDescriptions, m)
	}
	text, _ := d.Marshal() // has no error to return
	return text
}

// audioLine writes our own line.
func (s *Session) audioLine(l localStream) *pion.MediaDescription {
	m := &pion.MediaDescription{MediaName: pion.MediaName{
		Media: "audio", Port: pion.RangedPort{Value: int(s.c.Port)}, Protos: []string{l.proto},
	}}
	add := func(key, value string) { m.Attributes = append(m.Attributes, pion.Attribute{Key: key, Value: value}) }
	for _, f := range l.formats.Audio {
		m.MediaName.Formats = append(m.MediaName.Formats, strconv.Itoa(int(f.PT)))
		add("rtpmap", rtpmap(f))
		if f.Codec == codec.Opus {
			add("fmtp", fmt.Sprintf("%d minptime=10;useinbandfec=1", f.PT))
		}
	}
	for _, f := range l.formats.Event {
		m.MediaName.Formats = append(m.MediaName.Formats, strconv.Itoa(int(f.PT)))
		add("rtpmap", fmt.Sprintf("%d telephone-event/%d", f.PT, f.Clock))
		add("fmtp", fmt.Sprintf("%d 0-15", f.PT))
	}
	for _, c := range l.crypto {
		add("crypto", c.String())
	}
	add("ptime", strconv.Itoa(int(s.c.Ptime.Milliseconds())))
	if l.mux {
		add("rtcp-mux", "")
	}
	add(l.direction.String(), "")
	return m
}

func rtpmap(f media.AudioFormat) string {
	text := fmt.Sprintf("%d %s/%d", f.PT, f.Codec.Name(), f.Codec.ClockRate())
	if f.Codec.Channels() > 1 {
		text += "/" + strconv.Itoa(f.Codec.Channels())
	}
	return text
}

// mediaNames are the media lines of the far end, each switched off by port 0 (RFC 3264 section 6).
func mediaNames(d *pion.SessionDescription) []pion.MediaName {
	var names []pion.MediaName
	for _, m := range d.MediaDescriptions {
		name := m.MediaName
		name.Port.Value = 0
		if len(name.Formats) == 0 {
			name.Formats = []string{"0"}
		}
		names = append(names, name)
	}
	return names
}
