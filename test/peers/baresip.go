package peers

import (
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"text/template"
	"time"
)

//go:embed templates/baresip.config
var baresipConfig string

// BaresipPhone is a baresip, controlled over its TCP port. It names the machine's first interface in its SDP, though
// its media comes from 127.0.0.1.
type BaresipPhone struct {
	t       testing.TB
	setup   setup
	server  string // the account's registrar, for URIs
	addr    netip.AddrPort
	dir     string
	control *control
	seen    int // events of calls that were waited for so far
	digits  int // events that WaitDigits has looked at
}

// Baresip starts a baresip for the account and waits until it is registered.
func Baresip(t testing.TB, a Account, options ...Option) *BaresipPhone {
	t.Helper()
	s := newSetup(a, options)
	s.refuse(t, map[string]bool{"SHA256": s.sha256, "Behave": s.behaviour != Behaviour{}})
	server := s.server(t, a)
	ports := Ports(t)
	sipPort, control := ports.Run(2), ports.Addr() // TLS listens on the port after the SIP port
	p := &BaresipPhone{
		t: t, setup: s, server: server.String(), addr: loopback(sipPort), dir: Dir(t, "baresip-"+s.name),
	}
	p.configure(a, ports, sipPort, int(control.Port()))
	proc := startProcess(t, command{name: "baresip", dir: p.dir, path: "baresip", args: []string{"-s", "-f", p.dir}})
	var err error
	if p.control, err = dialControl(control.String(), proc.done); err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	t.Cleanup(p.control.close)
	if !s.static {
		p.waitRegistered(proc)
	}
	return p
}

// waitRegistered reads what baresip prints, for its event may have come before the control connection.
func (p *BaresipPhone) waitRegistered(proc *process) {
	p.t.Helper()
	answer := regexp.MustCompile(`: \{\d+/\w+/v[46]\} (\d+) `)
	line, _, err := proc.lines.wait(0, patience, answer.MatchString)
	if err == nil && answer.FindStringSubmatch(line)[1] != "200" {
		err = errors.New(line)
	}
	if err != nil {
		p.t.Fatalf("%s waited to register: %v", p, err)
	}
}

// configure writes baresip's files.
func (p *BaresipPhone) configure(a Account, ports *Block, sipPort, control int) {
	p.t.Helper()
	if err := os.Mkdir(p.recordings(), 0o755); err != nil {
		p.t.Fatal(err)
	}
	mic := filepath.Join(p.dir, "mic.wav")
	if err := WriteWAV(mic, Sine(p.setup.tone, micLength*time.Second)); err != nil {
		p.t.Fatal(err)
	}
	rtp := ports.Run(40)
	var config strings.Builder
	err := template.Must(template.New("").Parse(baresipConfig)).Execute(&config, map[string]any{
		"SIP": sipPort, "CA": a.CA, "RTP": rtp, "RTPEnd": rtp + 39, "Control": control,
		// From where it runs: it cuts longer paths off after some 120 characters.
		"Mic": filepath.Base(mic), "Recordings": filepath.Base(p.recordings()),
	})
	if err != nil {
		p.t.Fatal(err)
	}
	write(p.t, p.dir, "config", config.String())
	write(p.t, p.dir, "contacts", "")
	write(p.t, p.dir, "accounts", p.setup.baresipAccount(a, p.server)+"\n")
}

// baresipAccount is baresip's line for an account.
func (s setup) baresipAccount(a Account, server string) string {
	codecs := make([]string, len(s.codecs))
	for i, c := range s.codecs {
		codecs[i] = map[string]string{"opus": "opus/48000/2"}[c]
		if codecs[i] == "" {
			codecs[i] = c
		}
	}
	line := fmt.Sprintf("<sip:%s@%s;transport=%s>;auth_user=%s;auth_pass=%s;ptime=%d;audio_codecs=%s", a.User, server,
		s.transport, a.User, cmp.Or(a.Password, "none"), s.ptime, strings.Join(codecs, ","))
	switch {
	case s.early:
		line += ";answermode=early"
	case s.manual:
		line += ";answermode=manual"
	default:
		line += ";answermode=auto"
	}
	line += map[bool]string{true: ";regint=0", false: ";regint=60"}[s.static]
	if s.srtp {
		line += ";mediaenc=srtp-mand"
	}
	return line
}

// recordings is where baresip keeps what it hears.
func (p *BaresipPhone) recordings() string { return filepath.Join(p.dir, "rec") }

// String names the phone.
func (p *BaresipPhone) String() string { return p.setup.name + " (baresip)" }

// Addr is where the phone listens for SIP over UDP and TCP.
func (p *BaresipPhone) Addr() netip.AddrPort { return p.addr }

// Tone is what the phone sends, Hz.
func (p *BaresipPhone) Tone() float64 { return p.setup.tone }

// Dial calls a number.
func (p *BaresipPhone) Dial(number string) {
	p.t.Helper()
	p.seen = p.control.events.length()
	p.do("dial", p.setup.uriAt(p.server, number))
}

// Answer takes the call that rings.
func (p *BaresipPhone) Answer() { p.t.Helper(); p.do("accept", "") }

// Hangup ends, cancels or refuses the current call.
func (p *BaresipPhone) Hangup() { p.t.Helper(); p.do("hangup", "") }

// Hold puts the far end on hold. What baresip hears is not recorded any more from here on, see Received.
func (p *BaresipPhone) Hold() { p.t.Helper(); p.do("hold", "") }

// Resume takes the far end back from hold.
func (p *BaresipPhone) Resume() { p.t.Helper(); p.do("resume", "") }

// Transfer sends the far end to a number by REFER.
func (p *BaresipPhone) Transfer(number string) {
	p.t.Helper()
	p.do("transfer", p.setup.uriAt(p.server, number))
}

// Digits sends digits as telephone-events.
func (p *BaresipPhone) Digits(digits string) {
	p.t.Helper()
	for _, d := range digits {
		p.do("sndcode", string(d))
		pause(250 * time.Millisecond) // baresip sends the end of a digit only when it has time for it
	}
}

// WaitRinging waits for a call to come in.
func (p *BaresipPhone) WaitRinging() { p.t.Helper(); p.wait("for a call", "CALL_INCOMING", "") }

// WaitRingback waits to be told that the far end rings.
func (p *BaresipPhone) WaitRingback() {
	p.t.Helper()
	p.wait("for ringback", "CALL_RINGING", "CALL_CLOSED")
}

// WaitEarly waits for early media.
func (p *BaresipPhone) WaitEarly() {
	p.t.Helper()
	p.wait("for early media", "CALL_PROGRESS", "CALL_CLOSED")
}

// WaitEstablished waits for the answer.
func (p *BaresipPhone) WaitEstablished() {
	p.t.Helper()
	p.wait("for the answer", "CALL_ESTABLISHED", "CALL_CLOSED")
}

// WaitClosed waits for the end of the call.
func (p *BaresipPhone) WaitClosed() { p.t.Helper(); p.WaitClosedBecause() }

// WaitClosedBecause waits for the end of the call and returns why it ended, in baresip's words, such as
// "486 Busy Here".
func (p *BaresipPhone) WaitClosedBecause() string {
	p.t.Helper()
	return p.wait("for the end of the call", "CALL_CLOSED", "").Param
}

// WaitDigits waits until as many digits came in as the test wants since the last WaitDigits.
func (p *BaresipPhone) WaitDigits(want string) {
	p.t.Helper()
	got := ""
	for len(got) < len(want) {
		e, next, err := p.control.events.wait(p.digits, patience, func(e event) bool { return e.Type == "CALL_DTMF_START" })
		if err != nil {
			p.t.Fatalf("%s: heard the digits %q, want %q: %v", p, got, want, err)
		}
		p.digits = next
		got += e.Param
	}
	if got != want {
		p.t.Fatalf("%s: heard the digits %q, want %q", p, got, want)
	}
}

// Received is how many RTP packets came in in the current call. It tells of sound where recording has stopped.
func (p *BaresipPhone) Received() int {
	p.t.Helper()
	var n int
	for _, line := range strings.Split(p.do("audio_debug", ""), "\n") {
		if _, after, ok := strings.Cut(line, "rcvd="); ok {
			fmt.Sscanf(after, "%d", &n)
		}
	}
	return n
}

// Do gives baresip any of its commands and returns what it prints.
func (p *BaresipPhone) do(command, params string) string {
	p.t.Helper()
	data, err := p.control.do(command, params)
	if err != nil {
		p.t.Fatalf("%s: %s %s: %v", p, command, params, err)
	}
	return data
}

// wait waits for an event and fails the test at once where the other one comes first.
func (p *BaresipPhone) wait(what, wanted, other string) event {
	p.t.Helper()
	e, next, err := p.control.events.wait(p.seen, patience, func(e event) bool {
		return e.Type == wanted || e.Type == other
	})
	if err == nil && e.Type != wanted {
		err = fmt.Errorf("%s %s", e.Type, e.Param)
	}
	if err != nil {
		p.t.Fatalf("%s waited %s: %v", p, what, err)
	}
	p.seen = next
	return e
}

// Sound is all that baresip recorded of what it heard, in all calls.
func (p *BaresipPhone) Sound() Sound {
	files, _ := filepath.Glob(filepath.Join(p.recordings(), "dump-*-dec.wav")) // named by their time
	all := Sound{Rate: rate}
	for _, f := range files {
		s, err := ReadWAV(f)
		if err != nil {
			continue // its header is not there yet
		}
		all.Rate = s.Rate
		all.Samples = append(all.Samples, s.Samples...)
	}
	return all
}
