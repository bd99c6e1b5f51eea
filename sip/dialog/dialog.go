package dialog

import (
	"github.com/emiago/sipgo/sip"
)

// ID names a dialog as we see it (RFC 3261 section 12).
type ID struct {
	CallID    string
	LocalTag  string
	RemoteTag string // empty until the peer answered
}

// Options are a dialog's habits.
type Options struct {
	// FollowFlow sends our requests along the flow that the peer's last request came from, whatever its Contact and
	// Record-Route say: for phones behind a NAT.
	FollowFlow bool
	// ContactUser is the user part of our Contact; for a received INVITE it defaults to that of the Request-URI.
	ContactUser string
	// Auth answers challenges, also those to requests in the dialog. nil means that a challenge is a refusal.
	Auth Authorizer
	// Headers are added to our 2xx, and to our INVITE and re-INVITEs.
	Headers []sip.Header
	// NoSessionTimer keeps this dialog without session timers.
	NoSessionTimer bool
}

// Dialog is a peer relation that an INVITE made, ours or the peer's (RFC 3261 section 12). Its methods are safe to call
// from any goroutine, return at once, and are ignored where they no longer fit the dialog's state.
type Dialog struct{}

// ID returns the dialog's name. RemoteTag is known from the first 1xx with a tag on.
func (d *Dialog) ID() ID { return ID{} }

// Outgoing is true where we sent the INVITE.
func (d *Dialog) Outgoing() bool { return false }

// Flow returns where our next request will go to as far as it is known.
func (d *Dialog) Flow() Flow { return Flow{} }

// Provisional answers the peer's INVITE with a 1xx; sdp may be nil.
func (d *Dialog) Provisional(code int, sdp []byte, headers ...sip.Header) {}

// Answer answers the peer's INVITE with 200. sdp is the answer, or the offer where the INVITE had none.
func (d *Dialog) Answer(sdp []byte, headers ...sip.Header) {}

// Hangup ends the dialog in the way that is due: the final response code to a peer's INVITE (0 means 480), CANCEL for
// ours (held back until a 1xx came), else BYE. Ended follows at once; what remains to be said on the wire is seen to.
func (d *Dialog) Hangup(code int, headers ...sip.Header) {}

// Result is what came of a request that we sent in the dialog.
type Result struct {
	// Code is the final status; 408 stands for no answer, 503 for a peer that could not be reached, 487 where the
	// dialog ended before.
	Code int
	// SDP is the answer in a 2xx, or nil.
	SDP      []byte
	Response *sip.Response // nil where there was none
}

// OK is true for a 2xx.
func (r Result) OK() bool { return r.Code >= 200 && r.Code < 300 }

// Reinvite offers a changed session by re-INVITE. A glare (491) is tried again after the time of RFC 3261 section 14.1.
// A second offer waits for the first. done may be nil.
func (d *Dialog) Reinvite(sdp []byte, done func(Result)) {}

// Update offers a changed session by UPDATE (RFC 3311); with nil it only refreshes the target. done may be nil.
func (d *Dialog) Update(sdp []byte, done func(Result)) {}

// CanUpdate is true where the peer's Allow names UPDATE.
func (d *Dialog) CanUpdate() bool { return false }

// Info sends an INFO (RFC 6086). done may be nil.
func (d *Dialog) Info(contentType string, body []byte, done func(Result)) {}

// Refer asks the peer to call to (RFC 3515), taking over the dialog replaces if that is given (RFC 3891). done, which
// may be nil, is told whether the peer took it; what came of the call follows as ReferProgress.
func (d *Dialog) Refer(to sip.Uri, replaces *Replaces, done func(Result)) {}

// Send sends any other request in the dialog: NOTIFY, MESSAGE, OPTIONS. done may be nil.
func (d *Dialog) Send(method sip.RequestMethod, contentType string, body []byte, done func(Result),
	headers ...sip.Header) {
}

// Subscription tells the peer who sent a REFER what becomes of it, by NOTIFY with message/sipfrag (RFC 3515 section
// 2.4). It outlives the call of the dialog: transferors hang up early.
type Subscription struct{}

// Notify reports a status of the call that was asked for. One of 200 or more is the last; calls after it are ignored.
func (s *Subscription) Notify(code int) {}
