package sip

import (
	"strings"
	"testing"
	"unicode"

	"github.com/emiago/sipgo/sip"
)

// FuzzUserOf wants no control character out of any URI, and every user that is written into a URI read again as it was.
func FuzzUserOf(f *testing.F) {
	for _, seed := range []string{
		"sip:1001@h", "sip:%2A97%23;x=y@h", "tel:+49-30-1;phone-context=x", "sip:h", "sip:a%0d%0aX: y@h", "sips:%ff@h",
		"sip:a:b@h;p?h=v", "tel:", "sip:%", "TEL:1;2", "sip:%00@[::1]:5060",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var uri sip.Uri
		if sip.ParseUri(text, &uri) != nil {
			return
		}
		user := userOf(&uri)
		if strings.ContainsFunc(user, unicode.IsControl) {
			t.Fatalf("%q gave %q", text, user)
		}
		if user == "" {
			return
		}
		written := (&sip.Uri{Scheme: "sip", User: escapeUser(user), Host: "h"}).String()
		var again sip.Uri
		if err := sip.ParseUri(written, &again); err != nil || userOf(&again) != user {
			t.Fatalf("%q gave %q, written as %q, read as %q (%v)", text, user, written, userOf(&again), err)
		}
	})
}
