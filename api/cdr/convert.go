package cdr

import (
	"cmp"
	"encoding/json"
	"time"

	"seatbridge/call"
	"seatbridge/seat"
)

// outboundSeat is the Type of a number outside that serves a customer.
const outboundSeat = "outboundSeat"

// Staff says who users and groups are; *seat.Directory does. It may know nothing of one: who was deleted meanwhile.
type Staff interface {
	Lookup(user string) (seat.Staff, bool)
	Groups() []seat.Group
}

// names are a Staff's words for what a record has ids of.
type names struct {
	staff  func(user string) (seat.Staff, bool)
	groups []seat.Group
}

func (n names) group(id int64) string {
	for _, g := range n.groups {
		if g.ID == id {
			return g.Name
		}
	}
	return ""
}

func (n names) seatUser(user string) *SeatUser {
	if user == "" {
		return nil
	}
	s, _ := n.staff(user)
	out := &SeatUser{
		UserId: user, Name: s.Name, Mail: s.Mail, Phone: s.Mobile, Nick: s.Nick, StaffNumber: s.Number,
		SkillGroupNameList: []string{},
	}
	for _, g := range n.groups {
		for _, m := range g.Members {
			if m.User == user {
				out.SkillGroupNameList = append(out.SkillGroupNameList, g.Name)
			}
		}
	}
	return out
}

// From is the record of a session in the form of the reference.
func From(c call.Record, app int64, staff Staff) Record {
	n := names{staff.Lookup, staff.Groups()}
	r := Record{
		SdkAppId: app, SessionId: c.SessionID, Caller: c.Caller, Callee: c.Callee, Direction: direction(c.Direction),
		CallerLocation: c.CallerLocation,
		CallType:       callType(c.Direction), SeatUser: n.seatUser(c.User), Duration: between(c.Accepted, c.Ended),
		IVRDuration: int64(c.InMenu / time.Second), StartTimestamp: unix(c.Started), QueuedTimestamp: unix(c.Queued),
		RingTimestamp: unix(c.Rang), AcceptTimestamp: unix(c.Accepted), EndedTimestamp: unix(c.Ended),
		IVRKeyPressed: []string{}, IVRKeyPressedEx: []Key{}, PostIVRKeyPressed: []Key{}, HungUpSide: side(c.HungUpBy),
		ServeParticipants: []Participant{}, SkillGroupId: c.Group, UUI: c.UUI, Remark: cmp.Or(c.Remark, c.PhoneDesc),
	}
	if c.End != 0 {
		r.EndStatus, r.EndStatusString = int(c.End), c.End.String()
	}
	if !c.Queued.IsZero() {
		r.QueuedSkillGroupId, r.QueuedSkillGroupName = c.Group, n.group(c.Group)
	}
	for _, step := range c.IVRPath {
		r.IVRKeyPressed = append(r.IVRKeyPressed, step.Key)
		r.IVRKeyPressedEx = append(r.IVRKeyPressedEx, Key{step.Key, step.Label})
	}
	for i, t := range c.Tracks {
		r.ServeParticipants = append(r.ServeParticipants, n.participant(i, t))
	}
	return r
}

func (n names) participant(sequence int, t call.Track) Participant {
	s, _ := n.staff(t.User)
	p := Participant{
		Sequence: sequence, UserId: t.User, Mail: s.Mail, Phone: t.Number, Type: string(t.Device),
		StartTimestamp: unix(t.Started), RingTimestamp: unix(t.Rang), AcceptTimestamp: unix(t.Accepted),
		EndedTimestamp: unix(t.Ended), TransferFrom: t.From.Who, TransferFromType: string(t.From.Kind),
		TransferTo: t.To.Who, TransferToType: string(t.To.Kind), SkillGroupId: t.Group, SkillGroupName: n.group(t.Group),
	}
	if t.End != 0 {
		p.EndStatusString = t.End.String()
	}
	switch {
	case t.Device != "":
	case seat.IsExtension(t.Number): // a phone that is nobody's
		p.Type = string(seat.DevicePhone)
	default:
		p.Type = outboundSeat
	}
	return p
}

// entry is a record as it is kept. Its times are the session's own, which are finer than the record's.
func entry(r Record, started, ended time.Time) (Entry, error) {
	body, err := json.Marshal(r)
	e := Entry{
		SessionID: r.SessionId, Started: started, Ended: ended, Direction: r.Direction, Caller: r.Caller,
		Callee: r.Callee, Body: body,
	}
	if r.SeatUser != nil {
		e.Seats = append(e.Seats, r.SeatUser.UserId)
	}
	for _, p := range r.ServeParticipants {
		if p.UserId != "" {
			e.Seats = append(e.Seats, p.UserId)
		}
	}
	return e, err
}

// direction is 0 or 1: the reference tells calls between seats apart by the call type alone.
func direction(d call.Direction) int {
	if d == call.DirectionInbound {
		return 0
	}
	return 1
}

func callType(d call.Direction) int {
	switch d {
	case call.DirectionInbound:
		return 2
	case call.DirectionOutbound:
		return 1
	}
	return 6
}

// side is who hung up, by the words of the record.
func side(by string) string {
	switch by {
	case "client":
		return "user"
	case "seat":
		return "seat"
	}
	return "system"
}

func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// between is a difference of the times as the record has them, so that a reader's sums are right.
func between(from, to time.Time) int64 {
	if from.IsZero() || to.IsZero() {
		return 0
	}
	return unix(to) - unix(from)
}
