package sip

import (
	"github.com/emiago/sipgo/sip"

	"seatbridge/leg"
	"seatbridge/sip/dialog"
)

// statusOf is the final response to an INVITE that says a cause (RFC 3261 section 21).
func statusOf(r leg.Reason) int {
	switch r {
	case leg.Busy:
		return 486
	case leg.Rejected:
		return 603
	case leg.NotFound:
		return 404
	case leg.Forbidden:
		return 403
	case leg.NoCodec:
		return 488
	case leg.Cancelled, leg.Transferred:
		return 487
	case leg.Congestion, leg.Shutdown:
		return 503
	case leg.TrunkFailed:
		return 502
	case leg.Failed:
		return 500
	}
	return 480
}

// reasonOf is the cause that a failed INVITE's final response says. A phone's user presses "reject" for 403 and 603;
// a carrier says with 403 that it won't. rang is true where the far end had rung, so that somebody was there.
func reasonOf(code int, kind leg.Kind, rang bool) leg.Reason {
	switch code {
	case 486, 600:
		return leg.Busy
	case 403:
		if kind == leg.KindTrunk {
			return leg.Forbidden
		}
		return leg.Rejected
	case 603, 607, 608:
		return leg.Rejected
	case 404, 410, 484, 485, 604:
		return leg.NotFound
	case 408, 480:
		if rang {
			return leg.NoAnswer
		}
		return leg.Unavailable
	case 487:
		return leg.Cancelled
	case 415, 488, 606:
		return leg.NoCodec
	}
	return unreachable(kind)
}

// unreachable is the reason of a far end that can't be called at all.
func unreachable(kind leg.Kind) leg.Reason {
	if kind == leg.KindTrunk {
		return leg.TrunkFailed
	}
	return leg.Unavailable
}

// causeOf is why a dialog ended; rang as in reasonOf.
func causeOf(e dialog.Ended, kind leg.Kind, rang bool) leg.Cause {
	c := leg.Cause{Remote: e.Remote, SIP: e.Code, Text: e.Reason}
	switch e.Why {
	case dialog.Hungup:
		c.Reason = leg.Normal
	case dialog.Cancelled:
		c.Reason = leg.Cancelled
	case dialog.Rejected:
		c.Reason = reasonOf(e.Code, kind, rang)
	case dialog.Timeout, dialog.Transport, dialog.Lost, dialog.NoAck:
		c.Reason = leg.Gone
	case dialog.Expired:
		c.Reason = leg.Expired
	case dialog.Closed:
		c.Reason = leg.Shutdown
	default:
		c.Reason = leg.Failed
	}
	if e.Err != nil && c.Text == "" {
		c.Text = e.Err.Error()
	}
	return c
}

// refusal is the final response that refuses a call, with its headers: a caller that is refused for want of room may
// come again soon (RFC 3261 section 21.5.4).
func refusal(r leg.Reason) (code int, headers []sip.Header) {
	code, headers = statusOf(r), goodbye(r)
	if code == 503 {
		headers = append(headers, sip.NewHeader("Retry-After", "5"))
	}
	return code, headers
}

// goodbye are the headers that tell the far end why (RFC 3326): Q.850 causes for carriers, and status 200 where another
// device took the call, so that the phone does not show a missed one.
func goodbye(r leg.Reason) []sip.Header {
	value := ""
	switch r {
	case leg.Normal:
		value = `Q.850;cause=16;text="Normal call clearing"`
	case leg.Transferred:
		value = `Q.850;cause=16;text="Transferred"`
	case leg.Intercepted:
		value = `Q.850;cause=16;text="Taken over by a supervisor"`
	case leg.Elsewhere:
		value = `SIP;cause=200;text="Call completed elsewhere"`
	case leg.NoAnswer:
		value = `Q.850;cause=19;text="No answer"`
	case leg.MediaDead:
		value = `Q.850;cause=127;text="No media"`
	case leg.Expired:
		value = `Q.850;cause=102;text="Call is too long"`
	case leg.Shutdown:
		value = `Q.850;cause=41;text="Shutting down"`
	default:
		return nil
	}
	return []sip.Header{sip.NewHeader("Reason", value)}
}
