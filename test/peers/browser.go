package peers

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// Browser is one headless Chromium, driven by test/browser/driver.mjs.
type Browser struct {
	proc *process
	ids  atomic.Int64
}

// said is a line of the driver's: an answer, or what a page tells.
type said struct {
	ID     int64
	Result json.RawMessage
	Error  string

	Ready   string
	Page    string
	Console string
}

// launchBrowser starts Chromium; its owner calls close.
func launchBrowser(dir string) (*Browser, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "seatbridge").Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	driver := filepath.Join(strings.TrimSpace(string(out)), "test", "browser", "driver.mjs")
	proc, err := launch(command{name: "browser", dir: dir, path: "node", args: []string{driver}})
	if err != nil {
		return nil, err
	}
	b := &Browser{proc: proc}
	// The first start after an installation takes 8 s, and more on a busy machine.
	_, _, err = proc.lines.wait(0, 3*patience, func(line string) bool { return strings.HasPrefix(line, `{"ready"`) })
	if err != nil {
		b.close()
		lines, _, _ := proc.lines.after(0)
		return nil, fmt.Errorf("chromium does not start (npm ci in test/browser?): %w\n%s", err, strings.Join(lines, "\n"))
	}
	return b, nil
}

// close ends Chromium: the driver closes it when its standard input ends.
func (b *Browser) close() {
	b.proc.in.Close()
	b.proc.wait(5 * time.Second) // stop has the last word
	b.proc.stop(time.Second)
}

// do gives the driver a command and decodes the result into out, unless that is nil.
func (b *Browser) do(name string, parameters map[string]any, out any) error {
	id := b.ids.Add(1)
	from := b.proc.lines.length()
	message := map[string]any{"id": id, "do": name, "timeout": patience.Milliseconds()}
	for k, v := range parameters {
		message[k] = v
	}
	text, err := json.Marshal(message)
	if err != nil {
		return err
	}
	if err := b.proc.say(string(text)); err != nil {
		return err
	}
	var answer said
	mine := fmt.Sprintf(`{"id":%d,`, id)
	line, _, err := b.proc.lines.wait(from, patience+5*time.Second, func(line string) bool { return strings.HasPrefix(line, mine) })
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(line), &answer); err != nil {
		return err
	}
	if answer.Error != "" {
		return fmt.Errorf("%s", answer.Error)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer.Result, out)
}

// Open opens a page. Its microphone sends the tone of the options.
func (b *Browser) Open(t testing.TB, name, url string, options ...Option) *Page {
	t.Helper()
	s := newSetup(Account{User: name}, options)
	s.refuse(t, map[string]bool{"SRTP": s.srtp, "TCP or TLS": s.transport != "udp", "Behave": s.behaviour != Behaviour{}})
	p := &Page{t: t, browser: b, setup: s, id: fmt.Sprintf("%s-%d", name, b.ids.Add(1)), from: b.proc.lines.length()}
	p.ear = &pageEar{page: p, recording: "all"}
	t.Cleanup(p.close)
	p.must("open", map[string]any{"url": url, "init": hook(s.tone)}, nil)
	return p
}
