package test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"seatbridge/test/peers"
)

// TestDrain wants the first SIGTERM to refuse new calls and leave a running one alone, and the second to hang it up.
func TestDrain(t *testing.T) {
	t.Parallel()
	g := suite.Gateway(t, peers.Config{YAML: "calls: {drain_timeout: 60s}"})
	a := peers.RTP(t, g.Phone("1011"), tone(0))
	b := peers.RTP(t, g.Phone("1012"), tone(1))
	c := peers.RTP(t, g.Phone("1013"), tone(2), peers.SHA256)
	a.Dial("1012")
	a.WaitEstablished()
	b.WaitEstablished()
	signal(t, g)
	g.WaitLog("stopping: new calls are refused")
	if status, body := fetch(t, g, "/readyz", ""); status != http.StatusServiceUnavailable {
		t.Errorf("readyz: %d %s", status, body)
	}
	c.Dial("1015")
	if why := c.WaitClosedBecause(); !strings.Contains(why, "503") {
		t.Errorf("a new call was answered %q", why)
	}
	peers.WantAllHear(t, map[peers.Ear][]float64{a: {b.Tone()}, b: {a.Tone()}})
	signal(t, g)
	a.WaitClosed()
	b.WaitClosed()
	g.WaitLog("msg=stopped")
}

// client keeps no connection, and so no goroutine, when a request is over.
func client() *http.Client {
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
}

func signal(t *testing.T, g *peers.Gateway) {
	t.Helper()
	if err := syscall.Kill(g.Pid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
}

// TestLadder wants an administrator to be shown a call that is over, with its messages and media, and nobody else.
func TestLadder(t *testing.T) {
	t.Parallel()
	g := suite.Gateway(t, peers.Config{})
	a := peers.RTP(t, g.Phone("1011"), tone(0))
	b := peers.RTP(t, g.Phone("1012"), tone(1))
	a.Dial("1012")
	a.WaitEstablished()
	b.WaitEstablished()
	peers.WantHears(t, b, a.Tone())
	a.Hangup()
	b.WaitClosed()
	empty(g)
	admin, agent := token(t, g, "sam"), token(t, g, "alice")
	if status, _ := fetch(t, g, "/api/v1/sessions", agent); status != http.StatusForbidden {
		t.Errorf("an agent's list of sessions: %d", status)
	}
	_, body := fetch(t, g, "/api/v1/sessions", admin)
	var list struct {
		Sessions []struct{ SessionID string }
		Recent   []struct{ SessionID string }
	}
	if err := json.Unmarshal([]byte(body), &list); err != nil || len(list.Sessions)+len(list.Recent) != 1 {
		t.Fatalf("%v: %s", err, body)
	}
	id := append(list.Sessions, list.Recent...)[0].SessionID
	_, ladder := fetch(t, g, "/api/v1/sessions/"+id+"/ladder", admin)
	for _, want := range []string{"INVITE", "180", "200", "ACK", "BYE", "PCMU"} {
		if !strings.Contains(ladder, want) {
			t.Errorf("no %s in the ladder", want)
		}
	}
	t.Logf("\n%s", ladder)
}

func token(t *testing.T, g *peers.Gateway, user string) string {
	t.Helper()
	res, err := client().Post(g.URL("/api/v1/token"), "application/json",
		bytes.NewBufferString(`{"user": "`+user+`", "for": "operations"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var answer struct{ Token string }
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return answer.Token
}

func fetch(t *testing.T, g *peers.Gateway, path, token string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, g.URL(path), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}
