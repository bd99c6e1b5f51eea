package leg

import (
	"time"

	"seatbridge/codec"
	"seatbridge/dtmf"
)

// Event is something that happened on a leg: one of the types below.
type Event interface{ legEvent() }

// Ringing says that the called party's device rings (SIP: 180).
type Ringing struct{}

// EarlyMedia says that the called party sends sound before it answers (SIP: 183 with SDP); its Port works.
type EarlyMedia struct{ Codec codec.ID }

// Answered says that the leg is established: a called party answered, or a calling party's Accept took effect.
type Answered struct {
	Codec codec.ID
	// Number is who answered as the far end tells it, for records; may be empty.
	Number string
}

// PickupRefused says that nothing comes of a Pickup: the device refused, or did not hear it. It goes on ringing.
type PickupRefused struct{}

// Digit says that the party pressed a digit. Digits by telephone-event travel through the bridge as packets too; this
// tells call control.
type Digit struct {
	Event    dtmf.Event
	Duration time.Duration
	// Relayed is true for a telephone-event, whose packets the bridge passes on, and false for SIP INFO, which call
	// control passes on.
	Relayed bool
	// Inband is true for a tone that was heard in the party's sound. Who takes telephone-events gets it as one from the
	// bridge, and who does not hears it.
	Inband bool
}

// DigitsSent says that SendDigits came to its end.
type DigitsSent struct{ OK bool }

// HeldChanged says that the party put us on hold or took us back (RFC 3264 section 8.4).
type HeldChanged struct{ Held bool }

// Referred says that the party asks to be transferred away (RFC 3515). Result must be called, once or more: with
// Trying, then with how it ended.
type Referred struct {
	To string // number or extension
	// Replaces names the leg that the transferred party is to take over (RFC 3891); empty for a blind transfer.
	Replaces string
	Result   func(code int)
}

// MediaLost says that the party's sound stopped or never came; MediaBack that it is there (again).
type MediaLost struct{ Reason string }

// Reasons of a MediaLost, as events and metrics have them.
const (
	LostNoPackets   = "no packets"
	LostWrongSource = "wrong source" // packets come from an address that is not believed
	LostSRTP        = "SRTP authentication failed"
	LostNotRTP      = "not RTP"
	LostUnknownType = "payload type not negotiated"
	LostConnection  = "disconnected" // a browser's connection
	LostHeld        = "held"         // nothing comes, and it holds the other side
	LostMuted       = "muted"        // nothing comes, and it is muted; of call control, legs do not know
)

// MediaBack ends a MediaLost.
type MediaBack struct{}

// Ended says that the leg is gone, with all that it held. It is the last event.
type Ended struct{ Cause Cause }

func (Ringing) legEvent()       {}
func (EarlyMedia) legEvent()    {}
func (Answered) legEvent()      {}
func (PickupRefused) legEvent() {}
func (Digit) legEvent()         {}
func (DigitsSent) legEvent()    {}
func (HeldChanged) legEvent()   {}
func (Referred) legEvent()      {}
func (MediaLost) legEvent()     {}
func (MediaBack) legEvent()     {}
func (Ended) legEvent()         {}

// Cause says why a leg ended or is to end.
type Cause struct {
	Reason Reason
	// Remote is true when the party or its network ended it, false when we did.
	Remote bool
	// SIP is the status that the far end gave, or 0.
	SIP int
	// Text is for logs and records.
	Text string
	// Policy names the rule or limit of ours that refused a call outside; empty where none did.
	Policy string
}

// Reason is the kind of a Cause, the words shared by all transports.
type Reason string

// The reasons. sip/ maps them to status codes and back.
const (
	Normal      Reason = "normal"      // hung up after it was answered
	Cancelled   Reason = "cancelled"   // the caller gave up before the answer; SIP 487
	Busy        Reason = "busy"        // 486, 600
	NoAnswer    Reason = "noAnswer"    // rang until the timeout; 408, 480 after ringing
	Rejected    Reason = "rejected"    // the called user said no; 603, 403 from a phone
	NotFound    Reason = "notFound"    // no such number; 404, 604, 484
	Unavailable Reason = "unavailable" // nobody registered or logged in; 480
	Forbidden   Reason = "forbidden"   // policy says no; 403
	Elsewhere   Reason = "elsewhere"   // another device took it; CANCEL with Reason 200 (RFC 3326)
	NoCodec     Reason = "noCodec"     // 488
	Congestion  Reason = "congestion"  // out of ports or over a limit; 503
	TrunkFailed Reason = "trunkFailed" // no gateway of the trunks could be reached, or 5xx
	MediaDead   Reason = "mediaDead"   // no RTP for too long
	Gone        Reason = "gone"        // the far end lost the dialog, or does not answer any more; 408, 481
	Expired     Reason = "expired"     // longest call length or session timer reached
	Shutdown    Reason = "shutdown"    // the gateway stops
	Failed      Reason = "failed"      // a fault of ours
	Transferred Reason = "transferred" // the call goes on with somebody else; a normal hang-up for the far end
	Intercepted Reason = "intercepted" // a supervisor took the call over; likewise
)
