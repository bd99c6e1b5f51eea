package sip

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/emiago/sipgo/sip"
)

// userOf is the number or name in a sip, sips or tel URI (RFC 3261 section 19.1, RFC 3966): unescaped and without
// parameters. It is empty where there is none, or one with control characters in it.
func userOf(u *sip.Uri) string {
	text := u.User
	if strings.EqualFold(u.Scheme, "tel") {
		text = u.Raw()
	}
	text, _, _ = strings.Cut(text, ";")
	text, err := url.PathUnescape(text)
	if err != nil || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return ""
	}
	return text
}

// escapeUser makes any text one that can stand in the user part of a SIP URI (RFC 3261 section 25.1).
func escapeUser(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_.!~*'()&=+$,", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}
