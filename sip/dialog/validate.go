package dialog

import (
	"slices"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// inDialogMethods are the methods that a dialog takes.
var inDialogMethods = []sip.RequestMethod{sip.INVITE, sip.ACK, sip.CANCEL, sip.BYE, sip.UPDATE, sip.INFO, sip.REFER,
	sip.NOTIFY, sip.MESSAGE, sip.OPTIONS}

// refusal is the answer to a request that no handler gets to see.
type refusal struct {
	label   string // for the metrics
	code    int
	reason  string
	headers []sip.Header
}

func bad(reason string) *refusal { return &refusal{label: "bad request", code: 400, reason: reason} }

// validate checks what sipgo does not: it only makes sure of Via and CSeq. It returns nil for a request that is
// in order (RFC 3261 section 8.2).
func (s *Stack) validate(req *sip.Request, a *arrival) *refusal {
	checks := []func(*sip.Request, *arrival) *refusal{checkForm, checkNumbers, s.checkMethod, s.checkHops, s.checkRequire,
		checkBody, s.checkSession}
	for _, check := range checks {
		if r := check(req, a); r != nil {
			return r
		}
	}
	return nil
}

// checkForm looks for the headers that every request has, once (section 8.1.1).
func checkForm(req *sip.Request, _ *arrival) *refusal {
	if req.SipVersion != "SIP/2.0" {
		return &refusal{label: "version", code: 505}
	}
	if req.From() == nil || req.To() == nil || req.CallID() == nil || req.CSeq() == nil || req.Via() == nil {
		return bad("Missing Header")
	}
	count := map[string]int{}
	for _, h := range req.Headers() {
		count[longName(h.Name())]++
		if strings.ContainsAny(h.Value(), "\r\n\x00") {
			return bad("Control Character in Header")
		}
	}
	for _, name := range []string{"from", "to", "call-id", "cseq", "max-forwards", "content-length"} {
		if count[name] > 1 {
			return bad("Repeated Header")
		}
	}
	switch {
	case fromTag(req) == "":
		return bad("Missing From Tag")
	case count["max-forwards"] == 0:
		return bad("Missing Max-Forwards")
	case req.Method == sip.INVITE && req.Contact() == nil:
		return bad("Missing Contact")
	}
	return nil
}

// checkNumbers looks at what is in those headers.
func checkNumbers(req *sip.Request, _ *arrival) *refusal {
	switch {
	case req.CSeq().MethodName != req.Method:
		return bad("CSeq Method Mismatch")
	case req.CSeq().SeqNo >= 1<<31:
		return bad("Bad CSeq")
	case req.MaxForwards() == nil || req.MaxForwards().Val() > 255:
		return bad("Bad Max-Forwards")
	case req.Recipient.Scheme != "sip" && req.Recipient.Scheme != "sips" && req.Recipient.Scheme != "tel":
		return &refusal{label: "scheme", code: 416}
	}
	return nil
}

func (s *Stack) checkMethod(req *sip.Request, a *arrival) *refusal {
	if s.allowed(req.Method, a.tag == "") {
		return nil
	}
	if a.tag != "" && slices.Contains([]sip.RequestMethod{sip.BYE, sip.INFO, sip.UPDATE}, req.Method) {
		return &refusal{label: "no dialog", code: 481}
	}
	return &refusal{label: "method", code: 405, headers: []sip.Header{sip.NewHeader("Allow", s.Allow())}}
}

// checkHops refuses what went round too often or came on two ways (sections 8.2.2.2 and 16.3). A request in a dialog
// has reached its end, however many hops it took.
func (s *Stack) checkHops(req *sip.Request, a *arrival) *refusal {
	switch {
	case a.tag != "" && req.MaxForwards().Val() == 0:
		return &refusal{label: "hops", code: 483}
	case a.again:
		return &refusal{label: "merged", code: 482}
	}
	return nil
}

// checkRequire refuses extensions that we do not have (section 8.2.2.3).
func (s *Stack) checkRequire(req *sip.Request, _ *arrival) *refusal {
	if req.Method == sip.ACK || req.Method == sip.CANCEL {
		return nil
	}
	var unknown []string
	for _, tag := range tokens(req, "Require") {
		if !slices.Contains(s.extensions(), tag) {
			unknown = append(unknown, tag)
		}
	}
	if unknown == nil {
		return nil
	}
	return &refusal{label: "require", code: 420,
		headers: []sip.Header{sip.NewHeader("Unsupported", strings.Join(unknown, ", "))}}
}

// checkBody refuses bodies of INVITE and UPDATE that we cannot read (section 8.2.3).
func checkBody(req *sip.Request, _ *arrival) *refusal {
	if req.Method != sip.INVITE && req.Method != sip.UPDATE || len(req.Body()) == 0 {
		return nil
	}
	if h := header(req, "Content-Encoding", "e"); h != nil && !strings.EqualFold(h.Value(), "identity") {
		return &refusal{label: "media type", code: 415, headers: []sip.Header{sip.NewHeader("Accept-Encoding", "identity")}}
	}
	if _, ok := sdpOf(req); !ok {
		return &refusal{label: "media type", code: 415, headers: []sip.Header{sip.NewHeader("Accept", "application/sdp")}}
	}
	return nil
}

// checkSession refuses a session timer that is shorter than ours may be (RFC 4028 section 9).
func (s *Stack) checkSession(req *sip.Request, _ *arrival) *refusal {
	if s.c.Session.Off || req.Method != sip.INVITE && req.Method != sip.UPDATE {
		return nil
	}
	want, ok := sessionExpires(req)
	if !ok || want.interval >= s.c.Session.MinSE || !slices.Contains(tokens(req, "Supported", "k"), "timer") {
		return nil
	}
	return &refusal{label: "session timer", code: 422,
		headers: []sip.Header{sip.NewHeader("Min-SE", strconv.Itoa(seconds(s.c.Session.MinSE)))}}
}
