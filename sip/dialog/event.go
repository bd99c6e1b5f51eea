package dialog

import "github.com/emiago/sipgo/sip"

// Observer is told a dialog's events, one after the other, on the dialog's goroutine. It must not block.
type Observer func(d *Dialog, e Event)

// Event is something that happened in a dialog: one of the types below.
type Event interface{ dialogEvent() }

// Trying says that the next hop has our INVITE (100).
type Trying struct{}

// Provisional says that a 1xx but 100 came to our INVITE.
type Provisional struct {
	Code int
	// SDP is the early answer, or nil.
	SDP []byte
	// Tag tells early dialogs of a forked call from each other.
	Tag      string
	Response *sip.Response
}

// Answered says that our INVITE was answered with 2xx. The ACK is sent.
type Answered struct {
	SDP      []byte
	Response *sip.Response
}

// Confirmed says that the ACK for our 2xx to the first INVITE came.
type Confirmed struct {
	// SDP is the answer where our 2xx had the offer, or nil.
	SDP []byte
}

// Offer says that the peer wants to change the session by re-INVITE or UPDATE. Accept or Reject must be called, then
// or later; until then further offers are refused.
type Offer struct {
	Request *sip.Request
	// SDP is the peer's offer, or nil where the peer asks us to offer (re-INVITE without SDP).
	SDP []byte
	// Accept answers with 200 and this SDP: our answer, or our offer where SDP is nil.
	Accept func(sdp []byte)
	// Reject answers with this status, such as 488. The session stays as it was.
	Reject func(code int)
}

// OfferAnswered brings the peer's answer to the offer that we gave in a 200 to its re-INVITE without SDP.
type OfferAnswered struct{ SDP []byte }

// Request is an INFO, MESSAGE, OPTIONS or NOTIFY in the dialog. If Respond was not called when the observer returns,
// it is answered with 200.
type Request struct {
	Method      sip.RequestMethod
	ContentType string // without parameters, in lower case
	Body        []byte
	Request     *sip.Request
	Respond     func(code int, headers ...sip.Header)
}

// Refer says that the peer asks us to call someone else (RFC 3515). If neither Accept nor Reject was called when the
// observer returns, it is refused with 603.
type Refer struct {
	// To is whom to call, without its headers.
	To sip.Uri
	// Replaces names the dialog to take over (an attended transfer), or is nil.
	Replaces *Replaces
	// ReferredBy is the value of that header (RFC 3892), or empty.
	ReferredBy string
	Request    *sip.Request
	// Accept answers with 202 and tells the peer "100 Trying"; the Subscription takes what becomes of the call.
	Accept func() *Subscription
	// Reject answers with this status.
	Reject func(code int)
}

// ReferProgress is the peer's NOTIFY about a REFER that we sent.
type ReferProgress struct {
	// Code is the status in its message/sipfrag body.
	Code int
	// Terminated is true where no more follow.
	Terminated bool
}

// Ended says that the dialog is over. It is the last event of every dialog, and comes exactly once.
type Ended struct {
	Why Why
	// Remote is true when the peer or the network ended it, false when we did.
	Remote bool
	// Code is the status of the final response to the INVITE, or of the in-dialog response that ended the dialog, or 0.
	Code int
	// Reason is the value of the Reason header (RFC 3326) of BYE or CANCEL, else the reason phrase; may be empty.
	Reason string
	// Response is the final response that ended it (Retry-After, Contact, ... are in there), or nil.
	Response *sip.Response
	// Request is the peer's BYE, or nil. The peer's CANCEL is not kept.
	Request *sip.Request
	// Err is the fault where there was no response, or nil.
	Err error
}

// Why is the kind of end.
type Why string

// The kinds of end.
const (
	Hungup    Why = "hungup"    // BYE, by us or the peer
	Cancelled Why = "cancelled" // given up before the answer: CANCEL, by us or the peer
	Rejected  Why = "rejected"  // the INVITE got a final response of 300 or more, by us or the peer
	Timeout   Why = "timeout"   // the INVITE, or a request in the dialog, was not answered; 408
	Lost      Why = "lost"      // the peer does not know the dialog any more; 481
	NoAck     Why = "noAck"     // our 2xx was never acknowledged
	Expired   Why = "expired"   // the session timer ran out
	Transport Why = "transport" // the peer could not be reached
	Closed    Why = "closed"    // the Stack was closed
	Failed    Why = "failed"    // a fault of ours
)

func (Trying) dialogEvent()        {}
func (Provisional) dialogEvent()   {}
func (Answered) dialogEvent()      {}
func (Confirmed) dialogEvent()     {}
func (Offer) dialogEvent()         {}
func (OfferAnswered) dialogEvent() {}
func (Request) dialogEvent()       {}
func (Refer) dialogEvent()         {}
func (ReferProgress) dialogEvent() {}
func (Ended) dialogEvent()         {}
