package main

import (
	"bytes"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// consoleGateway answers an operator from the files of testdata/status.
type consoleGateway struct {
	*httptest.Server

	mu       sync.Mutex
	tokens   int    // handed out
	refuse   string // for this token alone
	notReady bool
	dead     bool // breaks each connection
	strict   bool // takes no password
}

// change changes what it does.
func (g *consoleGateway) change(f func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f()
}

func newConsoleGateway(t *testing.T) *consoleGateway {
	g := &consoleGateway{}
	g.Server = httptest.NewServer(http.HandlerFunc(g.serve))
	t.Cleanup(g.Close)
	t.Setenv(envURL, g.URL)
	t.Setenv(envUser, "sam")
	t.Setenv(envPassword, "secret")
	return g
}

func (g *consoleGateway) serve(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.dead {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Date", "Sun, 22 Nov 2026 12:00:00 GMT")
	answer := func(status int, body string) {
		w.WriteHeader(status)
		w.Write([]byte(body))
	}
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	name := path.Base(r.URL.Path)
	switch {
	case r.URL.Path == "/api/v1/token":
		var body bytes.Buffer
		body.ReadFrom(r.Body)
		if g.strict || body.String() != `{"for":"operations","password":"secret","user":"sam"}` {
			answer(401, `{"error": {"code": "unauthorized", "message": "user or password is wrong"}}`)
			return
		}
		g.tokens++
		answer(200, `{"token": "t`+string(rune('0'+g.tokens))+`", "expiresIn": 600}`)
	case name == "readyz" && g.notReady:
		answer(503, `{"error": {"code": "unavailable", "message": "the gateway is stopping"}}`)
	case name == "readyz":
		answer(200, `{"status": "ready"}`)
	case token == "" || token == g.refuse:
		answer(401, `{"error": {"code": "unauthorized", "message": "send a token"}}`)
	case name == "ladder" && strings.Contains(r.URL.Path, "/ABCDEFGHIJKLMNOPQRSTUVWXYZ/"):
		answer(200, "Session ABC\n  INVITE \x1b[2J\n")
	case name == "ladder":
		answer(404, `{"error": {"code": "notFound", "message": "there is no session"}}`)
	default:
		body, err := os.ReadFile(filepath.Join("testdata/status", name+".json"))
		if err != nil {
			answer(404, err.Error())
			return
		}
		answer(200, string(body))
	}
}

// ask runs a command of an operator.
func ask(args ...string) (status int, out, errs string) {
	var o, e bytes.Buffer
	status = run(args, strings.NewReader(""), &o, &e)
	return status, o.String(), e.String()
}

func TestStatus(t *testing.T) {
	g := newConsoleGateway(t)
	golden, err := os.ReadFile("testdata/status.txt")
	if err != nil {
		t.Fatal(err)
	}
	code, out, errs := ask("status", "-once")
	out = strings.Replace(out, g.URL, "http://127.0.0.1:8080", 1)
	if code != 0 || errs != "" || out != string(golden) {
		t.Errorf("status %d, %s\n%s", code, errs, out)
	}
	for line := range strings.Lines(out) {
		if len(line) > 81 || strings.ContainsFunc(line, func(r rune) bool { return r != '\n' && (r < ' ' || r > '~') }) {
			t.Errorf("%d characters: %q", len(line)-1, line)
		}
	}
	g.notReady = true
	if _, out, _ = ask("status", "-once", "-rows", "24"); !strings.Contains(out, "\nNO NEW CALLS: the gateway is stopping\n") ||
		strings.Count(out, "\n") > 24 || !strings.Contains(out, "more lines") {
		t.Errorf("in 24 lines:\n%s", out)
	}
	if _, out, _ = ask("status", "-once"); strings.Contains(out, "more lines") || !strings.Contains(out, "gone@") {
		t.Errorf("in all lines:\n%s", out)
	}
}

// TestStatusGetsAnotherToken wants a gateway that was started anew to be asked for another token.
func TestStatusGetsAnotherToken(t *testing.T) {
	g := newConsoleGateway(t)
	g.refuse = "t1"
	if code, _, errs := ask("status", "-once"); code != 0 || g.tokens != 2 {
		t.Errorf("%d tokens, %s", g.tokens, errs)
	}
}

func TestOperatorErrors(t *testing.T) {
	newConsoleGateway(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "http://" + ln.Addr().String()
	ln.Close()
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("hello")) }))
	defer other.Close()
	for _, ca := range []struct {
		name string
		args []string
		code int
		errs string
	}{
		{"nobody listens", []string{"status", "-url", nobody}, 1, nobody + " can't be reached: dial tcp"},
		{"wrong password", []string{"status", "-user", "alice"}, 1, "refused as alice: user or password is wrong"},
		{"not ours", []string{"status", "-once", "-url", other.URL}, 1, "is no Seatbridge"},
		{"no user", []string{"status", "-user", ""}, 1, "-user: say who you are"},
		{"plain text elsewhere", []string{"status", "-url", "http://192.0.2.1:8080"}, 1, "use https"},
		{"no URL", []string{"status", "-url", "gateway"}, 1, "-url:"},
		{"no certificate", []string{"status", "-ca", "status_test.go"}, 1, "has no certificate"},
		{"unknown flag", []string{"status", "-twice"}, 2, "usage: seatbridge"},
		{"too much", []string{"status", "now"}, 2, "usage: seatbridge"},
		{"trace of nothing", []string{"trace"}, 2, "usage: seatbridge"},
		{"no such session", []string{"trace", "Z"}, 1, `there is no session "Z"`},
		{"two such sessions", []string{"trace", "c"}, 1, `2 sessions begin with "c": CBC`},
	} {
		t.Run(ca.name, func(t *testing.T) {
			code, out, errs := ask(ca.args...)
			if code != ca.code || !strings.Contains(errs, ca.errs) || out != "" {
				t.Errorf("status %d\n%s%s", code, out, errs)
			}
		})
	}
}

func TestTrace(t *testing.T) {
	newConsoleGateway(t)
	for _, id := range []string{"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abc"} {
		if code, out, errs := ask("trace", id); code != 0 || out != "Session ABC\n  INVITE ?[2J\n" {
			t.Errorf("%s: status %d %q %s", id, code, out, errs)
		}
	}
}

// TestLiveStatus wants pictures while the gateway answers, the truth while it does not, and an end where the user is
// refused.
func TestLiveStatus(t *testing.T) {
	g := newConsoleGateway(t)
	f := operatorFlags{url: g.URL, user: "sam"}
	o, err := f.operator()
	if err != nil {
		t.Fatal(err)
	}
	defer o.http.CloseIdleConnections()
	shown := &pictures{next: make(chan string)}
	ended := make(chan error, 1)
	go func() { ended <- o.live(t.Context(), shown, 0) }()
	if p := <-shown.next; !strings.Contains(p, "SEATS 3") {
		t.Errorf("%s", p)
	}
	g.change(func() { g.dead = true })
	if p := <-shown.next; !strings.Contains(p, "NO ANSWER since ") || strings.Contains(p, "SEATS") {
		t.Errorf("%s", p)
	}
	g.change(func() { g.dead = false })
	if p := <-shown.next; !strings.Contains(p, "SEATS 3") {
		t.Errorf("%s", p)
	}
	g.change(func() { g.strict, g.refuse = true, "t1" })
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "refused as sam") {
		t.Error(err)
	}
}

// pictures hands on what is written.
type pictures struct{ next chan string }

func (p *pictures) Write(b []byte) (int, error) {
	p.next <- string(b)
	return len(b), nil
}
