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
	"slices"
	"strings"
	"testing"
	"text/template"
	"time"
)

//go:embed templates/linphonerc
var linphonerc string

// LinphonePhone is a linphonec, controlled by its standard input. Its recording goes on through hold.
type LinphonePhone struct {
	t      testing.TB
	setup  setup
	server string
	addr   netip.AddrPort
	dir    string
	proc   *process
	call   string // the number that linphonec has given to the present call; empty before it is known
	seen   int    // lines about calls that were waited for so far
	digits int    // lines that WaitDigits has looked at
}

// Linphone starts a linphonec for the account and waits until it is registered.
func Linphone(t testing.TB, a Account, options ...Option) *LinphonePhone {
	t.Helper()
	s := newSetup(a, options)
	s.refuse(t, map[string]bool{
		"SRTP": s.srtp, "TLS": s.transport == "tls", "EarlyMedia": s.early, "Ptime": s.ptime != 20,
		"Behave": s.behaviour != Behaviour{},
		// It records at its codec's rate, which the file does not tell before its end.
		"Opus beside another codec": len(s.codecs) > 1 && slices.Contains(s.codecs, "opus"),
	})
	p := &LinphonePhone{t: t, setup: s, server: s.server(t, a).String(), dir: Dir(t, "linphone-"+s.name)}
	rc := p.configure(a)
	args := []string{"-c", rc}
	if !s.manual {
		args = append(args, "-a")
	}
	p.proc = startProcess(t, command{
		name: "linphonec", dir: p.dir, path: "linphonec", args: args, env: []string{"HOME=" + p.dir},
	})
	t.Cleanup(p.quit)
	p.say("soundcard use files")
	p.say("play " + filepath.Join(p.dir, "mic.wav"))
	p.say("record " + p.recording())
	p.wait("for its sound files", "Using wav files instead", "")
	if !s.static {
		p.waitRegistered()
	}
	return p
}

// waitRegistered asks until linphonec is registered: it does not tell by itself.
func (p *LinphonePhone) waitRegistered() {
	p.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); pause(50 * time.Millisecond) {
		from := p.proc.lines.length()
		p.say("status register")
		line, _, err := p.proc.lines.wait(from, patience, func(line string) bool {
			return strings.HasPrefix(line, "registered")
		})
		if err != nil {
			p.t.Fatalf("%s waited to register: %v", p, err)
		}
		if strings.HasPrefix(line, "registered, identity=") {
			return
		}
	}
	p.t.Fatalf("%s does not register", p)
}

// configure writes linphonec's files and returns the path of its configuration.
func (p *LinphonePhone) configure(a Account) string {
	p.t.Helper()
	if err := os.MkdirAll(filepath.Join(p.dir, ".local/share/linphone"), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := WriteWAV(filepath.Join(p.dir, "mic.wav"), Sine(p.setup.tone, micLength*time.Second)); err != nil {
		p.t.Fatal(err)
	}
	ports := Ports(p.t)
	p.addr = ports.Addr()
	values := map[string]any{
		"UDP": p.addr.Port(), "TCP": 0, "User": a.User, "Password": a.Password, "Realm": a.Realm,
		"SHA256": p.setup.sha256, "Server": p.server, "Transport": p.setup.transport,
		"Register": map[bool]int{false: 1, true: 0}[p.setup.static], "Codecs": p.setup.linphoneCodecs(),
	}
	if p.setup.transport == "tcp" {
		values["UDP"], values["TCP"] = 0, p.addr.Port()
	}
	rtp := ports.Run(40)
	values["RTP"], values["RTPEnd"] = rtp, rtp+39
	var rc strings.Builder
	if err := template.Must(template.New("").Parse(linphonerc)).Execute(&rc, values); err != nil {
		p.t.Fatal(err)
	}
	return write(p.t, p.dir, "linphonerc", rc.String())
}

type linphoneCodec struct {
	Name           string
	Mime           string
	Rate, Channels int
	Enabled        int
}

// linphoneCodecs has the wanted codecs in order, and then the others that linphonec would enable, disabled.
func (s setup) linphoneCodecs() []linphoneCodec {
	known := []linphoneCodec{
		{"pcmu", "PCMU", 8000, 1, 0}, {"pcma", "PCMA", 8000, 1, 0}, {"opus", "opus", 48000, 2, 0},
		{"", "speex", 16000, 1, 0}, {"", "speex", 8000, 1, 0}, {"", "G729", 8000, 1, 0},
	}
	var all []linphoneCodec
	for _, name := range s.codecs {
		i := slices.IndexFunc(known, func(c linphoneCodec) bool { return c.Name == name })
		known[i].Enabled = 1
		all = append(all, known[i])
		known = slices.Delete(known, i, i+1)
	}
	return append(all, known...)
}

// quit lets linphonec unregister before it is stopped.
func (p *LinphonePhone) quit() {
	if p.proc.say("terminate all") == nil && p.proc.say("quit") == nil {
		p.proc.wait(3 * time.Second) // it is stopped by other means otherwise
	}
}

// recording is where linphonec keeps what it hears.
func (p *LinphonePhone) recording() string { return filepath.Join(p.dir, "heard.wav") }

// String names the phone.
func (p *LinphonePhone) String() string { return p.setup.name + " (linphone)" }

// Addr is where the phone listens for SIP.
func (p *LinphonePhone) Addr() netip.AddrPort { return p.addr }

// Tone is what the phone sends, Hz.
func (p *LinphonePhone) Tone() float64 { return p.setup.tone }

// Dial calls a number. With a call on hold it is a second call.
func (p *LinphonePhone) Dial(number string) {
	p.t.Helper()
	p.seen, p.call = p.proc.lines.length(), ""
	p.say("call " + p.setup.uriAt(p.server, number))
	p.begin("to call", `Establishing call id to .*, assigned id (\d+)`)
}

// begin waits for the line that numbers a new call.
func (p *LinphonePhone) begin(what, numbered string) {
	p.t.Helper()
	p.call = p.wait(what, numbered, "")
}

// Answer takes the call that rings.
func (p *LinphonePhone) Answer() { p.t.Helper(); p.say("answer") }

// Hangup ends, cancels or refuses all calls.
func (p *LinphonePhone) Hangup() { p.t.Helper(); p.say("terminate all") }

// Hold puts the far end on hold and waits until that is agreed.
func (p *LinphonePhone) Hold() {
	p.t.Helper()
	p.say("pause")
	p.wait("to hold", "Call CALL with .* is now paused", callOver)
}

// Resume takes call number id (from 1) back from hold and waits for its sound.
func (p *LinphonePhone) Resume(id int) {
	p.t.Helper()
	p.say(fmt.Sprintf("resume %d", id))
	p.wait("to resume", fmt.Sprintf(`Media streams established .* for call %d `, id), callOver)
}

// Transfer sends the far end of call number id (from 1) to a number by REFER.
func (p *LinphonePhone) Transfer(id int, number string) {
	p.t.Helper()
	p.say(fmt.Sprintf("transfer %d %s", id, p.setup.uriAt(p.server, number)))
}

// TransferTo joins the far ends of two calls of the phone by REFER with Replaces (RFC 3891).
func (p *LinphonePhone) TransferTo(id, other int) {
	p.t.Helper()
	p.say(fmt.Sprintf("transfer %d --to-call %d", id, other))
}

// Digits sends digits as telephone-events.
func (p *LinphonePhone) Digits(digits string) {
	p.t.Helper()
	for _, d := range digits {
		p.say(string(d))
		pause(300 * time.Millisecond) // a digit lasts 100 ms and takes its place in the same queue
	}
}

// WaitRinging waits for a call to come in.
func (p *LinphonePhone) WaitRinging() {
	p.t.Helper()
	p.begin("for a call", `Receiving new incoming call from .*, assigned id (\d+)`)
}

// WaitRingback waits to be told that the far end rings.
func (p *LinphonePhone) WaitRingback() {
	p.t.Helper()
	p.wait("for ringback", `Call CALL to .* ringing\.`, callOver)
}

// WaitEarly waits for early media.
func (p *LinphonePhone) WaitEarly() {
	p.t.Helper()
	p.wait("for early media", "Call CALL with .* early media", callOver)
}

// WaitEstablished waits for sound after the answer.
func (p *LinphonePhone) WaitEstablished() {
	p.t.Helper()
	p.call = p.wait("for the answer", "Media streams established .* for call (CALL) ", callOver)
}

// WaitHeld waits to be put on hold.
func (p *LinphonePhone) WaitHeld() {
	p.t.Helper()
	p.wait("to be held", "Call CALL has been paused by", callOver)
}

// WaitClosed waits for the end of a call.
func (p *LinphonePhone) WaitClosed() {
	p.t.Helper()
	p.wait("for the end of the call", callOver, "")
	p.call = ""
}

// callOver matches what linphonec says at the end of the call.
const callOver = `Call CALL with .*(ended|error)`

// WaitDigits waits until as many digits came in as the test wants since the last WaitDigits.
func (p *LinphonePhone) WaitDigits(want string) {
	p.t.Helper()
	got := ""
	tone := regexp.MustCompile(`Receiving tone (.) from`)
	for len(got) < len(want) {
		line, next, err := p.proc.lines.wait(p.digits, patience, tone.MatchString)
		if err != nil {
			p.t.Fatalf("%s: heard the digits %q, want %q: %v", p, got, want, err)
		}
		p.digits = next
		got += tone.FindStringSubmatch(line)[1]
	}
	if got != want {
		p.t.Fatalf("%s: heard the digits %q, want %q", p, got, want)
	}
}

// say gives linphonec a command.
func (p *LinphonePhone) say(command string) {
	p.t.Helper()
	if err := p.proc.say(command); err != nil {
		p.t.Fatalf("%s: %s: %v", p, command, err)
	}
}

// wait waits for a line and fails the test at once where the other one comes first. CALL stands for the number of the
// present call, of any where that is not known. It returns what the expression has in brackets.
func (p *LinphonePhone) wait(what, wanted, other string) string {
	p.t.Helper()
	call := strings.NewReplacer("CALL", cmp.Or(p.call, `\d+`))
	want, never := regexp.MustCompile(call.Replace(wanted)), regexp.MustCompile(call.Replace(other))
	line, next, err := p.proc.lines.wait(p.seen, patience, func(line string) bool {
		return want.MatchString(line) || other != "" && never.MatchString(line)
	})
	found := want.FindStringSubmatch(line)
	if err == nil && found == nil {
		err = errors.New(line)
	}
	if err != nil {
		p.t.Fatalf("%s waited %s: %v", p, what, err)
	}
	p.seen = next
	return found[len(found)-1]
}

// Sound is all that linphonec recorded of what it heard. The file's header is written when the recording ends.
func (p *LinphonePhone) Sound() Sound {
	const header = 44
	hz := rate
	if p.setup.codecs[0] == "opus" {
		hz = 48000
	}
	b, err := os.ReadFile(p.recording())
	if err != nil || len(b) < header {
		return Sound{Rate: hz} // there was no call yet
	}
	s, err := mono(b[header:], 1, hz)
	if err != nil {
		p.t.Error(err)
	}
	return s
}
