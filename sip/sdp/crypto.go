package sdp

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
)

// Suite is an SRTP crypto suite as named in a=crypto (RFC 4568 section 6.2, RFC 7714 section 14.2).
type Suite string

// The suites that Seatbridge speaks.
const (
	AES80 Suite = "AES_CM_128_HMAC_SHA1_80"
	GCM   Suite = "AEAD_AES_128_GCM"
)

// KeyLen is the length of the suite's master key in bytes.
func (s Suite) KeyLen() int { return 16 }

// SaltLen is the length of the suite's master salt in bytes.
func (s Suite) SaltLen() int {
	if s == GCM {
		return 12
	}
	return 14
}

// newKey makes a fresh master key and salt.
func (s Suite) newKey() Key {
	key := make(Key, s.KeyLen()+s.SaltLen())
	_, _ = rand.Read(key) // never fails: crypto/rand ends the process where there is no randomness
	return key
}

// Key is a master key with its salt behind it. It never shows in logs.
type Key []byte

// String hides the key.
func (Key) String() string { return "[key]" }

// GoString hides the key.
func (Key) GoString() string { return "[key]" }

// SRTP is what protects a leg's RTP and RTCP.
type SRTP struct {
	Suite Suite
	// Send protects what we send, Receive what the far end sends.
	Send, Receive Key
}

// SameKeys says of each direction whether suite and key are the same, or both nil.
func (s *SRTP) SameKeys(o *SRTP) (send, receive bool) {
	if s == nil || o == nil {
		return s == o, s == o
	}
	same := s.Suite == o.Suite
	return same && bytes.Equal(s.Send, o.Send), same && bytes.Equal(s.Receive, o.Receive)
}

// cryptoLine is one a=crypto attribute (RFC 4568 section 9.1).
type cryptoLine struct {
	tag   string
	suite Suite
	key   Key
}

// String is the attribute's value.
func (c cryptoLine) String() string {
	return fmt.Sprintf("%s %s inline:%s", c.tag, c.suite, base64.StdEncoding.EncodeToString(c.key))
}

// parseCrypto reads the value of a=crypto. It is false for a suite that we do not speak and for what would change the
// packets in a way that we do not follow: an MKI, several keys, most session parameters. A lifetime is ignored: no
// call reaches one.
func parseCrypto(value string) (cryptoLine, bool) {
	fields := strings.Fields(value)
	if len(fields) < 3 || len(fields[0]) > 9 || strings.Trim(fields[0], "0123456789") != "" {
		return cryptoLine{}, false
	}
	c := cryptoLine{tag: fields[0], suite: Suite(strings.ToUpper(fields[1]))}
	method, inline, _ := strings.Cut(fields[2], ":")
	text, extras, _ := strings.Cut(inline, "|")
	if c.suite != AES80 && c.suite != GCM || !strings.EqualFold(method, "inline") ||
		strings.ContainsAny(extras, ":;") || strings.Contains(text, ";") || !harmless(fields[3:]) {
		return cryptoLine{}, false
	}
	key, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil || len(key) != c.suite.KeyLen()+c.suite.SaltLen() {
		return cryptoLine{}, false
	}
	c.key = key
	return c, true
}

// harmless says that session parameters (RFC 4568 section 6.3) change nothing for us.
func harmless(params []string) bool {
	for _, p := range params {
		p = strings.ToUpper(p)
		if p != "KDR=0" && !strings.HasPrefix(p, "WSH=") && !strings.HasPrefix(p, "-") {
			return false
		}
	}
	return true
}
