package dialog

import "errors"

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
func ParseReplaces(value string) (Replaces, error) { return Replaces{}, nil }

// String returns the header's value.
func (r Replaces) String() string { return "" }
