package dtmf

import (
	"errors"
	"testing"
	"time"
)

const ms = time.Millisecond

// infos are bodies as phones and gateways send them.
var infos = []struct {
	name, contentType, body string
	digit                   byte
	length                  time.Duration
}{
	{"Cisco", TypeRelay, "Signal=5\r\nDuration=160\r\n", '5', 160 * ms},
	{"blanks and no last line end", TypeRelay, "Signal= 5\r\nDuration= 250", '5', 250 * ms},
	{"LF and small letters", TypeRelay, "signal=#\nduration=100\n", '#', 100 * ms},
	{"blanks around the sign", TypeRelay, " SIGNAL = a \r\n DURATION = 90 \r\n", 'A', 90 * ms},
	{"duration first", TypeRelay, "Duration=80\r\nSignal=*\r\n", '*', 80 * ms},
	{"no duration", TypeRelay, "Signal=0\r\n", '0', DefaultLength},
	{"duration of zero", TypeRelay, "Signal=0\r\nDuration=0\r\n", '0', DefaultLength},
	{"too short", TypeRelay, "Signal=9\r\nDuration=1\r\n", '9', MinLength},
	{"too long", TypeRelay, "Signal=9\r\nDuration=4294967295\r\n", '9', MaxLength},
	{"star by number", TypeRelay, "Signal=10\r\nDuration=160\r\n", '*', 160 * ms},
	{"hash by number", TypeRelay, "Signal=11\r\nDuration=160\r\n", '#', 160 * ms},
	{"D by number", TypeRelay, "Signal=15\r\nDuration=160\r\n", 'D', 160 * ms},
	{"unknown lines", TypeRelay, "X-Y\r\nVolume=10\r\nSignal=7\r\nDuration=160\r\n", '7', 160 * ms},
	{"plain", TypePlain, "5", '5', DefaultLength},
	{"plain with line end", TypePlain, " # \r\n", '#', DefaultLength},
	{"plain by number", TypePlain, "10", '*', DefaultLength},
	{"relay form under the plain type", TypePlain, "Signal=5\r\nDuration=160\r\n", '5', 160 * ms},
	{"plain form under the relay type", TypeRelay, "8\r\n", '8', DefaultLength},
	{"type with case and parameter", "Application/DTMF-Relay ; charset=utf-8", "Signal=3\r\n", '3', DefaultLength},
}

func TestParseInfo(t *testing.T) {
	for _, ca := range infos {
		t.Run(ca.name, func(t *testing.T) {
			e, length, err := ParseInfo(ca.contentType, []byte(ca.body))
			if err != nil || e.Digit() != ca.digit || length != ca.length {
				t.Errorf("digit %c for %v, %v; want %c for %v", e.Digit(), length, err, ca.digit, ca.length)
			}
		})
	}
}

func TestParseInfoErrors(t *testing.T) {
	for _, ca := range []struct {
		name, contentType, body string
		want                    error
	}{
		{"other type", "application/sdp", "Signal=5\r\n", ErrContentType},
		{"no type", "", "5", ErrContentType},
		{"empty relay", TypeRelay, "", ErrNotDigit},
		{"empty plain", TypePlain, "\r\n", ErrNotDigit},
		{"no signal", TypeRelay, "Duration=160\r\n", ErrInfo},
		{"no digit", TypeRelay, "Signal=x\r\nDuration=160\r\n", ErrNotDigit},
		{"empty signal", TypeRelay, "Signal=\r\n", ErrNotDigit},
		{"flash-hook", TypeRelay, "Signal=16\r\n", ErrNotDigit},
		{"two digits", TypePlain, "55", ErrNotDigit},
		{"bad duration", TypeRelay, "Signal=5\r\nDuration=long\r\n", ErrInfo},
		{"negative duration", TypeRelay, "Signal=5\r\nDuration=-1\r\n", ErrInfo},
		{"overflowing duration", TypeRelay, "Signal=5\r\nDuration=4294967296\r\n", ErrInfo},
	} {
		t.Run(ca.name, func(t *testing.T) {
			if e, _, err := ParseInfo(ca.contentType, []byte(ca.body)); !errors.Is(err, ca.want) {
				t.Errorf("digit %c, error %v, want %v", e.Digit(), err, ca.want)
			}
		})
	}
}

func TestFormatInfo(t *testing.T) {
	if got := string(FormatInfo(TypeRelay, 11, 160*ms)); got != "Signal=#\r\nDuration=160\r\n" {
		t.Errorf("relay: %q", got)
	}
	if got := string(FormatInfo(TypePlain, 10, 160*ms)); got != "*" {
		t.Errorf("plain: %q", got)
	}
	for e := Event(0); e.Valid(); e++ {
		for _, contentType := range []string{TypeRelay, TypePlain} {
			got, length, err := ParseInfo(contentType, FormatInfo(contentType, e, DefaultLength))
			if err != nil || got != e || length != DefaultLength {
				t.Errorf("%s %c: read back as %c for %v, %v", contentType, e.Digit(), got.Digit(), length, err)
			}
		}
	}
}

func FuzzInfo(f *testing.F) {
	for _, ca := range infos {
		f.Add(ca.contentType, []byte(ca.body))
	}
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		e, length, err := ParseInfo(contentType, body)
		if err == nil && (!e.Valid() || length < MinLength || length > MaxLength) {
			t.Errorf("%q: event %d for %v", body, e, length)
		}
	})
}
