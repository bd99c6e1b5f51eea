package ccc

import (
	"context"
	"strconv"
	"time"

	"seatbridge/call"
)

type activeSessionsRequest struct {
	application
	Offset, Limit int
}

type activeSessionsAnswer struct {
	Total    int
	Sessions []activeSession
}

// activeSession differs from session in what is written as text.
type activeSession struct {
	SessionID, RoomID                string
	Caller, Callee                   string
	StartTimestamp, AcceptTimestamp  string
	StaffEmail, StaffNumber          string
	SessionStatus                    string
	Direction                        int
	RingTimestamp                    int64
	ProtectedCaller, ProtectedCallee string
}

type sessionRequest struct {
	application
	SessionId string
}

type sessionAnswer struct{ Session session }

type session struct {
	SessionID, RoomID                              string
	Caller, Callee                                 string
	StartTimestamp, RingTimestamp, AcceptTimestamp int64
	StaffEmail, StaffNumber                        string
	SessionStatus                                  string
	Direction                                      int
	OutBoundCaller, OutBoundCallee                 string
	ProtectedCaller, ProtectedCallee               string
}

// describePSTNActiveSessionList lists the sessions that go on with somebody outside.
func (s *Server) describePSTNActiveSessionList(_ context.Context, _ request, q activeSessionsRequest,
) (a activeSessionsAnswer, err error) {
	if q.Offset < 0 || q.Limit < 1 || q.Limit > 25 {
		return a, errorf(codeInvalidValue, "Offset must be 0 or more, Limit from 1 to 25")
	}
	a.Sessions = []activeSession{}
	for _, info := range s.config.Calls.Sessions("") {
		if info.Direction == call.DirectionInternal {
			continue
		}
		if a.Total++; a.Total > q.Offset && len(a.Sessions) < q.Limit {
			v := s.view(info)
			a.Sessions = append(a.Sessions, activeSession{
				SessionID: v.SessionID, RoomID: v.RoomID, Caller: v.Caller, Callee: v.Callee,
				StartTimestamp: text(v.StartTimestamp), AcceptTimestamp: text(v.AcceptTimestamp),
				StaffEmail: v.StaffEmail, StaffNumber: v.StaffNumber, SessionStatus: v.SessionStatus,
				Direction: v.Direction, RingTimestamp: v.RingTimestamp,
				ProtectedCaller: v.ProtectedCaller, ProtectedCallee: v.ProtectedCallee,
			})
		}
	}
	return a, nil
}

// describeTelSession shows a session that goes on or ended lately.
func (s *Server) describeTelSession(_ context.Context, _ request, q sessionRequest) (a sessionAnswer, err error) {
	info, ok := s.config.Calls.Session(q.SessionId)
	if !ok {
		return a, noSession(q.SessionId)
	}
	return sessionAnswer{s.view(info)}, nil
}

// hangUpCall ends a session for everybody.
func (s *Server) hangUpCall(ctx context.Context, _ request, q sessionRequest) (nothing, error) {
	return nothing{}, s.config.Calls.Terminate(ctx, q.SessionId)
}

func noSession(id string) *Error { return errorf(codeNotFound, "there is no session %q", cut(id)) }

// view is a session as both actions show it. Where a number is protected its mask stands in its place.
func (s *Server) view(info call.Info) session {
	v := session{
		SessionID: info.ID, RoomID: info.ID, Caller: info.Caller.Number, Callee: info.Callee.Number,
		StartTimestamp: unix(info.Started), RingTimestamp: unix(info.Rang), AcceptTimestamp: unix(info.Answered),
		SessionStatus: string(info.Status), Direction: direction(info.Direction),
		ProtectedCaller: info.ProtectedCaller, ProtectedCallee: info.ProtectedCallee,
	}
	if v.ProtectedCaller != "" {
		v.Caller = ""
	}
	if v.ProtectedCallee != "" {
		v.Callee = ""
	}
	if t := info.Transfer; t != nil && t.ToUser == "" {
		v.OutBoundCallee = t.To
	}
	if staff, ok := s.config.Seats.Lookup(agentOf(info)); ok {
		v.StaffEmail, v.StaffNumber = mail(staff), staff.Number
	}
	return v
}

// agentOf is the user who serves the session, or who is rung for it; empty where nobody is.
func agentOf(info call.Info) string {
	user := info.User
	for _, p := range info.Parties {
		if p.Role == call.RoleAgent && p.User != "" && (!p.Left || user == "") {
			user = p.User
		}
	}
	return user
}

// direction is the reference's: who calls within the house calls out.
func direction(d call.Direction) int {
	if d == call.DirectionInbound {
		return int(call.DirectionInbound)
	}
	return int(call.DirectionOutbound)
}

// unix is seconds since 1970; 0 for what never happened.
func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func text(seconds int64) string { return strconv.FormatInt(seconds, 10) }
