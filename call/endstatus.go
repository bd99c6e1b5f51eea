package call

import (
	"seatbridge/leg"
	"seatbridge/seat"
)

// EndStatus says how a session ended, by the numbers of the reference.
type EndStatus int

// The end statuses that we can know.
const (
	EndOK                    EndStatus = 1
	EndBlackList             EndStatus = 100
	EndIVRGiveUp             EndStatus = 102 // the caller hung up in a menu
	EndWaitingGiveUp         EndStatus = 103 // the caller hung up in the queue
	EndRingingGiveUp         EndStatus = 104 // the caller hung up while a seat rang
	EndNoSeatOnline          EndStatus = 105
	EndNotWorkTime           EndStatus = 106 // the group was closed
	EndIVREnd                EndStatus = 107 // the menu led nowhere
	EndTooManyRequests       EndStatus = 109 // the queue was full, or a limit reached
	EndNotAnswered           EndStatus = 202
	EndUserRejected          EndStatus = 203
	EndNumberNotExist        EndStatus = 205
	EndBusy                  EndStatus = 206
	EndOperatorError         EndStatus = 208 // the carriers failed
	EndCallerCancel          EndStatus = 209
	EndClientError           EndStatus = 211 // a fault of ours or of a device
	EndNumberInvalid         EndStatus = 215
	EndCalleeRestricted      EndStatus = 217 // the policy says no
	EndCallerCancelWhileRing EndStatus = 220
	EndCallConflict          EndStatus = 501 // the calling seat is in another call
	EndClientTimeout         EndStatus = 502 // the calling seat's own device did not answer
)

// String is the status in the words of the reference.
func (e EndStatus) String() string {
	if word, ok := endWords[e]; ok {
		return word
	}
	return endWords[EndClientError]
}

var endWords = map[EndStatus]string{
	EndOK: "ok", EndBlackList: "blackList", EndIVRGiveUp: "ivrGiveUp", EndWaitingGiveUp: "waitingGiveUp",
	EndRingingGiveUp: "ringingGiveUp", EndNoSeatOnline: "noSeatOnline", EndNotWorkTime: "notWorkTime",
	EndIVREnd: "ivrEnd", EndTooManyRequests: "tooManyRequest", EndNotAnswered: "notAnswer",
	EndUserRejected: "userReject", EndNumberNotExist: "numberNotExist", EndBusy: "busy",
	EndOperatorError: "operatorError", EndCallerCancel: "callerCancel", EndClientError: "clientError",
	EndNumberInvalid: "numberInvalid", EndCalleeRestricted: "calleeRestricted",
	EndCallerCancelWhileRing: "callerCancelWhileRing", EndCallConflict: "callConflict",
	EndClientTimeout: "clientTimeout",
}

// endStatus is how the session ended.
func (s *session) endStatus() EndStatus {
	inbound := s.plan.direction == DirectionInbound
	outside := s.callee != nil && s.callee.target.to.Number != ""
	switch {
	case !s.answered.IsZero():
		return EndOK
	case s.unserved != "":
		return unservedEnd(s.unserved)
	case !inbound && s.callee == nil:
		return deviceEnd(s.cause.Reason)
	case s.callerLeft || s.cause.Reason == leg.Transferred: // it left the waiting to another session
		return s.gaveUpEnd(inbound)
	case inbound && !outside && s.cause.Reason == leg.Unavailable:
		return EndNoSeatOnline
	}
	return s.unansweredEnd()
}

// unansweredEnd is the status of a call that our limits or the far end refused.
func (s *session) unansweredEnd() EndStatus {
	if s.cause.Reason == leg.Congestion && s.cause.Policy != "" {
		return EndTooManyRequests
	}
	return statusFor(s.cause.Reason)
}

// gaveUpEnd is the status of a call whose caller did not wait for the answer.
func (s *session) gaveUpEnd(inbound bool) EndStatus {
	switch {
	case !inbound && !s.callee.times.rang.IsZero():
		return EndCallerCancelWhileRing
	case !inbound:
		return EndCallerCancel
	case s.menuAtEnd:
		return EndIVRGiveUp
	case s.callee == nil && s.group != 0 && !s.rangAtEnd:
		return EndWaitingGiveUp
	}
	return EndRingingGiveUp
}

// deviceEnd is the status of a call whose own caller's device was called first, in vain.
func deviceEnd(r leg.Reason) EndStatus {
	switch r {
	case leg.Cancelled, leg.Normal, leg.Rejected, leg.Busy:
		return EndCallerCancel
	case leg.NoAnswer, leg.Unavailable, leg.Gone:
		return EndClientTimeout
	}
	return EndClientError
}

// whyNothingPressed is why a caller was not served that chose nothing in a menu.
const whyNothingPressed seat.Why = "nothingPressed"

func unservedEnd(why seat.Why) EndStatus {
	switch why {
	case seat.WhyFull:
		return EndTooManyRequests
	case seat.WhyTooLong:
		return EndNotAnswered
	case seat.WhyClosed:
		return EndNotWorkTime
	case seat.WhyNobody, seat.WhyDeleted:
		return EndNoSeatOnline
	case whyNothingPressed:
		return EndIVREnd
	}
	return EndClientError
}

// statusFor is the end status of a call that was never answered.
func statusFor(r leg.Reason) EndStatus {
	switch r {
	case leg.Normal, leg.Cancelled, leg.Transferred:
		return EndCallerCancel
	case leg.Busy:
		return EndBusy
	case leg.NoAnswer, leg.Unavailable, leg.Gone, leg.Elsewhere:
		return EndNotAnswered
	case leg.Rejected:
		return EndUserRejected
	case leg.NotFound:
		return EndNumberNotExist
	case leg.Forbidden:
		return EndCalleeRestricted
	case leg.Congestion, leg.TrunkFailed:
		return EndOperatorError
	}
	return EndClientError
}

// refusedEnd is the status of a customer's call that was refused at once.
func refusedEnd(r leg.Reason) EndStatus {
	switch r {
	case leg.Unavailable:
		return EndNoSeatOnline
	case leg.Congestion:
		return EndTooManyRequests
	}
	return statusFor(r)
}

// unplacedEnd is the status of a seat's call outside that was refused at once.
func unplacedEnd(r leg.Reason) EndStatus {
	switch r {
	case leg.Busy:
		return EndCallConflict
	case leg.NotFound:
		return EndNumberInvalid
	case leg.Congestion:
		return EndTooManyRequests
	case leg.Unavailable: // the seat's own device
		return EndClientError
	}
	return statusFor(r)
}
