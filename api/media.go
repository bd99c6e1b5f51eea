package api

import "context"

// Media is the browsers' peer connections, one for each login.
type Media interface {
	// Connect makes or replaces the peer connection of a login from the browser's offer and returns the answer. An
	// offer for a login that has one already is a renegotiation or an ICE restart on the same connection.
	Connect(ctx context.Context, user, login, offer string) (answer string, err error)
	// Candidate adds a trickled candidate (the member "candidate" of RTCIceCandidateInit); empty means the end.
	Candidate(user, login, candidate string) error
	// Disconnect closes the login's connection.
	Disconnect(user, login string)
}
