package sdp

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	pion "github.com/pion/sdp/v3"
)

// maxSize and maxMedia bound what a description may ask of us.
const (
	maxSize  = 16 << 10
	maxMedia = 16
)

// parse reads a description into pion's types. pion's own reader refuses a whole description for a fax line
// (m=image), an o= line with a name in it, a b= or k= line of its own making or an unusual order, all of which phones
// send; so this one takes only the lines that we use, wherever they stand, and forgives blanks, bare LF and a last
// line without an end.
func parse(raw []byte) (*pion.SessionDescription, error) {
	if len(raw) > maxSize {
		return nil, fmt.Errorf("%w: %d bytes", ErrBadSDP, len(raw))
	}
	d := &pion.SessionDescription{}
	session := &pion.MediaDescription{} // what stands above the first m= line
	section := session
	for i, line := range lines(string(raw)) {
		kind, value, found := strings.Cut(line, "=")
		kind, value = strings.TrimSpace(kind), strings.TrimSpace(value)
		switch {
		case i == 0 && (kind != "v" || value != "0"):
			return nil, fmt.Errorf("%w: no v=0 at the start", ErrBadSDP)
		case !found:
			continue
		case kind == "m":
			m, err := parseMedia(value)
			if err != nil {
				return nil, err
			}
			section = m
			d.MediaDescriptions = append(d.MediaDescriptions, m)
		case kind == "c":
			section.ConnectionInformation = &pion.ConnectionInformation{Address: &pion.Address{Address: value}}
		case kind == "a":
			section.Attributes = append(section.Attributes, parseAttribute(value))
		}
	}
	d.ConnectionInformation, d.Attributes = session.ConnectionInformation, session.Attributes
	if n := len(d.MediaDescriptions); n == 0 || n > maxMedia {
		return nil, fmt.Errorf("%w: %d media lines", ErrBadSDP, n)
	}
	return d, nil
}

// lines splits at CR, LF or both and drops blanks around lines, and empty lines.
func lines(raw string) []string {
	all := strings.FieldsFunc(raw, func(r rune) bool { return r == '\r' || r == '\n' })
	kept := all[:0]
	for _, line := range all {
		if line = strings.TrimSpace(line); line != "" {
			kept = append(kept, line)
		}
	}
	return kept
}

// parseMedia reads the value of an m= line (RFC 8866 section 5.14). The transport is kept whole.
func parseMedia(value string) (*pion.MediaDescription, error) {
	fields := strings.Fields(value)
	if len(fields) < 3 {
		return nil, fmt.Errorf("%w: m=%.60q", ErrBadSDP, value)
	}
	number, _, _ := strings.Cut(fields[1], "/")
	port, err := strconv.ParseUint(number, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("%w: port in m=%.60q", ErrBadSDP, value)
	}
	return &pion.MediaDescription{MediaName: pion.MediaName{
		Media:   fields[0],
		Port:    pion.RangedPort{Value: int(port)},
		Protos:  []string{fields[2]},
		Formats: fields[3:],
	}}, nil
}

func parseAttribute(value string) pion.Attribute {
	name, rest, _ := strings.Cut(value, ":")
	return pion.Attribute{Key: strings.ToLower(strings.TrimSpace(name)), Value: strings.TrimSpace(rest)}
}

// parseConnection reads the value of a c= line (RFC 8866 section 5.7). A host name is refused: there is no DNS on
// this path, and no phone sends one.
func parseConnection(c *pion.ConnectionInformation) (netip.Addr, error) {
	if c == nil {
		return netip.Addr{}, fmt.Errorf("%w: no c= line", ErrBadSDP)
	}
	fields := strings.Fields(c.Address.Address)
	if len(fields) < 3 || !strings.EqualFold(fields[0], "IN") {
		return netip.Addr{}, fmt.Errorf("%w: c=%.60q", ErrBadSDP, c.Address.Address)
	}
	return parseAddr(fields[2])
}

// parseAddr reads a unicast address or an unspecified one; a TTL behind a slash is dropped.
func parseAddr(text string) (netip.Addr, error) {
	text, _, _ = strings.Cut(text, "/")
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.Zone() != "" {
		return netip.Addr{}, fmt.Errorf("%w: address %.60q", ErrBadSDP, text)
	}
	addr = addr.Unmap()
	if addr.IsMulticast() || addr == netip.AddrFrom4([4]byte{255, 255, 255, 255}) {
		return netip.Addr{}, fmt.Errorf("%w: address %s is not unicast", ErrBadSDP, addr)
	}
	return addr, nil
}
