package registrar

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

var errContact = errors.New("registrar: bad Contact")

// contact is one Contact of a REGISTER. With star it means all bindings.
type contact struct {
	star    bool
	uri     sip.Uri
	q       float64
	expires time.Duration    // asked for; 0 unregisters, negative where nothing was asked for
	params  sip.HeaderParams // that the phone wants to find again in the answer
}

// What is kept of a contact, in bytes.
const (
	maxContact = 1024 // its URI
	maxParam   = 256  // a parameter's value
)

// parseContacts reads the Contact headers of a REGISTER (RFC 3261 section 10.3 items 6 and 7).
func parseContacts(req *sip.Request) ([]contact, error) {
	preset := time.Duration(-1)
	if h := req.GetHeader("Expires"); h != nil {
		preset = parseExpires(h.Value())
	}
	headers := req.GetHeaders("Contact")
	contacts := make([]contact, 0, len(headers))
	for _, header := range headers {
		h, ok := header.(*sip.ContactHeader)
		if !ok {
			return nil, errContact
		}
		if h.Address.Wildcard {
			if len(headers) != 1 || preset != 0 {
				return nil, errContact
			}
			return []contact{{star: true}}, nil
		}
		c, err := parseContact(h, preset)
		if err != nil {
			return nil, err
		}
		contacts = append(contacts, c)
	}
	return contacts, nil
}

func parseContact(h *sip.ContactHeader, preset time.Duration) (contact, error) {
	c := contact{uri: *h.Address.Clone(), q: 1, expires: preset}
	text := c.uri.String()
	sipURI := c.uri.Scheme == "sip" || c.uri.Scheme == "sips"
	if !sipURI || c.uri.Host == "" || c.uri.Port < 0 || c.uri.Port > 65535 || len(text) > maxContact ||
		strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c == '<' || c == '>' || c == 0x7f }) {
		return contact{}, errContact // it could not be a Request-URI
	}
	for _, p := range h.Params {
		value := strings.TrimSpace(p.V)
		switch name := strings.ToLower(strings.TrimSpace(p.K)); name {
		case "expires":
			c.expires = parseExpires(value)
		case "q":
			if q, err := strconv.ParseFloat(value, 64); err == nil && q >= 0 && q <= 1 {
				c.q = q
				c.params.Add(name, value)
			}
		case "+sip.instance", "reg-id": // RFC 5626; told again as it came
			if len(value) <= maxParam {
				c.params.Add(name, value)
			}
		}
	}
	return c, nil
}

// parseExpires reads delta-seconds; what is malformed is as if it were not there (RFC 3261 section 20.10 for the
// parameter).
func parseExpires(text string) time.Duration {
	seconds, err := strconv.ParseUint(strings.TrimSpace(text), 10, 32)
	if errors.Is(err, strconv.ErrRange) {
		return 1 << 32 * time.Second
	}
	if err != nil {
		return -1
	}
	return time.Duration(seconds) * time.Second
}

// sameURI compares two SIP URIs (RFC 3261 section 19.1.4).
func sameURI(a, b *sip.Uri) bool {
	return a.Scheme == b.Scheme && a.User == b.User && a.Password == b.Password &&
		strings.EqualFold(a.Host, b.Host) && a.Port == b.Port &&
		sameParams(a.UriParams, b.UriParams) && sameParams(b.UriParams, a.UriParams) &&
		sameHeaders(a.Headers, b.Headers) && sameHeaders(b.Headers, a.Headers)
}

// sameParams is false where a parameter of a contradicts b. Most that b does not have don't.
func sameParams(a, b sip.HeaderParams) bool {
	for _, p := range a {
		value, ok := find(b, p.K)
		if !ok {
			switch strings.ToLower(p.K) {
			case "user", "ttl", "method", "maddr":
				return false
			}
			continue
		}
		if !strings.EqualFold(value, p.V) {
			return false
		}
	}
	return true
}

// sameHeaders is true where b has all headers of a.
func sameHeaders(a, b sip.HeaderParams) bool {
	for _, h := range a {
		if value, ok := find(b, h.K); !ok || value != h.V {
			return false
		}
	}
	return true
}

func find(params sip.HeaderParams, name string) (string, bool) {
	for _, p := range params {
		if strings.EqualFold(p.K, name) {
			return p.V, true
		}
	}
	return "", false
}
