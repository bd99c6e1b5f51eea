package api

import (
	"time"

	"seatbridge/call"
)

// The events that are this package's own.
const (
	eventKickedOut     call.EventType = "kickedOut"
	eventMedia         call.EventType = "media"
	eventSnapshot      call.EventType = "snapshot"
	eventStatusChanged call.EventType = "statusChanged"
)

// eventMessage is an event as pages get it; which members it has depends on Event.
type eventMessage struct {
	Seq       uint64         `json:"seq"`
	Event     call.EventType `json:"event"`
	At        time.Time      `json:"at"`
	SessionID string         `json:"sessionId,omitempty"`
	*offered
	*origin
	*ended
	*supervised
	*statusView                // of statusChanged and snapshot; its reason is Reason here
	Digit       string         `json:"digit,omitempty"`
	Muted       *bool          `json:"muted,omitempty"`
	Held        *bool          `json:"held,omitempty"`
	UserID      string         `json:"userId,omitempty"`   // of held: who did it; of mediaLost: whose; of transfer: the target
	Secure      *bool          `json:"secure,omitempty"`   // of secureDigits, and of a digit that is kept back
	To          string         `json:"to,omitempty"`       // of transfer: the target's number
	Parties     []hearingView  `json:"parties,omitempty"`  // of hearing
	Tab         string         `json:"tab,omitempty"`      // what the page that placed or took the call named itself
	State       string         `json:"state,omitempty"`    // of media, transfer and recording
	Reason      string         `json:"reason,omitempty"`   // of media, mediaLost, transfer, sessionEnded, ...
	Sessions    *[]sessionView `json:"sessions,omitempty"` // of snapshot
}

// offered is what callIn, callOuted and monitor tell besides.
type offered struct {
	Type              string   `json:"type"`
	Timeout           *float64 `json:"timeout,omitempty"` // seconds, 0 means for ever; of callIn
	CallerPhoneNumber string   `json:"callerPhoneNumber"`
	CallerName        string   `json:"callerName,omitempty"`
	CallerLocation    string   `json:"callerLocation,omitempty"`
	CalleePhoneNumber string   `json:"calleePhoneNumber"`
	CalleeName        string   `json:"calleeName,omitempty"`
	CalleeLocation    string   `json:"calleeLocation,omitempty"`
	ServerType        string   `json:"serverType"`
	PeerUserID        string   `json:"peerUserId,omitempty"`
}

// supervised is what monitor tells besides, the first two as of a session.
type supervised struct {
	Direction  call.Direction `json:"direction"`
	AnsweredAt time.Time      `json:"answeredAt,omitzero"`
	Mode       call.Mode      `json:"mode"`
}

// origin is how a caller came: what callIn, userAccessed, callOuted and monitor tell besides, and sessions.
type origin struct {
	IVRPath      []call.PathStep `json:"ivrPath,omitempty"` // the keys that it pressed in a menu
	SkillGroupID string          `json:"skillGroupId,omitempty"`
	// ProtectedCaller and ProtectedCallee are the masked number, where it is kept from agents.
	ProtectedCaller string `json:"protectedCaller,omitempty"`
	ProtectedCallee string `json:"protectedCallee,omitempty"`
}

func newOrigin(e call.Event) *origin {
	return &origin{e.IVRPath, skillGroupID(e.Group), e.ProtectedCaller, e.ProtectedCallee}
}

// ended is what sessionEnded tells besides.
type ended struct {
	CloseBy  string  `json:"closeBy"`
	Duration float64 `json:"duration"` // seconds since the answer
	Detail   string  `json:"detail,omitempty"`
}

func newEvent(e call.Event) eventMessage {
	m := eventMessage{Event: e.Type, At: wireTime(e.At), SessionID: e.SessionID, Tab: e.Tab, Reason: e.Reason}
	switch e.Type {
	case call.EventCallIn:
		m.offered, m.origin = newOffered(e), newOrigin(e)
		m.Timeout = new(e.Timeout.Seconds())
	case call.EventCallOuted:
		m.offered, m.origin = newOffered(e), newOrigin(e)
	case call.EventUserAccessed:
		m.origin = newOrigin(e)
	case call.EventSessionEnded:
		m.ended = &ended{CloseBy: e.ClosedBy, Duration: e.Duration.Seconds(), Detail: e.Cause.Text}
		m.Reason = string(e.Cause.Reason)
	case call.EventMediaLost, call.EventMediaBack:
		m.UserID = e.By
	case call.EventMuted:
		m.Muted = &e.Muted
	case call.EventHeld:
		m.Held, m.UserID = &e.Held, e.By
	case call.EventDigit:
		if e.Secure {
			m.Secure = &e.Secure
		} else {
			m.Digit = string(rune(e.Digit))
		}
	case call.EventSecureDigits:
		m.Secure = &e.Secure
	case call.EventRecording:
		m.State = e.State
	case call.EventTransfer:
		m.State, m.To, m.UserID = e.State, e.To, e.ToUser
	case call.EventMonitor:
		m.offered, m.origin = newOffered(e), newOrigin(e)
		m.supervised = &supervised{e.Direction, optionalTime(e.Answered), e.Mode}
	case call.EventHearing:
		m.Parties = newHearing(e.Hearing)
	}
	return m
}

// hearingView is what one party hears, as supervisors are told.
type hearingView struct {
	ID     string     `json:"id"`
	Role   call.Role  `json:"role"`
	UserID string     `json:"userId,omitempty"`
	Mode   call.Mode  `json:"mode,omitempty"`
	Hears  []string   `json:"hears"` // ids of parties
	Sound  call.Sound `json:"sound,omitempty"`
}

func newHearing(all []call.Hearing) []hearingView {
	views := make([]hearingView, len(all))
	for i, h := range all {
		views[i] = hearingView{h.ID, h.Role, h.User, h.Mode, append([]string{}, h.Hears...), h.Sound}
	}
	return views
}

func newOffered(e call.Event) *offered {
	return &offered{
		Type:              sessionType(e.Direction),
		CallerPhoneNumber: e.Caller.Number,
		CallerName:        e.Caller.Name,
		CallerLocation:    e.Caller.Location,
		CalleePhoneNumber: e.Callee.Number,
		CalleeName:        e.Callee.Name,
		CalleeLocation:    e.Callee.Location,
		ServerType:        e.ServerType,
		PeerUserID:        e.PeerUser,
	}
}

// sessionType is the word of the reference for what kind of session it is.
func sessionType(d call.Direction) string {
	if d == call.DirectionInternal {
		return "internal"
	}
	return "phone"
}

// wireTime is a time as messages carry it: UTC, to the millisecond; now where it is unknown.
func wireTime(t time.Time) time.Time {
	if t.IsZero() {
		t = time.Now()
	}
	return t.UTC().Truncate(time.Millisecond)
}
