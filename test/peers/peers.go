// Package peers owns the real parties of the end-to-end tests: phones, a carrier, browsers, the gateway itself and a
// bad network, each started on loopback with ports of its own, bounded in time and stopped when its test ends.
//
// Every function takes the test and fails it rather than returning an error, so that a test reads as what happens in
// it. Call them from the test's own goroutine.
package peers

import "time"

// patience bounds every wait for something that another process does. It is long because the machine may be busy; a
// wait ends as soon as the thing has happened.
const patience = 20 * time.Second

// Party is what every phone and every browser page can do.
type Party interface {
	Ear
	// Tone is the frequency in Hz that the party sends all the time.
	Tone() float64
	// Dial calls a number, an extension or a whole sip: URI.
	Dial(number string)
	// WaitRinging waits for a call to come in.
	WaitRinging()
	// Answer takes the call that rings.
	Answer()
	// WaitEstablished waits for the call to be answered, whoever called.
	WaitEstablished()
	// Digits sends DTMF digits: 0 to 9, *, #, A to D.
	Digits(digits string)
	// Hangup ends the call, or cancels or refuses one that rings.
	Hangup()
	// WaitClosed waits for the call to be over.
	WaitClosed()
}
