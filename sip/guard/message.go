package guard

import (
	"bytes"
	"strconv"
)

// maxHeaders is the number of header lines that a message may have. The longest torture message (RFC 4475) has 59.
const maxHeaders = 256

// The headers that every message must have (RFC 3261 sections 8.1.1 and 8.2.6.2), as bits.
const (
	hasVia = 1 << iota
	hasFrom
	hasTo
	hasCallID
	hasCSeq
	hasAll = hasVia | hasFrom | hasTo | hasCallID | hasCSeq
)

// head is what the guard reads of a message.
type head struct {
	length int // bytes up to and with the empty line
	body   int // Content-Length, or -1
}

// readHead looks at the start line and the header names of a message that has its empty line. It allocates nothing,
// and finds the end of lines where sipgo's parser does. Beyond that it refuses bare line feeds and NUL: other stacks
// take the former for an end of line, and we may hand a display name on to one.
func readHead(b []byte) (head, reason) {
	h := head{length: headLength(b, 0), body: -1}
	if h.length == 0 {
		return h, incomplete
	}
	b = b[:h.length]
	if bytes.IndexByte(b, 0) >= 0 {
		return h, malformed
	}
	line, b, ok := cutLine(b)
	if !ok {
		return h, malformed
	}
	if why := checkStartLine(line); why != fine {
		return h, why
	}
	found, folds := 0, false
	for n := 0; ; n++ {
		line, b, ok = cutLine(b)
		switch {
		case !ok || n > maxHeaders:
			return h, malformed
		case len(line) == 0 && found == hasAll:
			return h, fine
		case len(line) == 0:
			return h, incomplete
		case line[0] == ' ' || line[0] == '\t': // the last header goes on
			if n == 0 || !folds {
				return h, malformed
			}
			continue
		}
		name, value, ok := bytes.Cut(line, []byte(":"))
		name = bytes.TrimSpace(name)
		if !ok || len(name) == 0 {
			return h, malformed
		}
		folds = true
		if isName(name, "content-length", 'l') {
			// A second one could make us and the parser see two different messages; so could a folded one.
			if h.body >= 0 {
				return h, malformed
			}
			if h.body, ok = parseLength(bytes.TrimSpace(value)); !ok {
				return h, malformed
			}
			folds = false
		}
		found |= headerBit(name)
	}
}

// headLength returns the length of the head, empty line included, or 0 where that has not come yet. The first from
// bytes are known not to hold the whole of it.
func headLength(b []byte, from int) int {
	i := bytes.Index(b[from:], []byte("\r\n\r\n"))
	if i < 0 {
		return 0
	}
	return from + i + 4
}

// cutLine takes the first line off b.
func cutLine(b []byte) (line, rest []byte, ok bool) {
	i := bytes.IndexByte(b, '\r')
	if i < 0 || i+1 == len(b) || b[i+1] != '\n' || bytes.IndexByte(b[:i], '\n') >= 0 {
		return nil, b, false
	}
	return b[:i], b[i+2:], true
}

// checkStartLine accepts "METHOD uri SIP/2.0" and "SIP/2.0 nnn reason" (RFC 3261 section 7).
func checkStartLine(line []byte) reason {
	if rest, ok := bytes.CutPrefix(line, []byte("SIP/2.0 ")); ok {
		if len(rest) < 4 || rest[0] < '1' || rest[0] > '6' || !digit(rest[1]) || !digit(rest[2]) || rest[3] != ' ' {
			return malformed
		}
		return fine
	}
	method, rest, _ := bytes.Cut(line, []byte(" "))
	uri, ok := bytes.CutSuffix(rest, []byte(" SIP/2.0"))
	if !ok || len(uri) == 0 || bytes.ContainsAny(uri, " \t") {
		return malformed
	}
	if !isMethod(method) {
		return malformed
	}
	return fine // one that nobody knows is answered 405 (section 8.2.1)
}

// maxMethod is how long a method may be, in bytes.
const maxMethod = 32

// isMethod says that b is a token (RFC 3261 section 25.1) without small letters: no method has any, and sipgo's parser
// would take "invite" for another method than it is.
func isMethod(b []byte) bool {
	for _, c := range b {
		if !digit(c) && (c < 'A' || c > 'Z') && bytes.IndexByte([]byte("-.!%*_+`'~"), c) < 0 {
			return false
		}
	}
	return len(b) > 0 && len(b) <= maxMethod
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

// headerBit returns the bit of a header that must be there, or 0.
func headerBit(name []byte) int {
	switch {
	case isName(name, "via", 'v'):
		return hasVia
	case isName(name, "from", 'f'):
		return hasFrom
	case isName(name, "to", 't'):
		return hasTo
	case isName(name, "call-id", 'i'):
		return hasCallID
	case isName(name, "cseq", 0):
		return hasCSeq
	}
	return 0
}

// isName compares a header's name with its long and its compact form, in lower case.
func isName(name []byte, long string, compact byte) bool {
	if len(name) == 1 {
		return lower(name[0]) == compact
	}
	if len(name) != len(long) {
		return false
	}
	for i := range name {
		if lower(name[i]) != long[i] {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// parseLength reads a Content-Length of at most five digits: more does not fit into MaxMessage.
func parseLength(b []byte) (int, bool) {
	if len(b) == 0 || len(b) > 5 {
		return 0, false
	}
	for _, c := range b {
		if !digit(c) {
			return 0, false
		}
	}
	n, err := strconv.Atoi(string(b))
	return n, err == nil
}

// checkDatagram looks at a datagram, which is one message or a keep-alive: blank lines (RFC 5626 section 4.4.1), or the
// few bytes that some phones send instead.
func checkDatagram(b []byte, maxMessage int) reason {
	if len(b) <= 4 {
		return keepAlive
	}
	if len(b) > maxMessage {
		return tooLarge
	}
	h, why := readHead(b)
	if why == fine && h.body > len(b)-h.length {
		return incomplete // RFC 3261 section 18.3
	}
	return why
}
