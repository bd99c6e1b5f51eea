package ccc

import (
	"context"
	"net/url"

	"seatbridge/seat"
)

type loginTokenRequest struct {
	application
	SeatUserId string
	OnlyOnce   bool
}

type loginTokenAnswer struct {
	Token       string
	ExpiredTime int64
	SdkURL      string
}

// createSDKLoginToken makes what a page needs to log an agent in.
func (s *Server) createSDKLoginToken(_ context.Context, r request, q loginTokenRequest,
) (a loginTokenAnswer, err error) {
	staff, err := s.staff(q.SeatUserId)
	if err != nil {
		return a, err
	}
	token, expires := s.config.Logins.Ticket(staff.User, q.OnlyOnce)
	return loginTokenAnswer{
		Token: token, ExpiredTime: expires.Unix(),
		SdkURL: s.base(r) + "/sdk/v1?ticket=" + url.QueryEscape(token),
	}, nil
}

// base is where browsers reach the gateway.
func (s *Server) base(r request) string {
	switch {
	case s.config.URL != "":
		return s.config.URL
	case r.http.TLS != nil:
		return "https://" + r.http.Host
	}
	return "http://" + r.http.Host
}

type forceOfflineRequest struct {
	application
	UserId string
}

// forceMemberOffline logs an agent out and asks for offline. Who is in a call would lose it, and so is left alone.
func (s *Server) forceMemberOffline(_ context.Context, _ request, q forceOfflineRequest) (nothing, error) {
	staff, err := s.staff(q.UserId)
	if err != nil {
		return nothing{}, err
	}
	if state, ok := s.config.Seats.State(staff.User); ok && len(state.Sessions) > 0 {
		return nothing{}, errorf(codeSeatBusy, "%s is in a call: hang it up first", q.UserId)
	}
	if err := s.config.Seats.SetStatus(staff.User, seat.StatusOffline, ""); err != nil {
		return nothing{}, err
	}
	s.config.Logins.KickOut(staff.User)
	return nothing{}, nil
}
