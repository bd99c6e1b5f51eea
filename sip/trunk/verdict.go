package trunk

import (
	"context"
	"errors"

	"github.com/emiago/sipgo/sip"
)

// Verdict says what to do after an INVITE failed.
type Verdict string

// The verdicts.
const (
	TryNext Verdict = "try next" // the gateway is at fault: the next one may do better
	GiveUp  Verdict = "give up"  // the callee or we are: the next one would say the same
)

// Classify judges a failed INVITE by its final response or, where there was none, by the error. Redirection (3xx) is
// never followed: it would be a way around what we allow to be dialled.
func Classify(res *sip.Response, err error) Verdict {
	if res == nil {
		if err == nil || errors.Is(err, context.Canceled) {
			return GiveUp
		}
		return TryNext
	}
	switch res.StatusCode {
	case sip.StatusInternalServerError, sip.StatusBadGateway, sip.StatusServiceUnavailable, sip.StatusGatewayTimeout:
		return TryNext
	}
	return GiveUp
}
