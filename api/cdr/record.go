// Package cdr owns call detail records: their form in the reference, that none is lost, and sending them to their
// receiver.
package cdr

// Record is the call detail record of one session, with the names and forms of the reference. Times are unix seconds, 0
// where there was none; lengths of time are seconds.
type Record struct {
	SdkAppId  int64
	SessionId string
	Caller    string
	Callee    string
	Direction int // 0 inbound, 1 from a seat
	CallType  int // 1 outbound, 2 inbound, 6 between seats
	Duration  int64
	SeatUser  *SeatUser `json:",omitempty"` // that talked to the customer last, or that called

	CallerLocation  string // empty where it is not known
	IVRDuration     int64
	StartTimestamp  int64
	QueuedTimestamp int64
	RingTimestamp   int64
	AcceptTimestamp int64
	EndedTimestamp  int64

	IVRKeyPressed   []string
	IVRKeyPressedEx []Key
	// PostIVRKeyPressed is of a menu after the call, which does not exist.
	PostIVRKeyPressed []Key

	HungUpSide           string // user, seat or system
	ServeParticipants    []Participant
	EndStatus            int
	EndStatusString      string
	SkillGroupId         int64
	QueuedSkillGroupId   int64
	QueuedSkillGroupName string
	UUI                  string
	Remark               string
	RecordId             string
	RecordURL            string
	// RecordProblem is why the recording is not whole. The reference does not have it.
	RecordProblem string `json:",omitempty"`
}

// SeatUser is a staff member.
type SeatUser struct {
	UserId, Name, Mail, Phone, Nick string
	StaffNumber                     string
	SkillGroupNameList              []string
}

// Key is a key that the caller pressed in a menu.
type Key struct{ Key, Label string }

// Participant is one part in serving a session: a seat's, or a number's that stands in for one. A transfer makes a
// second, each seat that rang in vain one of its own.
type Participant struct {
	Sequence         int    // from 0, in the order in which they began
	UserId           string // empty where it is no seat
	Mail             string
	Phone            string // of its device: the extension, or a number outside
	Type             string // a seat.Device, or outboundSeat: a number outside
	StartTimestamp   int64
	RingTimestamp    int64
	AcceptTimestamp  int64
	EndedTimestamp   int64
	TransferFrom     string
	TransferFromType string // user, number or skillGroup; empty where TransferFrom is
	TransferTo       string
	TransferToType   string // likewise
	SkillGroupId     int64
	SkillGroupName   string
	EndStatusString  string
	RecordId         string
	RecordURL        string
}
