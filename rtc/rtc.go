// Package rtc owns browsers' peer connections; it alone imports pion/webrtc.
package rtc

import "context"

// Gateway is what the API needs of this package: one PeerConnection for each login of a browser.
//
// (The concrete type satisfies it; it stands here so that both sides are written against the same words.)
type Gateway interface {
	// Connect makes or replaces the PeerConnection of a login from the browser's offer and returns the answer. An offer
	// for a login that has one already is a renegotiation or an ICE restart on the same connection.
	Connect(ctx context.Context, user, login, offer string) (answer string, err error)
	// Candidate adds a trickled candidate (the JSON member "candidate" of RTCIceCandidateInit); empty means the end.
	Candidate(user, login, candidate string) error
	// Disconnect closes the login's connection.
	Disconnect(user, login string)
}
