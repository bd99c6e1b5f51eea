// Package call owns sessions: who takes part, what they may do, and what is told to whom; one goroutine a session.
package call

import (
	"context"
	"fmt"
	"time"

	"seatbridge/leg"
	"seatbridge/seat"
)

// Code is the kind of an Error, for programs.
type Code string

// The codes.
const (
	CodeNotFound    Code = "notFound"    // no such session, or one that is not yours: the same answer for both
	CodeWrongState  Code = "wrongState"  // the session is there but can't do that now
	CodeBusy        Code = "busy"        // a limit of the seat is reached
	CodeForbidden   Code = "forbidden"   // role or policy says no
	CodeBadRequest  Code = "badRequest"  // a missing or malformed parameter
	CodeUnavailable Code = "unavailable" // the device is not there, or the gateway is stopping
)

// Error is why a command was refused: a code for programs and a sentence for people.
type Error struct {
	Code    Code
	Message string
}

// Error is the sentence.
func (e *Error) Error() string { return e.Message }

// Errorf makes an Error.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Direction is how a session began.
type Direction int

// The directions, by the numbers of the reference.
const (
	DirectionInbound  Direction = 0
	DirectionOutbound Direction = 1
	DirectionInternal Direction = 2
)

// String is the direction's name, for logs and metrics.
func (d Direction) String() string {
	switch d {
	case DirectionInbound:
		return "inbound"
	case DirectionOutbound:
		return "outbound"
	}
	return "internal"
}

// Status is where a session stands, in the words of the reference.
type Status string

// The statuses.
const (
	StatusRinging     Status = "ringing"     // nobody has answered yet
	StatusSeatJoining Status = "seatJoining" // the seat's own device is being rung (click-to-dial)
	StatusInProgress  Status = "inProgress"
	StatusFinished    Status = "finished"
)

// Role is what a party is in its session.
type Role string

// The roles.
const (
	RoleCustomer   Role = "customer"
	RoleAgent      Role = "agent"
	RoleConsulted  Role = "consulted"
	RoleSupervisor Role = "supervisor"
)

// Info is a snapshot of a session.
type Info struct {
	ID        string
	Direction Direction
	Status    Status
	Caller    leg.Identity
	Callee    leg.Identity
	Trunk     string
	Started   time.Time
	Queued    time.Time // began to wait for a seat of a group: this time, where it waits, else the first; may be zero
	Rang      time.Time // a device rang first: the customer's in an outbound session; zero where none did
	Answered  time.Time
	Ended     time.Time
	Group     int64 // that it waits or waited for last, or was placed for; 0 where for none
	InMenu    bool  // the caller is in a menu
	Waiting   bool  // somebody waits for a seat of Group, and none rings
	// ClosedBy is client, seat, admin or timer, as in the reference; empty while it goes on.
	ClosedBy string
	Cause    leg.Cause
	User     string      // of the seat that calls; empty where none does
	Device   seat.Device // that User calls from
	UUI      string
	Remark   string
	Secure   bool // the customer's digits are kept to itself
	// Recording is what has become of its recording, as its events tell; empty where there is none.
	Recording        string
	RecordingProblem string // why it is not whole
	// ProtectedCaller and ProtectedCallee are what agents see of a number that is kept from them; else empty.
	ProtectedCaller, ProtectedCallee string
	IVRPath                          []PathStep    // the keys that the caller pressed in menus
	Transfer                         *TransferInfo // nil while nobody hands it over
	Parties                          []PartyInfo
}

// TransferInfo is a snapshot of a transfer.
type TransferInfo struct {
	By      string // the seat that hands the session over
	To      string // the target's number
	ToUser  string // the target's seat
	State   string // the latest of its events: started, ringing, answered
	Consult bool   // By talks to the target first
	Swapped bool   // and has gone back to the other side
}

// PartyInfo is a snapshot of one party.
type PartyInfo struct {
	ID     string
	Role   Role
	User   string      // the seat's user id; empty for a customer
	Device seat.Device // of a seat: where it has the call
	Mode   Mode        // of a supervisor
	Muted  bool
	Held   bool     // it put the other side on hold
	Left   bool     // it is gone, while the session went on
	Hears  []string // ids of the parties in its row of the table
	Sound  Sound    // what it hears in place of anybody
	Leg    leg.Info
}

// EventType names an Event, in the words of the reference where it has one.
type EventType string

// The event types.
const (
	EventCallIn          EventType = "callIn"          // a call rings at the seat
	EventCallOuted       EventType = "callOuted"       // the seat's outbound call was started
	EventRinging         EventType = "ringing"         // the far end rings
	EventEarlyMedia      EventType = "earlyMedia"      // the far end sends sound before it answers
	EventCalloutAccepted EventType = "calloutAccepted" // the far end answered the seat's outbound call
	EventUserAccessed    EventType = "userAccessed"    // the seat took the call
	EventSessionEnded    EventType = "sessionEnded"
	EventMuted           EventType = "muted" // Muted tells on or off
	EventHeld            EventType = "held"  // By put the other side on hold, or took it back; Held tells
	EventDigit           EventType = "digit" // the other party pressed Digit, or one that is kept Secure
	EventSecureDigits    EventType = "secureDigits"
	EventTransfer        EventType = "transfer"     // how far the seat's transfer To somebody is: State
	EventMonitor         EventType = "monitor"      // the seat supervises the session, in Mode
	EventHearing         EventType = "hearing"      // who hears whom has changed; to supervisors
	EventAutoTransfer    EventType = "autoTransfer" // the seat did not take the call in time: it goes to another
	EventRecording       EventType = "recording"    // what has become of the session's recording: State
	EventMediaLost       EventType = "mediaLost"
	EventMediaBack       EventType = "mediaBack"
)

// Event is something that a seat is told about a session of its own.
type Event struct {
	Type      EventType
	User      string // whom it is for
	SessionID string
	At        time.Time
	Direction Direction
	Caller    leg.Identity
	Callee    leg.Identity
	// ServerType is the seat's device: staffSeat, staffExtensionSeat, staffPhoneSeat or miniProgramSeat.
	ServerType string
	// PeerUser is the other seat's user id in an internal session.
	PeerUser string
	Timeout  time.Duration // of callIn: how long it will ring; 0 means for ever
	Digit    byte
	Muted    bool
	Held     bool
	Tab      string        // of the seat's own outbound call: Outbound.Tab; of userAccessed: who took it
	ClosedBy string        // of sessionEnded
	Cause    leg.Cause     // of sessionEnded
	Duration time.Duration // of sessionEnded: since the answer, 0 where there was none
	Reason   string        // of mediaLost and transfer
	By       string        // of held: the seat that did it; of mediaLost and mediaBack: whose sound; empty for a customer
	Secure   bool          // of secureDigits and digit
	// State is of transfer: started, ringing, answered (a consultation), completed, cancelled, failed; and of recording:
	// on, paused, failed.
	State   string
	To      string    // of transfer: the target's number
	ToUser  string    // of transfer: the target's seat
	Mode    Mode      // of monitor
	Hearing []Hearing // of hearing
	// ProtectedCaller and ProtectedCallee are set where Caller or Callee is masked.
	ProtectedCaller, ProtectedCallee string
	IVRPath                          []PathStep // of callIn and userAccessed: the keys that the caller pressed in a menu
	Group                            int64      // that the caller waited for, or the call is placed for; 0: none
	// Answered is when the session was; zero where it was not yet.
	Answered time.Time
}

// Watcher is told events. It must not block.
type Watcher interface {
	CallEvent(e Event)
}

// Outbound asks for a call from a seat.
type Outbound struct {
	User string // the seat that calls
	// Number is dialled outside (or an extension); CalleeUser calls another seat instead.
	Number     string
	CalleeUser string
	// UseMobile calls CalleeUser at its mobile, whatever its device of the moment is.
	UseMobile bool
	// CallerID is the number of ours to show; empty means the default.
	CallerID string
	// Group is the skill group that the call is for: it chooses the number to show. 0 means none.
	Group int64
	// NumberGroups are the names of number groups, whose numbers alone may be shown; none mean any.
	NumberGroups []string
	// UUI and Remark are the business's own; they go into the record.
	UUI, Remark string
	// PhoneDesc is what the number is called: it is shown to the seat beside the number.
	PhoneDesc string
	// Tab is what the browser page calls itself; it comes back in the events.
	Tab string
}

// Commands is what a seat can do with sessions. Every command is checked against the seat: a session of somebody else
// is CodeNotFound. None waits for the network.
type Commands interface {
	Call(ctx context.Context, o Outbound) (Info, error)
	// Accept answers what rings at the seat; tab is what the browser page calls itself, and comes back in userAccessed.
	Accept(ctx context.Context, user, session, tab string) error
	HangUp(ctx context.Context, user, session string) error
	SetMuted(ctx context.Context, user, session string, muted bool) error
	Muted(ctx context.Context, user, session string) (bool, error)
	// SendDigits sends 0-9*#A-D into the session, away from the seat; a comma is a pause of two seconds.
	SendDigits(ctx context.Context, user, session, digits string) error
	SetHeld(ctx context.Context, user, session string, held bool) error
	SetSecureDigits(ctx context.Context, user, session string, on bool) error
	SetRecordingPaused(ctx context.Context, user, session string, paused bool) error

	Transfer(ctx context.Context, user, session string, to TransferTo) error
	Consult(ctx context.Context, user, session string, to TransferTo) error
	CompleteTransfer(ctx context.Context, user, session string) error
	Swap(ctx context.Context, user, session string) error
	CancelTransfer(ctx context.Context, user, session string) error

	// These are for administrators and quality inspectors, on any session.
	Supervise(ctx context.Context, user, session string, mode Mode) error
	Intercept(ctx context.Context, user, session, tab string) error // tab is as in Accept
	Leave(ctx context.Context, user, session string) error

	Session(id string) (Info, bool)
	// Sessions are the sessions of one user, or all where user is empty.
	Sessions(user string) []Info
	// Recent are the sessions that ended lately, oldest first.
	Recent() []Info
}
