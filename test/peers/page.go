package peers

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	browserfiles "seatbridge/test/browser"
)

// Page is a page in Chromium, with storage and a microphone of its own.
type Page struct {
	t       testing.TB
	browser *Browser
	setup   setup
	url     string
	id      string
	from    int // the first line of the driver's that can be about this page
	ear     *pageEar
	ears    map[int]*pageEar // by mid, those that were asked for
}

// hook is the script that runs before the page's own.
func hook(tone float64) string {
	return strings.NewReplacer(
		"__TONE__", strconv.FormatFloat(tone, 'g', -1, 64),
		"__AMPLITUDE__", strconv.FormatFloat(amplitude/32768.0, 'g', -1, 64),
	).Replace(browserfiles.Hook)
}

// In is the page for a subtest, which fails where something goes wrong with it.
func (p *Page) In(t testing.TB) *Page {
	in := *p
	in.t = t
	return &in
}

// String names the page.
func (p *Page) String() string { return p.setup.name + " (browser)" }

// Tone is what the page's microphone sends, Hz.
func (p *Page) Tone() float64 { return p.setup.tone }

// Eval evaluates an expression, waits for it if it is a promise, and decodes its value into out, unless that is nil.
func (p *Page) Eval(expression string, out any) {
	p.t.Helper()
	p.must("evaluate", map[string]any{"expression": expression}, out)
}

// WaitFor waits until an expression is truthy.
func (p *Page) WaitFor(expression string) {
	p.t.Helper()
	p.must("waitFor", map[string]any{"expression": expression}, nil)
}

// Click clicks on what a CSS selector finds.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.must("click", map[string]any{"selector": selector}, nil)
}

// Fill types into what a CSS selector finds.
func (p *Page) Fill(selector, text string) {
	p.t.Helper()
	p.must("fill", map[string]any{"selector": selector, "text": text}, nil)
}

// Press presses a key where the focus is, such as "Enter" or "Alt+KeyX".
func (p *Page) Press(key string) { p.t.Helper(); p.must("press", map[string]any{"key": key}, nil) }

// Select chooses in a <select> that a CSS selector finds.
func (p *Page) Select(selector, value string) {
	p.t.Helper()
	p.must("select", map[string]any{"selector": selector, "value": value}, nil)
}

// Drag drags what a CSS selector finds to a place in the window.
func (p *Page) Drag(selector string, x, y int) {
	p.t.Helper()
	p.must("drag", map[string]any{"selector": selector, "x": x, "y": y}, nil)
}

// Look has the page so large, in pixels, and its user prefer dark colours or light ones.
func (p *Page) Look(width, height int, dark bool) {
	p.t.Helper()
	p.must("look", map[string]any{"width": width, "height": height, "dark": dark}, nil)
}

// Reload loads the page anew, as a user would.
func (p *Page) Reload() { p.t.Helper(); p.must("reload", nil, nil) }

// Beside opens another page at the same address, as a tab of the same browser. Its microphone sends the tone of the
// options.
func (p *Page) Beside(name string, options ...Option) *Page {
	p.t.Helper()
	return p.browser.open(p.t, name, p.url, p.id, options)
}

// Close closes the page, as a user would.
func (p *Page) Close() { p.t.Helper(); p.must("close", nil, nil) }

// Crash ends the page's process.
func (p *Page) Crash() { p.t.Helper(); p.must("crash", nil, nil) }

// Offline cuts the page's HTTP and WebSocket connections, or lets them be made again. Media is not touched.
func (p *Page) Offline(offline bool) {
	p.t.Helper()
	p.must("offline", map[string]any{"offline": offline}, nil)
}

// Screenshot writes a PNG.
func (p *Page) Screenshot(path string) {
	p.t.Helper()
	p.must("screenshot", map[string]any{"path": path}, nil)
}

// Stats returns the reports of one type (such as "inbound-rtp") of all of the page's peer connections.
func (p *Page) Stats(kind string) []map[string]any {
	p.t.Helper()
	var all []map[string]any
	p.Eval(fmt.Sprintf("peers.stats(%q)", kind), &all)
	return all
}

// Memory is what a page's scripts hold: bytes of their heap, nodes of documents, listeners.
type Memory struct{ Bytes, Nodes, Listeners float64 }

// Memory collects the page's garbage, and what the harness has recorded, and counts the rest.
func (p *Page) Memory() Memory {
	p.t.Helper()
	var m Memory
	p.Eval("peers.forget()", nil)
	p.must("memory", nil, &m)
	return m
}

// Errors are the page's uncaught errors and console errors so far.
func (p *Page) Errors() []string {
	var all []string
	lines, _, _ := p.browser.proc.lines.after(p.from)
	for _, line := range lines {
		var m struct{ Page, Error, Console string }
		if json.Unmarshal([]byte(line), &m) != nil || m.Page != p.id {
			continue
		}
		if m.Error != "" {
			all = append(all, m.Error)
		} else if strings.HasPrefix(m.Console, "error:") {
			all = append(all, m.Console)
		}
	}
	return all
}

// Ear is what arrives on one receive track, by the m-line's mid.
func (p *Page) Ear(mid int) Ear {
	if p.ears[mid] == nil {
		p.ears[mid] = &pageEar{page: p, recording: strconv.Itoa(mid)}
	}
	return p.ears[mid]
}

// Sound is what arrives on all receive tracks, summed.
func (p *Page) Sound() Sound { return p.ear.Sound() }

// do gives a command about this page to the driver.
func (p *Page) do(name string, parameters map[string]any, out any) error {
	all := map[string]any{"page": p.id}
	maps.Copy(all, parameters)
	return p.browser.do(name, all, out)
}

func (p *Page) must(name string, parameters map[string]any, out any) {
	p.t.Helper()
	if err := p.do(name, parameters, out); err != nil {
		delete(parameters, "init")
		p.t.Fatalf("%s: %s %v: %v", p, name, parameters, err)
	}
}

// close closes the page; if the test has failed, it keeps a picture and says what the page said.
func (p *Page) close() {
	if p.t.Failed() {
		if dir := os.Getenv("SEATBRIDGE_ARTIFACTS"); dir != "" {
			p.do("screenshot", map[string]any{"path": filepath.Join(Dir(p.t, "page-"+p.setup.name), "page.png")}, nil)
		}
		lines, _, _ := p.browser.proc.lines.after(p.from)
		for _, line := range lines {
			if strings.HasPrefix(line, fmt.Sprintf(`{"page":%q`, p.id)) {
				p.t.Log(line)
			}
		}
	}
	if err := p.do("close", nil, nil); err != nil {
		p.t.Errorf("%s: closing the page: %v", p, err)
	}
}

// pageEar is one recording of the page's.
type pageEar struct {
	page      *Page
	recording string

	mu      sync.Mutex
	epoch   string // of the page's present life
	length  int    // samples of that life
	samples []int16
}

// String names the ear.
func (e *pageEar) String() string {
	if e.recording == "all" {
		return e.page.String()
	}
	return fmt.Sprintf("%s, ear %s", e.page, e.recording)
}

// Sound fetches what is new and returns all; a page that was loaded anew goes on where it was.
func (e *pageEar) Sound() Sound {
	e.mu.Lock()
	defer e.mu.Unlock()
	var heard struct{ Epoch, PCM string }
	expression := fmt.Sprintf("peers.heard(%q, %d, %q)", e.recording, e.length, e.epoch)
	if err := e.page.do("evaluate", map[string]any{"expression": expression}, &heard); err != nil {
		e.page.t.Errorf("%s: %v", e, err)
		return Sound{rate, e.samples}
	}
	b, err := base64.StdEncoding.DecodeString(heard.PCM)
	if err != nil {
		e.page.t.Errorf("%s: %v", e, err)
	}
	if heard.Epoch != e.epoch {
		e.epoch, e.length = heard.Epoch, 0
	}
	e.length += len(b) / 2
	for ; len(b) >= 2; b = b[2:] {
		e.samples = append(e.samples, int16(binary.LittleEndian.Uint16(b)))
	}
	return Sound{rate, e.samples}
}

// Talk has the page send its microphone from now on, also where it means to be silent, as a changed page could.
func (p *Page) Talk() { p.t.Helper(); p.Eval("peers.talk()", nil) }
