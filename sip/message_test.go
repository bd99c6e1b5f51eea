package sip

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// message is a SIP message as it stands on the wire.
type message string

// head is the start line and the headers.
func (m message) head() string {
	head, _, _ := strings.Cut(string(m), "\r\n\r\n")
	return head
}

func (m message) body() string {
	_, body, _ := strings.Cut(string(m), "\r\n\r\n")
	return body
}

// all returns the values of the headers of a name.
func (m message) all(name string) []string {
	var all []string
	for line := range strings.SplitSeq(m.head(), "\r\n") {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.EqualFold(k, name) {
			all = append(all, strings.TrimSpace(v))
		}
	}
	return all
}

// get returns the first header of a name, or nothing.
func (m message) get(name string) string {
	if all := m.all(name); len(all) > 0 {
		return all[0]
	}
	return ""
}

// is says whether the message starts so: a method, or "SIP/2.0 200".
func (m message) is(start string) bool { return strings.HasPrefix(string(m), start) }

// uri is the Request-URI.
func (m message) uri() string { return strings.Fields(string(m))[1] }

func (m message) seq() int {
	n, _, _ := strings.Cut(m.get("CSeq"), " ")
	seq, _ := strconv.Atoi(n)
	return seq
}

// between returns what stands between two texts.
func between(text, from, to string) string {
	_, text, _ = strings.Cut(text, from)
	text, _, _ = strings.Cut(text, to)
	return text
}

// write makes a message of lines and a body, which is SDP where nothing else is said.
func write(body string, lines ...string) message {
	typed := slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, "Content-Type:") })
	if body != "" && !typed {
		lines = append(lines, "Content-Type: application/sdp")
	}
	lines = append(lines, fmt.Sprintf("Content-Length: %d", len(body)))
	return message(strings.Join(lines, "\r\n") + "\r\n\r\n" + body)
}

// sdpAt is a description of audio at a port of 127.0.0.1. The formats are payload types: 0, 8, 101 for
// telephone-event and 111 for Opus. More lines may follow.
func sdpAt(port int, formats string, more ...string) string {
	lines := []string{
		"v=0", "o=- 7 " + strconv.Itoa(1+len(more)) + " IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0",
		fmt.Sprintf("m=audio %d RTP/AVP %s", port, formats),
	}
	for _, f := range strings.Fields(formats) {
		if name := map[string]string{"101": "telephone-event/8000", "111": "opus/48000/2"}[f]; name != "" {
			lines = append(lines, "a=rtpmap:"+f+" "+name)
		}
	}
	return strings.Join(append(lines, more...), "\r\n") + "\r\n"
}

// codecsOf are the formats of the audio line.
func codecsOf(sdp string) string {
	_, formats, _ := strings.Cut(between(sdp, "m=audio ", "\r\n"), "AVP ")
	return formats
}
