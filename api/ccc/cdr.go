package ccc

import (
	"context"
	"strconv"
	"time"

	"seatbridge/api/cdr"
)

// Records are those of the sessions that are over.
type Records interface {
	// Records is one page of what q picks, the newest first, and how many there are in all.
	Records(ctx context.Context, q RecordQuery) (page []cdr.Record, total int, err error)
}

// RecordQuery picks records. A zero value leaves its condition out.
type RecordQuery struct {
	From, To time.Time // started at or after From, and before To
	Sessions []string  // one of these
	Phones   []string  // the caller or the callee is one of these
	Page     int       // from 0
	Size     int       // of a page
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

// telCdr is a record as DescribeTelCdr shows it.
type telCdr struct {
	cdr.Record
	SeatUser   *seatUser `json:",omitempty"` // in place of the Record's
	Time       int64
	SkillGroup string // the name
	Uui        string // deprecated
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

func (s *Server) telCdr(r cdr.Record) telCdr {
	c := telCdr{Record: r, Time: r.StartTimestamp, Uui: r.UUI, SkillGroup: s.groupName(r.SkillGroupId)}
	if r.SeatUser != nil {
		c.SeatUser = s.seatUser(*r.SeatUser)
	}
	return c
}

// seatUser is who served, as the record knows it, and besides what is known of the staff member now.
func (s *Server) seatUser(of cdr.SeatUser) *seatUser {
	staff, _ := s.config.Seats.Lookup(of.UserId)
	return &seatUser{
		Name: of.Name, Mail: of.Mail, Phone: of.Phone, Nick: of.Nick, UserId: of.UserId,
		SkillGroupNameList: of.SkillGroupNameList, StaffNumber: staff.Number, Role: int(staff.Role),
		ExtensionNumber: staff.Extension,
	}
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
