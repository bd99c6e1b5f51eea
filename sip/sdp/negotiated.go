package sdp

import (
	"net/netip"
	"time"

	"seatbridge/media"
)

// Negotiated is what an offer and an answer came to.
type Negotiated struct {
	// Remote is where the far end wants RTP. Its address is unspecified (0.0.0.0, ::) when the far end wants none.
	Remote netip.AddrPort
	// RemoteRTCP is where the far end wants RTCP (RFC 3605, else the next port); Remote itself with RTCPMux, and the
	// zero value where there is no next port.
	RemoteRTCP netip.AddrPort
	// RTCPMux says that RTP and RTCP share the RTP port (RFC 5761).
	RTCPMux bool
	// AddressChanged says that Remote is another than in the exchange before; 0.0.0.0 and back is no change.
	AddressChanged bool
	// Receive has the payload numbers that the far end sends with, Send those that it wants to be sent.
	Receive, Send media.Formats
	// Direction is as seen from us.
	Direction Direction
	// Held says that the far end put us on hold: it does not want the sound that we would send.
	Held bool
	// SRTP has the keys, or is nil for plain RTP.
	SRTP *SRTP
	// Ptime and MaxPtime are a=ptime and a=maxptime of the far end; 0 where they are not given.
	Ptime, MaxPtime time.Duration
}
