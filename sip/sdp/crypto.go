package sdp

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
