//go:build !race

package rtpsock

import (
	"testing"

	"seatbridge/sip/sdp"
)

// TestAllocations holds the packet path to what it promises: nothing for plain RTP, and under SRTP what pion/srtp
// itself does: 4 a packet with AES_CM_128_HMAC_SHA1_80, 1 with AEAD_AES_128_GCM. What comes in was sealed by the test
// at the same price. The race detector allocates on its own, so this is not built there.
func TestAllocations(t *testing.T) {
	for _, ca := range []struct {
		suite   sdp.Suite
		in, out float64
	}{
		{"", 0, 0}, {sdp.AES80, 4 + 4, 4}, {sdp.GCM, 1 + 1, 1},
	} {
		pa := newPath(t, ca.suite)
		for range 100 {
			pa.in(t)
			pa.out(t)
		}
		in := testing.AllocsPerRun(1000, func() { pa.in(t) })
		out := testing.AllocsPerRun(1000, func() { pa.out(t) })
		t.Logf("%q: in %v, out %v", ca.suite, in, out)
		if in > ca.in || out > ca.out {
			t.Errorf("%q: %v allocations in, %v out; want at most %v and %v", ca.suite, in, out, ca.in, ca.out)
		}
	}
}
