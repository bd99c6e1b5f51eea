package api

import (
	"cmp"
	"time"

	"seatbridge/call"
	"seatbridge/seat"
)

// sessionView is a session as a seat's page gets it.
type sessionView struct {
	SessionID         string         `json:"sessionId"`
	Direction         call.Direction `json:"direction"`
	Type              string         `json:"type"`
	Status            call.Status    `json:"status"`
	CallerPhoneNumber string         `json:"callerPhoneNumber"`
	CallerName        string         `json:"callerName,omitempty"`
	CallerLocation    string         `json:"callerLocation,omitempty"`
	CalleePhoneNumber string         `json:"calleePhoneNumber"`
	CalleeName        string         `json:"calleeName,omitempty"`
	CalleeLocation    string         `json:"calleeLocation,omitempty"`
	StartedAt         time.Time      `json:"startedAt"`
	AnsweredAt        time.Time      `json:"answeredAt,omitzero"`
	Remark            string         `json:"remark,omitempty"`
	origin
	*ownView
}

// ownView is what a session is to the seat that asks.
type ownView struct {
	ServerType string `json:"serverType"` // where the seat has the call
	Incoming   bool   `json:"incoming"`   // the seat is called; false where it calls
	Accepted   bool   `json:"accepted"`   // the seat is in the call, or placed it; false while it rings there
	Muted      bool   `json:"muted"`
	PeerUserID string `json:"peerUserId,omitempty"`
	Held       bool   `json:"held,omitempty"`   // the seat put the other side on hold
	Secure     bool   `json:"secure,omitempty"` // the customer's digits are kept from the seat
	// Recording is where the session's recording stands, as in the event; empty where there is none.
	Recording string `json:"recording,omitempty"`
	// Mode is how the seat supervises the session; empty where it takes part.
	Mode     call.Mode     `json:"mode,omitempty"`
	Transfer *transferView `json:"transfer,omitempty"` // while the seat hands the session over
}

// transferView is how far the seat's transfer or consultation is.
type transferView struct {
	State   string `json:"state"` // as in the event
	To      string `json:"to"`
	UserID  string `json:"userId,omitempty"`
	Consult bool   `json:"consult"`
	Swapped bool   `json:"swapped"` // the seat talks to the other side meanwhile, and not to the consulted
}

func newSessionView(i call.Info) sessionView {
	return sessionView{
		SessionID:         i.ID,
		Direction:         i.Direction,
		Type:              sessionType(i.Direction),
		Status:            i.Status,
		CallerPhoneNumber: i.Caller.Number,
		CallerName:        i.Caller.Name,
		CallerLocation:    i.Caller.Location,
		CalleePhoneNumber: i.Callee.Number,
		CalleeName:        i.Callee.Name,
		CalleeLocation:    i.Callee.Location,
		StartedAt:         wireTime(i.Started),
		AnsweredAt:        optionalTime(i.Answered),
		Remark:            i.Remark,
		origin:            origin{i.IVRPath, skillGroupID(i.Group), i.ProtectedCaller, i.ProtectedCallee},
	}
}

// ownSession is the session as the seat's page gets it.
func ownSession(i call.Info, staff seat.Staff) sessionView {
	v := newSessionView(i)
	mine := i.User == staff.User
	device := staff.Device
	if mine {
		device = cmp.Or(i.Device, device)
	}
	v.ownView = &ownView{Incoming: !mine, Accepted: mine, Secure: i.Secure, Recording: i.Recording}
	if !mine {
		v.PeerUserID = i.User
	}
	if t := i.Transfer; t != nil && t.By == staff.User {
		v.Transfer = &transferView{t.State, t.To, t.ToUser, t.Consult, t.Swapped}
	}
	for _, p := range i.Parties {
		switch {
		case p.Left:
		case p.User == staff.User:
			device = cmp.Or(p.Device, device)
			v.Accepted, v.Muted, v.Held, v.Mode = mine || !p.Leg.Answered.IsZero(), p.Muted, p.Held, p.Mode
		case p.User != "" && p.Role != call.RoleSupervisor: // of whom nobody is told
			v.PeerUserID = p.User
		}
	}
	v.ServerType = string(device)
	if !mine && v.Mode == "" && i.Direction == call.DirectionOutbound {
		v.toSeat(staff)
	}
	return v
}

// toSeat shows a call outside that another seat placed as one to this seat, which got it by a transfer or took it over:
// it comes from the customer, as the event callIn said.
func (v *sessionView) toSeat(staff seat.Staff) {
	v.CallerPhoneNumber, v.CallerName, v.CallerLocation = v.CalleePhoneNumber, v.CalleeName, v.CalleeLocation
	v.CalleePhoneNumber, v.CalleeName, v.CalleeLocation = staff.Extension, staff.Name, ""
	v.ProtectedCaller, v.ProtectedCallee = v.ProtectedCallee, ""
}

func ownSessions(infos []call.Info, staff seat.Staff) []sessionView {
	views := make([]sessionView, len(infos))
	for i, info := range infos {
		views[i] = ownSession(info, staff)
	}
	return views
}

func optionalTime(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return wireTime(t)
}
