package peers

import (
	"cmp"
	"embed"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template"
	"time"
)

//go:embed scenarios
var scenarios embed.FS

// Scenario is a run of sipp: a peer that does exactly what its scenario says and fails if the far end does not.
type Scenario struct {
	// Name is a file below scenarios/, without .xml.
	Name string
	// XML is the scenario itself, where it has no file. Both are text/template, filled with Keys.
	XML string
	// Keys fill the scenario.
	Keys map[string]string
	// Remote is who is called; a zero address means that sipp waits for a call.
	Remote netip.AddrPort
	// Listen is sipp's own address; a zero one takes a free port.
	Listen netip.AddrPort
	// AuthURI stands, behind "sip:", in digest credentials; sipp does not take that of the request by itself.
	AuthURI string
	// TCP uses TCP in place of UDP.
	TCP bool
	// Calls is how many calls are made or taken; 0 means 1.
	Calls int
	// Rate is how many calls are made in a second; 0 means 10.
	Rate int
	// Timeout ends the run as failed; 0 means 20 s.
	Timeout time.Duration
}

// SippRun is a sipp that runs or has run.
type SippRun struct {
	// Addr is its SIP address.
	Addr netip.AddrPort

	t       testing.TB
	name    string
	dir     string
	timeout time.Duration
	nexts   int
	proc    *process
}

// Sipp starts a scenario. A sipp that waits for calls listens when Sipp returns. RTP that comes to it is echoed.
func Sipp(t testing.TB, s Scenario) *SippRun {
	t.Helper()
	ports := Ports(t)
	if !s.Listen.IsValid() {
		s.Listen = ports.Addr()
	}
	r := &SippRun{
		Addr: s.Listen, t: t, name: cmp.Or(s.Name, "inline"), timeout: cmp.Or(s.Timeout, patience),
	}
	r.dir = Dir(t, "sipp-"+r.name)
	file := write(t, r.dir, "scenario.xml", s.render(t))
	args := []string{
		"-sf", file, "-i", "127.0.0.1", "-mi", "127.0.0.1", "-p", fmt.Sprint(r.Addr.Port()), "-mp", fmt.Sprint(ports.Run(8)),
		"-rtp_echo", "-m", fmt.Sprint(max(1, s.Calls)), "-r", fmt.Sprint(cmp.Or(s.Rate, 10)), "-nostdin",
		"-cid_str", fmt.Sprintf("%%u-%d", r.Addr.Port()),
		"-watchdog_minor_maxtriggers", "1000000", "-watchdog_major_maxtriggers", "1000", // a busy machine is no failure
		"-timeout", fmt.Sprintf("%ds", int(r.timeout.Seconds())), "-timeout_error", "-trace_err", "-trace_msg", "-trace_logs",
		"-error_file", filepath.Join(r.dir, "errors"), "-message_file", filepath.Join(r.dir, "messages"),
		"-log_file", filepath.Join(r.dir, "log"),
	}
	if s.AuthURI != "" {
		args = append(args, "-auth_uri", s.AuthURI)
	}
	if s.TCP {
		args = append(args, "-t", "t1")
	}
	if s.Remote.IsValid() {
		args = append(args, s.Remote.String())
	}
	t.Cleanup(r.show)
	r.proc = startProcess(t, command{name: "sipp", dir: r.dir, path: "sipp", args: args})
	if !s.Remote.IsValid() {
		r.waitBound(s.TCP)
	}
	return r
}

// render fills the scenario's template.
func (s Scenario) render(t testing.TB) string {
	t.Helper()
	text := s.XML
	if s.Name != "" {
		b, err := scenarios.ReadFile("scenarios/" + s.Name + ".xml")
		if err != nil {
			t.Fatal(err)
		}
		text = string(b)
	}
	var xml strings.Builder
	parsed, err := template.New(s.Name).Option("missingkey=error").Funcs(sippWords(s.Keys["user"])).
		ParseFS(scenarios, "scenarios/parts.tmpl")
	if err == nil {
		parsed, err = parsed.New(s.Name).Parse(text)
	}
	if err == nil {
		err = parsed.Execute(&xml, s.Keys)
	}
	if err != nil {
		t.Fatal(err)
	}
	return xml.String()
}

// waitBound waits until sipp's socket is in the kernel's table.
func (r *SippRun) waitBound(tcp bool) {
	r.t.Helper()
	table := map[bool]string{false: "/proc/net/udp", true: "/proc/net/tcp"}[tcp]
	want := fmt.Sprintf("0100007F:%04X", r.Addr.Port())
	for end := time.Now().Add(patience); time.Now().Before(end); {
		b, err := os.ReadFile(table)
		if err == nil && slices.Contains(strings.Fields(string(b)), want) {
			return
		}
		select {
		case <-r.proc.done:
			r.t.Fatalf("sipp %s has ended", r.name)
		case <-time.After(10 * time.Millisecond):
		}
	}
	r.t.Fatalf("sipp %s does not listen", r.name)
}

// WaitPassed waits for the end of the scenario and fails the test if anything went another way.
func (r *SippRun) WaitPassed() {
	r.t.Helper()
	status, err := r.proc.wait(r.timeout + 5*time.Second)
	if err != nil {
		r.t.Fatalf("sipp %s: %v", r.name, err)
	}
	if status != 0 {
		r.t.Fatalf("sipp %s failed with status %d", r.name, status)
	}
}

// Log is what the scenario's <log> actions wrote.
func (r *SippRun) Log() string {
	b, err := os.ReadFile(filepath.Join(r.dir, "log"))
	if err != nil && !os.IsNotExist(err) {
		r.t.Error(err)
	}
	return string(b)
}

func (r *SippRun) show() {
	showOnFailure(r.t, "sipp "+r.name+" errors", filepath.Join(r.dir, "errors"))
	showOnFailure(r.t, "sipp "+r.name+" messages", filepath.Join(r.dir, "messages"))
}
