package ccc

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"seatbridge/call"
	"seatbridge/seat"
)

// maxUUI bounds what a business adds to a call, in bytes, as the vendor does.
const maxUUI = 1024

type callOutRequest struct {
	application
	UserId, Callee   string
	Caller           string // deprecated: before Callers
	Callers          []string
	IsForceUseMobile bool
	Uui              string // deprecated: before UUI
	UUI              string
}

type callOutAnswer struct{ SessionId string }

// createCallOutSession rings an agent's device, and then whom it is to talk to.
func (s *Server) createCallOutSession(ctx context.Context, _ request, q callOutRequest) (a callOutAnswer, err error) {
	staff, err := s.staff(q.UserId)
	if err != nil {
		return a, err
	}
	o := call.Outbound{User: staff.User, Number: q.Callee, UUI: cmp.Or(q.UUI, q.Uui)}
	if len(o.UUI) > maxUUI {
		return a, errorf(codeInvalidValue, "UUI has more than %d bytes", maxUUI)
	}
	if device, err := s.config.Seats.DeviceOf(staff.User); q.IsForceUseMobile && device != seat.DeviceMobile {
		return a, cmp.Or(err, error(errorf(codeUnsupported, "%s is not at the mobile now", q.UserId)))
	}
	callers := q.Callers
	if len(callers) == 0 {
		callers = []string{q.Caller}
	}
	for _, number := range callers {
		o.CallerID = international(number)
		var info call.Info
		if info, err = s.config.Calls.Call(ctx, o); err == nil {
			return callOutAnswer{info.ID}, nil
		}
		var refused *call.Error
		if !errors.As(err, &refused) || refused.Code != call.CodeForbidden {
			break
		}
	}
	return a, err
}

// international writes the vendor's 0086... as we write numbers.
func international(number string) string {
	if rest, ok := strings.CutPrefix(number, "00"); ok {
		return "+" + rest
	}
	return number
}
