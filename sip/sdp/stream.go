package sdp

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	pion "github.com/pion/sdp/v3"

	"seatbridge/codec"
	"seatbridge/media"
)

// stream is one audio line of the far end, understood.
type stream struct {
	index        int // of its m= line
	proto        string
	rtp, rtcp    netip.AddrPort
	mux          bool
	direction    Direction // as the far end sees it
	audio        []media.AudioFormat
	event        []media.EventFormat
	crypto       []cryptoLine
	ptime, limit time.Duration
}

// wants is the direction that the far end really asks for: nobody can be sent anything at 0.0.0.0, the hold of
// RFC 2543 (RFC 3264 section 8.4).
func (st *stream) wants() Direction {
	return directionOf(st.direction.Sends(), st.direction.Receives() && !st.rtp.Addr().IsUnspecified())
}

// secure says that the stream's transport is RTP under SRTP with keys in SDP.
func (st *stream) secure() bool { return strings.HasPrefix(st.proto, "RTP/SAVP") }

// speaks says that the transport is one of RTP's over UDP; AVPF and SAVPF only add feedback that nobody has to send.
func speaks(proto string) bool {
	switch proto {
	case "RTP/AVP", "RTP/SAVP", "RTP/AVPF", "RTP/SAVPF":
		return true
	}
	return false
}

// readStream understands line i of d. The stream is nil when it is not audio over RTP, or switched off by port 0.
func readStream(d *pion.SessionDescription, i int) (*stream, error) {
	m := d.MediaDescriptions[i]
	proto := strings.ToUpper(m.MediaName.Protos[0])
	if !strings.EqualFold(m.MediaName.Media, "audio") || m.MediaName.Port.Value == 0 || !speaks(proto) {
		return nil, nil
	}
	connection := m.ConnectionInformation
	if connection == nil {
		connection = d.ConnectionInformation
	}
	addr, err := parseConnection(connection)
	if err != nil {
		return nil, err
	}
	st := &stream{index: i, proto: proto, rtp: netip.AddrPortFrom(addr, uint16(m.MediaName.Port.Value))}
	st.direction = SendRecv
	st.readAttributes(d.Attributes)
	st.readAttributes(m.Attributes)
	st.readFormats(m)
	if !st.rtcp.IsValid() && st.rtp.Port() < 65535 {
		st.rtcp = netip.AddrPortFrom(addr, st.rtp.Port()+1)
	}
	return st, nil
}

// readAttributes takes what holds for the whole stream; it is given the session's attributes first and then the
// line's own, which win.
func (st *stream) readAttributes(attributes []pion.Attribute) {
	for _, a := range attributes {
		switch a.Key {
		case "sendrecv":
			st.direction = SendRecv
		case "sendonly":
			st.direction = SendOnly
		case "recvonly":
			st.direction = RecvOnly
		case "inactive":
			st.direction = Inactive
		case "rtcp-mux":
			st.mux = true
		case "rtcp":
			st.rtcp = parseRTCP(a.Value, st.rtp.Addr())
		case "ptime":
			st.ptime = parsePtime(a.Value)
		case "maxptime":
			st.limit = parsePtime(a.Value)
		case "crypto":
			if c, ok := parseCrypto(a.Value); ok {
				st.crypto = append(st.crypto, c)
			}
		}
	}
}

// readFormats keeps the formats that the codec table has, in the far end's order, each codec and event clock once.
func (st *stream) readFormats(m *pion.MediaDescription) {
	maps := map[string]string{}
	for _, a := range m.Attributes {
		if a.Key != "rtpmap" {
			continue
		}
		if fields := strings.Fields(a.Value); len(fields) >= 2 && maps[fields[0]] == "" {
			maps[fields[0]] = fields[1]
		}
	}
	for _, format := range m.MediaName.Formats {
		pt, err := strconv.ParseUint(format, 10, 7)
		if err == nil {
			st.readFormat(uint8(pt), maps[format])
		}
	}
}

// readFormat understands one payload type; encoding is its rtpmap, empty for a static type without one.
func (st *stream) readFormat(pt uint8, encoding string) {
	if encoding == "" {
		if id, ok := codec.LookupStatic(pt); ok {
			st.addAudio(pt, id)
		}
		return
	}
	name, rest, _ := strings.Cut(encoding, "/")
	clock, channels, _ := strings.Cut(rest, "/")
	rate, err := strconv.ParseUint(clock, 10, 32)
	if err != nil {
		return
	}
	if strings.EqualFold(name, "telephone-event") {
		st.addEvent(pt, uint32(rate))
		return
	}
	id, ok := codec.Lookup(name, uint32(rate))
	if ok && (channels == "" || channels == strconv.Itoa(id.Channels())) {
		st.addAudio(pt, id)
	}
}

func (st *stream) addAudio(pt uint8, id codec.ID) {
	for _, f := range st.audio {
		if f.Codec == id || f.PT == pt {
			return
		}
	}
	st.audio = append(st.audio, media.AudioFormat{PT: pt, Codec: id})
}

func (st *stream) addEvent(pt uint8, clock uint32) {
	for _, f := range st.event {
		if f.Clock == clock || f.PT == pt {
			return
		}
	}
	st.event = append(st.event, media.EventFormat{PT: pt, Clock: clock})
}

// find looks for a codec among the stream's formats.
func (st *stream) find(id codec.ID) (media.AudioFormat, bool) {
	for _, f := range st.audio {
		if f.Codec == id {
			return f, true
		}
	}
	return media.AudioFormat{}, false
}

// packet is the packet length to send in: a=ptime under the bound of a=maxptime, 0 where neither is given.
func (st *stream) packet() time.Duration {
	if st.limit != 0 && (st.ptime == 0 || st.ptime > st.limit) {
		return min(st.limit, 20*time.Millisecond)
	}
	return st.ptime
}

// parseRTCP reads a=rtcp (RFC 3605); what is wrong in it leaves the default, the next port.
func parseRTCP(value string, addr netip.Addr) netip.AddrPort {
	fields := strings.Fields(value)
	if len(fields) == 0 {
		return netip.AddrPort{}
	}
	port, err := strconv.ParseUint(fields[0], 10, 16)
	if err != nil || port == 0 {
		return netip.AddrPort{}
	}
	if len(fields) >= 4 {
		if addr, err = parseAddr(fields[3]); err != nil {
			return netip.AddrPort{}
		}
	}
	return netip.AddrPortFrom(addr, uint16(port))
}

// parsePtime reads milliseconds; what no phone means is 0.
func parsePtime(value string) time.Duration {
	ms, err := strconv.Atoi(value)
	if err != nil || ms < 5 || ms > 200 {
		return 0
	}
	return time.Duration(ms) * time.Millisecond
}
