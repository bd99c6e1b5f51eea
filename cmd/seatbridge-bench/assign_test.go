package main

import (
	"context"
	"errors"
	"testing"

	"seatbridge/seat"
)

// TestAssign: each call that ends brings the seat the next caller, and a bench that is stopped says so.
func TestAssign(t *testing.T) {
	took, err := assign(t.Context(), seat.RingAll, 3, 5, 20)
	if err != nil || len(took) != 20 {
		t.Fatalf("%d times, %v", len(took), err)
	}
	for _, d := range took {
		if d <= 0 {
			t.Errorf("it took %v", d)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := assign(ctx, seat.LongestIdle, 1, 0, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("nobody waits: %v", err)
	}
}
