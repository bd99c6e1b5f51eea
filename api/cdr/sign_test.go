package cdr

import "testing"

// TestSign is a vector that docs/records.md's example was run with.
func TestSign(t *testing.T) {
	const want = "68d25d24ef84f5b21e0996f72b4077f0dc1fd87b2e076a4f188524d7b8adc942"
	if got := Sign("secret", "1700000000", []byte(`{"SessionId":"S1"}`)); got != want {
		t.Errorf("%s", got)
	}
}
