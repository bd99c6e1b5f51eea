package call

import (
	"errors"
	"strings"
	"testing"
)

type numberCase struct {
	dialled, want string // no want means ErrNumber
}

func numberCases() []numberCase {
	return []numberCase{
		{"+49 30 123-456", "+4930123456"},
		{"+1 (555) 010.0100", "+15550100100"},
		{"0049/30/123", "+4930123"},
		{"030 123", "+4930123"},
		{"00 1 555", "+1555"},
		{"1001", "1001"},
		{"112", "112"},
		{"*97#", "*97#"},
		{"0", "0"},
		{"+4", ""},
		{"", ""},
		{" - ", ""},
		{"+", ""},
		{"00", ""},
		{"+049", ""},
		{"000123", ""},
		{"+49a", ""},
		{"+49*30", ""},
		{"0*1", ""},
		{"١٢٣", ""},
		{"12\x003", ""},
		{"++49", ""},
		{"1+2", ""},
		{"sip:1001@host", ""},
		{"+1234567890123456", ""},
		{strings.Repeat("1", 25), ""},
		{strings.Repeat(" ", 100) + "1", ""},
	}
}

func TestNormalise(t *testing.T) {
	n := Numbering{National: "+49"}
	for _, ca := range numberCases() {
		t.Run(ca.dialled, func(t *testing.T) {
			got, err := n.Normalise(ca.dialled)
			if got != ca.want || (err != nil) != (ca.want == "") || err != nil && !errors.Is(err, ErrNumber) {
				t.Errorf("Normalise(%q) = %q, %v; want %q", ca.dialled, got, err, ca.want)
			}
		})
	}
	if got, err := (Numbering{}).Normalise("030 123"); got != "030123" || err != nil {
		t.Errorf("without a national prefix: %q, %v", got, err)
	}
}

func FuzzNormalise(f *testing.F) {
	for _, ca := range numberCases() {
		f.Add(ca.dialled, true)
		f.Add(ca.dialled, false)
	}
	f.Fuzz(func(t *testing.T, dialled string, national bool) {
		var n Numbering
		if national {
			n.National = "+49"
		}
		once, err := n.Normalise(dialled)
		if err != nil {
			if once != "" || !errors.Is(err, ErrNumber) {
				t.Fatalf("%q and %v", once, err)
			}
			return
		}
		if strings.Trim(once, "+0123456789*#") != "" || strings.LastIndex(once, "+") > 0 || len(once) > 24 {
			t.Fatalf("Normalise(%q) = %q", dialled, once)
		}
		if twice, err := n.Normalise(once); twice != once || err != nil {
			t.Fatalf("Normalise(%q) = %q, and again %q, %v", dialled, once, twice, err)
		}
	})
}
