package peers

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"seatbridge/codec"
)

// sdpAudio is what an RTPPhone reads in the first audio section of an SDP.
type sdpAudio struct {
	addr      netip.AddrPort
	formats   []uint8
	codecs    map[uint8]codec.ID
	eventPTs  []uint8 // telephone-event at 8000 Hz
	direction string
}

// parseSDP reads an SDP; what it does not know it skips. Without audio, addr is not valid.
func parseSDP(text string) sdpAudio {
	a := sdpAudio{codecs: map[uint8]codec.ID{0: codec.PCMU, 8: codec.PCMA}, direction: "sendrecv"}
	host, port, audio := "", 0, true
	for _, line := range strings.Split(strings.ReplaceAll(text, "\r", ""), "\n") {
		switch {
		case strings.HasPrefix(line, "m="):
			audio = strings.HasPrefix(line, "m=audio ") && port == 0
			if f := strings.Fields(line); audio && len(f) > 3 {
				port, _ = strconv.Atoi(f[1])
				for _, format := range f[3:] {
					pt, _ := strconv.ParseUint(format, 10, 7)
					a.formats = append(a.formats, uint8(pt))
				}
			}
		case !audio:
		case strings.HasPrefix(line, "c=IN IP4 "):
			host = strings.TrimPrefix(line, "c=IN IP4 ")
		case strings.HasPrefix(line, "a=rtpmap:"):
			a.rtpmap(strings.TrimPrefix(line, "a=rtpmap:"))
		case slices.Contains([]string{"a=sendrecv", "a=sendonly", "a=recvonly", "a=inactive"}, line):
			a.direction = line[2:]
		}
	}
	if ip, err := netip.ParseAddr(host); err == nil && port > 0 {
		a.addr = netip.AddrPortFrom(ip, uint16(port))
	}
	return a
}

func (a *sdpAudio) rtpmap(line string) {
	format, encoding, _ := strings.Cut(line, " ")
	pt, err := strconv.ParseUint(format, 10, 7)
	parts := strings.Split(encoding, "/")
	if err != nil || len(parts) < 2 {
		return
	}
	clock, _ := strconv.ParseUint(parts[1], 10, 32)
	if strings.EqualFold(parts[0], "telephone-event") && clock == 8000 {
		a.eventPTs = append(a.eventPTs, uint8(pt))
	} else if id, ok := codec.Lookup(parts[0], uint32(clock)); ok {
		a.codecs[uint8(pt)] = id
	}
}

// formatLine is a payload type with what it means.
type formatLine struct {
	pt     uint8
	rtpmap string
}

// compose writes an SDP with the given formats.
func (m *media) compose(direction string, formats []formatLine) string {
	if m.behaviour.SDP != "" {
		return strings.ReplaceAll(m.behaviour.SDP, "PORT", fmt.Sprint(m.port))
	}
	var list, maps strings.Builder
	for _, f := range formats {
		fmt.Fprintf(&list, " %d", f.pt)
		fmt.Fprintf(&maps, "a=rtpmap:%d %s\r\n", f.pt, f.rtpmap)
	}
	m.version++
	return fmt.Sprintf("v=0\r\no=rtpphone %d %d IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"+
		"m=audio %d RTP/AVP%s\r\n%sa=ptime:%d\r\na=%s\r\n", m.session, m.version, m.port, list.String(), maps.String(),
		m.ptime, direction)
}

// offer writes what the phone is set up for.
func (m *media) offer(direction string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var formats []formatLine
	for _, id := range m.codecs {
		formats = append(formats, formatLine{id.PayloadType(), rtpmapOf(id)})
		m.decoding[id.PayloadType()] = id
	}
	if pt := m.behaviour.EventPT; pt >= 0 {
		if pt == 0 {
			pt = 101
		}
		m.eventIn = []uint8{uint8(pt)}
		formats = append(formats, formatLine{uint8(pt), "telephone-event/8000"})
	}
	return m.compose(direction, formats)
}

func rtpmapOf(id codec.ID) string {
	if id.Channels() > 1 {
		return fmt.Sprintf("%s/%d/%d", id.Name(), id.ClockRate(), id.Channels())
	}
	return fmt.Sprintf("%s/%d", id.Name(), id.ClockRate())
}

// answer takes an offer and writes the answer to it: the first codec that both know, in the offer's order.
func (m *media) answer(offer string) (string, error) {
	a := parseSDP(offer)
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.take(a); err != nil {
		return "", err
	}
	formats := []formatLine{{m.pt, rtpmapOf(m.codec)}}
	m.eventIn = nil
	if m.behaviour.EventPT >= 0 && len(a.eventPTs) > 0 {
		m.eventIn = a.eventPTs[:1]
		formats = append(formats, formatLine{a.eventPTs[0], "telephone-event/8000"})
	}
	direction := map[string]string{
		"sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive",
	}[a.direction]
	return m.compose(direction, formats), nil
}

// accept takes the answer to an offer of ours.
func (m *media) accept(answer string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.take(parseSDP(answer))
}

// take begins to send as the far end's SDP asks; mu is held.
func (m *media) take(a sdpAudio) error {
	if !a.addr.IsValid() {
		return fmt.Errorf("no audio in the SDP")
	}
	if !a.addr.Addr().IsLoopback() {
		return fmt.Errorf("%s is not on loopback", a.addr)
	}
	for _, pt := range a.formats {
		id, known := a.codecs[pt]
		if !known || !slices.Contains(m.codecs, id) {
			continue
		}
		if err := m.use(id, pt); err != nil {
			return err
		}
		m.remote, m.direction = a.addr, a.direction
		if len(a.eventPTs) > 0 {
			m.eventOut = a.eventPTs[0]
		} else {
			m.eventOut = 0
		}
		return nil
	}
	return fmt.Errorf("no codec of ours among %v", a.formats)
}

// random is a short random name.
func (m *media) random() string { return strconv.FormatUint(rand.Uint64(), 36) }
