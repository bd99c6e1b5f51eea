package dtmf

import "testing"

func TestParseDigit(t *testing.T) {
	for i := range len(alphabet) {
		e, ok := Parse(alphabet[i])
		if !ok || int(e) != i || e.Digit() != alphabet[i] || !e.Valid() {
			t.Errorf("%c: event %d, %v, digit %c", alphabet[i], e, ok, e.Digit())
		}
	}
	if e, ok := Parse('d'); !ok || e.Digit() != 'D' {
		t.Errorf("d: %c, %v", e.Digit(), ok)
	}
	for _, c := range []byte{'E', 'e', ' ', 0, 0xff, '/', ':'} {
		if e, ok := Parse(c); ok {
			t.Errorf("%q is event %d", c, e)
		}
	}
	if Event(16).Valid() || Event(16).Digit() != '?' {
		t.Error("event 16 is taken for a digit")
	}
}
