package dialog

import (
	"errors"
	"fmt"
	"strings"
)

// ErrReplaces says that a Replaces header makes no sense.
var ErrReplaces = errors.New("dialog: malformed Replaces")

// Replaces names a dialog that a new one is to take over (RFC 3891).
type Replaces struct {
	CallID    string
	ToTag     string
	FromTag   string
	EarlyOnly bool
}

// ParseReplaces parses the value of a Replaces header. The one in a Refer-To URI must be unescaped before.
func ParseReplaces(value string) (Replaces, error) {
	parts := strings.Split(value, ";")
	r := Replaces{CallID: strings.TrimSpace(parts[0])}
	for _, p := range parts[1:] {
		k, v, _ := strings.Cut(p, "=")
		v = strings.TrimSpace(v)
		switch strings.ToLower(strings.TrimSpace(k)) {
		case "to-tag":
			r.ToTag = v
		case "from-tag":
			r.FromTag = v
		case "early-only":
			r.EarlyOnly = true
		}
	}
	if r.CallID == "" || r.ToTag == "" || r.FromTag == "" || strings.ContainsAny(value, "\r\n\x00") {
		return Replaces{}, fmt.Errorf("%w: %q", ErrReplaces, value)
	}
	return r, nil
}

// String returns the header's value.
func (r Replaces) String() string {
	s := r.CallID + ";to-tag=" + r.ToTag + ";from-tag=" + r.FromTag
	if r.EarlyOnly {
		s += ";early-only"
	}
	return s
}

// ID returns the name of the dialog as it is known to who gets the Replaces (RFC 3891 section 3): its to-tag is ours.
func (r Replaces) ID() ID { return ID{CallID: r.CallID, LocalTag: r.ToTag, RemoteTag: r.FromTag} }
