package api

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"seatbridge/call"
)

// Where things stand in a ladder, in characters.
const (
	ladderFirst = 24 // the first lifeline
	ladderGap   = 46 // from one lifeline to the next
)

// writeLadder draws the SIP messages of a session: a lifeline for each leg's far end and one for the gateway, a line
// for each message, with the seconds since the first; then the media of each leg.
func writeLadder(out io.Writer, info call.Info, messages []TraceMessage) error {
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, "Session %s  %s  %s  %s -> %s\n", info.ID, sessionType(info.Direction), info.Status,
		orDash(info.Caller.Number), orDash(info.Callee.Number))
	fmt.Fprintf(w, "Started %s", info.Started.UTC().Format(time.RFC3339Nano))
	if !info.Ended.IsZero() {
		fmt.Fprintf(w, "  ended after %s by %s: %s %s", info.Ended.Sub(info.Started).Round(time.Millisecond),
			orDash(info.ClosedBy), orDash(string(info.Cause.Reason)), orDash(info.Cause.Text))
	}
	fmt.Fprint(w, "\n\n")
	if len(messages) == 0 {
		fmt.Fprint(w, "No SIP messages are kept for it.\n\n")
	} else {
		newLadder(info, messages).write(w, messages)
	}
	writeMedia(w, info)
	return w.Flush()
}

// ladder is the lifelines from left to right.
type ladder struct {
	lines   []lifeline
	gateway int // which of them is the gateway's
}

// lifeline is a leg's far end, or the gateway.
type lifeline struct{ callID, remote, name, address string }

// newLadder puts the gateway behind whoever called it, so that a call reads from left to right.
func newLadder(info call.Info, messages []TraceMessage) ladder {
	who := make(map[string]string) // by Call-ID
	for _, p := range info.Parties {
		who[p.Leg.CallID] = string(p.Role) + " " + p.Leg.Remote
	}
	var l ladder
	for _, m := range messages {
		if l.of(m) < 0 {
			l.lines = append(l.lines, lifeline{m.CallID, m.Remote, who[m.CallID], m.Transport + " " + m.Remote})
		}
	}
	if !messages[0].Sent {
		l.gateway = 1
	}
	l.lines = slices.Insert(l.lines, l.gateway, lifeline{name: "gateway"})
	return l
}

// of is the index of the message's far end, or -1.
func (l ladder) of(m TraceMessage) int {
	for i, line := range l.lines {
		if line.callID == m.CallID && line.remote == m.Remote {
			return i
		}
	}
	return -1
}

func (l ladder) write(w io.Writer, messages []TraceMessage) {
	names, addresses := newLadderRow(), newLadderRow()
	for i, line := range l.lines {
		names.centre(i, line.name)
		addresses.centre(i, line.address)
	}
	fmt.Fprintf(w, "%s\n%s\n", names, addresses)
	for _, m := range messages {
		row := newLadderRow()
		row.put(0, fmt.Sprintf("%+10.3f", m.At.Sub(messages[0].At).Seconds()))
		for i := range l.lines {
			row.put(position(i), "|")
		}
		from, to := l.of(m), l.gateway
		if m.Sent {
			from, to = to, from
		}
		row.arrow(from, to, ladderLabel(m.Text))
		fmt.Fprintln(w, row)
	}
	fmt.Fprintln(w)
}

// ladderLabel is a message in a few words: its first line, and of a response also which request it answers.
func ladderLabel(text string) string {
	head, body, _ := strings.Cut(text, "\r\n\r\n")
	first, rest, _ := strings.Cut(head, "\r\n")
	label := strings.TrimSuffix(first, " SIP/2.0")
	if status, isResponse := strings.CutPrefix(first, "SIP/2.0 "); isResponse {
		label = status
		for line := range strings.SplitSeq(rest, "\r\n") {
			if name, value, _ := strings.Cut(line, ":"); strings.EqualFold(strings.TrimSpace(name), "CSeq") {
				_, method, _ := strings.Cut(strings.TrimSpace(value), " ")
				label += " (" + method + ")"
			}
		}
	}
	const most = ladderGap - 10
	if strings.HasPrefix(body, "v=0") {
		return shorten(label, most-4) + " SDP"
	}
	return shorten(label, most)
}

// ladderRow is one line of a ladder.
type ladderRow struct{ runes []rune }

func newLadderRow() *ladderRow { return &ladderRow{} }

// position is where the lifeline of an index stands.
func position(i int) int { return ladderFirst + i*ladderGap }

// put writes text at a place.
func (r *ladderRow) put(at int, text string) {
	runes := []rune(text)
	for len(r.runes) < at+len(runes) {
		r.runes = append(r.runes, ' ')
	}
	copy(r.runes[at:], runes)
}

// centre writes text around a lifeline.
func (r *ladderRow) centre(i int, text string) {
	text = shorten(text, ladderGap-2)
	r.put(max(0, position(i)-len([]rune(text))/2), text)
}

// arrow draws from one lifeline to another, with a label on it.
func (r *ladderRow) arrow(from, to int, label string) {
	left, right := position(min(from, to))+1, position(max(from, to))-1
	line := []rune(strings.Repeat("-", right-left+1))
	if from < to {
		line[len(line)-1] = '>'
	} else {
		line[0] = '<'
	}
	r.put(left, string(line))
	r.put(left+3, " "+label+" ")
}

func shorten(text string, most int) string {
	text = strings.Map(printable, text)
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

func (r *ladderRow) String() string { return strings.TrimRight(string(r.runes), " ") }

// writeMedia writes a table of what each leg received and was sent.
func writeMedia(w io.Writer, info call.Info) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "leg\tparty\tcodec\tsrtp\treceived\tlost\tlate\tduplicate\treordered\tjitter\tsent\tdropped")
	for _, p := range info.Parties {
		in, out := p.Leg.Receive, p.Leg.Send
		fmt.Fprintf(t, "%s\t%s %s\t%s\t%t\t%d\t%d\t%d\t%d\t%d\t%s\t%d\t%d\n",
			p.Leg.ID, p.Role, orDash(p.Leg.Remote), orDash(p.Leg.Codec), p.Leg.Secure, in.Packets, in.Lost, in.Late,
			in.Duplicate, in.Reordered, in.Jitter.Round(10*time.Microsecond), out.Packets, out.Dropped)
	}
	_ = t.Flush() // an error comes back from w
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return strings.Map(printable, text)
}

// printable keeps what a far end sent from steering the reader's terminal.
func printable(r rune) rune {
	if !unicode.IsPrint(r) {
		return '?'
	}
	return r
}
