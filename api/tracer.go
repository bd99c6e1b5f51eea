package api

import (
	"strings"
	"time"
)

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

// traceView is a TraceMessage as operations get it.
type traceView struct {
	At        time.Time `json:"at"`
	CallID    string    `json:"callId"`
	Sent      bool      `json:"sent"`
	Transport string    `json:"transport"`
	Local     string    `json:"local"`
	Remote    string    `json:"remote"`
	Text      string    `json:"text"`
}

func newTraceView(m TraceMessage) traceView {
	return traceView{
		At: m.At.UTC(), CallID: m.CallID, Sent: m.Sent, Transport: m.Transport, Local: m.Local, Remote: m.Remote,
		Text: withoutSecrets(m.Text),
	}
}

// withoutSecrets takes out what passwords, digits and media keys could be had from: digest credentials, the bodies of
// INFO, and SDES keys (RFC 4568).
func withoutSecrets(text string) string {
	head, body, hasBody := strings.Cut(text, "\r\n\r\n")
	head = withoutCredentials(head)
	if !hasBody {
		return head
	}
	if strings.HasPrefix(text, "INFO ") && body != "" {
		return head + "\r\n\r\n(left out)"
	}
	sdp := strings.SplitAfter(body, "\n")
	for i, line := range sdp {
		if before, _, found := strings.Cut(line, "inline:"); found {
			sdp[i] = before + "inline:(left out)\r\n"
		}
	}
	return head + "\r\n\r\n" + strings.Join(sdp, "")
}

// withoutCredentials takes the values of both Authorization headers out, folded ones too (RFC 3261 section 7.3.1).
func withoutCredentials(head string) string {
	var kept []string
	secret := false
	for line := range strings.SplitSeq(head, "\r\n") {
		if folded := strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t"); folded && secret {
			continue
		}
		name, _, _ := strings.Cut(line, ":")
		lower := strings.ToLower(strings.TrimSpace(name))
		if secret = lower == "authorization" || lower == "proxy-authorization"; secret {
			line = name + ": (left out)"
		}
		kept = append(kept, line)
	}
	return strings.Join(kept, "\r\n")
}
