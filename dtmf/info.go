package dtmf

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The content types that carry a digit in SIP INFO. Neither has an RFC; the first is Cisco's.
const (
	TypeRelay = "application/dtmf-relay" // "Signal=5\r\nDuration=160\r\n"
	TypePlain = "application/dtmf"       // "5"
)

// Lengths of a digit.
const (
	DefaultLength = 100 * time.Millisecond // where nobody says how long
	MinLength     = 40 * time.Millisecond  // what every receiver must take (ITU-T Q.24)
	MaxLength     = 5 * time.Second        // the longest that is taken from an INFO
)

// ErrContentType says that an INFO body is of another type than the two of DTMF (to be answered 415).
var ErrContentType = errors.New("dtmf: not a DTMF content type")

// ErrInfo says that an INFO body is malformed (to be answered 400).
var ErrInfo = errors.New("dtmf: malformed INFO body")

// ParseInfo reads the digit of a SIP INFO request and how long it is to sound, within MinLength and MaxLength. Phones
// mix the two forms up, so each is read under either content type: line ends of LF, blanks, any case, a missing
// Duration (then DefaultLength) and numbers for letters (10 for *, 11 for #, 12 to 15 for A to D) are all in use.
// The error wraps ErrContentType, ErrInfo or ErrNotDigit.
func ParseInfo(contentType string, body []byte) (Event, time.Duration, error) {
	kind, _, _ := strings.Cut(contentType, ";")
	kind = strings.TrimSpace(kind)
	if !strings.EqualFold(kind, TypeRelay) && !strings.EqualFold(kind, TypePlain) {
		return 0, 0, fmt.Errorf("%w: %q", ErrContentType, kind)
	}
	if !bytes.ContainsRune(body, '=') {
		e, err := parseSignal(string(bytes.TrimSpace(body)))
		return e, DefaultLength, err
	}
	return parseRelay(string(body))
}

// FormatInfo is the body of a SIP INFO request of the content type TypeRelay, or else TypePlain, which has no length.
// e must be Valid.
func FormatInfo(contentType string, e Event, length time.Duration) []byte {
	if contentType != TypeRelay {
		return []byte{e.Digit()}
	}
	return fmt.Appendf(nil, "Signal=%c\r\nDuration=%d\r\n", e.Digit(), length.Milliseconds())
}

// parseRelay reads lines of key=value; keys that it does not know are skipped.
func parseRelay(body string) (e Event, length time.Duration, err error) {
	length = DefaultLength
	found := false
	for line := range strings.Lines(body) {
		key, value, _ := strings.Cut(line, "=")
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(key)) {
		case "signal":
			if e, err = parseSignal(value); err != nil {
				return 0, 0, err
			}
			found = true
		case "duration":
			if length, err = parseLength(value); err != nil {
				return 0, 0, err
			}
		}
	}
	if !found {
		return 0, 0, fmt.Errorf("%w: no Signal", ErrInfo)
	}
	return e, length, nil
}

// parseSignal reads a digit's letter or its event code.
func parseSignal(s string) (Event, error) {
	if len(s) == 1 {
		if e, ok := Parse(s[0]); ok {
			return e, nil
		}
	}
	if code, err := strconv.ParseUint(s, 10, 8); err == nil && Event(code).Valid() {
		return Event(code), nil
	}
	return 0, fmt.Errorf("%w: signal of %d bytes", ErrNotDigit, len(s)) // not itself: digits may be secret
}

// parseLength reads milliseconds.
func parseLength(s string) (time.Duration, error) {
	ms, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("%w: duration is no number of milliseconds", ErrInfo)
	}
	if ms == 0 {
		return DefaultLength, nil
	}
	return min(max(time.Duration(ms)*time.Millisecond, MinLength), MaxLength), nil
}
