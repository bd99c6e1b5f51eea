package peers

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// errSIP says that a datagram is no SIP message.
var errSIP = errors.New("peers: no SIP message")

// sipMessage is a SIP message as text (RFC 3261 section 7), with the headers in order.
type sipMessage struct {
	start   string
	headers [][2]string
	body    string
}

func parseSIP(b []byte) (*sipMessage, error) {
	head, body, ok := strings.Cut(string(b), "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	if !ok || !strings.Contains(lines[0], "SIP/2.0") {
		return nil, errSIP
	}
	m := &sipMessage{start: lines[0], body: body}
	for _, line := range lines[1:] {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return nil, errSIP
		}
		m.add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	return m, nil
}

// add appends a header, or nothing where the value is empty.
func (m *sipMessage) add(name, value string) {
	if value != "" {
		m.headers = append(m.headers, [2]string{name, value})
	}
}

// all returns a header's values, by its long name.
func (m *sipMessage) all(name string) []string {
	compact := map[string]string{
		"Via": "v", "From": "f", "To": "t", "Call-ID": "i", "Contact": "m", "Content-Type": "c",
	}[name]
	var values []string
	for _, h := range m.headers {
		if strings.EqualFold(h[0], name) || h[0] == compact && compact != "" {
			values = append(values, h[1])
		}
	}
	return values
}

// get returns a header's first value.
func (m *sipMessage) get(name string) string {
	if all := m.all(name); len(all) > 0 {
		return all[0]
	}
	return ""
}

// bytes writes the message.
func (m *sipMessage) bytes() []byte {
	var b strings.Builder
	b.WriteString(m.start + "\r\n")
	for _, h := range m.headers {
		fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
	}
	fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(m.body), m.body)
	return []byte(b.String())
}

// status is a response's status code, or 0 for a request.
func (m *sipMessage) status() int {
	if rest, ok := strings.CutPrefix(m.start, "SIP/2.0 "); ok {
		code, _, _ := strings.Cut(rest, " ")
		n, _ := strconv.Atoi(code)
		return n
	}
	return 0
}

// method is the method of a request, or of the request that a response answers.
func (m *sipMessage) method() string {
	_, method, _ := strings.Cut(m.get("CSeq"), " ")
	return method
}

// branch is the top Via's branch.
func (m *sipMessage) branch() string { return parameter(m.get("Via"), "branch") }

// parameter finds ;name=value in a header's value.
func parameter(value, name string) string {
	for _, p := range strings.Split(value, ";")[1:] {
		if k, v, _ := strings.Cut(strings.TrimSpace(p), "="); strings.EqualFold(k, name) {
			return strings.TrimRight(v, ">")
		}
	}
	return ""
}

// uriIn is the URI between < and >.
func uriIn(value string) string {
	if _, after, ok := strings.Cut(value, "<"); ok {
		uri, _, _ := strings.Cut(after, ">")
		return uri
	}
	uri, _, _ := strings.Cut(value, ";")
	return uri
}
