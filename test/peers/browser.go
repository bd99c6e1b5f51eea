package peers

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Browser is one headless Chromium, driven by test/browser/driver.mjs.
type Browser struct {
	proc *process
	ids  atomic.Int64

	mu      sync.Mutex
	pending map[int64]chan answer
}

// answer is what the driver says to a command.
type answer struct {
	ID     int64
	Result json.RawMessage
	Error  string
}

// launchBrowser starts Chromium; its owner calls close.
func launchBrowser(dir string) (*Browser, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "seatbridge").Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	driver := filepath.Join(strings.TrimSpace(string(out)), "test", "browser", "driver.mjs")
	b := &Browser{pending: map[int64]chan answer{}}
	proc, err := launch(command{name: "browser", dir: dir, path: "node", args: []string{driver}, take: b.take})
	if err != nil {
		return nil, err
	}
	b.proc = proc
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

// take delivers an answer to who waits for it. What pages tell goes to the journal.
func (b *Browser) take(line string) bool {
	if !strings.HasPrefix(line, `{"id":`) {
		return false
	}
	var a answer
	if err := json.Unmarshal([]byte(line), &a); err != nil {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if waiting := b.pending[a.ID]; waiting != nil {
		waiting <- a
		delete(b.pending, a.ID)
	}
	return true
}

// do gives the driver a command and decodes the result into out, unless that is nil.
func (b *Browser) do(name string, parameters map[string]any, out any) error {
	message := map[string]any{"id": b.ids.Add(1), "do": name, "timeout": patience.Milliseconds()}
	maps.Copy(message, parameters)
	text, err := json.Marshal(message)
	if err != nil {
		return err
	}
	a, err := b.ask(message["id"].(int64), string(text))
	switch {
	case err != nil:
		return err
	case a.Error != "":
		return errors.New(a.Error)
	case out == nil:
		return nil
	}
	return json.Unmarshal(a.Result, out)
}

// ask sends a command and waits for its answer.
func (b *Browser) ask(id int64, command string) (answer, error) {
	waiting := make(chan answer, 1)
	b.mu.Lock()
	b.pending[id] = waiting
	b.mu.Unlock()
	if err := b.proc.say(command); err != nil {
		return answer{}, err
	}
	select {
	case a := <-waiting:
		return a, nil
	case <-b.proc.done:
		return answer{}, errors.New("the browser has ended")
	case <-time.After(patience + 5*time.Second):
		return answer{}, errors.New("the browser does not answer")
	}
}

// Open opens a page. Its microphone sends the tone of the options.
func (b *Browser) Open(t testing.TB, name, url string, options ...Option) *Page {
	t.Helper()
	return b.open(t, name, url, "", options)
}

// open opens a page, beside another where that is given: the two share storage as tabs do.
func (b *Browser) open(t testing.TB, name, url, beside string, options []Option) *Page {
	t.Helper()
	s := newSetup(Account{User: name}, options)
	s.refuse(t, map[string]bool{"SRTP": s.srtp, "TCP or TLS": s.transport != "udp", "Behave": s.behaviour != Behaviour{}})
	id := fmt.Sprintf("%s-%d", name, b.ids.Add(1))
	p := &Page{t: t, browser: b, setup: s, url: url, id: id, from: b.proc.lines.length()}
	p.ear, p.ears = &pageEar{page: p, recording: "all"}, map[int]*pageEar{}
	t.Cleanup(p.close)
	p.must("open", map[string]any{"url": url, "init": hook(s.tone), "beside": beside, "csp": s.csp}, nil)
	return p
}
