package call

import (
	"errors"
	"strings"

	"seatbridge/leg"
)

// referred hands a call over as a phone asks by REFER. Only staff may: who they talk to may not be sent about by
// itself.
func (s *session) referred(p *party, e leg.Referred) {
	code := s.refer(p, e)
	if code == 0 {
		return
	}
	s.log.Info("transfer refused", "leg", p.id, "to", e.To, "status", code)
	e.Result(code)
}

// referJoin begins an attended transfer.
func (s *session) referJoin(p *party, e leg.Referred) int {
	callID, _, _ := strings.Cut(e.Replaces, ";")
	switch {
	case s.busy() || !s.talks(p) || s.other(p) == nil:
		return 603
	case !s.attend(p, callID, e.Result):
		return 481 // no such dialog, RFC 3891 section 3
	}
	return 0
}

// refer begins the transfer; the status says why not, or is 0.
func (s *session) refer(p *party, e leg.Referred) int {
	switch {
	case s.ending() || p.role != RoleAgent:
		return 603 // Decline, RFC 3261 section 21.6.2
	case e.Replaces != "":
		return s.referJoin(p, e)
	}
	t, err := s.transferTo(p, TransferTo{Number: e.To})
	if err == nil {
		err = s.handOver(p, t, false, e.Result)
	}
	var refused *Error
	switch {
	case err == nil:
		return 0
	case !errors.As(err, &refused):
		return 500
	}
	switch refused.Code {
	case CodeBusy:
		return 486
	case CodeNotFound, CodeBadRequest:
		return 404
	case CodeForbidden:
		return 403
	case CodeUnavailable:
		return 480
	}
	return 603
}
