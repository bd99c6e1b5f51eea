package dialog

import (
	"bytes"
	"crypto/rand"
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// longNames are the full forms of the compact header names (RFC 3261 section 7.3.3 and the registry). sipgo knows those
// of f, t, i, v, m, c and l only.
var longNames = map[string]string{
	"a": "accept-contact", "b": "referred-by", "c": "content-type", "e": "content-encoding", "f": "from",
	"i": "call-id", "k": "supported", "l": "content-length", "m": "contact", "o": "event", "r": "refer-to",
	"s": "subject", "t": "to", "u": "allow-events", "v": "via", "x": "session-expires",
}

// longName returns a header's full name in lower case.
func longName(name string) string {
	name = sip.HeaderToLower(name)
	if long, ok := longNames[name]; ok {
		return long
	}
	return name
}

// header returns the first header of one of these names: give the compact one too.
func header(msg sip.Message, names ...string) sip.Header {
	for _, name := range names {
		if all := msg.GetHeaders(name); len(all) > 0 {
			return all[0]
		}
	}
	return nil
}

// headerValue is header's value, or empty.
func headerValue(msg sip.Message, names ...string) string {
	if h := header(msg, names...); h != nil {
		return strings.TrimSpace(h.Value())
	}
	return ""
}

// tokens returns the comma-separated words of all headers of these names, in lower case.
func tokens(msg sip.Message, names ...string) []string {
	var all []string
	for _, name := range names {
		for _, h := range msg.GetHeaders(name) {
			for word := range strings.SplitSeq(h.Value(), ",") {
				if word = strings.ToLower(strings.TrimSpace(word)); word != "" {
					all = append(all, word)
				}
			}
		}
	}
	return all
}

// sdpOf returns a message's SDP, also out of a multipart body. It is false where there is a body without SDP in it.
func sdpOf(msg interface {
	sip.Message
	ContentType() *sip.ContentTypeHeader
}) ([]byte, bool) {
	body := msg.Body()
	if len(body) == 0 {
		return nil, true
	}
	h := msg.ContentType()
	if h == nil {
		return nil, false
	}
	kind, params, err := mime.ParseMediaType(h.Value())
	switch {
	case err != nil:
		return nil, false
	case kind == "application/sdp":
		return body, true
	case strings.HasPrefix(kind, "multipart/"):
		return sdpPart(body, params["boundary"])
	}
	return nil, false
}

func sdpPart(body []byte, boundary string) ([]byte, bool) {
	if boundary == "" {
		return nil, false
	}
	r := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := r.NextRawPart()
		if err != nil {
			return nil, false
		}
		if kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type")); kind == "application/sdp" {
			sdp, err := io.ReadAll(part)
			return sdp, err == nil
		}
	}
}

// mediaType returns a message's content type without parameters, in lower case.
func mediaType(msg sip.Message) string {
	kind, _, _ := strings.Cut(headerValue(msg, "Content-Type", "c"), ";")
	return strings.ToLower(strings.TrimSpace(kind))
}

func fromTag(msg sip.Message) string { return msg.From().Params.GetOr("tag", "") }

func toTag(msg sip.Message) string {
	if msg.To() == nil {
		return ""
	}
	return msg.To().Params.GetOr("tag", "")
}

func setToTag(msg sip.Message, tag string) {
	if h := msg.To(); h != nil && tag != "" {
		h.Params.Add("tag", tag)
	}
}

// newTag returns a random tag that nobody can guess: whoever knows it may act in the dialog.
func newTag() string { return rand.Text() }

func newBranch() string { return sip.RFC3261BranchMagicCookie + rand.Text() }

// response makes the answer to a request. An empty reason means the usual phrase.
func (s *Stack) response(req *sip.Request, code int, reason string, headers ...sip.Header) *sip.Response {
	if reason == "" {
		reason = phrase(code)
	}
	res := sip.NewResponseFromRequest(req, code, reason, nil)
	res.SipVersion = "SIP/2.0"
	if code > 100 {
		res.AppendHeader(sip.NewHeader("Server", s.c.UserAgent))
	}
	for _, h := range headers {
		res.AppendHeader(sip.HeaderClone(h))
	}
	return res
}

func setSDP(msg sip.Message, sdp []byte) {
	if sdp == nil {
		return
	}
	setBody(msg, "application/sdp", sdp)
}

func setBody(msg sip.Message, contentType string, body []byte) {
	if contentType != "" {
		msg.AppendHeader(sip.NewHeader("Content-Type", contentType))
	}
	msg.SetBody(body)
}

// phrases are the usual ones of the status codes (RFC 3261 section 21 and the registry).
var phrases = map[int]string{
	100: "Trying", 180: "Ringing", 181: "Call Is Being Forwarded", 182: "Queued", 183: "Session Progress",
	200: "OK", 202: "Accepted", 300: "Multiple Choices", 301: "Moved Permanently", 302: "Moved Temporarily",
	305: "Use Proxy", 380: "Alternative Service", 400: "Bad Request", 401: "Unauthorized", 402: "Payment Required",
	403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable",
	407: "Proxy Authentication Required", 408: "Request Timeout", 410: "Gone", 412: "Conditional Request Failed",
	413: "Request Entity Too Large", 414: "Request-URI Too Long", 415: "Unsupported Media Type",
	416: "Unsupported URI Scheme", 420: "Bad Extension", 421: "Extension Required", 422: "Session Interval Too Small",
	423: "Interval Too Brief", 428: "Use Identity Header", 429: "Provide Referrer Identity", 480: "Temporarily Unavailable",
	481: "Call/Transaction Does Not Exist", 482: "Loop Detected", 483: "Too Many Hops", 484: "Address Incomplete",
	485: "Ambiguous", 486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here", 489: "Bad Event",
	491: "Request Pending", 493: "Undecipherable", 500: "Server Internal Error", 501: "Not Implemented",
	502: "Bad Gateway", 503: "Service Unavailable", 504: "Server Time-out", 505: "Version Not Supported",
	513: "Message Too Large", 580: "Precondition Failure", 600: "Busy Everywhere", 603: "Decline",
	604: "Does Not Exist Anywhere", 606: "Not Acceptable",
}

func phrase(code int) string {
	if p, ok := phrases[code]; ok {
		return p
	}
	return "Status"
}
