package dtmf

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestParseString(t *testing.T) {
	for _, ca := range []struct {
		in   string
		want []Step
	}{
		{"", []Step{}},
		{"0", []Step{{Event: 0}}},
		{"19*#", []Step{{Event: 1}, {Event: 9}, {Event: 10}, {Event: 11}}},
		{"ABCDabcd", []Step{{Event: 12}, {Event: 13}, {Event: 14}, {Event: 15},
			{Event: 12}, {Event: 13}, {Event: 14}, {Event: 15}}},
		{"1,,2", []Step{{Event: 1}, {Pause: CommaPause}, {Pause: CommaPause}, {Event: 2}}},
	} {
		if got, err := ParseString(ca.in); err != nil || !slices.Equal(got, ca.want) {
			t.Errorf("%q: %v, %v, want %v", ca.in, got, err, ca.want)
		}
	}
}

func TestParseStringErrors(t *testing.T) {
	for in, want := range map[string]string{
		"12x4":   "'x' at position 3",
		" 1":     "' ' at position 1",
		"1,2;3":  "';' at position 4",
		"12\r\n": `'\r' at position 3`,
		"é":      "'é' at position 1",
		"1\xff":  "'�' at position 2",
	} {
		steps, err := ParseString(in)
		if !errors.Is(err, ErrString) || !strings.HasSuffix(err.Error(), want) || steps != nil {
			t.Errorf("%q: %v, %v; want %s", in, steps, err, want)
		}
	}
}

func FuzzParseString(f *testing.F) {
	for _, s := range []string{"", "0123456789*#ABCD", "1,,2", "12x", "é", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		steps, err := ParseString(s)
		if err != nil {
			return
		}
		back := make([]byte, 0, len(steps))
		for _, step := range steps {
			if step.Pause > 0 {
				back = append(back, ',')
				continue
			}
			back = append(back, step.Event.Digit())
		}
		if !strings.EqualFold(string(back), s) {
			t.Errorf("%q came back as %q", s, back)
		}
	})
}
