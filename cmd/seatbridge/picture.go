package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"seatbridge/api"
	"seatbridge/seat"
)

// column is one of a part's; a negative width is for numbers, on the right. A line of all columns, with a blank between
// two, has at most 80 characters.
type column struct {
	name  string
	width int
}

// part is one table of the picture.
type part struct {
	title   string
	columns []column
	lines   [][]string
}

// print draws the picture in so many lines, or a few more where that is less than its titles take; 0 is no limit.
func (f *floor) print(out io.Writer, height int) error {
	w := bufio.NewWriter(out)
	fmt.Fprintln(w, cut(fmt.Sprintf("Seatbridge %s  %s", f.URL, f.At.UTC().Format("2006-01-02 15:04:05Z")), 80))
	if f.NotReady != "" {
		height--
		fmt.Fprintln(w, cut("NO NEW CALLS: "+f.NotReady, 80))
	}
	parts := []part{f.trunks(), f.phones(), f.queues(), f.seats(), f.sessions()}
	for i, room := range share(parts, height) {
		p := parts[i]
		fmt.Fprintf(w, "\n%s\n", p.title)
		if len(p.lines) == 0 {
			continue
		}
		names := make([]string, len(p.columns))
		for j, c := range p.columns {
			names[j] = c.name
		}
		printLine(w, p.columns, names)
		for _, l := range p.lines[:room] {
			printLine(w, p.columns, l)
		}
		if left := len(p.lines) - room; left > 0 {
			fmt.Fprintf(w, "  and %d more lines\n", left)
		}
	}
	return w.Flush()
}

// share gives the parts room for lines, in turn, until each has what it needs or the height is used up.
func share(parts []part, height int) []int {
	room := make([]int, len(parts))
	left := height - 2 // the heading, and where the cursor stands
	for _, p := range parts {
		left -= 2
		if len(p.lines) > 0 {
			left -= 2 // names, and how many are left out
		}
	}
	for given := true; given; {
		given = false
		for i, p := range parts {
			if room[i] < len(p.lines) && (height <= 0 || left > 0) {
				room[i]++
				left--
				given = true
			}
		}
	}
	return room
}

func printLine(w io.Writer, columns []column, cells []string) {
	var b strings.Builder
	for i, c := range columns {
		if c.width < 0 {
			fmt.Fprintf(&b, "%*s ", -c.width, cut(cells[i], -c.width))
			continue
		}
		fmt.Fprintf(&b, "%-*s ", c.width, cut(cells[i], c.width))
	}
	fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
}

// cut is a text in so many characters of ASCII, with a mark where something is missing.
func cut(text string, width int) string {
	text = strings.ReplaceAll(printable(text), "\n", "?")
	if len(text) > width {
		return text[:width-1] + "~"
	}
	return text
}

// printable is a text in ASCII and without control characters but line feeds: part of what is shown was made up by
// strangers.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && (r < ' ' || r > '~') {
			return '?'
		}
		return r
	}, text)
}

func (f *floor) trunks() part {
	columns := []column{{"TRUNK", 20}, {"REGISTERED", 10}, {"GATEWAY", 34}, {"HEALTH", 6}, {"FOR", -6}}
	var lines [][]string
	down := 0
	for _, t := range f.Trunks {
		registered := "-"
		if t.Registered != nil {
			registered = map[bool]string{true: "yes", false: "NO"}[*t.Registered]
		}
		name := t.Name
		for _, g := range t.Gateways {
			health := "up"
			if !g.Up {
				health = "DOWN"
				down++
			}
			lines = append(lines, []string{name, registered, g.Address, health, f.since(g.Since)})
			name, registered = "", "" // once for each trunk
		}
		if len(t.Gateways) == 0 {
			lines = append(lines, []string{name, registered, "(inbound only)", "-", "-"})
		}
	}
	return part{fmt.Sprintf("TRUNKS %d, gateways down %d", len(f.Trunks), down), columns, lines}
}

// phones have those first that do not answer.
func (f *floor) phones() part {
	columns := []column{
		{"PHONE", 9}, {"FROM", 23}, {"VIA", 3}, {"EXPIRES", -7}, {"ANSWERS", 7}, {"USER AGENT", 26},
	}
	all := slices.Clone(f.Registrations)
	slices.SortStableFunc(all, func(a, b api.Registration) int {
		return cmp.Compare(number(a.Reachable), number(b.Reachable))
	})
	var lines [][]string
	silent := 0
	for _, r := range all {
		answers := "yes"
		if !r.Reachable {
			answers = "NO"
			silent++
		}
		lines = append(lines, []string{r.Extension, r.Source, r.Transport, span(r.ExpiresAt.Sub(f.At)), answers, r.UserAgent})
	}
	return part{fmt.Sprintf("PHONES registered %d, silent %d", len(all), silent), columns, lines}
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

// queues have those first where callers wait.
func (f *floor) queues() part {
	columns := []column{
		{"QUEUE", 23}, {"OPEN", 4}, {"WAITING", -7}, {"RINGING", -7}, {"LONGEST", -7},
		{"FREE", -4}, {"BUSY", -4}, {"AFTER", -5}, {"AWAY", -4}, {"OFF", -4},
	}
	all := slices.Clone(f.Queues)
	slices.SortStableFunc(all, func(a, b api.Queue) int { return cmp.Compare(number(b.Waiting > 0), number(a.Waiting > 0)) })
	var lines [][]string
	waiting := 0
	for _, q := range all {
		waiting += q.Waiting
		longest := "-"
		if q.Waiting > 0 {
			longest = span(time.Duration(q.Longest * float64(time.Second)))
		}
		line := []string{
			q.Name, map[bool]string{true: "yes", false: "no"}[q.Open], fmt.Sprint(q.Waiting), fmt.Sprint(q.Ringing), longest,
		}
		n := q.Statuses
		for _, seats := range []int{
			n[seat.StatusFree], n[seat.StatusBusy], n[seat.StatusArrange], n[seat.StatusNotReady] + n[seat.StatusRest],
			n[seat.StatusOffline],
		} {
			line = append(line, fmt.Sprint(seats))
		}
		lines = append(lines, line)
	}
	return part{fmt.Sprintf("QUEUES %d, callers waiting %d", len(all), waiting), columns, lines}
}

// seats have those first that are not offline.
func (f *floor) seats() part {
	columns := []column{
		{"SEAT", 13}, {"EXT", 6}, {"DEVICE", 7}, {"STATUS", 8}, {"FOR", -6}, {"NEXT", 8}, {"SESSION", 26},
	}
	devices := map[seat.Device]string{
		seat.DeviceBrowser: "browser", seat.DevicePhone: "phone", seat.DeviceMobile: "mobile", seat.DeviceMiniProgram: "mini",
	}
	all := slices.Clone(f.Seats)
	slices.SortStableFunc(all, func(a, b api.Seat) int {
		return cmp.Compare(number(a.Status == seat.StatusOffline), number(b.Status == seat.StatusOffline))
	})
	var lines [][]string
	here := 0
	for _, s := range all {
		if s.Status != seat.StatusOffline {
			here++
		}
		next := ""
		if s.Wanted != s.Status && s.Wanted != seat.StatusFree {
			next = string(s.Wanted)
		}
		line := []string{s.User, s.Extension, devices[s.Device], string(s.Status), f.since(s.Since), next, ""}
		for i, id := range s.Sessions {
			if i > 0 {
				lines = append(lines, line)
				line = make([]string, len(columns))
			}
			line[len(line)-1] = id
		}
		lines = append(lines, line)
	}
	return part{fmt.Sprintf("SEATS %d, not offline %d", len(all), here), columns, lines}
}

func (f *floor) sessions() part {
	columns := []column{{"SESSION", 26}, {"STATUS", 11}, {"FOR", -6}, {"FROM", 16}, {"TO", 16}}
	var lines [][]string
	for _, s := range f.Sessions {
		state := s.Status
		if s.Waiting {
			state = "waiting"
		}
		lines = append(lines, []string{s.ID, state, f.since(s.StartedAt), s.Caller, s.Callee})
	}
	return part{fmt.Sprintf("SESSIONS %d", len(lines)), columns, lines}
}

// since is how long ago something was.
func (f *floor) since(t time.Time) string { return span(f.At.Sub(t)) }

// span is a length of time in at most six characters: 59s, 59m59s, 23h59m, 99d.
func span(d time.Duration) string {
	d = max(d, 0)
	h, m, s := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60
	switch {
	case h >= 24:
		return fmt.Sprintf("%dd", h/24)
	case h > 0:
		return fmt.Sprintf("%dh%02dm", h, m)
	case m > 0:
		return fmt.Sprintf("%dm%02ds", m, s)
	}
	return fmt.Sprintf("%ds", s)
}
