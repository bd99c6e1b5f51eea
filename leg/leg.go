// Package leg owns the contract between call control and whatever carries one party's side of a call: a SIP dialog or
// a browser's peer connection.
package leg

import (
	"time"

	"seatbridge/codec"
	"seatbridge/dtmf"
	"seatbridge/media"
)

// Kind says what carries a leg. It is a label for logs and metrics; call control never branches on it.
type Kind string

// The kinds of legs.
const (
	KindPhone   Kind = "phone"   // a registered SIP phone
	KindTrunk   Kind = "trunk"   // a carrier's SIP trunk
	KindBrowser Kind = "browser" // a WebRTC peer
)

// Leg is one party's side of a session. Its methods only ask and return at once, whatever the network does; what came
// of it arrives as an Event. All of them are safe to call at any time and from any goroutine: what no longer fits the
// leg's state is ignored. The last event of every leg is Ended, exactly once, also after a Hangup.
type Leg interface {
	// ID is unique in the process, and stands in every log line of the leg.
	ID() string
	// Kind says what carries the leg.
	Kind() Kind
	// Port is the leg's media; it is there from the start and drops everything until something was negotiated.
	Port() media.Port
	// Ring tells a calling party that the other side rings (SIP: 180).
	Ring()
	// Progress opens a calling party's media before the answer (SIP: 183 with SDP). prefer is the codec that would
	// save transcoding, or None.
	Progress(prefer codec.ID)
	// Accept answers a calling party (SIP: 200 with SDP).
	Accept(prefer codec.ID)
	// Pickup answers a called party's device by command, as if its user had done so: a browser always can, a phone
	// only where it rings and understands being told to. It is false where the device can't. Answered follows, or
	// PickupRefused, or nothing where the device took it and does nothing.
	Pickup() bool
	// SendDigits sends digits to the party; DigitsSent follows.
	SendDigits(digits []dtmf.Event, length, gap time.Duration)
	// Hold tells the party's own network that it waits, or no longer does, where the transport is set up for that (a
	// carrier's trunk with a hold re-INVITE); others ignore it. What the party hears is the bridge's business alone.
	Hold(on bool)
	// Hangup ends the leg: rejects, cancels or hangs up, whichever is due.
	Hangup(c Cause)
	// Info is a snapshot for logs and the API.
	Info() Info
}

// Info describes a leg.
type Info struct {
	ID       string             `json:"id"`
	Kind     Kind               `json:"kind"`
	Remote   string             `json:"remote"` // who: an extension, a trunk's name, a user id
	CallID   string             `json:"callId,omitempty"`
	Codec    string             `json:"codec,omitempty"`
	Secure   bool               `json:"secure"` // SRTP
	Started  time.Time          `json:"started"`
	Answered time.Time          `json:"answered,omitzero"`
	Receive  media.ReceiveStats `json:"receive"`
	Send     media.SendStats    `json:"send"`
	Report   Report             `json:"report"`
}

// Report is what the party's last RTCP reception report says of what it was sent (RFC 3550 section 6.4.1).
type Report struct {
	At           time.Time     `json:"at,omitzero"`  // when it arrived; zero where there was none
	FractionLost float64       `json:"fractionLost"` // since the report before, 0 to 1
	Lost         int           `json:"lost"`         // packets, since the beginning
	Jitter       time.Duration `json:"jitter"`       // in nanoseconds
	RTT          time.Duration `json:"rtt"`          // in nanoseconds; 0 where it can't be told
}

// Identity is how a party is shown: a number and perhaps a name.
type Identity struct {
	Number string
	Name   string
	// Location is where the number is from, such as a city; empty where that is not known. Legs neither tell nor use it.
	Location string
}

// Incoming describes a leg that a party outside started.
type Incoming struct {
	Leg  Leg
	From Identity
	To   string // the number dialled, already rewritten to our own form (E.164 with + from trunks)
	// Account is the extension that proved by digest who it is; empty from a trunk.
	Account string
	// Trunk is the trunk's name; empty from a phone.
	Trunk string
	// Codecs is what the caller offers, in its order.
	Codecs []codec.ID
	// Replaces is the id of a leg of the same account whose place this one is to take (RFC 3891); To means nothing then.
	// Empty for an ordinary call.
	Replaces string
}

// Handler takes new legs. Incoming returns at once: the observer that is told the leg's events, or a Cause with which
// the leg is to be refused. The leg's methods may be called before Incoming has returned; what came of them is told to
// the observer once it is there.
type Handler interface {
	Incoming(in Incoming) (Observer, *Cause)
}

// Observer is told a leg's events, in order, from the leg's own goroutines. It must not block.
type Observer func(Event)

// Destination says whom a new leg is for: exactly one of the three.
type Destination struct {
	Extension string // a registered phone
	User      string // a browser that is logged in
	Number    string // outside, E.164 with + or a short number, by Trunks
	// Trunks are the trunks to try for Number, in order.
	Trunks []string
}

// Dial asks for a new leg.
type Dial struct {
	ID   string // the leg's id
	To   Destination
	From Identity
	// CallerID is the number of ours to show to a trunk; empty means the trunk's default.
	CallerID string
	// CallerIDs are the numbers to choose from where the trunk that is used does not own CallerID: the first that it
	// owns, or its default where it owns none of them.
	CallerIDs []string
	// Emergency is for a number of help: no limit of a trunk holds for it.
	Emergency bool
	// Codecs is the order of preference to offer; empty means the transport's own.
	Codecs []codec.ID
	// AutoAnswer asks a phone to pick up by itself (click-to-dial).
	AutoAnswer bool
	// Timeout ends the leg with NoAnswer when it was not answered in time; 0 means never.
	Timeout time.Duration
}

// Dialer starts legs. Dial returns at once; what came of it arrives at the observer, from Ended{Unavailable} where
// nobody is registered to Answered.
type Dialer interface {
	Dial(d Dial, o Observer) Leg
}
