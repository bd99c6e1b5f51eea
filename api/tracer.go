package api

import "time"

// Tracer remembers the SIP messages of recent calls.
type Tracer interface {
	// Messages are the messages with one of the Call-IDs, oldest first; what was forgotten is missing.
	Messages(callIDs []string) []TraceMessage
}

// TraceMessage is one SIP message as it was on the wire.
type TraceMessage struct {
	At        time.Time
	CallID    string
	Sent      bool   // by the gateway; false means received
	Transport string // udp, tcp, tls
	Local     string // address of the gateway, host:port
	Remote    string // address of the far end, host:port
	Text      string // the whole message
}
