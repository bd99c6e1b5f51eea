package ccc

import (
	"context"
	"strconv"
	"time"

	"seatbridge/call"
	"seatbridge/seat"
)

// Records are the sessions that are over.
type Records interface {
	// Records is one page of what q picks, the newest first, and how many there are in all.
	Records(ctx context.Context, q RecordQuery) (page []Record, total int, err error)
}

// RecordQuery picks records. A zero value leaves its condition out.
type RecordQuery struct {
	From, To time.Time // started at or after From, and before To
	Sessions []string  // one of these
	Phones   []string  // the caller or the callee is one of these
	Page     int       // from 0
	Size     int       // of a page
}

// Record is what is known of one session.
type Record struct {
	call.Record
	Remark string
	// RecordID and RecordURL are the recording's; empty where there is none.
	RecordID, RecordURL string
}

type cdrRequest struct {
	application
	StartTimeStamp, EndTimeStamp int64
	PageSize, PageNumber         int
	InstanceId, Limit, Offset    *int64 // deprecated, and ignored
	Phones, SessionIds           []string
}

type cdrAnswer struct {
	TotalCount int
	TelCdrs    []telCdr // deprecated
	TelCdrList []telCdr
}

// telCdr is one session.
type telCdr struct {
	Caller, Callee       string
	Time                 int64
	Direction, CallType  int
	Duration             int64
	RecordURL, RecordId  string
	SeatUser             *seatUser `json:",omitempty"`
	EndStatus            int
	SkillGroup           string
	CallerLocation       string
	IVRDuration          int64
	RingTimestamp        int64
	AcceptTimestamp      int64
	EndedTimestamp       int64
	IVRKeyPressed        []string // deprecated
	IVRKeyPressedEx      []keyPressed
	HungUpSide           string
	ServeParticipants    []participant
	SkillGroupId         int64
	EndStatusString      string
	StartTimestamp       int64
	QueuedTimestamp      int64
	QueuedSkillGroupId   int64
	QueuedSkillGroupName string
	SessionId            string
	Uui                  string // deprecated
	UUI                  string
	Remark               string
}

type keyPressed struct{ Key, Label string }

// participant is one party's part in serving a session.
type participant struct {
	Mail, Phone                                    string
	RingTimestamp, AcceptTimestamp, EndedTimestamp int64
	Type                                           string
	TransferFrom, TransferFromType                 string
	TransferTo, TransferToType                     string
	SkillGroupId                                   int64
	SkillGroupName                                 string
	EndStatusString                                string
	Sequence                                       int
	StartTimestamp                                 int64
}

// describeTelCdr lists the records of a time, the newest first.
func (s *Server) describeTelCdr(ctx context.Context, _ request, q cdrRequest) (a cdrAnswer, err error) {
	from, to := time.Unix(q.StartTimeStamp, 0), time.Unix(q.EndTimeStamp, 0)
	switch {
	case q.StartTimeStamp < 0 || q.EndTimeStamp < q.StartTimeStamp || to.Sub(from) >= 90*24*time.Hour:
		return a, errorf(codeInvalidValue, "from StartTimeStamp to EndTimeStamp must be less than 90 days")
	case len(q.Phones) > 100 || len(q.SessionIds) > 100:
		return a, errorf(codeInvalidValue, "Phones and SessionIds may be 100 each")
	}
	if err := checkPage(q.PageNumber, q.PageSize, 100); err != nil {
		return a, err
	}
	query := RecordQuery{
		From: from, To: to.Add(time.Second), Sessions: q.SessionIds, Page: q.PageNumber, Size: q.PageSize,
	}
	for _, number := range q.Phones {
		query.Phones = append(query.Phones, international(number))
	}
	records, total, err := s.config.Records.Records(ctx, query)
	if err != nil {
		return a, err
	}
	a = cdrAnswer{TotalCount: total, TelCdrList: []telCdr{}}
	for _, r := range records {
		a.TelCdrList = append(a.TelCdrList, s.telCdr(r))
	}
	a.TelCdrs = a.TelCdrList
	return a, nil
}

func (s *Server) telCdr(r Record) telCdr {
	c := telCdr{
		Caller: r.Caller, Callee: r.Callee, Time: unix(r.Started), Direction: direction(r.Direction),
		CallType: callType(r.Direction), RecordURL: r.RecordURL, RecordId: r.RecordID, SeatUser: s.seatUser(r.User),
		EndStatus: int(r.End), EndStatusString: r.End.String(), IVRDuration: int64(r.InMenu / time.Second),
		RingTimestamp: unix(r.Rang), AcceptTimestamp: unix(r.Accepted), EndedTimestamp: unix(r.Ended),
		IVRKeyPressed: []string{}, IVRKeyPressedEx: []keyPressed{}, HungUpSide: side(r.HungUpBy),
		ServeParticipants: []participant{}, SkillGroupId: r.Group, SkillGroup: s.groupName(r.Group),
		StartTimestamp: unix(r.Started), QueuedTimestamp: unix(r.Queued), SessionId: r.SessionID,
		Uui: r.UUI, UUI: r.UUI, Remark: r.Remark,
	}
	if !r.Queued.IsZero() {
		c.QueuedSkillGroupId, c.QueuedSkillGroupName = r.Group, s.groupName(r.Group)
	}
	if !r.Accepted.IsZero() {
		c.Duration = unix(r.Ended) - unix(r.Accepted)
	}
	for _, step := range r.IVRPath {
		c.IVRKeyPressed = append(c.IVRKeyPressed, step.Key)
		c.IVRKeyPressedEx = append(c.IVRKeyPressedEx, keyPressed{step.Key, step.Label})
	}
	for i, t := range r.Tracks {
		c.ServeParticipants = append(c.ServeParticipants, s.participant(i, t))
	}
	return c
}

func (s *Server) participant(sequence int, t call.Track) participant {
	p := participant{
		Mail: s.mailOf(t.User), Phone: t.Number, RingTimestamp: unix(t.Rang), AcceptTimestamp: unix(t.Accepted),
		EndedTimestamp: unix(t.Ended), Type: string(t.Device), SkillGroupId: t.Group,
		SkillGroupName: s.groupName(t.Group), EndStatusString: t.End.String(), Sequence: sequence,
		StartTimestamp: unix(t.Started), TransferFromType: string(t.From.Kind), TransferToType: string(t.To.Kind),
		TransferFrom: s.handover(t.From), TransferTo: s.handover(t.To),
	}
	if p.Type == "" {
		p.Type = "outboundSeat" // a phone that is no seat's
	}
	return p
}

// handover is who a call came from or went to, a seat by its mail address.
func (s *Server) handover(h call.Handover) string {
	if h.Kind == call.HandoverUser {
		return s.mailOf(h.Who)
	}
	return h.Who
}

// seatUser is a user as records show it; nil for nobody. Who was deleted since is known by the user id alone.
func (s *Server) seatUser(user string) *seatUser {
	if user == "" {
		return nil
	}
	staff, ok := s.config.Seats.Lookup(user)
	if !ok {
		staff = seat.Staff{User: user}
	}
	v := &seatUser{
		Name: staff.Name, Mail: mail(staff), StaffNumber: staff.Number, Phone: staff.Mobile, Nick: staff.Nick,
		UserId: user, SkillGroupNameList: []string{}, Role: int(staff.Role), ExtensionNumber: staff.Extension,
	}
	for _, g := range s.staffInfo(staff, s.config.Seats.Groups()).SkillGroupList {
		v.SkillGroupNameList = append(v.SkillGroupNameList, g.SkillGroupName)
	}
	return v
}

func (s *Server) mailOf(user string) string {
	if staff, ok := s.config.Seats.Lookup(user); ok {
		return mail(staff)
	}
	return user
}

// groupName is a group's name; a group that was deleted since has its number.
func (s *Server) groupName(id int64) string {
	g, ok := s.config.Seats.Group(id)
	switch {
	case ok:
		return g.Name
	case id == 0:
		return ""
	}
	return strconv.FormatInt(id, 10)
}

// callType is the reference's number for how a session began.
func callType(d call.Direction) int {
	switch d {
	case call.DirectionInbound:
		return 2
	case call.DirectionOutbound:
		return 1
	}
	return 6
}

// side is who hung up, in the words of the records.
func side(closedBy string) string {
	switch closedBy {
	case "client":
		return "user"
	case "seat":
		return "seat"
	}
	return "system"
}
